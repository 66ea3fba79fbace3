"""BibTeX -> references: ``url``, else a link in ``howpublished`` or ``note``, else ``doi``, else an arXiv ``eprint``.

Entries without any of these link nowhere and are no references.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.records import Reference
from index.references.blocks import bare_links

_ENTRY = re.compile(r"@\s*(\w+)\s*[{(]\s*([^,\s{}()]*)\s*,", re.A)
_FIELD = re.compile(r"[\s,]*([A-Za-z][\w-]*)\s*=\s*")
_COMMAND = re.compile(r"\\(?:url|href|texttt|emph|textbf|textit)\s*(?=\{)")
_ACCENT = re.compile(r"\\[`'^\"~=.]\s*|\\([%&_#$])")


def parse(text: str, base_url: str | None) -> tuple[Reference, ...]:
    """Return the entries that link somewhere, in file order; ``base_url`` plays no part."""
    references: list[Reference] = []
    for kind, key, fields in _entries(text):
        if kind in ("comment", "string", "preamble"):
            continue
        for url in _urls(fields):
            title = _clean(fields.get("title", "")) or key or url
            keywords = tuple(word for word in re.split(r"\s*[,;]\s*", _clean(fields.get("keywords", ""))) if word)[:1]
            note = _clean(fields.get("note", "") or fields.get("annote", "") or fields.get("abstract", ""))
            byline = ", ".join(
                part for part in (_clean(fields.get("author", "")), _clean(fields.get("year", ""))) if part
            )
            kept = "\n".join(part for part in (byline, "" if note == url else note) if part)
            references.append(Reference(len(references) + 1, url, title, keywords, kept or None))
    return tuple(references)


def _entries(text: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    for match in _ENTRY.finditer(text):
        fields: dict[str, str] = {}
        position = match.end()
        while field := _FIELD.match(text, position):
            value, position = _value(text, field.end())
            fields.setdefault(field.group(1).lower(), value)
        yield match.group(1).lower(), match.group(2), fields


def _value(text: str, position: int) -> tuple[str, int]:
    """Read ``{...}``, ``"..."`` or a bare word, joined by ``#``; an unclosed one ends with the line."""
    parts: list[str] = []
    while position < len(text):
        opened = text[position]
        if opened in '{"':
            end = _closing(text, position)
            parts.append(text[position + 1 : end])
            position = end + 1
        else:
            word = re.compile(r"[^\s,{}#]*").match(text, position)
            assert word is not None
            parts.append(word.group())
            position = word.end()
        joined = re.compile(r"\s*#\s*").match(text, position)
        if not joined or joined.end() == position:
            break
        position = joined.end()
    return "".join(parts), position


def _closing(text: str, position: int) -> int:
    quoted = text[position] == '"'
    depth = 0
    for index in range(position, min(len(text), position + 100_000)):
        character = text[index]
        if character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0 and not quoted:
                return index
        elif quoted and character == '"' and depth == 0 and index > position:
            return index
    line_end = text.find("\n", position)
    return line_end if line_end >= 0 else len(text)


def _urls(fields: dict[str, str]) -> list[str]:
    if fields.get("url", "").strip():
        return [_clean(fields["url"]).replace("\\", "")]
    for name in ("howpublished", "note"):
        links = [
            span.href
            for span in bare_links(_COMMAND.sub("", fields.get(name, "")).replace("{", " ").replace("}", " "))
            if span.href
        ]
        if links:
            return links[:1]
    if doi := _clean(fields.get("doi", "")):
        return [doi if doi.lower().startswith("http") else f"https://doi.org/{doi}"]
    if (eprint := _clean(fields.get("eprint", ""))) and fields.get("archiveprefix", "arxiv").strip(
        "{}"
    ).lower() == "arxiv":
        return [f"https://arxiv.org/abs/{eprint}"]
    return []


def _clean(value: str) -> str:
    value = _ACCENT.sub(lambda match: match.group(1) or "", _COMMAND.sub("", value))
    return (
        " ".join(value.replace("{", "").replace("}", "").replace("~", " ").split())
        if not value.startswith("http")
        else value.strip()
    )
