"""What a question may be answered from: topic, site, language, only what was fully read. Knows the list's items only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace

from index.records import Item, Outcome


@dataclass(frozen=True, slots=True)
class Filters:
    """Every field that is set narrows; none set lets everything through.

    ``topic`` is part of a heading path ("A / B"), ``site`` a host or its parent domain, ``language`` "zh" or "en",
    ``fully_read`` leaves out what was read in part and what nobody could read, ``any_read`` only the latter, ``unread`` all
    that was read, and what only repeats another reference. ``outcomes``, ``author`` and ``year`` (of publication) are what only
    a question itself can name (see ``rag.criteria``), as are the site and the heading that it leaves out.
    """

    topic: str | None = None
    site: str | None = None
    language: str | None = None
    fully_read: bool = False
    any_read: bool = False
    unread: bool = False
    outcomes: tuple[str, ...] = ()
    author: str | None = None
    year: str | None = None
    but_site: str | None = None
    but_topic: str | None = None

    def __bool__(self) -> bool:
        return any(getattr(self, entry.name) for entry in fields(self))

    def named(self) -> list[str]:
        """Return the filters that are set, as they are called in the API."""
        told = [("topic", self.topic), ("site", self.site), ("language", self.language)]
        return [f"{name} {value}" for name, value in told if value] + ["fully_read"] * self.fully_read

    def of_site(self, site: str | None) -> Filters:
        """Return these filters with the site that a question names itself."""
        return replace(self, site=site) if site else self

    def with_named(self, other: Filters) -> Filters:
        """Return these filters with what a question names itself; what is set here stays."""
        set_there = {entry.name: value for entry in fields(other) if (value := getattr(other, entry.name))}
        return replace(self, **{name: value for name, value in set_there.items() if not getattr(self, name)})

    def numbers(self, items: Iterable[Item], language_of: Callable[[int], str]) -> list[int]:
        """Return the numbers of the references that pass, in list order.

        What is listed more than once stands under every heading, and on every site, where it is listed.
        """
        topic, site = (self.topic or "").strip().lower(), (self.site or "").strip().lower().removeprefix("www.")
        items = list(items)
        again: dict[int, list[Item]] = {}
        for item in items if topic or site else ():
            if item.duplicate_of is not None:
                again.setdefault(item.duplicate_of, []).append(item)
        return [
            item.number
            for item in items
            if any(
                (not topic or topic in " / ".join(one.topic).lower()) and (not site or _of_site(one, site))
                for one in (item, *again.get(item.number, ()))
            )
            and not (self.but_site and _of_site(item, self.but_site))
            and not (self.but_topic and self.but_topic.lower() in " / ".join(item.topic).lower())
            and (not self.fully_read or item.outcome in (Outcome.READ, Outcome.ARCHIVED))
            and (not self.any_read or item.characters > 0)
            and (not self.unread or (not item.characters and item.outcome is not Outcome.DUPLICATE))
            and (not self.outcomes or item.outcome.value in self.outcomes)
            and (not self.author or self.author.lower() in (item.author or "").lower())
            and (not self.year or (item.published or "").startswith(self.year))
            and (not self.language or language_of(item.number) == self.language)
        ]


def there_are(filters: Filters, items: Sequence[Item]) -> dict[str, list[str]]:
    """Return the topics or the sites that there are, the largest first, where a topic or a site to filter by is none of them."""
    values = {"topic": [" / ".join(item.topic[-1:]) for item in items], "site": [item.site for item in items]}
    alone = {"topic": Filters(topic=filters.topic), "site": Filters(site=filters.site)}
    return {
        name: [value for value, _ in Counter(filter(None, values[name])).most_common()]
        for name, one in alone.items()
        if one and not one.numbers(items, lambda _: "")
    }


def _of_site(item: Item, site: str) -> bool:
    return item.site == site or item.site.endswith("." + site)
