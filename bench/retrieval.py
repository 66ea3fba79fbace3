"""Retrieval and answers on XQuAD (Artetxe et al. 2020), through the real pipeline: a list, stored pages, a build, questions.

Each of the 240 paragraphs is a page of its own in a list; questions are asked in the pages' language and in the other.
Prints recall@1, recall@5, and how often the gold answer stands in the first quote; fails below bench/floors.json.
XQuAD is looked for in ../shared/eval and is not part of citeback; without it the bench says so and passes.

    python bench/retrieval.py [QUESTIONS]     every n-th question, so that QUESTIONS of 1190 are asked (default 300)
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from index.build import BuildOptions, build
from index.config import Settings
from index.pages import PageStore
from index.records import Page
from index.urls import identity
from rag import Assistant
from rag.questions import understand

ROOT = Path(__file__).parents[1]
XQUAD = ROOT.parent / "shared" / "eval"
FLOORS = Path(__file__).with_name("floors.json")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the number of the paragraph that answers it and the answer's words."""

    text: str
    paragraph: int
    answers: tuple[str, ...]


def load(language: str) -> tuple[list[tuple[str, str]], list[Asked]]:
    """Return the (title, text) of every paragraph and all questions."""
    document = json.loads((XQUAD / f"xquad.{language}.json").read_text(encoding="utf-8"))
    paragraphs, questions = [], []
    for article in document["data"]:
        for paragraph in article["paragraphs"]:
            paragraphs.append((article["title"].replace("_", " "), paragraph["context"]))
            questions += [
                Asked(q["question"], len(paragraphs), tuple(a["text"] for a in q["answers"])) for q in paragraph["qas"]
            ]
    return paragraphs, questions


def indexed(folder: Path, paragraphs: list[tuple[str, str]]) -> Assistant:
    """Build an index of the paragraphs, each a stored page behind a link, and open it."""
    links = [
        {"url": f"https://bench.example.org/{number}", "title": title}
        for number, (title, _) in enumerate(paragraphs, 1)
    ]
    (folder / "list.json").write_text(json.dumps(links), encoding="utf-8")
    with PageStore(folder / "pages.sqlite") as pages:
        for link, (_, text) in zip(links, paragraphs, strict=True):
            kind = (("content-type", "text/plain"),)
            pages.put(
                Page(
                    identity(link["url"]),
                    link["url"],
                    200,
                    kind,
                    text.encode(),
                    "2026-01-01T00:00:00+00:00",
                    (),
                    "saved",
                )
            )
    settings = Settings(data=folder)
    build(settings, BuildOptions(lists=(str(folder / "list.json"),), offline=True), lambda *_: None)
    return Assistant.open(folder, settings=settings)


def measure(assistant: Assistant, questions: list[Asked], *, answers: bool) -> dict[str, float]:
    """Return percentages: recall@1, recall@5 of the paragraph, and the gold answer in the first quote and in any."""
    retriever = assistant._opened.retriever
    first = five = quoted = shown = refused = 0
    for asked in questions:
        hits = retriever.retrieve(understand(asked.text), 5, share=1)
        found = [hit.passage.reference for hit in hits]
        first += found[:1] == [asked.paragraph]
        five += asked.paragraph in found
        if answers:
            answer = assistant.ask(asked.text)
            refused += answer.refused
            quotes = [citation.quote for citation in answer.citations]
            quoted += any(gold in quote for quote in quotes[:1] for gold in asked.answers)
            shown += any(gold in quote for quote in quotes for gold in asked.answers)
    share = 100 / len(questions)
    figures = {"recall@1": first * share, "recall@5": five * share}
    if answers:
        figures |= {"answer in first quote": quoted * share, "answer shown": shown * share, "refused": refused * share}
    return figures


def main() -> int:
    """Print the table; return 1 where a figure is below its floor."""
    if not XQUAD.exists():
        print(f"XQuAD is not here ({XQUAD.name} folder beside the project is missing): nothing was measured.")
        return 0
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    sets = {language: load(language) for language in ("zh", "en")}
    floors = json.loads(FLOORS.read_text(encoding="utf-8")) if FLOORS.exists() else {}
    failed = 0
    for pages, (paragraphs, _) in sets.items():
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            assistant = indexed(Path(folder), paragraphs)
            print(f"{len(paragraphs)} {pages} pages indexed in {time.perf_counter() - began:.1f} s")
            for language, (_, questions) in sets.items():
                chosen = questions[:: max(1, len(questions) // wanted)]
                for name, value in measure(assistant, chosen, answers=language == pages).items():
                    label = f"{language}->{pages} {name}"
                    floor = floors.get(label)
                    below = floor is not None and value < floor
                    failed += below
                    print(
                        f"  {label:32} {value:5.1f}"
                        + (f"  floor {floor}{'  BELOW' if below else ''}" if floor is not None else "")
                    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
