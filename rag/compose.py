"""The model's words -> an answer whose every sentence was checked. Knows a model, a checker and passages, no index.

Sentences leave here one by one, each after its check: a number such as [1] is drawn by the program and only for a
passage that carries the sentence; what no passage carries is shown, and marked as such.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from index.errors import ModelError
from rag.calibrate import Levels
from rag.check import SUPPORTED, UNSUPPORTED, Checker
from rag.cite import Quote, neutral
from rag.evidence import Evidence, cited, refusal
from rag.llm import LanguageModel
from rag.nothing import finds_nothing, refuses
from rag.prompt import Shown, answer_messages
from rag.questions import Question, content_terms
from rag.records import Answer, CheckedSentence, Piece, Reading
from rag.retrieve import Retriever
from rag.split import Marks, split
from rag.words import checked_words

MOST_SENTENCES = 30
MOST_PASSAGES = 5
_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\(\s*[^()\s]*(?:\([^()]*\)[^()\s]*)*[^()\n]*\)")
_ADDRESS = re.compile(
    r"<?\b(?:https?|ftp|javascript|data|file)\s*:(?=\S)[^\s<>\"'，。；）)\]］】]*>?|\bwww\.[^\s<>\"'，。；）)\]］】]+",
    re.I,
)
_LABEL = re.compile(r"\W*(?:link|pdf|code|paper|project|链接)\W*", re.I)  # what is left of a link in a copied list
_ITEM = re.compile(r"\s*(?:[-*•]|\d{1,2}[.)、])\s")


@dataclass(slots=True)
class _Composed:
    """What has come of it so far."""

    text: str = ""
    sentences: list[CheckedSentence] = field(default_factory=list)
    quotes: list[Quote] = field(default_factory=list)
    removed: int = 0
    nothing: bool = False  # whether the model said that the passages do not tell


def composed(
    model: LanguageModel, asked: Question, evidence: Evidence, retriever: Retriever, levels: Levels, *, most: int
) -> Iterator[str | Answer]:
    """Yield a ``Reading``, then the model's answer piece by piece, each sentence checked, then the answer whole.

    Raises:
        ModelError: the model failed, or nothing it said is carried by a passage; pieces may have been yielded before.
    """
    passages = _shown(evidence, most)
    checker = Checker(retriever, levels, passages, evidence.texts)
    known = {shown.number for shown in passages}
    result = _Composed()
    yield Reading.of(model.name, [shown.title for shown in passages])
    cites = Marks()
    for raw in split(model.stream(answer_messages(asked, passages))):
        words, numbers = cites.of(raw.strip())
        if refuses(words):
            result.nothing = True
            break
        for piece in _add(_separator(raw, result), words, numbers, asked, known, checker, result):
            yield Piece(piece, cited(retriever.snapshot, result.quotes))
        if len(result.sentences) == MOST_SENTENCES:
            break
    if not any(sentence.support != UNSUPPORTED for sentence in result.sentences):
        if not result.nothing:
            raise ModelError(checked_words("uncarried", asked.language))
        no = refusal(asked, evidence.unread, retriever.snapshot.name)
        yield "\n\n" * bool(result.text) + no.text
        yield Answer(no.text, True, (), no.unread, no.snapshot, "model", model.name)
        return
    if result.removed:
        line = "\n\n" + checked_words("removed", asked.language).format(n=result.removed)
        result.text += line
        yield line
    yield Answer(
        result.text, False, cited(retriever.snapshot, result.quotes), evidence.unread, retriever.snapshot.name, "model", model.name,
        sentences=tuple(result.sentences), removed_citations=result.removed,
    )  # fmt: skip


def _shown(evidence: Evidence, most: int) -> list[Shown]:
    """Number the passages that the model sees: the best first, of at most ``most`` references.

    Each costs a model on two cores some seconds before its first word, and a small one speaks of all it is shown.
    """
    numbers = list(dict.fromkeys(hit.passage.reference for hit in (*evidence.enough, *evidence.read)))[:most]
    hits = [hit for hit in dict.fromkeys((*evidence.enough, *evidence.read)) if hit.passage.reference in numbers]
    return [
        Shown(number, hit, evidence.titles.get(hit.passage.reference, "")) for number, hit in enumerate(hits[:MOST_PASSAGES], start=1)
    ]


def _add(
    separator: str, words: str, cited_numbers: list[int], asked: Question, known: set[int], checker: Checker, result: _Composed
) -> Iterator[str]:
    words, addresses = _without_addresses(words)
    words = neutral(words).strip()
    result.removed += addresses + sum(number not in known for number in cited_numbers)
    if not re.search(r"\w", words) or _LABEL.fullmatch(words) or (addresses and len(content_terms(words)) <= 2):
        return
    level, quotes = checker.best(words, [number for number in cited_numbers if number in known])
    if level != SUPPORTED and finds_nothing(words):
        result.nothing = True
        return
    numbers = tuple(dict.fromkeys(_number(quote, result.quotes) for quote in quotes))
    piece = separator + words + checked_words(level, asked.language)
    piece += "".join(f" [{number}]" for number in numbers)
    result.sentences.append(CheckedSentence(words, level, numbers))
    result.text += piece
    yield piece


def _number(quote: Quote, quotes: list[Quote]) -> int:
    """Return the number of the citation of that span, a new one where it was not cited yet."""
    for number, known in enumerate(quotes, start=1):
        if (known.reference, known.start, known.end) == (quote.reference, quote.start, quote.end):
            return number
    quotes.append(quote)
    return len(quotes)


def _separator(raw: str, result: _Composed) -> str:
    if not result.text:
        return ""
    return "\n" if raw.startswith("\n") or _ITEM.match(raw) else " "


def _without_addresses(text: str) -> tuple[str, int]:
    """Links become their words: an answer leads to the listed references and nowhere else."""
    text, links = _LINK.subn(r"\1", text)
    text, addresses = _ADDRESS.subn("", text)
    return " ".join(text.replace("()", "").replace("（）", "").split()), links + addresses
