"""The library as HTML: every reference with what became of it, sorted, filtered, searched. Knows no component."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chat.frame import menu, site_choices, topic_choices
from chat.links import badge, bare, button, link, stored_link, told
from chat.reasons import why
from chat.words import advice, outcome_word, say
from rag.stored import visible

if TYPE_CHECKING:
    from index.records import Item

ROWS = 300
COLUMNS = ("number", "reference", "outcome", "fetched_on", "length", "reader", "what_to_do")
_KEYS: Mapping[str, Callable[[Item], Any]] = {
    "number": lambda item: item.number,
    "reference": lambda item: item.title.lower(),
    "outcome": lambda item: item.outcome.value,
    "fetched_on": lambda item: (item.fetched_at or "") if item.outcome.was_read else "",
    "length": lambda item: item.characters,
    "reader": lambda item: item.reader or "",
}


@dataclass(frozen=True, slots=True)
class View:
    """How the library is looked at."""

    search: str = ""
    outcome: str = ""
    site: str = ""
    topic: str = ""
    sort: str = "number"
    descending: bool = False


def view_of(detail: Mapping[str, Any]) -> View:
    """Return the view that the page asks for; whatever makes no sense is left at its default."""
    texts = {name: str(detail.get(name) or "")[:500] for name in ("search", "outcome", "site", "topic")}
    sort = detail.get("sort")
    return View(**texts, sort=str(sort) if sort in _KEYS else "number", descending=detail.get("descending") is True)


def controls(items: Sequence[Item], topics: Sequence[tuple[str, ...]], language: str) -> str:
    """Return the search field and the menus above the table."""
    label = say(language, "search")
    return (
        f'<label class="cb-find"><span>{label}</span><input type="search" data-look="search" '
        f'placeholder="{say(language, "search_hint")}" maxlength="200"></label>'
        + "".join(
            menu(name, say(language, name), choices).replace("data-filter=", "data-look=")
            for name, choices in (
                ("outcome", outcome_choices(items, language)),
                ("site", site_choices(items, language)),
                ("topic", topic_choices(topics, language)),
            )
        )
    )


def table(items: Sequence[Item], language: str, view: View | None = None, *, rescue: bool = False) -> str:
    """Return the matching references; at most ``ROWS`` rows, saying how many more there are."""
    view = view or View()
    chosen = [item for item in items if matches(item, view)]
    if not chosen:
        return f'<p class="cb-soft cb-none" role="status">{say(language, "none")}</p>'
    chosen.sort(key=_KEYS[view.sort], reverse=view.descending)
    rows = "".join(row(item, language, rescue=rescue) for item in chosen[:ROWS])
    more = f'<p class="cb-soft">{say(language, "more", n=len(chosen) - ROWS)}</p>' if len(chosen) > ROWS else ""
    shown = say(language, "shown", n=len(chosen), total=len(items))
    dropped = f" · {say(language, 'drop_hint')}" if rescue else ""
    return (
        f'<p class="cb-soft" role="status">{shown}{dropped}</p><table class="cb-library"><thead><tr>'
        f"{''.join(heading(name, language, view) for name in COLUMNS)}</tr></thead><tbody>{rows}</tbody></table>{more}"
    )


def heading(name: str, language: str, view: View) -> str:
    """Return a column's head: a button that sorts by it, where it can be sorted by."""
    label = say(language, name)
    if name not in _KEYS:
        return f'<th scope="col">{label}</th>'
    now = view.sort == name
    order = f' aria-sort="{"descending" if view.descending else "ascending"}"' if now else ""
    detail = {"sort": name, "descending": now and not view.descending}
    return f'<th scope="col"{order}>{button(label, "look", detail, kind="cb-sort")}</th>'


def row(item: Item, language: str, *, rescue: bool = False) -> str:
    """Return one reference as a table row; with ``rescue`` a saved page can be dropped on it."""
    read = item.outcome.was_read
    about = " · ".join(bare(fact) for fact in (item.site, " › ".join(item.topic)) if fact)
    aside = []
    if read:
        aside.append(stored_link(item.number, say(language, "stored")))
        aside.append(button(say(language, "ask_about"), "ask", about_article(item, language), kind="cb-linked"))
    else:
        aside.append(f"<div>{told(advice(language, item.outcome.value, item.hint))}</div>")
    if rescue:
        aside.append(
            f'<label class="cb-linked cb-pick">{say(language, "add_page")}<input type="file" '
            f'data-rescue="{item.number}" accept=".html,.htm,.mhtml,.mht,.pdf,.md,.txt,.warc,.gz"></label>'
            f'<span class="cb-saving cb-soft" role="status" data-adding="{say(language, "adding", name="{name}")}" '
            f'data-done="{say(language, "added")}" data-lost="{say(language, "gone")}"></span>'
        )
    reason = f'<div class="cb-soft">{visible(why(language, item.reason))}</div>' if item.reason else ""
    note = f'<div class="cb-soft cb-said" dir="auto">{visible(item.note)}</div>' if item.note else ""
    facts = {
        "fetched_on": visible((item.fetched_at or "")[:10]) if read else "",
        "length": f"{item.characters:,}" if read else "",
        "reader": visible(item.reader or "") if read else "",
    }
    cells = "".join(f'<td data-label="{say(language, name)}">{fact}</td>' for name, fact in facts.items())
    drop = f' data-drop="{item.number}" data-url="{html.escape(item.url)}"' if rescue else ""
    return (
        f'<tr{drop}><td class="cb-count">{item.number}</td>'
        f'<td><div class="cb-title">{link(item.url, bare(item.title or item.url))}</div>'
        f'<div class="cb-soft cb-facts">{about}</div>{note}</td>'
        f"<td>{badge(item.outcome.value, language, was_read=read)}{reason}</td>"
        f'{cells}<td><div class="cb-aside">{"".join(aside)}</div></td></tr>'
    )


def about_article(item: Item, language: str) -> dict[str, str]:
    """Return the act of asking what an article is about."""
    return {"question": say(language, "about", title=" ".join(item.title.split())[:200])}


def matches(item: Item, view: View) -> bool:
    """True when the item passes the menus and every word of the search is in its title, link, site, topic or note."""
    if view.outcome not in ("", item.outcome.value) or view.site not in ("", item.site):
        return False
    if view.topic not in ("", " / ".join(item.topic)):
        return False
    if view.search.strip() == f"#{item.number}":
        return True
    words = " ".join((item.title, item.url, item.site, *item.topic, item.note or "")).lower()
    return all(word in words for word in view.search.lower().split())


def outcome_choices(items: Sequence[Item], language: str) -> list[tuple[str, str]]:
    """Return the choices of the outcome filter, most frequent first, as (label, value)."""
    counts = Counter(item.outcome.value for item in items)
    found = [(f"{outcome_word(language, name)} ({n})", name) for name, n in counts.most_common()]
    return [(say(language, "all_outcomes"), ""), *found]
