"""Hits -> an answer in the sources' own sentences, without a model, or a refusal. Knows hits, no index and no page.

A sentence's score: similarity + coverage + what its title, heading and the sentence before it add + its passage's
score + whether it has the form that is asked for; weights as measured on XQuAD (docs/decisions.md). Short list items
are never quoted alone: the run of items they stand in is quoted whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from index.records import Sentence
from index.terms import plain, terms
from rag.cite import Quote
from rag.compare import sides
from rag.orders import gives_orders
from rag.questions import Question, content_terms
from rag.retrieve import Hit

EXTRA_WEIGHT, PASSAGE_WEIGHT, FORM_WEIGHT = 0.7, 1.0, 0.2
SIDE_WEIGHT = 0.4  # in a comparison, for a sentence that names its side itself, and for one that says what it is
CHANCE_COVERAGE = 0.1  # of the question's words that any sentence in its language holds; those of another hold none
LISTED_WEIGHT = 0.4  # a list is asked for, and the item stands under a heading that names what is asked
SHORT_PENALTY, STALE_PENALTY, BIBLIOGRAPHY_PENALTY, TITLE_PENALTY = 0.2, 0.6, 1.0, 0.4
_FEWEST = 10  # characters; below that a line is a label
_ITEM_ANSWERS = 0.5  # of the question's terms, by idf; an item that holds them is quoted alone
_NEW_SHARE = 0.15  # of its terms; a sentence with fewer new ones only repeats the question
_NEXT_SHARE, _NEXT_SHARE_ACROSS = 0.75, 0.7  # of the best score; below it a further sentence does not answer
_SIDE_SHARE = 0.6  # of the terms of one side of a comparison
_MAX_SENTENCES = 3
_CONTRAST = re.compile(
    r"区别|不同|差别|差异|相比|相对|而|则|\b(?:differ\w*|whereas|while|unlike|but|instead|than|in contrast|both)\b",
    re.I,
)
_PRONOUN = re.compile(
    r"(?:它们?|他们?|她们?|其(?!他|它|中|实|余|次)|该|此|这(?!样的话)|那(?!么)|前者|后者|两者|二者|上述)|"
    r"(?:it|its|they|their|them|this|these|that|those|he|she|his|her|such|both|the (?:former|latter))\b",
    re.I,
)
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,3}[.)、])[ \t]+|[ \t]*\|")
_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*#*$", re.M)
_BIBLIOGRAPHY = re.compile(r"\s*(?:[-*+]\s+)?\\?[\[［]\d{1,3}\\?[\]］]\s")
_CAPTION = re.compile(r"\W*(?:图|表|Figure|Fig\.?|Table)\s*\d", re.I)
_TITLE_ONLY = re.compile(r"\W{0,3}[\"“][^\"“”]+[\"”]\W{0,3}$")  # a paper named in a list says nothing about it
_ADDRESS_ONLY = re.compile(r"\W{0,3}https?://\S+$")
_LETTER = re.compile(r"[^\W\d_]")
_MAX_RUN = 12
_FORMS = {
    "number": re.compile(r"\d|[一二两三四五六七八九十百千万]+[个种篇年次层类]"),
    "reason": re.compile(r"因为|由于|原因|所以|因此|\bbecause\b|\bsince\b|\bdue to\b|\btherefore\b", re.I),
    "definition": re.compile(
        r"是指|指的是|是一[种个类]|即|称为|\bis (?:an?|the)\b|\bare\b|\brefers? to\b|\bmeans\b|\bdefined\b", re.I
    ),
    "list": re.compile(r"包括|分为|例如|以及|、.*、|[:：]|\bincluding\b|,.*\band\b", re.I),
}


@dataclass(frozen=True, slots=True)
class _Candidate:
    hit: Hit
    sentence: Sentence
    text: str
    score: float
    found: frozenset[str]
    near: frozenset[str]


def pick(
    question: Question,
    hits: Sequence[Hit],
    texts: Mapping[int, str],
    titles: Mapping[int, str],
    weights: Mapping[str, float],
    *,
    most: int,
) -> list[Quote]:
    """Return the quotes that answer, best first; [] when there is no sentence.

    ``texts`` and ``titles`` are the stored texts and list titles by reference number, ``weights`` the idf of the question's terms.
    """
    candidates = [
        c
        for hit in hits
        for c in _candidates(question, hit, texts[hit.passage.reference], titles[hit.passage.reference], weights)
    ]
    candidates.sort(key=lambda c: (-round(c.score, 6), c.hit.passage.id, c.sentence.start))
    chosen = _each_side(question, candidates, weights)
    for candidate in [] if chosen else candidates:
        if len(chosen) >= min(_MAX_SENTENCES, most):
            break
        fits = not chosen or _answers_too(question, candidate, chosen[0])
        if fits and all(
            candidate.sentence != other.sentence and not _says_nothing_new(candidate, other) for other in chosen
        ):
            chosen.append(candidate)
    return _merged([_quote(c, texts[c.hit.passage.reference], question, weights) for c in chosen], texts)


def _each_side(question: Question, candidates: Sequence[_Candidate], weights: Mapping[str, float]) -> list[_Candidate]:
    """For a comparison: the best sentence that speaks of both sides, or else one for each; [] for other questions."""
    compared = sides(question.standalone)
    if compared is None:
        return []
    both = [{term: weights[term] for term in content_terms(side) if term in weights} for side in compared]
    if not all(both):
        return []

    def holds(side: Mapping[str, float], words: frozenset[str]) -> bool:
        return sum(weight for term, weight in side.items() if term in words) >= _SIDE_SHARE * sum(side.values())

    together = {c: all(holds(side, c.found) for side in both) for c in candidates}
    if contrast := next((c for c in candidates if together[c] and _CONTRAST.search(c.text)), None):
        return [contrast]
    able = [c for c in candidates if not together[c]]

    def about(side: Mapping[str, float], c: _Candidate) -> float:
        named = holds(side, c.found)
        return c.score + SIDE_WEIGHT * named + SIDE_WEIGHT * (named and bool(_FORMS["definition"].search(c.text)))

    apart = [max((c for c in able if holds(side, c.near)), key=partial(about, side), default=None) for side in both]
    return list(dict.fromkeys(c for c in apart if c)) if all(apart) else []


def _answers_too(question: Question, candidate: _Candidate, best: _Candidate) -> bool:
    """Whether a further sentence is good enough beside the best one.

    Inside one passage the passage's own score says nothing. Across languages words cannot agree, so the scores of right
    and wrong sentences lie closer together.
    """
    share = _NEXT_SHARE if best.hit.passage.language == question.language else _NEXT_SHARE_ACROSS
    common = PASSAGE_WEIGHT * best.hit.score if candidate.hit.passage.id == best.hit.passage.id else 0.0
    return candidate.score - common >= share * (best.score - common)


def _candidates(question: Question, hit: Hit, text: str, title: str, weights: Mapping[str, float]) -> list[_Candidate]:
    whole = sum(weights.values()) or 1.0
    wanted = frozenset(weights)
    found_before = frozenset(terms(" ".join([title, *hit.passage.heading]))) & wanted
    candidates = []
    before: frozenset[str] = frozenset()
    form = _FORMS.get(question.form)
    for sentence, similarity in zip(hit.passage.sentences, hit.similarities, strict=True):
        raw = text[sentence.start : sentence.end]
        words = plain(raw)
        found = frozenset(terms(words)) & wanted
        if (
            len(_LETTER.findall(words)) >= 3
            and not _ADDRESS_ONLY.match(words)
            and not gives_orders(words)
            and not raw.lstrip().startswith(("```", "~~~", "![", "[![", "|--", "| --"))
        ):
            heading = frozenset(terms(_heading_above(text, sentence.start))) & wanted
            coverage = sum(weights[term] for term in found) / whole
            extra = sum(weights[term] for term in (found_before | before | heading) - found) / whole
            fits = 1.0 if form is not None and form.search(words) else 0.0
            agree = max(coverage + EXTRA_WEIGHT * extra - CHANCE_COVERAGE, 0.0)
            score = similarity + agree + PASSAGE_WEIGHT * hit.score + FORM_WEIGHT * fits
            if question.form == "list" and _ITEM.match(text, _line_start(text, sentence.start)):
                score += LISTED_WEIGHT if heading else LISTED_WEIGHT / 2
            score -= _penalty(words, raw, wanted)
            candidates.append(_Candidate(hit, sentence, raw, score, found, found | found_before | heading))
        before = found
    return candidates


def _penalty(words: str, raw: str, wanted: frozenset[str]) -> float:
    """What speaks against a sentence: a label, an echo of the question, an entry of a bibliography."""
    own = frozenset(terms(words))
    penalty = SHORT_PENALTY if len(words) < _FEWEST else 0.0
    if own and len(own - wanted) < _NEW_SHARE * len(own):
        penalty += STALE_PENALTY
    penalty += TITLE_PENALTY if _TITLE_ONLY.match(words) or _CAPTION.match(words) else 0.0
    return penalty + (BIBLIOGRAPHY_PENALTY if _BIBLIOGRAPHY.match(raw) else 0.0)


def _heading_above(text: str, position: int) -> str:
    found = ""
    for match in _HEADING.finditer(text, max(0, position - 3000), position):
        found = match.group(1)
    return found


def _says_nothing_new(candidate: _Candidate, other: _Candidate) -> bool:
    mine, theirs = plain(candidate.text), plain(other.text)
    return mine in theirs or theirs in mine


def _quote(candidate: _Candidate, text: str, question: Question, weights: Mapping[str, float]) -> Quote:
    """The sentence; of a list, the item that answers by itself, or else the whole run of items it stands in."""
    start, end = _with_antecedent(candidate, text), candidate.sentence.end
    if _ITEM.match(text, _line_start(text, start)):
        first, last = _line_start(text, start), _line_end(text, end)
        item = frozenset(terms(text[first:last])) & frozenset(weights)
        if sum(weights[term] for term in item) >= _ITEM_ANSWERS * sum(weights.values()):
            start, end = _trimmed(text, first, last)
        elif question.form == "list" or len(plain(candidate.text)) < 30:
            start, end = _run(text, start, end)
    return Quote(candidate.hit.passage.reference, start, end, text[start:end], candidate.hit.score)


def _with_antecedent(candidate: _Candidate, text: str) -> int:
    """A sentence that begins with "it" says little alone, so the one before it, in the same paragraph, comes along."""
    sentences = candidate.hit.passage.sentences
    place = sentences.index(candidate.sentence)
    if place == 0 or not _PRONOUN.match(candidate.text.lstrip("“\"'（( ")):
        return candidate.sentence.start
    before = sentences[place - 1]
    apart = "\n\n" in text[before.end : candidate.sentence.start] or _ITEM.match(text, _line_start(text, before.start))
    return candidate.sentence.start if apart or gives_orders(text[before.start : before.end]) else before.start


def _run(text: str, start: int, end: int) -> tuple[int, int]:
    first, last = _line_start(text, start), _line_end(text, end)
    for _ in range(_MAX_RUN):
        above = _line_start(text, first - 1) if first > 0 else first
        if above == first or not _ITEM.match(text, above) or end - above > 1200:
            break
        first = above
    for _ in range(_MAX_RUN):
        below = _line_end(text, last + 1) if last < len(text) else last
        if below == last or not _ITEM.match(text, last + 1) or below - first > 1200:
            break
        last = below
    return _trimmed(text, first, last)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    span = text[start:end]
    return start + len(span) - len(span.lstrip()), end - (len(span) - len(span.rstrip()))


def _line_start(text: str, position: int) -> int:
    return text.rfind("\n", 0, max(position, 0)) + 1


def _line_end(text: str, position: int) -> int:
    found = text.find("\n", position)
    return len(text) if found < 0 else found


def _merged(quotes: Sequence[Quote], texts: Mapping[int, str]) -> list[Quote]:
    """Join quotes of one source that overlap or follow each other directly; each stands where its best sentence did."""
    merged: list[Quote] = []
    for quote in quotes:
        for place, other in enumerate(merged):
            if other.reference == quote.reference and quote.start <= other.end + 2 and other.start <= quote.end + 2:
                start, end = min(other.start, quote.start), max(other.end, quote.end)
                text = texts[quote.reference][start:end]
                merged[place] = Quote(quote.reference, start, end, text, max(other.score, quote.score))
                break
        else:
            merged.append(quote)
    return merged
