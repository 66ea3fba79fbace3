"""What a sentence is worth as an answer: its score, its form, what speaks against it. Knows sentences, chooses none.

score = similarity + coverage + what title, heading and the sentence before add + its passage's score + room for more than
the question's words + whether it has the form that is asked for; weights as measured on XQuAD (docs/decisions.md).
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.records import Sentence
from index.terms import fold, language, plain, terms
from rag.antecedent import antecedent, asked_before
from rag.defining import defines, names_it, names_of, opens
from rag.noise import entry, hearsay, of_references, penalty, says_something
from rag.numbers import names
from rag.questions import Question, one_of, subject, what_is
from rag.retrieve import Hit, sentence_terms
from rag.spans import (
    fences,
    formulas,
    heading_above,
    headings,
    is_item,
    is_label,
    leads,
    outside,
    unnumbered,
    with_what_follows,
)  # fmt: skip

EXTRA_WEIGHT, PASSAGE_WEIGHT, FORM_WEIGHT = 0.7, 1.0, 0.2
BROUGHT_WEIGHT = 0.5  # times the similarity of the sentence that one beginning with "it" brings along
ROOM_WEIGHT = (
    0.04  # times the logarithm of its length: a short sentence is near by what it repeats, and says little more
)
_USUAL = {"zh": 40, "en": 100}  # characters of a sentence that is neither short nor long
DEFINES_WEIGHT = 0.7  # what something is, is asked, and the sentence says "X is ..." of just that
OPENS_WEIGHT = 0.35  # and where it is the first under a heading that is just that
CHANCE_COVERAGE = 0.1  # of the question's words that any sentence in its language holds; those of another hold none
LISTED_WEIGHT = 0.4  # a list is asked for, and the item stands under a heading that names what is asked
LEADS_PENALTY = 0.3  # a lead-in to what cannot be quoted
_STUB = 20  # characters
_IT_IS = re.compile(r"它(?:们)?(?:其实|实际上)?是(?:一|由|指|个|种)|(?:It is|It's|They are) (?:an?|the) ")
_END = 24  # characters
_SAME_ASKED = 0.6  # of the question's words, by idf, in the question that a sentence follows
HEARSAY_PENALTY = 0.3  # what somebody thinks of it, where no view is asked for
_VIEW = re.compile(r"觉得|认为|看法|评价|观点|怎么看|\b(?:think|opinions?|views?|believ\w+|critic\w+)\b", re.I)
_OTHER = re.compile(r"^\W*(?P<name>[^\s，。,.:：是]{1,16})\s*(?:也|则|就)?\s*(?:是(?!指)|提出|is\b|are\b|proposes\b)")
FOOTNOTE = re.compile(r"[\[［]\d{1,3}[\]］]")
_NUMERAL = re.compile(
    r"(?<![A-Za-z\d.-])\d[\d.,]*|[一二两三四五六七八九十百千万]+(?=[个种篇年次层类倍成块条项张点份])|百分之|半数"
)
_COUNTED = re.compile(r"(?:多少|几)(?P<unit>[\u4e00-\u9fff]{1,2})|\bhow many (?P<noun>[a-z-]{3,})", re.I)
SIGNED = re.compile(r"作者|提出者|发明者|\b(?:authors?|written by|proposed by|invented by|founded by)\b", re.I)
FORMS = {
    "time": re.compile(
        r"\b(?:1[0-9]|20)\d\d\b|\d\s*(?:年|月|日|世纪|点|小时|分钟|天)|[一二三四五六七八九十零〇]+(?:年|月|日|世纪)"
        r"|\b\d+ (?:years?|days?|months?|hours?) |\b(?:January|February|March|April|May|June|July"
        r"|August|September|October|November|December|century|centuries|decade)\b"
    ),
    "reason": re.compile(
        r"因为|由于|原因|所以|因此|为了|使得|导致|以便|从而|\b(?:because|since|due to|therefore|so that|in order to|caused?|thus|leads? to)\b", re.I
    ),
    "definition": re.compile(
        r"是指|指的是|是一[种个类]|即|称为|\bis (?:an?|the)\b|\bare\b|\brefers? to\b|\bmeans\b|\bdefined\b", re.I
    ),
    "list": re.compile(r"包括|分为|例如|以及|、.*、|[:：]|\bincluding\b|,.*\band\b", re.I),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a hit: ``found`` are the question's terms in it, ``above`` those in its headings and its title.

    ``before`` is the sentence that it leans on, which is quoted with it. ``room`` is what its length adds where one of them has to go
    first; whether a sentence answers does not depend on it. Where something is to be explained, ``defines`` says that the sentence
    does so, ``opens`` that it is the first of what is headed by just that, ``topical`` that the text around is about it. ``replies``: its author
    asks the same right before it.
    """

    hit: Hit
    sentence: Sentence
    text: str
    score: float
    room: float
    found: frozenset[str]
    above: frozenset[str]
    before: Sentence | None
    defines: bool = False
    opens: bool = False
    topical: bool = False
    replies: bool = False

    @property
    def near(self) -> frozenset[str]:
        """The question's terms in the sentence, its headings and its title."""
        return self.found | self.above


