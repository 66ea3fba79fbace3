"""How well a model's sentences are checked, on XQuAD: claims with a known truth, held against the passage they cite.

From every paragraph one sentence with a number or a name becomes a claim: as it stands; shortened; with one number changed; with
one name of another paragraph; turned round by a negation; and held against the next paragraph of its article. Where a paragraph
has as many sentences in the other language, its first ones in that language are claims as well, whole, their longest clause
alone, and held against the next paragraph. Prints the share of each kind that is supported, weak and unsupported, and with it
the precision of what is called supported.
XQuAD is looked for in ../shared/eval and is not part of citeback; without it the bench says so and passes.

    python -m bench.checking [PARAGRAPHS]     how many of the 240 paragraphs a language (default 80)
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

from bench.retrieval import XQUAD, indexed, load, store
from rag import Assistant
from rag.check import SUPPORTED, UNSUPPORTED, WEAK, Checker
from rag.numbers import names
from rag.prompt import Shown
from rag.retrieve import Hit

TRUE = ("verbatim", "shortened")
FALSE = ("number changed", "name changed", "negated", "next paragraph's")
ACROSS = ("translated", "translated clause", "translated, next's", "clause, next's")
_ENDS = {"zh": re.compile(r"(?<=[。！？])"), "en": re.compile(r"(?<=[.!?])\s+")}
_MOST_TRANSLATED, _LEAST_LENGTH = 3, 15  # sentences of a paragraph; characters of one
PRECISION = 95.0


def claims(paragraphs: list[str], number: int, language: str) -> dict[str, str]:
    """Return the claims that paragraph ``number`` gives, by kind; what a sentence does not allow is left out."""
    parts = _ENDS[language].split(paragraphs[number])
    telling = [part.strip() for part in parts if 30 <= len(part) <= (120 if language == "zh" else 260)]
    sentence = max(telling, key=lambda part: (bool(re.search(r"\d", part)), len(names(part))), default="")
    if not sentence:
        return {}
    found = {"verbatim": sentence, "shortened": _shortened(sentence)}
    if match := re.search(r"(?<![\dA-Za-z.,-])\d{1,4}(?![\dA-Za-z,.-])", sentence):
        found["number changed"] = sentence[: match.start()] + str(int(match.group()) + 3) + sentence[match.end() :]
    other = _name(paragraphs[(number + 37) % len(paragraphs)], sentence)
    if (own := _name(sentence, "")) and other:
        found["name changed"] = sentence.replace(own, other)
    negated = (
        re.sub(r"(?<![不而但还就可])(?:是|有|为)(?!什么|否)", "不是", sentence, count=1)
        if language == "zh"
        else re.sub(r"\b(is|are|was|were|has|had|can|could)\b(?! not)", r"\1 not", sentence, count=1)
    )
    if negated != sentence:
        found["negated"] = negated
    return found


def _shortened(sentence: str) -> str:
    """Leave out the last clause, as a model that is brief does."""
    head, mark, _ = sentence.rstrip("。.!?！？").rpartition("，" if "，" in sentence else ", ")
    return head + sentence[-1] if mark and len(head) >= 12 else sentence


def _name(text: str, outside: str) -> str:
    found = re.findall(r"(?<=[\w一-鿿，、] )?[A-Z][a-z]{3,}|[A-Z][a-z]{3,}", text[1:])
    return next((name for name in found if name not in outside), "")


def translations(paragraph: str, other: str, language: str) -> list[str]:
    """Return the first sentences of a paragraph in the other language, [] where they are not as many."""
    there = "en" if language == "zh" else "zh"
    own, theirs = (
        [part.strip() for part in _ENDS[name].split(text) if part.strip()]
        for name, text in ((language, paragraph), (there, other))
    )
    return [text for text in theirs[:_MOST_TRANSLATED] if len(text) >= _LEAST_LENGTH] if len(own) == len(theirs) else []


def measure(
    assistant: Assistant, paragraphs: list[str], others: list[str], language: str, most: int
) -> dict[str, Counter[str]]:
    """Check every claim against the passages of the paragraph it cites; count the levels by kind. ``others``: its translation."""
    counted: dict[str, Counter[str]] = {}
    for number in range(0, len(paragraphs) - 1, max(1, len(paragraphs) // most)):
        made = claims(paragraphs, number, language)
        for kind, claim in made.items():
            level = _level(assistant, claim, number + 1)
            counted.setdefault(kind, Counter())[level] += 1
        if made:
            level = _level(assistant, made["verbatim"], number + 2)
            counted.setdefault("next paragraph's", Counter())[level] += 1
        for said in translations(paragraphs[number], others[number], language):
            clause = max(re.split(r", |，", said), key=len)
            for kind, claim, cited in zip(
                ACROSS, (said, clause) * 2, (number, number, number + 1, number + 1), strict=True
            ):
                counted.setdefault(kind, Counter())[_level(assistant, claim, cited + 1)] += 1
    return counted


def _level(assistant: Assistant, claim: str, reference: int) -> str:
    opened = assistant._opened
    snapshot = opened.snapshot
    passages = [snapshot.passage(int(number)) for number in snapshot.passages_of([reference])]
    shown = [Shown(n, Hit(passage, 1.0, 1.0, 1.0, ()), "") for n, passage in enumerate(passages, 1)]
    checker = Checker(opened.retriever, opened.levels, shown, {reference: snapshot.text(reference)})
    return checker.best(claim, [entry.number for entry in shown])[0]


def main() -> int:
    """Print the table; return 1 where the precision of "supported" is below what was promised."""
    if not XQUAD.exists():
        print(f"XQuAD is not here ({XQUAD.name} folder beside the project is missing): nothing was measured.")
        return 0
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 80
    failed = 0
    for language, other in (("zh", "en"), ("en", "zh")):
        corpus = load(language)
        theirs = [text for _, text in load(other).paragraphs]
        wanted = [(language, number) for number in range(len(corpus.paragraphs))]
        with tempfile.TemporaryDirectory() as folder:
            store(Path(folder), {language: corpus})
            assistant = indexed(Path(folder), {language: corpus}, wanted, embedder="")
            counted = measure(assistant, [text for _, text in corpus.paragraphs], theirs, language, most)
        print(f"{language:18} claims supported weak unsupported, in %")
        for kind in (*TRUE, *FALSE, *ACROSS):
            levels = counted.get(kind, Counter())
            shares = [100 * levels[level] / max(1, levels.total()) for level in (SUPPORTED, WEAK, UNSUPPORTED)]
            print(f"  {kind:18} {levels.total():4}  " + "  ".join(f"{share:7.1f}" for share in shares))
        right = sum(counted[kind][SUPPORTED] for kind in TRUE if kind in counted)
        wrong = sum(counted[kind][SUPPORTED] for kind in FALSE if kind in counted)
        precision = 100 * right / max(1, right + wrong)
        print(f"  precision of supported among these claims: {precision:.1f} %")
        failed += precision < PRECISION
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
