"""CSV, TSV, JSON and JSON Lines -> references, by the names of their columns or keys, in English or Chinese."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from index.errors import ListError
from index.records import Reference
from index.references.blocks import bare_links

_NAMES = {
    "url": ("url", "link", "href", "uri", "address", "web", "website", "网址", "链接", "地址"),
    "title": ("title", "name", "text", "label", "标题", "题目", "名称"),
    "topic": ("topic", "topics", "category", "folder", "section", "tag", "tags", "主题", "分类", "类别", "标签"),
    "note": ("note", "notes", "description", "comment", "summary", "quote", "excerpt", "备注", "说明", "摘要", "描述"),
}
_LINKLIKE = ("http://", "https://", "www.", "mailto:", "javascript:", "file:", "ftp://", "data:", "tel:")


def parse_csv(text: str, base_url: str | None) -> tuple[Reference, ...]:
    """Return a reference for each row that holds a link; a first row of column names is understood but not needed."""
    csv.field_size_limit(2**24)
    sample = text[:4096]
    delimiter = max(",\t;|", key=lambda sign: sample.split("\n", 1)[0].count(sign))
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise ListError(f"The CSV list cannot be read ({error}): save it again as CSV in UTF-8.") from error
    if not rows:
        return ()
    columns = {name: _column(rows[0], names) for name, names in _NAMES.items()}
    if columns["url"] is None:
        return _numbered(record for row in rows for record in _unnamed(row))
    return _numbered(
        {name: row[column].strip() for name, column in columns.items() if column is not None and column < len(row)}
        for row in rows[1:]
    )


def parse_json(text: str, base_url: str | None) -> tuple[Reference, ...]:
    """Return a reference for each object with a link, or each string that is one, however deep; JSON or JSON Lines."""
    try:
        documents = [json.loads(text)]
    except ValueError:
        documents = []
        for number, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                try:
                    documents.append(json.loads(line))
                except ValueError as error:
                    raise ListError(
                        f"Line {number} of the JSON list is not JSON ({error}): correct it or take it out."
                    ) from error
    except RecursionError:
        raise ListError("The JSON list is nested too deeply: give a flat list of links.") from None
    return _numbered(_records(documents))


def _records(value: Any) -> Iterator[dict[str, Any]]:
    stack = [value]
    while stack:
        current = stack.pop()
        if isinstance(current, str) and current.strip().lower().startswith(_LINKLIKE):
            yield {"url": current.strip()}
        elif isinstance(current, list):
            stack.extend(reversed(current))
        elif isinstance(current, Mapping):
            lowered = {str(key).lower(): field for key, field in current.items()}
            record = {
                name: next((lowered[key] for key in names if lowered.get(key)), None) for name, names in _NAMES.items()
            }
            if isinstance(record["url"], str):
                yield {name: field for name, field in record.items() if field}
            else:
                stack.extend(reversed([field for field in current.values() if isinstance(field, list | Mapping)]))


def _column(header: list[str], names: tuple[str, ...]) -> int | None:
    cells = [cell.strip().lower().lstrip("\ufeff") for cell in header]
    return next((cells.index(name) for name in names if name in cells), None)


def _unnamed(row: list[str]) -> Iterator[dict[str, str]]:
    cells = [cell.strip() for cell in row if cell.strip()]
    words = [cell for cell in cells if not cell.lower().startswith(_LINKLIKE)]
    for cell in cells:
        if cell.lower().startswith(_LINKLIKE):
            yield {"url": cell, "title": words[0] if words else "", "note": " ".join(words[1:])}
        elif links := [span.href for span in bare_links(cell) if span.href]:
            yield from ({"url": link, "title": cell.replace(link, "").strip()} for link in links)


def _numbered(records: Iterable[Mapping[str, Any]]) -> tuple[Reference, ...]:
    references: list[Reference] = []
    for record in records:
        url = str(record.get("url") or "").strip()
        if url:
            topic = record.get("topic") or ()
            path = (
                tuple(str(part).strip() for part in topic)
                if isinstance(topic, list)
                else tuple(part.strip() for part in str(topic or "").replace(" > ", "/").split("/") if part.strip())
            )
            note = str(record.get("note") or "").strip() or None
            references.append(
                Reference(len(references) + 1, url, str(record.get("title") or "").strip() or url, path, note)
            )
    return tuple(references)
