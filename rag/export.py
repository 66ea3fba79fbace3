"""Answers as Markdown with footnotes, their sources as BibTeX and RIS. Pure text from records; knows no index.

Titles and quotes are other people's words: every format's own signs are escaped, so that they stay words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from rag.cite import neutral
from rag.records import Answer, Citation

_MARKER = re.compile(r"[ \t]*\[(\d{1,3})\]")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|~$&!^])")
_BLOCK = re.compile(r"^(\s*)(\d*)([-+=.)])(?=[\s=-]|$)")
_LATEX = {
    "\\": r"{\textbackslash}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "~": r"{\textasciitilde}", "^": r"{\textasciicircum}", '"': "{''}",
}  # fmt: skip
_UNSAFE = re.compile(r'[\s<>{}\\"`|^]')
_HIDDEN = re.compile("[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def answer_markdown(answer: Answer, *, prefix: str = "") -> str:
    """Return the answer as Markdown; [1] becomes a footnote with title, quote and link. ``prefix`` names the footnotes."""
    known = {citation.number for citation in answer.citations}

    def footnote(match: re.Match[str]) -> str:
        number = int(match[1])
        return f"[^{prefix}{number}]" if number in known else match[0].replace("[", r"\[").replace("]", r"\]")

    lines, place = [], 0
    for match in _MARKER.finditer(answer.text):
        lines += [_escaped_lines(answer.text[place : match.start()]), footnote(match)]
        place = match.end()
    lines.append(_escaped_lines(answer.text[place:]))
    notes = [_footnote(citation, prefix) for citation in answer.citations]
    return "".join(lines).strip() + "\n" + ("\n" + "\n".join(notes) + "\n" if notes else "")


def conversation_markdown(turns: Iterable[tuple[str, Answer]], *, title: str) -> str:
    """Return a whole conversation: a heading a question, footnotes numbered through."""
    parts = [f"# {_escaped(title)}\n"]
    for number, (question, answer) in enumerate(turns, start=1):
        parts.append(f"## {_escaped(question)}\n\n{answer_markdown(answer, prefix=f'{number}-')}")
    return "\n".join(parts)


def sources(answers: Iterable[Answer]) -> list[Citation]:
    """Return one citation for each reference that the answers cite, in order."""
    first: dict[int, Citation] = {}
    for answer in answers:
        for citation in answer.citations:
            first.setdefault(citation.reference, citation)
    return list(first.values())


def bibtex(citations: Sequence[Citation]) -> str:
    """Return the sources as BibTeX entries of the kind "misc"."""
    entries = []
    for citation in citations:
        fields = {
            "title": "{" + _latex(_line(citation.title) or citation.url) + "}",
            "author": "{" + _latex(citation.author) + "}" if citation.author else "",
            "year": (citation.published or "")[:4] if re.match(r"\d{4}", citation.published or "") else "",
            "howpublished": _latex(citation.site),
            "url": _address(citation.url),
            "urldate": (citation.fetched_at or "")[:10],
        }
        lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
        entries.append(f"@misc{{citeback-{citation.reference},\n" + ",\n".join(lines) + "\n}\n")
    return "\n".join(entries)


def ris(citations: Sequence[Citation]) -> str:
    """Return the sources as RIS records of the kind "ELEC"."""
    records = []
    for citation in citations:
        lines = [("TY", "ELEC"), ("TI", _line(citation.title) or citation.url), ("AU", citation.author or "")]
        lines += [("PB", citation.site), ("PY", (citation.published or "")[:4]), ("UR", _address(citation.url))]
        lines += [("Y2", (citation.fetched_at or "")[:10].replace("-", "/")), ("ID", f"citeback-{citation.reference}")]
        records.append("".join(f"{tag}  - {_line(text)}\r\n" for tag, text in lines if _line(text)) + "ER  - \r\n")
    return "\r\n".join(records)


def _footnote(citation: Citation, prefix: str) -> str:
    quoted = _escaped(neutral(_line(citation.quote)))
    when = f", {citation.fetched_at[:10]}" if citation.fetched_at else ""
    address = _address(citation.passage_url)
    link = f" <{address}>" if address else ""
    where = f"{_escaped(_line(citation.site))}{when}"
    return f"[^{prefix}{citation.number}]: {_escaped(_line(citation.title))} ({where}): “{quoted}”{link}"


def _escaped_lines(text: str) -> str:
    """Escape everything but the list dashes that answers are written with."""
    return "\n".join(
        f"- {_escaped(line[2:])}" if line.startswith("- ") else _escaped(line) for line in text.split("\n")
    )


def _escaped(text: str) -> str:
    text = _MARKDOWN.sub(r"\\\1", _HIDDEN.sub("", text))
    return _BLOCK.sub(r"\1\2\\\3", text)  # what would begin a list or an underlined heading


def _latex(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in _line(text))


def _line(text: str) -> str:
    return " ".join(_HIDDEN.sub(" ", text).split())


def _address(url: str) -> str:
    """Return a web address with nothing in it that a format would read as its own sign; "" for any other kind."""
    if not url.lower().startswith(("http://", "https://")):
        return ""
    return _UNSAFE.sub(lambda match: quote(match[0], safe=""), _HIDDEN.sub("", url))
