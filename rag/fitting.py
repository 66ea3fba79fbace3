"""Is a sentence the kind of answer that was asked for? A number, a person, a reason, what something is. Knows sentences, scores none.

A sentence may be near a question and still not answer it. Better no answer than one that gives no number to "how many",
no name to "who", no reason to "why" and nothing of a thing to "what is it".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from index.terms import FORMULA, fold, plain
from rag.aliases import glossary, names_held
from rag.antecedent import leans
from rag.aspects import Aspect, aspect_asked
from rag.beside import MEANT, around, heading_of, names_near, share, similarity, with_antecedent, with_the_one_before
from rag.cite import shown
from rag.compare import sides
from rag.defining import about, long_form_of, names_it, names_of, spells_out, tells
from rag.demands import meets
from rag.doubt import writes
from rag.follow import topic
from rag.holders import called_asked, holder_asked, names_someone
from rag.manners import done, worked
from rag.noise import captions, cites, talks
from rag.numbers import codes, names, numbers
from rag.questions import Question, content_terms, what_is, who_is
from rag.reasons import why_asked
from rag.retrieve import sentence_terms
from rag.spans import is_item
from rag.telling import Rule, cause_rule, use_rule, way_rule, work_rule
from rag.translated import apart
from rag.units import unit_asked
from rag.values import asks_for_sets, asks_when, dated, names_a_set, value_asked
from rag.worth import FOOTNOTE, FORMS, SIGNED, Candidate

_COUNTS = re.compile(r"多少|几[个种篇次层倍类张幅条位名人只台项部]|\bhow (?:many|old|tall)\b", re.I)
_SPELLED = 2  # characters by which a question may be longer only because its names are spelled as the texts spell them
_NAMED_SHARE = 0.5  # of the subject's terms, by idf, in the sentence, or of the question's in the passage
_NEAR = 0.15  # similarity across languages, where words cannot agree
_DATED_SHARE = 0.3  # of them in the passage, where a date is asked for
_ORIGIN = re.compile(  # elsewhere "who" may be answered by a role: "only pharmacists"
    r"提出|发明|创立|创建|首创|作者|写|\b(?:came up with|coin|propos|invent|author|wrote|written|found(?:ed|er)|introduced|developed|created)",
    re.I,
)
_WRITTEN = re.compile(r"作者|写|著|创作|编绘|\b(?:authors?|authored|wrote|written|writes?)\b", re.I)
_FOUNDED = re.compile(r"创[建立办]|成立|发起|建立|开发|\b(?:found(?:ed|er)|created|creator|developed|developer|started|built|made)", re.I)
_MADE = re.compile(
    r"创[建立办造]|成立|发起|建[立成]|开发|设计|推出|发布|作者|打造|研制|制作|构建|提出"
    r"|\b(?:found|creat|develop|built|build|made|makes?|design|invent|start|establish|author|launch|releas|propos|introduc|by\b)",
    re.I,
)
_YEAR = re.compile(r"\((?:19|20)\d\d\)|(?:19|20)\d\d\s*年")
_ONE = re.compile(r"1|(?:[只仅就才共]有?|唯|有且)一|一(?=[家部天年月])|\bone\b", re.I)  # "执行一个命令" counts nothing
_NUMBERING = re.compile(r"^\W*\d{1,2}\s*[.、，,)）](?!\d)\s*")  # of a list's items
_HAS = re.compile(r"[\u4e00-\u9fff]{2}.*(?:存在|具?有)[^，。；]{0,8}$|\w{3} .*\b(?:has|have|had|suffers? from)\b[^.;,]{0,24}$")  # before "drawbacks"
_CODE = re.compile(r"(?<![A-Za-z\d])[A-Za-z]+[-_]?\d[\w.-]*(?: \d+[BMK]\b)?")  # LLaMA-3 8B, AwA2
_ORDINAL = re.compile(r"第\s*[\d一二三四五六七八九十百]+|[二八十六]+进制|二分类|[二三四]元组|二维码")  # counts nothing
_NONE = re.compile(r"\bnone\b|没有一[个项种名条]|无一", re.I)
_VAGUE = re.compile(r"\b(?:several|many|a few|decades|centuries|until|into)\b|[多数几][年月天周]|直到", re.I)  # numbers of a kind
_NAME = re.compile(
    r"(?:(?![的不])[\u4e00-\u9fff]){2,6}|[A-Za-z][\w.+/-]*(?: [\w.+/-]+){0,2}"
)  # which is written as it is; what is longer describes


def fitting(
    question: Question, candidates: Sequence[Candidate], weights: Mapping[str, float]
) -> list[tuple[int, Candidate]]:
    """Return the candidates that can answer a question of this kind at all, in their order, each with its rank: lower goes first."""
    if question.said:
        candidates = [c for c in candidates if not _said(question, c)]
    if aspect := None if sides(question.standalone) else aspect_asked(question.standalone):
        telling = [c for c in candidates if _tells_of(question, c, aspect, weights)]
        return [(0, c) for c in telling if _named_in(c, aspect)] or [(0, c) for c in telling]
    rule = _rule(question, weights)
    ranked = ((0 if candidate.replies else rule(candidate), candidate) for candidate in candidates)
    return [(rank, candidate) for rank, candidate in ranked if rank is not None]


def also(question: Question, candidate: Candidate, best: Candidate) -> bool:
    """Return whether a further sentence adds to the answer: of a definition only one that defines too, of "why?" its source's."""
    if question.said and not question.own and candidate.hit.passage.reference != best.hit.passage.reference:
        return False
    if talks(plain(candidate.text)):
        return False
    return not what_is(question.standalone) or candidate.hit.passage.language != question.language or candidate.defines


