"""How much evidence is enough, for this index: questions about other things are asked, and an answer must beat them.

No constant fits two indexes or two embedders, so the best score that foreign questions reach here is the measure. It is
taken apart by the languages of question and passage (across languages words cannot agree) and by whether the page was read.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from index.centre import STATEMENTS
from rag.foreign import FOREIGN
from rag.questions import Question, understand
from rag.retrieve import Hit, Retriever
from rag.sought import Sought

_MAY_PASS, _MAY_PASS_ACROSS, _MAY_PASS_BESIDE = 8.0, 10.0, 7.0
"""Percent of foreign questions that may be believed, by passages of their language, by those of another, and by those of another
where there are some of their own too. Across languages own and foreign questions lie too close together for less.
"""
_PLENTY, _FEWER = 150, 0.27
"""An index of fewer passages lets fewer foreign questions pass: chance brings them less near there, own ones are as near as ever.

On XQuAD, with 12 to 120 paragraphs of one half of the articles and questions about both halves: docs/decisions.md.
"""
_CANDIDATES = 24  # passages that each search hands to the scoring of a foreign question
_FILE = "calibration.json"

Kind = tuple[str, str, bool]
"""The question's language, the passage's language, and whether only the list's own words are known."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The score that evidence must reach, by kind; ``otherwise`` for kinds that no foreign question met."""

    kinds: dict[Kind, float]
    otherwise: float

    def answers(self, question: Question, hit: Hit, *, times: float = 1.0) -> bool:
        """Return whether a hit is evidence enough for an answer; ``times`` asks for more than usual."""
        enough = self.kinds.get(kind(question, hit), self.otherwise)
        return hit.score >= enough + (times - 1) * abs(enough)


def kind(question: Question, hit: Hit) -> Kind:
    """Return the kind of evidence that a hit would be."""
    return question.language, hit.passage.language, hit.passage.listing


def thresholds(retriever: Retriever) -> Thresholds:
    """Return the thresholds of this index: as kept beside the snapshot, or else measured and kept there."""
    place = retriever.snapshot.directory / _FILE
    try:
        kept = json.loads(place.read_text(encoding="utf-8"))
        if kept["code"] == _code():
            return Thresholds(
                {(q, p, bool(listing)): float(score) for q, p, listing, score in kept["kinds"]}, kept["otherwise"]
            )
    except (OSError, ValueError, KeyError, TypeError):
        pass  # none was kept, or it cannot be read: measuring takes a second
    measured = calibrate(retriever)
    document = {
        "code": _code(),
        "kinds": [[*name, score] for name, score in measured.kinds.items()],
        "otherwise": measured.otherwise,
    }
    with contextlib.suppress(OSError):  # a data folder that cannot be written is measured at every start
        part = place.with_name(f".{_FILE}.{os.getpid()}.part")
        part.write_text(json.dumps(document), encoding="utf-8")
        part.replace(place)
    return measured


@cache
def _code() -> str:
    """Return a hash of all code that a score depends on."""
    here = Path(__file__).parent
    files = sorted([*here.glob("*.py"), *here.parent.glob("index/*.py"), *here.parent.glob("index/embed/*.py")])
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def calibrate(retriever: Retriever) -> Thresholds:
    """Ask foreign questions of this index and set the thresholds above what nearly all of them reach."""
    rows = retriever.snapshot.rows
    share = min(1.0, float(np.count_nonzero(~rows["listing"])) / _PLENTY) ** _FEWER
    kinds: dict[Kind, float] = {}
    for language, texts in FOREIGN.items():
        questions = [understand(text) for text in texts]
        vectors = retriever.vectors([question.search for question in questions], language)
        reached = [
            Sought(retriever, question, candidates=_CANDIDATES, vector=vector).reached()
            for question, vector in zip(questions, vectors, strict=True)
        ]
        for spoken, listing in sorted({name for best in reached for name in best}):
            met = [best.get((spoken, listing), np.inf) for best in reached]
            lowest = min(met)  # what no search brought is far away
            beside = any(name == (language, listing) for best in reached for name in best)
            across = _MAY_PASS_BESIDE if beside else _MAY_PASS_ACROSS
            passing = share * (_MAY_PASS if spoken == language else across)
            found = [lowest if score == np.inf else score for score in met]
            kinds[language, spoken, listing] = float(np.percentile(found, 100 - passing))
    return Thresholds(kinds, max(kinds.values(), default=0.0))


_SAMPLE = 400  # sentences of the index that are held against others
_GROUP = 30  # sentences a claim is held against, as many as a handful of passages has
_OUTLIER = 4  # median absolute deviations
_LOW, _HIGH = 5, 7  # standard deviations above chance: 1 in 20 neighbouring paragraphs of an article reaches the second
_HIGH_ACROSS = 10  # in the other language, where no words tell what is near by chance


@dataclass(frozen=True, slots=True)
class Levels:
    """How near unrelated sentences of this index come: (rarely, never) for each pair of languages."""

    pairs: dict[tuple[str, str], tuple[float, float]]

    def of(self, claim: str, source: str) -> tuple[float, float]:
        """Return the similarity that unrelated sentences rarely reach, and the one that they never do."""
        return self.pairs[claim, source]


def support_levels(retriever: Retriever) -> Levels:
    """Hold general statements in both languages against this index and see how near chance brings them."""
    rows, languages = retriever.sentence_sample(_SAMPLE)
    marked = np.asarray(languages)
    statements = {name: np.stack([retriever.statement(text, name) for text in STATEMENTS[name]]) for name in STATEMENTS}
    pairs = {}
    for claim, vectors in statements.items():
        for source in statements:
            own = rows[marked == source] if len(marked) else rows
            against = own if len(own) >= _GROUP else np.concatenate([own, statements[source]])
            similar = np.sort(vectors @ against.T, axis=1)
            if len(own) < _GROUP:
                similar = similar[:, :-1]  # a statement is as near as can be to itself and to its translation
            step = max(1, similar.shape[1] // _GROUP)
            chance = similar[:, -step]
            # a statement that a small index happens to speak of must not raise what is asked of all: none counts as an outlier
            usual = float(np.median(chance))
            chance = np.minimum(chance, usual + _OUTLIER * float(np.median(np.abs(chance - usual))))
            mean, spread = float(chance.mean()), float(chance.std()) + 0.02
            pairs[claim, source] = (mean + _LOW * spread, mean + (_HIGH if claim == source else _HIGH_ACROSS) * spread)
    return Levels(pairs)