def candidates(question: Question, hit: Hit, text: str, title: str, weights: Mapping[str, float]) -> list[Candidate]:
    """Return the sentences of a hit that may be quoted, in their order, with their scores."""
    whole = sum(weights.values()) or 1.0
    wanted = frozenset(weights)
    found_before = frozenset(terms(" ".join([title, *hit.passage.heading]))) & wanted
    outline: frozenset[str] | None = None
    found_candidates = []
    before: frozenset[str] = frozenset()
    sentences = hit.passage.sentences
    what = what_is(question.standalone) or one_of(question.standalone)
    what = what or (subject(question.standalone) if question.form == "definition" else "")
    asked_of = names_of(what)
    code, tex = fences(text), formulas(text)
    told = [plain(text[sentence.start : sentence.end]) for sentence in sentences]
    spoken_of = bool(asked_of) and _spoken_of([title, *hit.passage.heading], told, asked_of)
    for place, (sentence, similarity, words) in enumerate(zip(sentences, hit.similarities, told, strict=True)):
        raw = text[sentence.start : sentence.end]
        own = sentence_terms(words)
        found = own & wanted
        item = is_item(text, sentence.start)
        if item and outline is None:
            outline = headings(text)  # of the whole article: only where a list may be its table of contents
        outlined = item and outline and unnumbered(words) in outline
        above = heading_above(text, sentence.start)
        coded = bisect_left(code, sentence.start) % 2 == 1  # a part of a block of code
        said = " ".join(text[a:b] for a, b in outside(sentence.start, sentence.end, tex)) if tex else words
        hangs = leads(raw) and with_what_follows(text, sentence.end) is None
        stub = (hangs and len(words) <= _STUB) or is_label(text, sentence.start, sentence.end)  # "An example of X:"
        listed = entry(text, sentence) and not (question.form == "person" and found)  # an entry does name the authors of a paper
        if says_something(raw, said) and not (stub or outlined or coded or of_references(above) or listed):
            heading = frozenset(terms(above)) & wanted
            coverage = sum(weights[term] for term in found) / whole
            extra = sum(weights[term] for term in (found_before | before | heading) - found) / whole
            agree = max(coverage + EXTRA_WEIGHT * extra - CHANCE_COVERAGE, 0.0)
            says = any(defines(name, words) for name in asked_of) or (place > 0 and _says_of_it(told[place - 1], words, asked_of))
            first = bool(asked_of) and opens(text, sentence.start, title, asked_of)
            score = similarity + agree + PASSAGE_WEIGHT * hit.score
            score += DEFINES_WEIGHT if says else OPENS_WEIGHT * first + _fits(question, words, found)
            leant = antecedent(text, sentences, place)
            same = sum(weights[term] for term in before) >= _SAME_ASKED * whole
            asked = asked_before(text, sentences, place) if same else None
            leant = leant or asked
            if leant:
                score += BROUGHT_WEIGHT * max(hit.similarities[place - 1], 0.0)
            if question.form == "list" and item:
                score += LISTED_WEIGHT if heading else LISTED_WEIGHT / 2
            score -= penalty(words, own, wanted, named=question.form == "person")
            if hearsay(words) and not _VIEW.search(question.standalone):
                score -= HEARSAY_PENALTY
            if hangs:
                score -= LEADS_PENALTY
            room = ROOM_WEIGHT * math.log(max(len(words), 1) / _USUAL[hit.passage.language])
            around = found_before | heading
            topical = spoken_of or (bool(asked_of) and names_it(above, asked_of))
            found_candidates.append(
                Candidate(hit, sentence, raw, score, room, found, around, leant, says, first, topical, asked is not None)
            )
        before = found
    return found_candidates


def _says_of_it(before: str, words: str, asked_of: Sequence[str]) -> bool:
    """Return whether a sentence says what "it" is, right after one that ends with the name: "…就是 X。它是一个…"."""
    return bool(asked_of) and _IT_IS.match(words) is not None and names_it(before[-_END:], asked_of)


def _spoken_of(above: Sequence[str], told: Sequence[str], asked_of: Sequence[str]) -> bool:
    """Return whether a passage is about what is asked of: its title or heading names it, or two of its sentences do."""
    return names_it("\n".join(above), asked_of) or sum(names_it(words, asked_of) for words in told) > 1


def _fits(question: Question, words: str, found: frozenset[str]) -> float:
    """What the form that is asked for adds: a number, a date, a name, a reason, "X is ..."."""
    form = FORMS.get(question.form)
    if question.form == "number":
        stated = {match.rstrip(".,") for match in _NUMERAL.findall(FOOTNOTE.sub("", fold(words)))}
        if not stated - set(_NUMERAL.findall(fold(question.standalone))):
            return 0.0
        return FORM_WEIGHT * (1 + _counts(question.standalone, fold(words)))
    if question.form == "person":
        signed = FORM_WEIGHT if SIGNED.search(words) else 0.0
        return signed + (FORM_WEIGHT / 2 if names(words) - names(question.standalone) else 0.0)
    what = what_is(question.standalone).lower() if question.form == "definition" else ""
    if what and fold(words).lower().lstrip('"“《').startswith(what):
        return FORM_WEIGHT  # "Distillation trains a small network": it says what the thing does
    if (
        question.form == "definition"
        and question.language == language(words)
        and (not found or _of_another(question, words, found))
    ):
        return -FORM_WEIGHT if found else 0.0
    return FORM_WEIGHT if form is not None and form.search(words) else 0.0


def _counts(asked: str, words: str) -> bool:
    """Whether a sentence has a number of the very thing that is counted: 多少毫秒, how many images."""
    counted = _COUNTED.search(fold(asked))
    if counted is None:
        return False
    unit, noun = counted["unit"], counted["noun"]
    pattern = (
        rf"[\d一二两三四五六七八九十百千万]\s*{unit}"
        if unit
        else rf"\d[\d,.]*\s+(?:[\w-]+\s+){{0,2}}{re.escape(noun)}\b"
    )
    return bool(re.search(pattern, words, re.I))


def _of_another(question: Question, words: str, found: frozenset[str]) -> bool:
    """Whether a sentence says what something else is: "ABC-Net is ..." where quantisation is asked for."""
    match = _OTHER.match(words) if what_is(question.standalone) else None
    return match is not None and bool(names(match["name"])) and not found & frozenset(terms(match["name"]))