def _said(question: Question, candidate: Candidate) -> bool:
    """Whether a sentence was just shown and holds little of what the follow-up asks itself."""
    own = frozenset(question.own)
    asked = bool(own) and 2 * len(own & candidate.near) >= len(own)
    return not asked and shown(candidate.text) in question.said


def _rule(question: Question, weights: Mapping[str, float]) -> Rule:
    if question.form == "reason" and question.said and not question.own:
        return lambda c: 0 if FORMS["reason"].search(c.text) else None
    # "why is that?" after another question asks of all that it said
    whole = bool(question.own) or len(question.standalone) <= len(question.text) + _SPELLED
    if whole and (why := why_asked(question.standalone)):
        return use_rule(question, why, weights) if why.names else cause_rule(question, weights)
    if test := _test(question, weights):
        return _where(test)
    if whole and (works := worked(question.standalone)):
        return work_rule(question, works, weights)
    if whole and question.form == "other" and done(question.standalone):
        return way_rule(question, weights)
    if who := names_of(who_is(question.standalone)):
        return _where(
            lambda c: names_it(plain(with_antecedent(c)), who) or share(who[0], c.found, weights) >= _NAMED_SHARE
        )
    if asked_of := names_of(what_is(question.standalone)):
        return lambda c: _defining(c) if _says_what(question, c, weights, asked_of) else None
    return _defining


def _where(test: Callable[[Candidate], bool]) -> Rule:
    return lambda c: _defining(c) if test(c) else None


def _defining(candidate: Candidate) -> int:
    """What says what something is goes first, then what a heading that is just that begins with, unless it speaks of something else."""
    opens = candidate.opens and (candidate.found or leans(candidate.text))
    return 0 if candidate.defines else 1 if opens else 2


def _test(question: Question, weights: Mapping[str, float]) -> Callable[[Candidate], bool] | None:
    on_subject = _on_subject(question, weights)
    if short := long_form_of(question.standalone):
        return lambda c: spells_out(short, plain(c.text), near=names_it(around(c), [short]))
    if names_one := holder_asked(question.standalone):
        return lambda c: names_one(plain(with_antecedent(c)))
    if names_it_all := called_asked(question.standalone):
        return lambda c: names_it_all(plain(with_antecedent(c)))
    if gives := value_asked(question.standalone):
        called = names(question.standalone)
        if asks_when(question.standalone):  # a date is often told in other words
            on_subject = _on_subject(question, weights, least=_DATED_SHARE)
        return lambda c: gives(plain(c.text)) and _bound(c, called) and on_subject(c)
    if asks_for_sets(question.standalone):
        known = names(question.standalone)
        subject = [name for pair in names_held(question.standalone, glossary())[:1] for name in pair]
        return lambda c: (
            names_a_set(plain(c.text), heading_of(c), known) and (on_subject(c) or names_it(c.hit.passage.text, subject))
        )
    if test := _number_test(question):
        return test
    if question.form == "person" and _ORIGIN.search(question.standalone):
        known = names(question.standalone)
        if _WRITTEN.search(question.standalone):
            return lambda c: (
                bool(SIGNED.search(c.text) or _WRITTEN.search(c.text) or cites(c.text)) and names_someone(plain(c.text), known)
            )
        made = _MADE if _FOUNDED.search(question.standalone) else None
        return lambda c: (
            names_someone(plain(c.text), known) and on_subject(c) and (made is None or bool(made.search(plain(with_antecedent(c)))))
        )
    return None


def _number_test(question: Question) -> Callable[[Candidate], bool] | None:
    """A number of what is asked for, bound to what the question calls by a code; None where no number is asked for."""
    measured = question.form == "number" or (question.form in ("other", "definition") and "几" not in question.standalone)
    unit = unit_asked(question.standalone) if measured else None
    if not unit and not (question.form == "number" and _COUNTS.search(question.standalone)):
        return None
    asked = numbers(question.standalone)
    called = frozenset(name for name in codes(question.standalone) if len(name) > 2)  # TV is also written out

    def gives(candidate: Candidate) -> bool:
        words = plain(candidate.text)
        stated = bool(_stated(candidate) - asked) or (unit is not None and _VAGUE.search(words) is not None)
        if not stated or (unit and not unit(words)) or not _bound(candidate, called):
            return False
        return meets(question.standalone, f"{with_the_one_before(candidate)}\n{heading_of(candidate)}")

    return gives


