"""arXiv abstract pages -> article: title, authors, abstract, subjects, comments. Papers are the PDF and web readers' work."""

from __future__ import annotations

import re
from typing import Any

from index.readers.document import Document
from index.readers.web import WebReader
from index.records import Article, Unread
from index.terms import language

_LABEL = re.compile(r"^(?:Title|Authors?|Abstract|Comments|Subjects)\s*:\s*")


class ArxivReader:
    """Reads what an abstract page says of a paper."""

    def accepts(self, document: Document) -> bool:
        """Tell by address: only /abs/ pages."""
        return document.host.endswith("arxiv.org") and document.parts[:1] == ["abs"] and document.root is not None

    def read(self, document: Document) -> Article | Unread:
        """Return the abstract; the page's other parts are the site's."""
        root = document.root
        abstract = _one(root, '//blockquote[contains(@class,"abstract")]') or _meta(root, "citation_abstract")[:1]
        title = (_meta(root, "citation_title") or _one(root, '//h1[contains(@class,"title")]') or [""])[0]
        if not abstract or not title:
            return WebReader().read(document)
        authors = [_natural(name) for name in _meta(root, "citation_author")] or _one(root, '//div[@class="authors"]')
        facts = [
            ("Comments", _one(root, '//td[contains(@class,"comments")]')),
            ("Subjects", _one(root, '//td[contains(@class,"subjects")]')),
        ]
        stated = [*_meta(root, "citation_date"), ""][0].replace("/", "-")
        lines = [f"# {title}", f"Authors: {', '.join(authors)}" if authors else "", "## Abstract", *abstract]
        lines += [f"{name}: {value[0]}" for name, value in facts if value]
        text = "\n\n".join(line for line in lines if line)
        number = (_meta(root, "citation_arxiv_id") or [document.parts[-1]])[0]
        return Article(
            title=title, text=text, reader="arxiv", author=", ".join(authors) or None, site="arXiv", language=language(text),
            published=stated if re.fullmatch(r"\d{4}-\d\d-\d\d", stated) else None, canonical_url=f"https://arxiv.org/abs/{number}",
        )  # fmt: skip


def _one(root: Any, path: str) -> list[str]:
    """The words of the first such element, paragraphs kept apart, without its label."""
    for element in root.xpath(path)[:1]:
        for broken in element.iter("br"):
            broken.tail = "\n\n" + (broken.tail or "")
        words = _LABEL.sub("", "".join(element.itertext()).strip())
        return ["\n\n".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", words) if part.strip())]
    return []


def _meta(root: Any, name: str) -> list[str]:
    return [" ".join(str(value).split()) for value in root.xpath("//meta[@name=$name]/@content", name=name)]


def _natural(name: str) -> str:
    """Turn "Roy, Aniruddha" into Aniruddha Roy."""
    last, _, first = name.partition(", ")
    return f"{first} {last}".strip()
