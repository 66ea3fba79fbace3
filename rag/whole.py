"""A read article as a whole: what it says, and which one was just quoted. Knows questions and texts; finds no article.

"X讲了什么？" and "Summarise X" want an article's opening and its most central sentences, "in which article is that?" the
source of the answer before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from index.records import Item, Sentence
from index.store import Snapshot
from index.terms import plain, terms
from rag.called import Called, called
from rag.cite import Quote, shown
from rag.items import last_answer
from rag.noise import talks
from rag.questions import understand
from rag.retrieve import Hit, Retriever
from rag.spans import LONGEST_RUN, heading_above, is_item, line_end, line_start, run, trimmed
from rag.worth import Candidate, candidates

_SUMMARY = (
    re.compile(r"^(?:请)?(?:帮我)?(?:总结|概括|概述|简述|归纳)(?:一下|下)?(?P<x>.+?)(?:的(?:主要)?内容)?[？?。]*$"),
    re.compile(
        r"^(?P<x>.+?)(?:主要|到底|都|究竟)?(?:讲|说|写|谈|介绍|讨论)(?:了|的是|的)?些?(?:什么|啥|哪些内容)(?:内容)?[？?。]*$"
    ),
    re.compile(r"^(?P<x>.+?)的?(?:主要内容|大意|摘要)(?:是什么)?[？?。]*$"),
    re.compile(
        r"^(?:please )?(?:summari[sz]e|sum up|(?:give (?:me )?)?an? summary of|outline)\s+(?P<x>.+?)[?.!]*$", re.I
    ),
    re.compile(r"^what(?:'s| is| does) (?P<x>.+?) (?:about|all about|say|talk about)[?.!]*$", re.I),
    re.compile(
        r"^what(?:'s| is| are) (?:the )?(?:main |central |key |general )?(?:topics?|subjects?|themes?|ideas?|points?|messages?|content) of"
        r" (?P<x>(?:the |this |that )?.*(?:article|paper|post|page|blog|essay|note)s?\b.*?)[?.!]*$",
        re.I,
    ),
    re.compile(r"^(?P<x>.+?[篇文](?:文章|博客|论文)?)的?(?:主要|核心|中心)?(?:主题|思想|主旨|重点|要点|观点)(?:是什么|是啥|有哪些)?[？?。]*$"),
)
_SENTENCES, _PASSAGES, _OPENING = 3, 60, 4  # quoted of a summary; looked through; of which the first is taken
_TELLING, _LONG = 16, 160  # characters; shorter lines are labels, longer sentences go into detail
_PICTURE = re.compile(r"[如见上下左右]图|图\s*\d|(?:figure|fig\.|table)\s*\d", re.I)
_ENDED = re.compile(r"[。！.!…][\W\d]*$")  # says something, and that to its end: no question, no lead-in
_LEANS = re.compile(
    r"(?:但|而|因为|所以|因此|于是|另外|此外|同时|然后|这|那|它|他|她|其)|(?:but|and|so|yet|however|also|then|thus|hence|it|its|they|these|this|those|he|she)\b",
    re.I,
)
_ASIDE = re.compile(r"@|://|\bwww\.|投稿|公众号|点击|扫码|关注我|\bsubscribe\b", re.I)
_EARLY, _SAME = 0.15, 0.85  # for standing first in the article; cosine from which two sentences say the same
_MARKS = re.compile(r"\s*\[\d{1,3}\]")
_SPEECH = re.compile(r"[“「\"][^”」\"]*[”」\"]?$")  # somebody speaks, and tells nothing of the article
_LEAST = 8  # characters that a quote must have to be found again


def asks_summary(text: str) -> Called | None:
    """Return what the article is called that a question wants to be told of as a whole; None for any other question."""
    found = next((match for pattern in _SUMMARY if (match := pattern.match(text.strip()))), None)
    return called(found["x"]) if found else None


def summary(retriever: Retriever, item: Item) -> list[Quote]:
    """Return an article's most central sentences, those of its opening before others, in the order of the text."""
    snapshot = retriever.snapshot
    text = snapshot.text(item.number)
    rows = [snapshot.passage(int(place)) for place in snapshot.passages_of([item.number])[:_PASSAGES]]
    vectors = [snapshot.sentence_vectors(row) for row in rows]
    middle = np.concatenate(vectors).mean(axis=0)
    middle /= max(float(np.linalg.norm(middle)), 1e-9)
    asked = understand(item.title)
    called = frozenset(asked.terms)
    found: dict[Sentence, tuple[Candidate, NDArray[np.float32]]] = {}
    for row, own in zip(rows, vectors, strict=True):
        hit = Hit(row, 0.0, 0.0, 0.0, tuple((own @ middle).tolist()))
        places = {sentence: place for place, sentence in enumerate(row.sentences)}
        for candidate in candidates(asked, hit, text, item.title, {}):
            words = plain(candidate.text)
            if len(words) >= _TELLING and not talks(words) and not _SPEECH.match(words):
                found[candidate.sentence] = candidate, own[places[candidate.sentence]]
    worth = {s: _central(c, called, text) + _EARLY * (1 - s.start / len(text)) for s, (c, _) in found.items()}
    in_order = sorted(worth, key=lambda s: s.start)
    by_worth = sorted(in_order, key=lambda s: (-round(worth[s], 6), s.start))
    best: list[Sentence] = []
    for sentence in [*[s for s in by_worth if s in in_order[:_OPENING]][:1], *by_worth]:
        if len(best) == _SENTENCES:
            break
        if all(float(found[sentence][1] @ found[other][1]) <= _SAME for other in best):
            best.append(sentence)
    spans: list[tuple[int, int]] = []
    for sentence in sorted(best, key=lambda s: s.start):
        start, end = sentence.start, sentence.end
        if is_item(text, start):
            start, end = run(text, start, end)  # one item of a list says little
        if not spans or start >= spans[-1][1]:
            spans.append((start, end))
    return [Quote(item.number, start, end, text[start:end], 1.0) for start, end in spans]


