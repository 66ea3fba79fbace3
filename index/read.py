"""Stored pages -> articles or reasons: exactly one outcome each. Knows the readers' door, not what is behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from index.duplicates import Duplicates
from index.pages import PageStore
from index.readers import read
from index.readings import Readings
from index.records import Article, Item, Outcome, Page, Reference, Unread
from index.urls import identity, is_web, site

if TYPE_CHECKING:
    from index.build import Progress

_LATER = "check the link; what is read here may be out of date"


def read_all(
    references: Sequence[Reference], pages: PageStore, *, offline: bool, progress: Progress
) -> tuple[list[Item], dict[int, Article]]:
    """Return an item for every reference, in order, and the articles of those that could be read, by number."""
    items: list[Item] = []
    articles: dict[int, Article] = {}
    seen = Duplicates()
    readings = Readings(pages, _read_page)
    for reference in references:
        key = identity(reference.url)
        page = pages.page(key) if is_web(reference.url) else None
        same = seen.by_link(reference)
        result: Article | Unread | None = None
        if same is None:
            result, page = _read_one(reference, key, page, pages, readings, offline=offline)
        if isinstance(result, Article):
            same = seen.by_content(reference, result, page.final_url if page else "")
        if same or result is None:
            assert same is not None
            result = Unread(Outcome.DUPLICATE, same.reason, f"see reference {same.number}")
        item = _item(reference, result, page)
        items.append(replace(item, duplicate_of=same.number) if same else item)
        if isinstance(result, Article):
            articles[reference.number] = result
        progress("read", len(items), len(references), reference.url)
    return items, articles


def _read_one(
    reference: Reference, key: str, page: Page | None, pages: PageStore, readings: Readings, *, offline: bool
) -> tuple[Article | Unread, Page | None]:
    """Return what is known of a reference, and the copy it was read from."""
    if not is_web(reference.url):
        return Unread(Outcome.UNSUPPORTED, "not a link to a web page", "only http and https links can be read"), None
    failure = pages.unread(key)
    if page is None:
        if failure is not None:
            return failure[0], None
        reason = (
            "this build used stored pages only (--offline), and the page was never fetched"
            if offline
            else "the page was not fetched"
        )
        hint = "run `citeback rebuild` when there is a network, or `citeback add FILE --url URL`"
        return Unread(Outcome.OFFLINE, reason, hint), None
    result = readings.read(page)
    if isinstance(result, Article) and page.origin == "archive":
        return _archived(result, page, failure[0].reason if failure else "the page cannot be had"), page
    if isinstance(result, Article):
        gone = failure is not None and failure[0].outcome is not Outcome.OFFLINE and page.origin == "web"
        return (_marked(result, page, failure[0].reason) if failure and gone else result), page
    kept = pages.copy(key, "kept")
    copy = readings.read(kept) if kept is not None else None
    if kept is not None and isinstance(copy, Article):
        return _marked(copy, kept, result.reason), kept
    archived = pages.copy(key, "archive")
    copy = readings.read(archived) if archived is not None else None
    if archived is not None and isinstance(copy, Article):
        return _archived(copy, archived, result.reason), archived
    return result, page


def _marked(article: Article, page: Page, why: str) -> Article:
    """The last good copy of a page that cannot be had any more says so, with its date."""
    reason = f"the copy of {page.fetched_at[:10]}, the last good one: {why}"
    return replace(
        article, reason=f"{article.reason}; {reason}" if article.reason else reason, hint=article.hint or _LATER
    )


def _archived(article: Article, page: Page, why: str) -> Article:
    """A copy of the archive is labelled as one, with its date."""
    stamp = next((part for part in page.final_url.split("/") if part.isdigit() and len(part) >= 8), "")
    day = f" of {stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}" if stamp else ""
    missing = f"; {article.reason}" if article.reason else ""
    return replace(
        article,
        outcome=Outcome.ARCHIVED,
        reason=f"an archived copy{day}: {why}{missing}",
        hint=f"the copy: {page.final_url}",
    )


def _read_page(page: Page) -> Article | Unread:
    try:
        result = read(page)
    except Exception as error:  # the one place where any fault is caught: a single bad page must not end a build
        reason = f"the page could not be read ({type(error).__name__}: {error})"
        return Unread(Outcome.FAILED, reason, "please report this link", page.status, page.final_url)
    if isinstance(result, Article) and result.outcome is not Outcome.PARTIAL and not result.text.strip():
        hint = "save it in your browser, then `citeback add FILE --url URL`"
        return Unread(Outcome.FAILED, "no text was found on the page", hint, page.status, page.final_url)
    return result


def _item(reference: Reference, result: Article | Unread, page: Page | None) -> Item:
    seen = page if page and not (isinstance(result, Unread) and result.outcome is Outcome.DUPLICATE) else None
    item = Item(
        reference.number,
        reference.url,
        reference.title,
        reference.topic,
        reference.note,
        result.outcome,
        result.reason,
        result.hint,
        final_url=seen.final_url if seen else None,
        http_status=seen.status if seen and seen.origin != "saved" else None,
        fetched_at=seen.fetched_at if seen else None,
        site=site(reference.url),
    )
    if isinstance(result, Unread):
        return replace(
            item, final_url=result.final_url or item.final_url, http_status=result.http_status or item.http_status
        )
    title = result.title if reference.title in ("", reference.url) and result.title else reference.title
    return replace(
        item,
        title=title,
        reader=result.reader,
        characters=len(result.text),
        author=result.author,
        published=result.published,
        language=result.language,
    )
