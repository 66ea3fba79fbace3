"""A response opened once for recognition and reading: its text, its element tree, and how much of it is prose.

Knows HTML, no site. Everything is computed when it is first asked for, and only once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from index.readers.decode import decode
from index.records import Page

_MAX_CHARACTERS = 8_000_000  # of a page's source; what a person wrote is far shorter
_MAX_TAGS = 200_000  # a page of 700,000 links took 49 s and 2.4 GB
_UNSEEN = frozenset(("script", "style", "noscript", "template", "head", "svg", "iframe", "object"))
_FRAME = frozenset(("a", "nav", "header", "footer", "button", "option", "select", "label", "form"))
_CONSENT = re.compile(r"cookie|consent|gdpr|onetrust|truste|cmp-", re.I)
_SENTENCE = re.compile(r"[。！？；，、]|[.!?,;:](?:\s|$)")
_SHORTEST = 15  # characters of a text run that may be a sentence


@dataclass(frozen=True, slots=True)
class Amounts:
    """Characters of a page outside scripts: ``shown`` all, ``prose`` those in sentences outside links, forms and frames,
    ``consent`` those of a cookie form."""

    shown: int
    prose: int
    consent: int


class Document:
    """One page, decoded and parsed once."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.shortened = False

    @property
    def kind(self) -> str:
        """The content type as declared, lower case, without parameters; "" where none is."""
        return (self.page.header("content-type") or "").split(";")[0].strip().lower()

    @property
    def host(self) -> str:
        """The host the page came from at last."""
        return (urlsplit(self.page.final_url).hostname or "").removeprefix("www.")

    @property
    def parts(self) -> list[str]:
        """The segments of the final address' path."""
        return [part for part in urlsplit(self.page.final_url).path.split("/") if part]

    @property
    def is_pdf(self) -> bool:
        """Told by the first bytes, whatever the type says."""
        return b"%PDF-" in self.page.body[:1024]

    @cached_property
    def text(self) -> str:
        """The source, decoded; of a monstrous one the beginning (see ``shortened``)."""
        text = decode(self.page)
        whole = len(text)
        text = text[:_MAX_CHARACTERS]
        if text.count("<") > _MAX_TAGS:
            text = "<".join(text.split("<", _MAX_TAGS)[:-1])
        self.shortened = len(text) < whole
        return text

    @cached_property
    def root(self) -> Any:
        """The root element, or None where there is no HTML."""
        return parse_html(self.text)

    @cached_property
    def headline(self) -> str:
        """Title and first headings, which say what a page is about."""
        if self.root is None:
            return ""
        found = self.root.xpath('(//title)[1] | (//h1)[1] | (//h2)[1] | (//*[contains(@class, "msg__title")])[1]')
        return " | ".join(" ".join("".join(element.itertext()).split())[:200] for element in found)

    @cached_property
    def words(self) -> str:
        """The first 3,000 characters a person would see."""
        return " ".join(part for part, _, _ in self._runs)[:3000]

    @cached_property
    def amounts(self) -> Amounts:
        """How much is shown, and how much of it is prose."""
        shown = prose = consent = 0
        for run, framed, asked in self._runs:
            shown += len(run)
            if asked:
                consent += len(run)
            elif not framed and len(run) >= _SHORTEST and _SENTENCE.search(run):
                prose += len(run)
        return Amounts(shown, prose, consent)

    @cached_property
    def _runs(self) -> list[tuple[str, bool, bool]]:
        """Every run of visible text, with whether it stands in a link or frame, and in a consent form."""
        from lxml import etree

        if self.root is None:
            return [(" ".join(self.text.split()), False, False)]
        runs: list[tuple[str, bool, bool]] = []
        unseen = framed = asked = 0
        for event, element in etree.iterwalk(self.root, events=("start", "end")):
            tag = element.tag if isinstance(element.tag, str) else "script"
            step = 1 if event == "start" else -1
            unseen += step * (tag in _UNSEEN or _hidden(element))
            framed += step * (tag in _FRAME)
            asked += step * bool(_CONSENT.search(f"{element.get('id')} {element.get('class')}"))
            words = element.text if event == "start" else element.tail
            if words and not unseen and not words.isspace():
                runs.append((" ".join(words.split()), framed > 0, asked > 0))
        return runs


def _hidden(element: Any) -> bool:
    style = element.get("style")
    return element.get("hidden") is not None or bool(style and "display:none" in style.replace(" ", "").lower())


def parse_html(text: str) -> Any:
    """Return the root element of an HTML text, or None; broken markup is repaired by lxml."""
    from lxml import etree, html

    if "<" not in text:
        return None
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        return html.document_fromstring(text.encode("utf-8", "ignore"), parser=parser)
    except (etree.ParserError, ValueError):
        return None
