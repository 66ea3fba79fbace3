"""Questions with known references -> figures: retrieval, citations, refusals. Knows the assistant, no format of answers.

One JSON object a line: ``question``; ``references``, the numbers or links that answer it ([] where nothing does); and where
wanted ``answers`` (words, one of which a quote must hold), ``history``, ``topic``, ``site`` and ``kind``, a name to group by.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import UsageError

if TYPE_CHECKING:
    from rag.assistant import Assistant

_FIELDS = {"question", "references", "answers", "history", "topic", "site", "kind"}
FIRST = 5


@dataclass(frozen=True, slots=True)
class Case:
    """A question and what is known of its answer."""

    line: int
    question: str
    references: tuple[int, ...]
    answers: tuple[str, ...] = ()
    history: tuple[dict[str, str], ...] = ()
    topic: str | None = None
    site: str | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What came back: references found, best first; references cited, in order; which quote held the words asked for."""

    line: int
    kind: str
    question: str
    references: tuple[int, ...]
    found: tuple[int, ...]
    cited: tuple[int, ...]
    refused: bool
    answered_by: int | None
    words: bool
    support: tuple[str, ...]


def read_cases(path: Path, assistant: Assistant) -> list[Case]:
    """Return the questions of a file.

    Raises:
        UsageError: it cannot be read, or a line does not say what it must; the message names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read ({error}): give a UTF-8 file of JSON lines.") from error
    numbers = {item.number: item.number for item in assistant.items()}
    links = {item.url: item.number for item in assistant.items() if item.duplicate_of is None}
    cases = [_case(path, number, line, numbers, links) for number, line in enumerate(lines, start=1) if line.strip()]
    if not cases:
        raise UsageError(f"{path} holds no question: each line is an object with `question` and `references`.")
    return cases


def _case(path: Path, line: int, text: str, numbers: Mapping[int, int], links: Mapping[str, int]) -> Case:
    where = f"{path} line {line}"
    try:
        row = json.loads(text)
    except ValueError as error:
        raise UsageError(f"{where} is not JSON ({error}): write one object a line.") from error
    if not isinstance(row, dict) or not isinstance(row.get("question"), str) or not row["question"].strip():
        raise UsageError(f"{where} has no `question`: write an object with `question` and `references`.")
    if unknown := sorted(set(row) - _FIELDS):
        raise UsageError(f"{where}: {unknown[0]!r} is not known here: the names are {', '.join(sorted(_FIELDS))}.")
    if not isinstance(row.get("references"), list):
        raise UsageError(f"{where}: `references` is missing: a list of numbers or links, [] where nothing answers.")
    found = []
    for reference in row["references"]:
        number = (links if isinstance(reference, str) else numbers).get(reference)
        if number is None:
            raise UsageError(f"{where}: {reference!r} is no reference of this index: `citeback status` lists them.")
        found.append(number)
    history = row.get("history") or []
    if not isinstance(history, list) or not all(
        isinstance(turn, dict) and isinstance(turn.get("content"), str) and turn.get("role") in ("user", "assistant")
        for turn in history
    ):
        raise UsageError(f'{where}: `history` is a list of {{"role": "user" or "assistant", "content": "..."}}.')
    answers = row.get("answers") or []
    return Case(
        line, row["question"], tuple(found), tuple(map(str, [answers] if isinstance(answers, str) else answers)), tuple(history),
        row.get("topic"), row.get("site"), str(row.get("kind") or ""),
    )  # fmt: skip


def ask(assistant: Assistant, case: Case, *, llm: bool | None = False) -> Result:
    """Ask one question and note what came back."""
    found = assistant.found(case.question, history=case.history, topic=case.topic, site=case.site, k=FIRST)
    answer = assistant.ask(case.question, history=case.history, topic=case.topic, site=case.site, llm=llm)
    quotes = [citation.quote for citation in answer.citations]
    holding = next((i for i, quote in enumerate(quotes, 1) if any(words in quote for words in case.answers)), None)
    return Result(
        case.line, case.kind, case.question, case.references, tuple(found), tuple(c.reference for c in answer.citations),
        answer.refused, holding, bool(case.answers), tuple(sentence.support for sentence in answer.sentences),
    )  # fmt: skip


def figures(results: Sequence[Result]) -> dict[str, float]:
    """Return percentages; a figure that no question bears on is left out.

    recall: the share of a question's references among the first 1 or 5 found. citation precision: the share of citations that
    lead to one of them. answer: a quote holds the words asked for (the first quote, any quote).
    """
    known = [result for result in results if result.references]
    foreign = [result for result in results if not result.references]
    worded = [result for result in results if result.words]
    cited = [number in result.references for result in known for number in result.cited]
    support = [level for result in results for level in result.support]
    shares: dict[str, Sequence[float]] = {
        "recall@1": [result.found[:1] != () and result.found[0] in result.references for result in known],
        "recall@5": [len(set(result.references) & set(result.found)) / len(set(result.references)) for result in known],
        "first citation right": [result.cited[:1] != () and result.cited[0] in result.references for result in known],
        "citation precision": cited,
        "answer in first quote": [result.answered_by == 1 for result in worded],
        "answer shown": [result.answered_by is not None for result in worded],
        "falsely refused": [result.refused for result in known],
        "rightly refused": [result.refused for result in foreign],
        "sentences supported": [level == "supported" for level in support],
    }
    return {name: round(100 * sum(values) / len(values), 1) for name, values in shares.items() if values}


def evaluation(
    assistant: Assistant,
    path: Path,
    *,
    llm: bool | None = False,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> dict[str, Any]:
    """Ask every question of a file; return the figures, overall and by kind, and every result.

    ``progress`` is called after every question with how many were asked, and how many there are.

    Raises:
        UsageError: the file does not fit.
    """
    cases, results = read_cases(path, assistant), []
    for number, case in enumerate(cases, start=1):
        results.append(ask(assistant, case, llm=llm))
        progress(number, len(cases))
    kinds = list(dict.fromkeys(result.kind for result in results if result.kind))
    return {
        "snapshot": assistant.snapshot_name,
        "questions": len(results),
        "figures": figures(results),
        "kinds": {kind: figures([result for result in results if result.kind == kind]) for kind in kinds},
        "items": [asdict(result) for result in results],
    }
