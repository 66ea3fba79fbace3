"""Browser bookmarks (the Netscape file every browser exports) -> references; folders are topics."""

from __future__ import annotations

from html.parser import HTMLParser

from index.records import Reference


def parse(text: str, base_url: str | None) -> tuple[Reference, ...]:
    """Return the bookmarks in file order; ``base_url`` plays no part."""
    reader = _Bookmarks()
    reader.feed(text.replace("<![", "<! ["))  # an unfinished marked section makes the parser raise
    reader.close()
    return tuple(reader.finish())


class _Bookmarks(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._found: list[Reference] = []
        self._folders: list[str] = []
        self._name: str | None = None
        self._href: str | None = None
        self._into: str | None = None
        self._text: list[str] = []
        self._notes: dict[int, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._end_note()
        if tag in ("h1", "h3"):
            self._into, self._text = tag, []
        elif tag == "a":
            self._href, self._into, self._text = dict(attrs).get("href") or "", "a", []
        elif tag == "dl":
            self._folders.append(self._name or "")
            self._name = None
        elif tag == "dd":
            self._into, self._text = "dd", []

    def handle_endtag(self, tag: str) -> None:
        text = " ".join("".join(self._text).split())
        if tag == "h3" and self._into == "h3":
            self._name = text
        elif tag == "a" and self._into == "a" and self._href:
            topic = tuple(folder for folder in self._folders if folder)
            self._found.append(Reference(len(self._found) + 1, self._href, text or self._href, topic))
        elif tag == "dl":
            self._end_note()
            if self._folders:
                self._folders.pop()
        if self._into == tag:
            self._into = None

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._text.append(data)

    def _end_note(self) -> None:
        text = " ".join("".join(self._text).split())
        if self._into == "dd" and text and self._found:
            self._notes[self._found[-1].number] = text
        if self._into == "dd":
            self._into = None

    def finish(self) -> list[Reference]:
        self._end_note()
        return [Reference(r.number, r.url, r.title, r.topic, self._notes.get(r.number)) for r in self._found]
