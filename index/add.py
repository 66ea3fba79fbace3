"""Saved pages become the content of their reference. Knows the page store and the list, extracts nothing itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from index.build import BuildOptions, sources_of
from index.config import Settings
from index.errors import UsageError
from index.fetch import list_pages
from index.pages import PageStore
from index.publish import locked
from index.readers import recognise
from index.readers.saved import load_saved, name_hint
from index.records import Page, Reference
from index.urls import identity, is_web, request_url


@dataclass(frozen=True, slots=True)
class Added:
    """What became of one saved page: the reference it now belongs to, or why it was not taken."""

    path: str
    url: str
    reference: int | None
    accepted: bool
    reason: str

    def line(self) -> str:
        """Return one line for a person."""
        return f"{self.path}: {self.reason}"

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "path": self.path,
            "url": self.url,
            "reference": self.reference,
            "accepted": self.accepted,
            "reason": self.reason,
        }


def add_pages(settings: Settings, paths: Sequence[Path], *, url: str | None = None) -> list[Added]:
    """Store saved pages under the identity of their reference.

    Raises:
        UsageError: a path does not exist, ``url`` is no web address, or it was given for several files.
    """
    files = _files(paths)
    if url is not None and not is_web(url):
        raise UsageError(f"--url {url} is not a web address: give the http or https link of the reference.")
    if url is not None and len(files) != 1:
        raise UsageError(f"--url names one page, but {len(files)} files were given: add them one by one.")
    with locked(settings.data), PageStore(settings.data / "pages.sqlite") as pages:
        references = list_pages(sources_of(settings.data), pages, settings, BuildOptions(offline=True))
        by_key: dict[str, Reference] = {}
        for reference in references:
            by_key.setdefault(identity(reference.url), reference)
        return [entry for path in files for entry in _add_file(path, url, by_key, pages)]


def remove_pages(settings: Settings, urls: Sequence[str]) -> list[Added]:
    """Forget the saved pages of those links; what the crawl stored counts again."""
    with locked(settings.data), PageStore(settings.data / "pages.sqlite") as pages:
        removed = [(url, pages.remove_saved(identity(url))) for url in urls]
    return [
        Added(url, url, None, done, "saved page removed" if done else "no saved page is stored for this link")
        for url, done in removed
    ]


def _files(paths: Sequence[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files.extend(
                sorted(entry for entry in path.rglob("*") if entry.is_file() and not entry.name.startswith("."))
            )
        elif path.is_file():
            files.append(path)
        else:
            raise UsageError(f"{path} does not exist: give saved pages or a folder of them.")
    if not files:
        raise UsageError(
            f"No file was found in {', '.join(str(path) for path in paths)}: give saved pages or a folder of them."
        )
    return files


def _add_file(path: Path, url: str | None, by_key: dict[str, Reference], pages: PageStore) -> list[Added]:
    try:
        saved = load_saved(path, url=url)
    except UsageError as error:
        return [Added(str(path), url or "", None, False, str(error))]
    return [_add_page(path, page, by_key, pages) for page in saved]


def _add_page(path: Path, page: Page, by_key: dict[str, Reference], pages: PageStore) -> Added:
    reference = by_key.get(identity(page.url)) if page.url else None
    if reference is None:
        reference = _by_name(path, list(by_key.values())) if not page.url else None
    if reference is None:
        told = (
            f"its link {page.url} is in no list" if page.url else "the file does not say which link it was saved from"
        )
        return Added(
            str(path), page.url, None, False, f"not added: {told}; attach it with `citeback add {path} --url URL`"
        )
    address = request_url(reference.url)
    page = replace(page, url=address, final_url=page.final_url or address)
    verdict = recognise(page)
    if verdict is not None:
        return Added(
            str(path), reference.url, reference.number, False, f"not added: {verdict.outcome.value}: {verdict.reason}"
        )
    pages.put(replace(page, url=identity(reference.url)))
    return Added(
        str(path), reference.url, reference.number, True, f"added as reference {reference.number}, {reference.title}"
    )


def _by_name(path: Path, references: Sequence[Reference]) -> Reference | None:
    """A README that is named like one repository of the list, and only one, is that repository's."""
    hint = name_hint(path)
    if not hint:
        return None
    named = [
        r
        for r in references
        if re.fullmatch(r"(?:www\.)?github\.com", urlsplit(r.url).hostname or "")
        and urlsplit(r.url).path.strip("/").split("/")[1:2]
        and urlsplit(r.url).path.strip("/").split("/")[1].lower() == hint.lower()
    ]
    return named[0] if len(named) == 1 else None
