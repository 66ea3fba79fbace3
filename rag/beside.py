"""What stands around a sentence that may be quoted: the one before it, its section, its headings. Knows candidates, judges none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from index.terms import plain
from rag.defining import names_it, names_of
from rag.questions import Question, content_terms
from rag.retrieve import sentence_terms
from rag.spans import heading_above, is_item, line_end, line_start
from rag.worth import Candidate

MEANT = 0.36  # similarity of a sentence in the other language: foreign questions reach .27 in one of a hundred


def similarity(candidate: Candidate) -> float:
    """Return how near a sentence comes to the question."""
    return candidate.hit.similarities[candidate.hit.passage.sentences.index(candidate.sentence)]


def with_antecedent(candidate: Candidate) -> str:
    """Return a sentence after the one that it leans on."""
    passage, start = candidate.hit.passage, (candidate.before or candidate.sentence).start
    return passage.text[start - passage.start : candidate.sentence.end - passage.start]


def with_the_one_before(candidate: Candidate) -> str:
    """Return a sentence after the one before it, where both are of one paragraph."""
    passage, place = candidate.hit.passage, candidate.hit.passage.sentences.index(candidate.sentence)
    at = candidate.sentence.start - passage.start
    first = passage.sentences[place - 1].start - passage.start if place else at
    start = at if "\n\n" in passage.text[first:at] or is_item(passage.text, at) else first
    return plain(passage.text[start : candidate.sentence.end - passage.start])


def around(candidate: Candidate) -> str:
    """Return the item of a list, or else the section that a sentence stands in, as far as its passage has it, with its headings."""
    passage, at = candidate.hit.passage, candidate.sentence.start - candidate.hit.passage.start
    if is_item(passage.text, at):
        return "\n".join([passage.text[line_start(passage.text, at) : line_end(passage.text, at)], *passage.heading])
    first, end = passage.text.rfind("\n#", 0, at) + 1, passage.text.find("\n#", at)
    path = () if first else passage.heading
    return "\n".join([passage.text[first : end if end >= 0 else len(passage.text)], *path])


def heading_of(candidate: Candidate) -> str:
    """Return the heading right above a sentence, in its passage or before it; "" for none."""
    passage = candidate.hit.passage
    return heading_above(passage.text, candidate.sentence.start - passage.start) or " ".join(passage.heading[-1:])


def share(what: str, held: frozenset[str], weights: Mapping[str, float]) -> float:
    """Return how much of a name's terms, by idf, is held."""
    of = {term: weights[term] for term in content_terms(what) if term in weights}
    return sum(weight for term, weight in of.items() if term in held) / (sum(of.values()) or 1.0)


def names_near(
    question: Question, candidate: Candidate, what: str, weights: Mapping[str, float], *, least: float
) -> bool:
    """Return whether a sentence, the one before it or what stands above them names what is asked after, by so much of its words; across
    languages its section names it, or the sentence means much the same.
    """
    called: Sequence[str] = names_of(what)
    if candidate.hit.passage.language != question.language:
        return similarity(candidate) >= MEANT or names_it(around(candidate), called)
    words = with_the_one_before(candidate)
    return names_it(words, called) or share(what, candidate.near | sentence_terms(words), weights) >= least
