"""How much evidence is enough, for this index: questions about other things are asked, and an answer must beat them.

No constant fits two indexes or two embedders, so the best score that foreign questions reach here is the measure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from index.centre import STATEMENTS
from rag.questions import Question, understand
from rag.retrieve import Hit, Retriever

_FOREIGN = {
    "zh": ("红烧肉怎么做才好吃？", "昨天的足球比赛谁赢了？", "从北京到上海的高铁要多长时间？", "感冒了应该吃什么药？", "唐朝的首都在哪里？",
           "今年的个人所得税起征点是多少？", "如何给猫洗澡？", "世界上最高的山是哪座？", "明天会下雨吗？", "怎样申请护照？",
           "这首歌的作者是谁？", "咖啡豆应该怎么保存？", "房贷利率最近有什么变化？",
           "学游泳要注意什么？", "红楼梦的主角是谁？", "哪家餐厅的火锅最好？"),
    "en": ("How do I bake sourdough bread?", "Who won the football match yesterday?",
           "How long is the train from Paris to London?",
           "What medicine helps against a cold?", "What was the capital of the Roman Empire?",
           "How much income tax do I have to pay?",
           "How should a cat be washed?", "What is the highest mountain in the world?", "Will it rain tomorrow?",
           "How do I apply for a passport?",
           "Who composed this song?", "How should coffee beans be stored?", "How did mortgage rates change lately?",
           "What should I watch out for when learning to swim?", "Who is the hero of Hamlet?",
           "Which restaurant serves the best hotpot?"),
}  # fmt: skip
_STEPS_ABOVE = 1.5  # standard deviations above what foreign questions reach
_LEAST_COVERAGE = 0.34  # of the question's terms, by idf, where question and passage share a language


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The dense score that evidence must reach, by the question's language."""

    dense: dict[str, float]
    high: dict[str, float]

    def answers(self, question: Question, hit: Hit) -> bool:
        """Return whether a hit is evidence enough for an answer.

        In one language both meaning and words must agree, or meaning alone be far above chance; across languages only meaning can speak.
        """
        dense, high = self.dense[question.language], self.high[question.language]
        if hit.passage.language == question.language:
            return (
                hit.dense >= high
                or (hit.dense >= dense * 0.8 and hit.coverage >= _LEAST_COVERAGE)
                or hit.coverage >= 0.8
            )
        return hit.dense >= dense + (0.0 if hit.coverage >= _LEAST_COVERAGE else 0.05)


def calibrate(retriever: Retriever) -> Thresholds:
    """Ask foreign questions of this index and set the thresholds above what they reach."""
    dense, high = {}, {}
    for language, questions in _FOREIGN.items():
        best = []
        for text in questions:
            hits = retriever.retrieve(understand(text), 3)
            best.append(max((hit.dense for hit in hits), default=0.0))
        mean, spread = float(np.mean(best)), float(np.std(best))
        dense[language] = mean + _STEPS_ABOVE * spread
        high[language] = mean + 4 * spread
    return Thresholds(dense, high)


_SAMPLE = 400  # sentences of the index that are held against others
_GROUP = 30  # sentences a claim is held against, as many as a handful of passages has
_LOW, _HIGH = 5, 7  # standard deviations above chance: 1 in 20 neighbouring paragraphs of an article reaches the second


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
            mean, spread = float(chance.mean()), float(chance.std()) + 0.02
            pairs[claim, source] = (mean + _LOW * spread, mean + _HIGH * spread)
    return Levels(pairs)