def _central(candidate: Candidate, called: frozenset[str], text: str) -> float:
    """How well a sentence tells what an article is about: it names the title's words, and shows no detail."""
    raw = candidate.text
    named = len(called & frozenset(terms(plain(raw)))) / max(len(called), 1)
    detail = 0.3 * ("$" in raw) + 0.15 * (len(raw) > _LONG) + 0.1 * is_item(text, candidate.sentence.start)
    part = 0.3 * (not _ENDED.search(raw)) + 0.15 * bool(_LEANS.match(raw)) + 0.3 * bool(_ASIDE.search(raw))
    above = len(called & frozenset(terms(heading_above(text, candidate.sentence.start)))) / max(len(called), 1)
    return candidate.score + 0.15 * named + 0.3 * above - detail - part - 0.2 * bool(_PICTURE.search(raw))


def opening(snapshot: Snapshot, number: int) -> Quote:
    """Quote what a reference begins with: its title in the list where nobody could read it, else its first sentence that has words."""
    text = snapshot.text(number)
    rows = snapshot.passages([int(one) for one in snapshot.passages_of([number])[:_OPENING]])
    spans = [span for row in rows for span in row.sentences]
    long = [s for s in spans if len(plain(text[s.start : s.end])) >= _LEAST]
    span = next((s for s in long if not talks(plain(text[s.start : s.end]))), (long or spans)[0])
    return Quote(number, span.start, span.end, text[span.start : span.end], 1.0)


def quoted_before(retriever: Retriever, history: Sequence[Mapping[str, str]]) -> list[Quote]:
    """Return what the last answer quoted, found again in the stored texts; [] where it quoted nothing."""
    return quoted_in(retriever, last_answer(history))


def quoted_in(retriever: Retriever, said: str) -> list[Quote]:
    """Return what an answer quoted, found again in the stored texts; [] where it quoted nothing."""
    return [quote for line in said.split("\n")[:12] for quote in _found(retriever, _MARKS.sub("", line).strip("- "))]


def stands(retriever: Retriever, words: str, quoted: Sequence[Quote]) -> Quote | None:
    """Return the line with these words near one of the quotes, as a list stands that was quoted whole; None where there is none."""
    for quote in quoted:
        text = retriever.snapshot.text(quote.reference)
        place = line_start(text, max(0, quote.start - LONGEST_RUN))
        while place < min(len(text), quote.end + LONGEST_RUN):
            end = line_end(text, place)
            if words in shown(text[place:end]):
                start, end = trimmed(text, place, end)
                return Quote(quote.reference, start, end, text[start:end], 1.0)
            place = end + 1
    return None


def _found(retriever: Retriever, line: str) -> Iterator[Quote]:
    if len(line) < _LEAST:
        return
    snapshot = retriever.snapshot
    for place, _ in snapshot.lexical(tuple(dict.fromkeys(terms(line)))[:40], 5, None):
        row = snapshot.passage(int(place))
        if row.listing:
            continue
        for sentence in row.sentences:
            raw = row.text[sentence.start - row.start : sentence.end - row.start]
            if len(raw) >= _LEAST and shown(raw) in line:
                yield Quote(row.reference, sentence.start, sentence.end, raw, 1.0)
                return
