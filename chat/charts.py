"""The library in two pictures: what became of each site's links, and a map of the articles. Own SVG, no component.

Colour never stands alone: outcomes are written out, topics have a shape each, and both pictures have words for everything.
"""

from __future__ import annotations

import html
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chat.library import about_article
from chat.links import bare
from chat.words import outcome_word, say
from rag.stored import visible

if TYPE_CHECKING:
    from index.records import Item
    from rag.atlas import Spot

SITES = 12
TOPICS = 7  # more colours than this are not told apart
SPOTS = 1500
WIDTH, HEIGHT, MARGIN = 760, 420, 18
_SHAPES = ("circle", "square", "up", "diamond", "down", "cross", "bar", "ring")


def overview(items: Sequence[Item], spots: Sequence[Spot], language: str) -> str:
    """Return both pictures, which can be folded away."""
    pictures = f"{article_map(items, spots, language)}<div>{outcomes_by_site(items, language)}</div>"
    return (
        f'<details class="cb-overview" open><summary>{say(language, "overview")}</summary>'
        f'<div class="cb-pictures">{pictures}</div></details>'
    )


def outcomes_by_site(items: Sequence[Item], language: str) -> str:
    """Return a table whose rows are bars: read, in part, and unread links of each site, the largest sites first."""
    sites: dict[str, Counter[str]] = defaultdict(Counter)
    for item in items:
        sites[item.site or "–"][item.outcome.value] += 1
    ranked = sorted(sites.items(), key=lambda entry: (-sum(entry[1].values()), entry[0]))
    most = sum(ranked[0][1].values()) if ranked else 1
    rows = "".join(_site_row(site, counts, most, language) for site, counts in ranked[:SITES])
    rest = ranked[SITES:]
    more = say(language, "more_sites", n=len(rest), links=sum(sum(c.values()) for _, c in rest)) if rest else ""
    heads = "".join(f'<th scope="col">{say(language, key)}</th>' for key in ("site", "what_became"))
    return (
        f'<table class="cb-chart"><caption>{say(language, "chart_title")}</caption><thead class="cb-unseen"><tr>{heads}</tr>'
        f'</thead><tbody>{rows}</tbody></table><p class="cb-soft">{more}</p>'
    )


def _site_row(site: str, counts: Counter[str], most: int, language: str) -> str:
    groups = {"read": counts["read"] + counts["archived"], "partial": counts["partial"]}
    groups["unread"] = sum(counts.values()) - sum(groups.values())
    bars, start = [], 0.0
    for name, count in groups.items():
        width = 100 * count / most
        if count:
            bars.append(f'<rect class="cb-{name}" x="{start:.2f}" y="0" width="{width:.2f}" height="8"/>')
        start += width
    words = ", ".join(f"{outcome_word(language, name)} {n}" for name, n in counts.most_common())
    return (
        f'<tr><th scope="row">{bare(site)}</th><td><svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'{"".join(bars)}</svg><span class="cb-soft">{visible(words)}</span></td></tr>'
    )


def article_map(items: Sequence[Item], spots: Sequence[Spot], language: str) -> str:
    """Return the articles as points, near where they say about the same; each asks about its article."""
    by_number = {item.number: item for item in items}
    known = [(by_number[spot.reference], spot) for spot in spots if spot.reference in by_number][:SPOTS]
    if len(known) < 3:
        return f'<p class="cb-soft">{say(language, "map_empty")}</p>'
    names = topic_names([item for item, _ in known])
    ranked = [name for name, _ in Counter(names[item.number] for item, _ in known).most_common() if name]
    place = {name: rank for rank, name in enumerate(ranked[:TOPICS])}
    points = "".join(_point(item, spot, place.get(names[item.number], TOPICS), language) for item, spot in known)
    return (
        f'<figure class="cb-map"><figcaption>{say(language, "map_title")}<span class="cb-soft"> {say(language, "map_hint")}</span>'
        f'</figcaption><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="group" aria-label="{say(language, "map_title")}">{points}</svg>'
        f'<p class="cb-spot cb-soft" aria-live="polite" data-none="{say(language, "map_point")}">{say(language, "map_point")}</p>'
        f"{_legend(place, any(name not in place for name in names.values()), language)}"
        f'<p class="cb-soft">{say(language, "map_table")}</p></figure>'
    )


def topic_names(items: Sequence[Item]) -> dict[int, str]:
    """Return the heading that tells the articles apart: the first level on which none holds more than half of them."""

    def named(level: int) -> dict[int, str]:
        return {item.number: item.topic[min(level, len(item.topic) - 1)] if item.topic else "" for item in items}

    deepest = max((len(item.topic) for item in items), default=1)
    for level in range(deepest):
        names = named(level)
        if 2 * max(Counter(names.values()).values()) <= len(items):
            return names
    return named(deepest - 1)


def _point(item: Item, spot: Spot, rank: int, language: str) -> str:
    x = MARGIN + spot.x * (WIDTH - 2 * MARGIN)
    y = MARGIN + (1 - spot.y) * (HEIGHT - 2 * MARGIN)
    label = say(language, "map_ask", title=visible(item.title), topic=visible(" › ".join(item.topic)))
    detail = html.escape(json.dumps(about_article(item, language), ensure_ascii=False))
    return (
        f'<g class="cb-dot cb-hue-{rank}" transform="translate({x:.1f} {y:.1f})" role="button" tabindex="0" data-act="ask" '
        f'data-detail="{detail}" aria-label="{label}"><g class="cb-sign"><circle class="cb-aim" r="12"/>{shape(rank)}</g></g>'
    )


def shape(rank: int) -> str:
    """Return the mark of a topic, about 12 units wide around the origin."""
    paths = {
        "square": "M-5-5H5V5H-5Z", "up": "M0-6.5L6 5H-6Z", "diamond": "M0-7L7 0L0 7L-7 0Z", "down": "M0 6.5L6-5H-6Z",
        "cross": "M-2-6H2V-2H6V2H2V6H-2V2H-6V-2H-2Z", "bar": "M-7-3H7V3H-7Z",
    }  # fmt: skip
    name = _SHAPES[rank]
    if name in paths:
        return f'<path d="{paths[name]}"/>'
    return '<circle r="5.5"/>' if name == "circle" else '<circle class="cb-ring" r="4.5"/>'


def _legend(place: dict[str, int], others: bool, language: str) -> str:
    names = list(place.items())
    if others:
        names.append((say(language, "other_topics"), TOPICS))
    keys = "".join(
        f'<li><svg viewBox="-8 -8 16 16" class="cb-hue-{rank}" aria-hidden="true">{shape(rank)}</svg>{bare(name)}</li>'
        for name, rank in names
    )
    return f'<ul class="cb-legend">{keys}</ul>'
