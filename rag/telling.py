"""Which sentences give the reason or tell the way that is asked for. Knows candidates and what is asked, scores none."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from index.terms import fold, plain
from rag.aliases import glossary, names_held
from rag.beside import MEANT, around, heading_of, names_near, share, similarity, with_antecedent, with_the_one_before
from rag.defining import about, acts, heads, names_it, names_of
from rag.doubt import shaped, writes
from rag.manners import asks_steps, in_steps, lays_out, main_idea, opines, tells_way
from rag.noise import asks_or_talks
from rag.numbers import names
from rag.questions import Question
from rag.reasons import Why, adopted, brings_about, purposes, serves
from rag.retrieve import sentence_terms
from rag.spans import leads, with_what_follows
from rag.worth import Candidate

_WORDS, _HAN = 4, 8  # from which on something is described rather than named
_NAMED_SHARE = 0.5  # of a name's terms, by idf, near the sentence
_MOST_SHARE = 0.6  # of a name's terms, in a sentence that has it in other words
_WHOLE_SHARE = 0.75  # of a name with which more is asked than what it is: "batch normalization" is not its folding
_NEAR = 0.19  # similarity that hardly any sentence about something else reaches
_TOLD_SHARE = 0.3  # of all that is asked, near a sentence that gives a reason or tells a way

Rule = Callable[[Candidate], int | None]
"""What a sentence is worth as a kind of answer: 0 for the best of them, more for what only may do, None for what cannot answer."""


def use_rule(question: Question, asked: Why, weights: Mapping[str, float]) -> Rule:
    """What something is for: told by what it gains or solves, best of all as a purpose; else what just says what it is may do."""
    *by, what = asked.names
    called = names_of(what)
    described = what.count(" ") >= _WORDS if what.isascii() else len(what) > _HAN

    def worth(candidate: Candidate) -> int | None:
        words = plain(with_antecedent(candidate))
        least = _TOLD_SHARE if by else _NAMED_SHARE
        if described and similarity(candidate) >= MEANT:
            return 0 if serves(words) else 1  # what is asked after in many words is told in other words
        if asks_or_talks(words) or not names_near(question, candidate, what, weights, least=least):
            return None
        if not all(names_near(question, candidate, name, weights, least=_WHOLE_SHARE) for name in by):
            return None
        named = names_it(words, (*called, *by)) or share(what, candidate.found, weights) >= _MOST_SHARE
        if adopted(words, called):
            return 0
        if candidate.defines or about(words, (*called, *by), topical=candidate.topical):
            if acts(words, called) and serves(words):  # "X is a library that lets you", before what X has a reason for
                return 0
            return 1 if purposes(words) or serves(words) else 2
        if named and serves(words):
            return 1 if purposes(words) else 3
        return 4 if purposes(words) and names_it(with_the_one_before(candidate), called) else None

    return worth


def cause_rule(question: Question, weights: Mapping[str, float]) -> Rule:
    """What the reason of just that is: told in a passage that speaks of it, by a reason, or by what holds some of it."""
    return _telling(question, weights, brings_about)


def work_rule(question: Question, works: str, weights: Mapping[str, float]) -> Rule:
    """How something works: told by what is about it and tells a way; nobody's judgement on it before that."""
    called, steps = names_of(works), asks_steps(question.standalone)

    def worth(candidate: Candidate) -> int | None:
        words = plain(with_antecedent(candidate))
        if asks_or_talks(words) or not names_near(question, candidate, works, weights, least=_WHOLE_SHARE):
            return None
        if opines(words):
            return 4
        named = names_it(words, called)
        if in_steps(words) and (named or heads(heading_of(candidate), called)):
            return 0
        if named and (acts(words, called) or main_idea(words)):
            return 1 if steps else 0
        if named and (candidate.defines or about(words, called, topical=candidate.topical)):
            return 0 if tells_way(words) and not candidate.defines else 1
        return 2 if tells_way(words) else 3

    return worth


def way_rule(question: Question, weights: Mapping[str, float]) -> Rule:
    """How something is done: a lead-in to code or steps before what else tells a way, or holds some of what is asked."""
    told = _telling(question, weights, tells_way)

    def worth(candidate: Candidate) -> int | None:
        passage, end = candidate.hit.passage, candidate.sentence.end - candidate.hit.passage.start
        rank, near = told(candidate), _held(candidate, plain(candidate.text), weights)
        shows = leads(candidate.text) and with_what_follows(passage.text, end) is not None
        shows = shows or (near >= _TOLD_SHARE and lays_out(candidate.text))
        return rank if rank is None or shows else rank + 1

    return worth


def _telling(question: Question, weights: Mapping[str, float], tells: Callable[[str], bool]) -> Rule:
    called = names(question.standalone) - shaped(question.standalone) if question.language == "zh" else frozenset()
    known = names_held(question.standalone, glossary())
    telling = {
        term: weight for term, weight in weights.items() if len(term) > 1
    } or weights  # one Han character says little

    def worth(candidate: Candidate) -> int | None:
        words, section, near = plain(candidate.text), fold(around(candidate)).lower(), similarity(candidate)
        if asks_or_talks(words) or not all(
            name in section or name in candidate.near or writes(candidate.hit, name) for name in called
        ):
            return None
        if candidate.hit.passage.language != question.language:
            named = bool(known) and all(names_it(words, [name, other]) for name, other in known)
            return 0 if near >= _NEAR or (named and tells(words)) else None
        held = _held(candidate, with_the_one_before(candidate), telling)
        tells_it = tells(plain(with_antecedent(candidate))) and (held >= _TOLD_SHARE or near >= _NEAR)
        return 0 if near >= MEANT or held >= _NAMED_SHARE or tells_it else None

    return worth


def _held(candidate: Candidate, words: str, weights: Mapping[str, float]) -> float:
    """How much of all that is asked, by idf, words, headings and title hold."""
    held = candidate.near | sentence_terms(words)
    return sum(weight for term, weight in weights.items() if term in held) / (sum(weights.values()) or 1.0)
