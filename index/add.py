"""The command behind `citeback add`: saved pages become the content of their reference, or are taken back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from index.attach import Added, attach, files_under
from index.build import BuildOptions
from index.config import Settings
from index.errors import UsageError
from index.fetch import list_pages
from index.pages import PageStore
from index.publish import locked
from index.urls import identity, is_web
from index.work import sources_of


def add_pages(settings: Settings, paths: Sequence[Path], *, url: str | None = None) -> list[Added]:
    """Store saved pages under the identity of their reference.

    Raises:
        UsageError: a path does not exist, ``url`` is no web address, or it was given for several files.
    """
    files = files_under(paths)
    if not files:
        raise UsageError(f"No file was found in {', '.join(map(str, paths))}: give saved pages or a folder of them.")
    if url is not None and not is_web(url):
        raise UsageError(f"--url {url} is not a web address: give the http or https link of the reference.")
    if url is not None and len(files) != 1:
        raise UsageError(f"--url names one page, but {len(files)} files were given: add them one by one.")
    with locked(settings.data), PageStore(settings.data / "pages.sqlite") as pages:
        references = list_pages(sources_of(settings.data), pages, settings, BuildOptions(offline=True))
        return attach(files, url, references, pages)


def remove_pages(settings: Settings, urls: Sequence[str]) -> list[Added]:
    """Forget the saved pages of those links; what the crawl stored counts again."""
    with locked(settings.data), PageStore(settings.data / "pages.sqlite") as pages:
        removed = [(url, pages.remove_saved(identity(url))) for url in urls]
    return [
        Added(url, url, None, done, "saved page removed" if done else "no saved page is stored for this link")
        for url, done in removed
    ]
