"""Which references of the list are about something, read or not: those that name it, in either language, else those that mean it.

A reference names a subject in its title, its note or the heading it stands under, an article that was read throughout its text.
Meaning alone tells articles of one field badly apart, so it only adds what has no name to be found by.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from index.records import Item
from index.terms import fold
from rag.aliases import glossary, held, names_held, synonyms
from rag.calibrate import Thresholds
from rag.cite import Quote
from rag.filters import Filters
from rag.numbers import names as latin_names
from rag.questions import Question, content_terms
from rag.retrieve import Hit, Retriever, sentence_terms
from rag.sought import Sought
from rag.whole import opening

_LOOKED_AT = 200  # references for each name of the subject
_PASSAGES = 60  # of an article that are looked through
_SHORT = 4  # passages, of which fewer are looked through by sentences
_THROUGHOUT = 0.2  # share of its passages that name what an article is about
_AS_NEAR, _BESIDE = (
    0.7,
    1.3,
)  # of the nearest one's meaning; times the evidence that is enough otherwise, beside what goes by name
_MENTIONS = re.compile(r"(?:提|说|谈|讲|写)到|提及|涉及|\bmention", re.I)
_LATIN = re.compile(r"[A-Za-z][\w-]{2,}", re.A)
_AND = re.compile(r"\s*(?:和|与|以及|或者?|、|\b(?:and|or)\b)\s*", re.I)
_BETWEEN = re.compile(r"(?<!目)的|对(?=.{2,12}(?:影响|作用|意义|帮助|冲击|改变)$)")  # two words of a subject, not pairs of characters across them
_RELATION = re.compile(r"(?:影响|作用|意义|冲击|帮助|进展|现状|前景|趋势|未来)\W*$|^\W*(?:impact|effects?|influence|future|progress)\b", re.I)
_FREE = 4  # words, or twice as many pairs of characters, of a subject that is described rather than named
_MOST_OF = 0.75  # share of a subject's words, by idf, that make a name of it where it has none


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked about: for each name in it all that this is called, and the words beside, by how telling they are."""

    text: str
    names: tuple[tuple[str, ...], ...]
    words: Mapping[str, float]

    def named(self, text: str) -> float:
        """Return how much of it a text names: 1 for the whole; 0 where it lacks a thing that has a name."""
        if held(text, self.text):
            return 1.0
        if self.names and not all(any(held(text, name) for name in names) for names in self.names):
            return 0.0
        said = sum(self.words[word] for word in sentence_terms(text) & frozenset(self.words))
        share = said / sum(self.words.values()) if self.words else 1.0
        return 1.0 if share >= _MOST_OF else 0.5 if self.names else share


@dataclass(frozen=True, slots=True)
class Listed:
    """Quotes of the first of ``of`` references, best first; ``on``: they are about the subject, and do not only come nearest to it.

    ``least``: there may be more than these, as only so many were looked at.
    """

    quotes: list[Quote]
    of: int
    on: bool = True
    least: bool = False


@dataclass(frozen=True, slots=True)
class _Named:
    """How a reference names a subject: ``on`` it, or in part or by the way (``beside``); ``worth`` is how much it does."""

    on: bool
    beside: bool
    worth: float


@dataclass(frozen=True, slots=True)
class _Scored:
    item: Item
    hit: Hit
    named: _Named

    @property
    def score(self) -> float:
        return self.named.worth + self.hit.dense


def articles_on(
    retriever: Retriever, thresholds: Thresholds, asked: Question, *, filters: Filters, most: int
) -> Listed:
    """Return the references on the subject, or else those that come nearest; an unread one is quoted by its title in the list."""
    every = [_entries(retriever, one, filters) for one in _each(retriever, asked)]
    on = [entry for entries in every for entry in entries if entry.named.on]
    chosen = on or [entry for entries in every for entry in entries if entry.named.beside]
    if not on and not subject_of(retriever, asked).names:
        chosen += _near(retriever, thresholds, asked, every[0])
    best: dict[int, _Scored] = {}
    for entry in chosen:
        _keep_better(best, entry)
    ranked = sorted(best.values(), key=lambda entry: (-round(entry.score, 6), entry.item.number))
    return Listed([_quoted(retriever, entry) for entry in ranked[:most]], len(ranked), bool(on), 2 * len(ranked) >= _LOOKED_AT)


def articles_of(retriever: Retriever, *, filters: Filters, most: int) -> Listed:
    """Return the references that pass (those of a site, say), in list order, each quoted by what it begins with."""
    passing = retriever.passing(filters)
    return Listed([opening(retriever.snapshot, number) for number in passing[:most]], len(passing))


