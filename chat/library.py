"""The library as an HTML table: every reference with what became of it. Knows no component."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chat.draw import link, stored_link
from chat.words import advice, outcome_word, say
from rag.stored import visible

if TYPE_CHECKING:
    from index.records import Item

ROWS = 300


def table(items: Sequence[Item], language: str, *, search: str = "", outcome: str = "") -> str:
    """Return the matching references; at most ``ROWS`` rows, saying how many more there are."""
    chosen = [item for item in items if matches(item, search) and outcome in ("", item.outcome.value)]
    if not chosen:
        return f'<p class="cb-soft">{say(language, "none")}</p>'
    head = "".join(
        f'<th scope="col">{say(language, key)}</th>' for key in ("number", "reference", "outcome", "what_to_do")
    )
    rows = "".join(row(item, language) for item in chosen[:ROWS])
    more = f'<p class="cb-soft">{say(language, "more", n=len(chosen) - ROWS)}</p>' if len(chosen) > ROWS else ""
    shown = say(language, "shown", n=len(chosen), total=len(items))
    return (
        f'<p class="cb-soft" role="status">{shown}</p><table class="cb-library"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>{more}"
    )


def row(item: Item, language: str) -> str:
    """Return one reference as a table row."""
    kind = "cb-readable" if item.outcome.was_read else "cb-unreadable"
    length = say(language, "characters", n=f"{item.characters:,}") if item.outcome.was_read else ""
    facts = [item.site, " › ".join(item.topic), length]
    about = " · ".join(fact for fact in facts if fact)
    if item.outcome.was_read:
        aside = stored_link(item.number, say(language, "stored"))
    else:
        aside = f"<div>{visible(advice(language, item.outcome.value, item.hint))}</div>"
    reason = f'<div class="cb-soft">{visible(item.reason)}</div>' if item.reason else ""
    return (
        f'<tr><td class="cb-count">{item.number}</td>'
        f'<td><div class="cb-title">{link(item.url, visible(item.title or item.url))}</div>'
        f'<div class="cb-soft cb-facts">{visible(about)}</div></td>'
        f'<td><span class="cb-badge {kind}">{outcome_word(language, item.outcome.value)}</span>{reason}</td>'
        f"<td>{aside}</td></tr>"
    )


def matches(item: Item, search: str) -> bool:
    """True when every word of the search is in the reference's title, link, site or topic."""
    words = " ".join((item.title, item.url, item.site, *item.topic)).lower()
    return all(word in words for word in search.lower().split())


def outcome_choices(items: Sequence[Item], language: str) -> list[tuple[str, str]]:
    """Return the choices of the outcome filter, most frequent first, as (label, value)."""
    counts = Counter(item.outcome.value for item in items)
    return [
        (say(language, "all_outcomes"), ""),
        *((f"{outcome_word(language, name)} ({n})", name) for name, n in counts.most_common()),
    ]


def site_choices(items: Sequence[Item], language: str) -> list[tuple[str, str]]:
    """Return the choices of the site filter, most frequent first, as (label, value)."""
    counts = Counter(item.site for item in items if item.site)
    return [(say(language, "all_sites"), ""), *((f"{name} ({n})", name) for name, n in counts.most_common())]


def topic_choices(topics: Sequence[tuple[str, ...]], language: str) -> list[tuple[str, str]]:
    """Return the choices of the topic filter in the list's own order, as (label, value)."""
    return [(say(language, "all_topics"), ""), *((" › ".join(path), " / ".join(path)) for path in topics if path)]
