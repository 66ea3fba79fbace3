"""Which article a question means: by its title, a part of it, its author, or what it is about. Answers nothing.

"the GAN article" is the one that was read and speaks of GAN throughout, whatever its title; "X" alone, without a word for an
article, is one only where it is a title or most of one: a question about MobileNet is not about the post on MobileNet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from index.records import Item, Outcome
from rag.aliases import glossary, other_names
from rag.calibrate import Thresholds
from rag.filters import Filters
from rag.items import last_answer
from rag.nearest import says, squeezed
from rag.numbers import place_of
from rag.questions import content_terms, understand
from rag.retrieve import Retriever, sentence_terms
from rag.sites import named_site
from rag.sought import Sought

_ENDS = " “”\"'「」？?。.!！，,：:的"
_QUOTED = re.compile(r"《(.+)》|“([^”]{4,})”|\"([^\"]{4,})\"|「(.+)」")
_KIND_ZH = r"(?:文章|论文|资料|博客|博文|帖子|推文|周刊|专栏|教程|综述|笔记|新闻|报道|文)"
_KIND_EN = r"(?:(?:articles?|papers?|posts?|blogs?|pages?|essays?|tutorials?|preprints?|newsletters?|surveys?|notes?|stor(?:y|ies)|readme)\b)"
_WORDS = re.compile(
    rf"(?:这|那|该|本)(?:一)?[篇个期](?:{_KIND_ZH})?|(?:这|那|该|的|一){_KIND_ZH}|{_KIND_ZH}(?=$|的$)"
    rf"|\b(?:the |this |that |these |an? )?(?:blog )?{_KIND_EN}",
    re.I,
)
_LEAD = re.compile(
    r"^(?:请问|关于|有关|讲述?|介绍|论述|讨论|谈|说|(?:the|an?|about|on|of|that|which|titled|called|named|is|are|was|deal\w* with"
    r"|explain\w*|cover\w*|discuss\w*|introduc\w*)\b)\s*",
    re.I,
)
_THAT = re.compile(r"^(?:它们?|他|她|这|那|this|that|it|they|them|these|those)?$", re.I)
_NTH = re.compile(
    r"^(?:第(?P<zh>[一二三四五六七八九十]|\d{1,2})[篇个条]?|(?P<en>first|second|third|fourth|fifth|last)(?: one)?|最后一?[篇个条](?P<last>))$",
    re.I,
)
_PAPER = re.compile(r"论文|\b(?:paper|preprint)s?\b", re.I)
_PARTS = re.compile(r"\s*(?:[:：|｜，。；？?！!]|,\s|\s[-–—]\s|——)\s*")
_SAID = re.compile(r"^(?:- |The page of )?(?:《(.+)》|“(.+)”|(?=(.+?) \[\d)(.+?)(?:（[^（）]*）| \([^()]*\))?(?= \[\d))", re.M)
_SHORT = 2  # characters of a name that may be looked for in titles
_NAMED, _THROUGHOUT = 0.6, 1 / 3  # share of a name's words in a title, share of passages that hold the name
_AS_WELL = 0.7  # of the best one's worth
_LOOKED_AT, _PASSAGES = 30, 60


@dataclass(frozen=True, slots=True)
class Called:
    """What a question calls an article: ``name``; "" for the one just spoken of, or the ``nth`` of those, from 0, -1 the last.

    ``kind`` is how it says that it means one: by a word for an "article", for a "paper", by a title in "quotes", or not: "". The
    last two may be works that no article of the list is, and some only write about.
    """

    name: str
    kind: str = "article"
    nth: int | None = None


def called(words: str) -> Called:
    """Return what these words of a question call an article."""
    if quoted := _QUOTED.search(words):
        return Called(next(filter(None, quoted.groups())).strip(), "quotes")
    words = words.strip(_ENDS)
    name, times = _WORDS.subn(" ", words)
    name = " ".join(name.split()).strip(_ENDS)
    while (bare := _LEAD.sub("", name)) != name:
        name = bare
    if _THAT.match(name):
        return Called("")
    if found := _NTH.match(name):
        return Called("", nth=place_of(found["zh"] or found["en"] or "last") - 1)
    return Called(name, "paper" if _PAPER.search(words) else "article" if times else "")


def articles(
    retriever: Retriever, thresholds: Thresholds, meant: Called, *, filters: Filters, loosely: bool = False
) -> list[Item]:
    """Return the articles that are meant, best first, those that were read before others; [] where none is.

    ``loosely``: a name that the title of one article alone holds is enough, without a word for an article.
    """
    if meant.kind == "article" and (named := named_site(meant.name, retriever.sites)):
        filters, meant = filters.of_site(named.site), replace(meant, name=named.rest.strip())
    passing = frozenset(retriever.passing(filters))
    items = [i for i in retriever.snapshot.items if i.number in passing and i.outcome is not Outcome.DUPLICATE]
    name = squeezed(meant.name)
    if len(name) < _SHORT:
        return []
    if exact := [item for item in items if squeezed(item.title) == name]:
        return sorted(exact, key=_unread)
    if meant.kind:
        found = _about(retriever, thresholds, meant, filters)
        return [item for item in found if _may_be(item, meant)]
    parts = [item for item in items if name in map(squeezed, _PARTS.split(item.title))]
    holding = [item for item in items if says(item.title, [meant.name])]
    if most_of := parts or [item for item in holding if 2 * _size(name) >= _size(squeezed(item.title))]:
        return sorted(most_of, key=_unread)
    read = [item for item in holding if item.characters]
    return read if loosely and len(read) == 1 and len(name) > _SHORT else []


def spoken_of(retriever: Retriever, history: Sequence[Mapping[str, str]]) -> list[Item]:
    """Return the articles whose titles the last answer gives, in its order."""
    return spoken_in(retriever, last_answer(history))


def spoken_in(retriever: Retriever, said: str) -> list[Item]:
    """Return the articles whose titles an answer gives, in its order."""
    # a title may itself end in brackets, as the note on one that nobody read does: the whole line counts first
    lines = [[squeezed(name) for name in found if name] for found in _SAID.findall(said)]
    titled: dict[str, Item] = {}
    for item in retriever.snapshot.items if lines else ():
        titled.setdefault(squeezed(item.title), item)
    found = (next((titled[name] for name in line if name in titled), None) for line in lines)
    return list(dict.fromkeys(item for item in found if item))


def _about(retriever: Retriever, thresholds: Thresholds, meant: Called, filters: Filters) -> list[Item]:
    """Return the articles that a name fits by title, author or throughout the text; else the one that has most to say on it."""
    names = list(dict.fromkeys([meant.name, *other_names(meant.name, [*retriever.aliases, *glossary()])]))
    worth: dict[int, tuple[float, Item]] = {}
    near: list[tuple[float, Item]] = []
    for one in names:
        asked = replace(understand(one), search=one, terms=tuple(dict.fromkeys(content_terms(one))))
        for hit in Sought(retriever, asked).hits(_LOOKED_AT, filters=filters, share=1):
            item = retriever.snapshot.item(hit.passage.reference)
            assert item is not None
            titled, throughout = _titled(retriever, item, one), _throughout(retriever, item, names)
            if titled >= _NAMED or throughout >= _THROUGHOUT:
                worth[item.number] = max(worth.get(item.number, (0.0, item)), (titled + throughout, item), key=_value)
            # a word that occurs somewhere makes no subject, so meaning alone has to be enough
            if item.characters and thresholds.answers(asked, replace(hit, score=hit.dense)):
                near.append((hit.score, item))
    if not worth:
        return [max(near, key=_value)[1]] if near else []
    any_read = any(item.characters for _, item in worth.values())
    ranked = sorted(
        (entry for entry in worth.values() if entry[1].characters or not any_read), key=_value, reverse=True
    )
    return [item for value, item in ranked if value >= _AS_WELL * ranked[0][0]]


def _value(entry: tuple[float, Item]) -> tuple[float, int]:
    return round(entry[0], 6), -entry[1].number


def _titled(retriever: Retriever, item: Item, name: str) -> float:
    """How much of a name, by how telling its words are, stands in an article's title or author."""
    weights = retriever.idf(tuple(dict.fromkeys(content_terms(name))))
    held = sentence_terms(f"{item.title}\n{item.author or ''}") & frozenset(weights)
    return sum(weights[term] for term in held) / (sum(weights.values()) or 1.0)


def _throughout(retriever: Retriever, item: Item, names: Sequence[str]) -> float:
    """The share of an article's passages that hold one of the names."""
    if not item.characters:
        return 0.0
    ids = [int(place) for place in retriever.snapshot.passages_of([item.number])[:_PASSAGES]]
    return sum(says(row.text, names) for row in retriever.snapshot.passages(ids)) / max(len(ids), 1)


def _may_be(item: Item, meant: Called) -> bool:
    if meant.kind == "quotes":
        parts = [squeezed(part) for part in (item.title, *_PARTS.split(item.title))]
        return any(says(part, [meant.name]) and 2 * _size(squeezed(meant.name)) >= _size(part) for part in parts)
    paper = item.reader in ("arxiv", "pdf") or item.site.endswith("arxiv.org") or _PAPER.search(item.title) is not None
    return paper or meant.kind == "article"


def _unread(item: Item) -> bool:
    return not item.characters


def _size(text: str) -> float:
    """How much a name says: a Han character about as much as half a short English word."""
    return sum(1.0 if ord(character) > 0x2E80 else 0.4 for character in text)