def subject_of(retriever: Retriever, asked: Question) -> Subject:
    """Take what a question about the list is about apart into what has names and what has not."""
    text, pairs = fold(asked.search), [*retriever.aliases, *glossary()]
    names: dict[str, tuple[str, ...]] = {}
    left = list(text)
    for name, other in names_held(text, pairs):
        names[name] = (*names.get(name, ()), *synonyms(name, other, pairs))
        start = text.find(name)
        left[start : start + len(name)] = " " * len(name)  # names may overlap: 大模型合并
    # a name stands for itself: "Transformer" is no "transformation", though both have one stem
    own = [word for word in _LATIN.findall("".join(left)) if not word.islower() and word.lower() in latin_names(asked.standalone)]
    for word in own:
        names[word] = (word,)
    rest = _BETWEEN.sub(" ", "".join(left))
    words = content_terms(_RELATION.sub(" ", rest) if names else rest)
    pairs_of_han = [word for word in words if len(word) > 1]
    return Subject(text, tuple(tuple(dict.fromkeys(n)) for n in names.values()), retriever.idf(pairs_of_han or words))


def _each(retriever: Retriever, asked: Question) -> list[Question]:
    """Return a question for each thing asked about where several with names are: "小样本和零样本学习"; else just the question."""
    sides = [side for side in _AND.split(asked.search) if side]
    questions = [replace(asked, search=side, terms=tuple(dict.fromkeys(content_terms(side)))) for side in sides]
    return questions if len(sides) > 1 and all(subject_of(retriever, one).names for one in questions) else [asked]


def _keep_better(best: dict[int, _Scored], entry: _Scored) -> None:
    known = best.get(entry.item.number)
    if known is None or entry.score > known.score:
        best[entry.item.number] = entry


def _variants(asked: Question, about: Subject) -> Iterable[Question]:
    """The question, and the same by each other name of its subject."""
    yield asked
    for name in dict.fromkeys(name for names in about.names for name in names):
        if name != asked.search:
            yield replace(asked, search=name, terms=tuple(dict.fromkeys(content_terms(name))))


def _entries(retriever: Retriever, asked: Question, filters: Filters) -> list[_Scored]:
    """Return what is found by any name of the subject, each reference with the passage that fits best."""
    about, mentions = subject_of(retriever, asked), _MENTIONS.search(asked.standalone) is not None
    best: dict[int, _Scored] = {}
    named: dict[int, _Named] = {}
    for variant in _variants(asked, about):
        for hit in Sought(retriever, variant, candidates=_LOOKED_AT).hits(_LOOKED_AT, filters=filters, share=1):
            item = retriever.snapshot.item(hit.passage.reference)
            assert item is not None
            if item.number not in named:
                named[item.number] = _named(retriever, about, item, mentions)
            _keep_better(best, _Scored(item, hit, named[item.number]))
    return list(best.values())


def _named(retriever: Retriever, about: Subject, item: Item, mentions: bool) -> _Named:
    titled = about.named(fold(f"{item.title}\n{item.note or ''}"))
    under = bool(item.topic) and about.named(fold(item.topic[-1])) == 1.0
    parts, inside = _inside(retriever, about, item)
    throughout = inside / parts if parts else 0.0
    often = throughout >= _THROUGHOUT and inside > 1
    on = titled == 1.0 or under or often or titled + throughout >= 1.0 or (mentions and inside > 0)
    return _Named(on, inside > 0 or (bool(about.names) and titled > 0), 2 * titled + under + throughout)


def _inside(retriever: Retriever, about: Subject, item: Item) -> tuple[int, int]:
    """Return how many passages of an article were looked through, of a short one how many sentences, and how many name the subject."""
    if not item.characters:
        return 0, 0
    rows = retriever.snapshot.passages([int(one) for one in retriever.snapshot.passages_of([item.number])[:_PASSAGES]])
    texts = ["\n".join([row.text, *row.heading]) for row in rows]
    if len(rows) < _SHORT:
        texts = [row.text[s.start - row.start : s.end - row.start] for row in rows for s in row.sentences]
    return len(texts), sum(about.named(text) == 1.0 for text in texts)


def _near(retriever: Retriever, thresholds: Thresholds, asked: Question, found: Iterable[_Scored]) -> list[_Scored]:
    """Return what comes near enough by meaning, and about as near as the nearest; of free words, those that agree count too."""
    words = subject_of(retriever, asked).words
    free = sum(1.0 if word.isascii() else 0.5 for word in words) >= _FREE

    def enough(hit: Hit) -> bool:
        worth = hit.score if free else hit.dense
        if hit.passage.listing:  # a few words are soon near: they have to come as near as is asked of anything here
            return worth >= thresholds.otherwise
        return thresholds.answers(asked, replace(hit, score=worth))

    near = [entry for entry in found if enough(entry.hit)]
    nearest = max((entry.hit.dense for entry in near), default=0.0)
    return [entry for entry in near if entry.hit.dense >= _AS_NEAR * nearest]


def _quoted(retriever: Retriever, entry: _Scored) -> Quote:
    text = retriever.snapshot.text(entry.item.number)
    if entry.hit.passage.listing:
        end = text.find("\n")
        start, end = 0, len(text) if end < 0 else end
    else:
        best = max(range(len(entry.hit.similarities)), key=lambda row: entry.hit.similarities[row])
        sentence = entry.hit.passage.sentences[best]
        start, end = sentence.start, sentence.end
    return Quote(entry.item.number, start, end, text[start:end], entry.score)