def _says_what(question: Question, candidate: Candidate, weights: Mapping[str, float], asked_of: Sequence[str]) -> bool:
    words = plain(candidate.text)
    said = not talks(words) and not captions(words) and not candidate.text.startswith("|")
    return said and _speaks_of(question, candidate, weights, asked_of)


def _tells_of(question: Question, candidate: Candidate, aspect: Aspect, weights: Mapping[str, float]) -> bool:
    """Whether a sentence, the one before it or the heading above tells of such an aspect of just what it is asked of.

    By name ("its drawback is") it may be told of whatever is near; in other words only of what title or heading name, or the
    sentence is about: "pruning and quantisation save memory, which is too small" is no drawback of pruning.
    """
    if not names_near(question, candidate, aspect.of, weights, least=_NAMED_SHARE):
        return False
    if _named_in(candidate, aspect):
        return not _of_another(candidate, aspect)
    own = plain(with_antecedent(candidate))
    headed = share(aspect.of, candidate.above, weights) >= _NAMED_SHARE
    return aspect.said(own) and not talks(own) and (headed or about(own, names_of(aspect.of)))


def _of_another(candidate: Candidate, aspect: Aspect) -> bool:
    """Whether the last thing with a name before "its drawback is" is another one: "监督学习存在局限性，迁移学习因此…"."""
    words = fold(plain(candidate.text)).lower()
    ahead, after = words[: (at := aspect.place(words))], words[at:]
    own = {name.lower() for name in names_of(aspect.of)}
    if _HAS.search(ahead) and not any(name in ahead for name in own) and any(name in after for name in own):
        return True  # whatever has it, what is asked of comes only after
    last = {name: ahead.rfind(name.lower()) for name, _ in names_held(ahead, glossary())}
    others = [at for name, at in last.items() if not any(name.lower() in one or one in name.lower() for one in own)]
    return bool(others) and max(others) > max(ahead.rfind(name) for name in own)


def _named_in(candidate: Candidate, aspect: Aspect) -> bool:
    return aspect.named(with_the_one_before(candidate)) or aspect.named(heading_of(candidate))


def _stated(candidate: Candidate) -> frozenset[str]:
    """The numbers of a sentence that may count something: no footnote's, no year's."""
    words = _YEAR.sub(" ", FOOTNOTE.sub(" ", _NUMBERING.sub("", fold(plain(candidate.text)))))
    words = FORMULA.sub(" ", _CODE.sub(" ", _ORDINAL.sub(" ", words)))
    if _NONE.search(words):
        return frozenset("0")
    return numbers(words) - (frozenset() if _ONE.search(words) else frozenset("1"))


def _bound(candidate: Candidate, called: frozenset[str]) -> bool:
    """Whether a value can be that of what the question calls by a name: its passage must have the name, however it is written."""
    if not called or candidate.near & called:
        return True
    words = fold(around(candidate)).lower()
    return any(name in words or writes(candidate.hit, name) for name in called)


def _on_subject(
    question: Question, weights: Mapping[str, float], *, least: float = _NAMED_SHARE
) -> Callable[[Candidate], bool]:
    """Whether a sentence can be about what the question is: in its own language so many of the subject's terms are in the passage."""
    wanted = set(content_terms(topic(question.standalone)))
    subject = {term: weight for term, weight in weights.items() if term in wanted}
    enough = least * sum(subject.values())
    called = [name for name in (dated(question.standalone),) if name]

    def held(candidate: Candidate) -> bool:
        said = f"{candidate.hit.passage.text}\n{around(candidate)}"
        if called and candidate.hit.passage.language == "zh" and not (names_it(said, called) or apart(said, called)):
            return False
        words = sentence_terms(candidate.hit.passage.text) | candidate.near
        if candidate.hit.passage.language != question.language:
            return similarity(candidate) >= _NEAR
        return sum(subject[t] for t in subject if t in words) >= enough

    return held


def _speaks_of(question: Question, candidate: Candidate, weights: Mapping[str, float], asked_of: Sequence[str]) -> bool:
    """Whether a sentence may say what something is: it says something, and names it or opens what is headed by it; across
    languages it may mean much the same instead.
    """
    words, passage = plain(with_antecedent(candidate)), candidate.hit.passage
    listed = candidate.opens and is_item(
        passage.text, candidate.sentence.start - passage.start
    )  # a whole list is quoted
    if not listed and not tells(asked_of[0], words):
        return False
    if candidate.opens or candidate.defines:
        return True
    whole, name = sum(weights.values()) or 1.0, _NAME.fullmatch(asked_of[0])
    if name and names_it(words, asked_of):
        return about(words, asked_of, topical=candidate.topical)
    if (not name or " " in name.group()) and sum(weights[term] for term in candidate.found) >= _NAMED_SHARE * whole:
        return True
    return passage.language != question.language and similarity(candidate) >= MEANT
