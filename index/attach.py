"""Saved files -> the references they are copies of. Knows the page store and the list, extracts nothing itself.

A page is matched by the addresses its file gives it, then by what the file is called: a repository's README, the last
part of a link, a reference's title.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from index.errors import UsageError
from index.pages import PageStore
from index.readers import read
from index.readers.saved import Saved, load_saved, name_hint
from index.records import Article, Reference
from index.urls import identity, is_web, request_url, site

INBOX = "inbox"
_TAKEN = "added"


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
            "path": self.path, "url": self.url, "reference": self.reference, "accepted": self.accepted, "reason": self.reason,
        }  # fmt: skip


def attach(paths: Sequence[Path], url: str | None, references: Sequence[Reference], pages: PageStore) -> list[Added]:
    """Store the saved pages under the identity of their reference."""
    by_key: dict[str, Reference] = {}
    for reference in references:
        if is_web(reference.url):
            by_key.setdefault(identity(reference.url), reference)
    return [entry for path in paths for entry in _attach_file(path, url, by_key, pages)]


def take_inbox(data: Path, references: Sequence[Reference], pages: PageStore) -> list[Added]:
    """Attach what lies in the inbox folder; what was taken moves to ``inbox/added``, the rest stays where it is."""
    inbox = data / INBOX
    if not inbox.is_dir():
        return []
    done = []
    for path in files_under([inbox]):
        if path.is_relative_to(inbox / _TAKEN):
            continue
        entries = attach([path], None, references, pages)
        done += entries
        if any(entry.accepted for entry in entries):
            target = inbox / _TAKEN / path.relative_to(inbox)
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
    return done


def files_under(paths: Sequence[Path]) -> list[Path]:
    """Return the files, folders opened; the folders of pictures and scripts that browsers save beside a page are left out.

    Raises:
        UsageError: a path does not exist.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files.extend(
                sorted(entry for entry in path.rglob("*") if entry.is_file() and not _is_companion(entry, path))
            )
        elif path.is_file():
            files.append(path)
        else:
            raise UsageError(f"{path} does not exist: give saved pages or a folder of them.")
    return files


def _is_companion(path: Path, root: Path) -> bool:
    inside = path.relative_to(root).parts
    return path.name.startswith(".") or any(
        part.endswith(("_files", ".files", "_文件")) or part.startswith(".") for part in inside[:-1]
    )


def _attach_file(path: Path, url: str | None, by_key: dict[str, Reference], pages: PageStore) -> list[Added]:
    try:
        saved = load_saved(path)
    except UsageError as error:
        return [Added(str(path), url or "", None, False, f"not added: {error}")]
    if url is not None and len(saved) > 1:
        return [Added(str(path), url, None, False, f"not added: it holds {len(saved)} pages; --url names one")]
    return [_attach_page(path, url, entry, by_key, pages) for entry in saved]


def _attach_page(path: Path, url: str | None, saved: Saved, by_key: dict[str, Reference], pages: PageStore) -> Added:
    result = read(saved.page)
    own = result.canonical_url if isinstance(result, Article) else None
    addresses = tuple(dict.fromkeys([*saved.addresses, *([own] if own else [])]))
    told = url or (addresses[0] if addresses else "")
    title = result.title if isinstance(result, Article) else ""
    reference = by_key.get(identity(url)) if url else _matched(path, addresses, title, by_key)
    if reference is not None:
        address = request_url(reference.url)
        result = read(replace(saved.page, url=address, final_url=saved.page.final_url or address))
    if not isinstance(result, Article):
        reason = f"not added: {result.outcome.value}: {result.reason}"
        return Added(
            str(path), reference.url if reference else told, reference.number if reference else None, False, reason
        )
    if reference is None:
        if told:
            link = told if url else f"its link {told}"
            other = "" if url else f", or name the reference it belongs to with `citeback add {path} --url LINK`"
            reason = f"{link} is in no list; put it into the list, run `citeback rebuild` and add the file again{other}"
        else:
            reason = (
                f"the file does not say which link it was saved from; say it: `citeback add {path} --url URL`, over HTTP `?url=URL`"
            )
        return Added(str(path), told, None, False, f"not added: {reason}")
    pages.put(replace(saved.page, url=identity(reference.url), final_url=saved.page.final_url or address))
    reason = f"added as reference {reference.number}, {reference.title}"
    return Added(str(path), reference.url, reference.number, True, reason)


def _matched(path: Path, addresses: Sequence[str], title: str, by_key: dict[str, Reference]) -> Reference | None:
    for address in addresses:
        if identity(address) in by_key:
            return by_key[identity(address)]
    same_site = [r for r in by_key.values() if not addresses or site(r.url) == site(addresses[0])]
    return _by_name(path, same_site, title, told=bool(addresses))


def _by_name(path: Path, references: Sequence[Reference], title: str, *, told: bool) -> Reference | None:
    """The one reference that the file is named after, or whose title is the page's own; never one of several."""
    repository = name_hint(path)
    if repository:
        return _only([r for r in references if _repository(r.url) == repository.lower()])
    stem = re.sub(r"(?:\.(?:html?|gz|mhtml?|pdf|md|txt|rst))+$", "", path.name, flags=re.I)
    names = {_plain(name) for name in (stem, title)} - {""}
    found = _only([r for r in references if _plain(r.title) in names and len(_plain(r.title)) >= 4])
    if found is None and not told and len(stem) >= 4:
        found = _only([r for r in references if _last_part(r.url) == stem.lower()])
    return found


def _only(found: Sequence[Reference]) -> Reference | None:
    return found[0] if len(found) == 1 else None


def _repository(url: str) -> str | None:
    parts = urlsplit(url).path.strip("/").split("/")
    return parts[1].lower() if site(url) == "github.com" and len(parts) > 1 else None


def _last_part(url: str) -> str:
    last = unquote(urlsplit(url).path).rstrip("/").rsplit("/", 1)[-1]
    return re.sub(r"\.(?:html?|pdf|md)$", "", last, flags=re.I).lower()


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if character.isalnum())
