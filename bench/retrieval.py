"""Retrieval, answers and refusals on XQuAD (Artetxe et al. 2020), through the real pipeline: a list, stored pages, a build, questions.

Each of the 240 paragraphs is a page of its own in a list, under its article's title; every figure counts paragraphs.

    zh->zh, en->zh ...   questions in one language, pages in the other: the paragraph at 1, among the first 5
    sentence             gold answer in the ranker's best sentence, in its three best, whether or not they would be shown
    shown                gold answer in the first quote of the real answer, in any quote; own questions that were refused
    mixed                both languages in one index: the question's own paragraph at 1, its translation among the first 10
    foreign              half of the articles indexed, questions about the other half refused; own ones refused falsely
    few                  the same with 8 pages read and 32 known by title only, as long lists often are

XQuAD is looked for in ../shared/eval and is not part of citeback; without it the bench says so and passes. Fails below
bench/floors.json.

    python bench/retrieval.py [QUESTIONS|all] [--embedder NAME] [--search]

QUESTIONS of the 1190 are asked (default 200, every sixth, which are harder than all are); --search leaves out what needs whole
answers: "shown", "foreign" and "few".
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from index.build import BuildOptions, build
from index.config import Settings
from index.pages import PageStore
from index.records import Page
from index.urls import identity
from rag import Assistant
from rag import extract as extraction
from rag.questions import understand

ROOT = Path(__file__).parents[1]
XQUAD = ROOT.parent / "shared" / "eval"
FLOORS = Path(__file__).with_name("floors.json")
LANGUAGES = ("zh", "en")
SHOWN = 6  # passages that sentences are taken from, as in an answer


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the place of the paragraph that answers it and the answer's words."""

    text: str
    paragraph: int
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Corpus:
    """XQuAD in one language: (title, text) of every paragraph, all questions, and the paragraphs of each article."""

    paragraphs: list[tuple[str, str]]
    questions: list[Asked]
    articles: list[list[int]]


def load(language: str) -> Corpus:
    """Return XQuAD in one language."""
    document = json.loads((XQUAD / f"xquad.{language}.json").read_text(encoding="utf-8"))
    corpus = Corpus([], [], [])
    for article in document["data"]:
        corpus.articles.append([])
        for paragraph in article["paragraphs"]:
            place = len(corpus.paragraphs)
            corpus.articles[-1].append(place)
            corpus.paragraphs.append((article["title"].replace("_", " "), paragraph["context"]))
            corpus.questions.extend(
                Asked(q["question"], place, tuple(a["text"] for a in q["answers"])) for q in paragraph["qas"]
            )
    return corpus


def link(language: str, place: int) -> str:
    """Return the address under which a paragraph is stored."""
    return f"https://bench.example.org/{language}/{place}"


def store(folder: Path, corpora: dict[str, Corpus]) -> None:
    """Store every paragraph as a page."""
    with PageStore(folder / "pages.sqlite") as pages:
        for language, corpus in corpora.items():
            for place, (_, text) in enumerate(corpus.paragraphs):
                url = link(language, place)
                kind = (("content-type", "text/plain; charset=utf-8"),)
                stamp = "2026-01-01T00:00:00+00:00"
                pages.put(Page(identity(url), url, 200, kind, text.encode(), stamp, (), "saved"))


def indexed(
    folder: Path, corpora: dict[str, Corpus], wanted: Sequence[tuple[str, int]], unread: Sequence[tuple[str, int]] = (), *, embedder: str
) -> Assistant:  # fmt: skip
    """Build an index of those paragraphs in a folder of stored pages, and open it; ``unread`` are known by title only."""
    links = [{"url": link(*entry), "title": corpora[entry[0]].paragraphs[entry[1]][0]} for entry in wanted]
    links += [{"url": link(*entry) + "/unread", "title": corpora[entry[0]].paragraphs[entry[1]][0]} for entry in unread]
    (folder / "list.json").write_text(json.dumps(links), encoding="utf-8")
    settings = Settings(data=folder, embedder=embedder)
    build(settings, BuildOptions(lists=(str(folder / "list.json"),), offline=True), lambda *_: None)
    return Assistant.open(folder, settings=settings)


def found(assistant: Assistant, question: str, k: int) -> list[str]:
    """Return the links of the ``k`` best references."""
    hits = assistant._opened.retriever.retrieve(understand(question), k, share=1)
    items = {item.number: item.url for item in assistant.items()}
    return [items[hit.passage.reference] for hit in hits]


def recall(assistant: Assistant, pages: str, asked: Sequence[Asked]) -> dict[str, float]:
    """Return how often the paragraph is found at 1 and among the first five."""
    ranks = [(link(pages, one.paragraph), found(assistant, one.text, 5)) for one in asked]
    return {
        "recall@1": percent(right == links[0] for right, links in ranks if links),
        "recall@5": percent(right in links for right, links in ranks),
    }


def mixed(assistant: Assistant, language: str, asked: Sequence[Asked]) -> dict[str, float]:
    """Return how often a question's own paragraph comes first, and its translation among the first ten."""
    other = next(name for name in LANGUAGES if name != language)
    ranks = [(one.paragraph, found(assistant, one.text, 10)) for one in asked]
    return {
        "at 1": percent(links[:1] == [link(language, place)] for place, links in ranks),
        "twin in ten": percent(link(other, place) in links for place, links in ranks),
    }


def sentences(assistant: Assistant, asked: Sequence[Asked]) -> dict[str, float]:
    """Return how often the gold answer stands in the ranker's best sentence and in its three best, refused or not."""
    retriever = assistant._opened.retriever
    titles = {item.number: item.title for item in assistant.items()}
    one_best, three_best = [], []
    for one in asked:
        question = understand(one.text)
        hits = retriever.retrieve(question, SHOWN)
        texts = {hit.passage.reference: retriever.snapshot.text(hit.passage.reference) for hit in hits}
        weights = retriever.idf(question.terms)
        best = extraction.pick(question, hits, texts, titles, weights, most=1)
        with mock.patch.multiple(extraction, _NEXT_SHARE=-99.0, _NEXT_SHARE_ACROSS=-99.0):
            three = extraction.pick(question, hits, texts, titles, weights, most=3)
        one_best.append(any(gold in quote.text for quote in best for gold in one.answers))
        three_best.append(any(gold in quote.text for quote in three for gold in one.answers))
    return {"answer in best sentence": percent(one_best), "answer in three best": percent(three_best)}


def shown(assistant: Assistant, asked: Sequence[Asked]) -> dict[str, float]:
    """Return how often the real answer quotes the gold answer, first or at all, and how often it is a refusal."""
    answers = [(one, assistant.ask(one.text, llm=False)) for one in asked]
    quotes = [(one, [citation.quote for citation in answer.citations]) for one, answer in answers]
    return {
        "answer in first quote": percent(any(gold in q for q in quoted[:1] for gold in one.answers) for one, quoted in quotes),
        "answer shown": percent(any(gold in q for q in quoted for gold in one.answers) for one, quoted in quotes),
        "falsely refused": percent(answer.refused for _, answer in answers),
    }  # fmt: skip


def refusals(assistant: Assistant, own: Sequence[Asked], foreign: Sequence[Asked]) -> tuple[int, int]:
    """Return how many foreign questions were refused, and how many own ones."""
    refused = [sum(assistant.ask(one.text, llm=False).refused for one in asked) for asked in (foreign, own)]
    return refused[0], refused[1]


def percent(values: Sequence[bool] | Iterator[bool]) -> float:
    """Return the share of true ones."""
    every = list(values)
    return 100 * sum(every) / len(every)


def about(corpus: Corpus, articles: Sequence[int], most: int) -> tuple[list[int], list[Asked]]:
    """Return the paragraphs of those articles, and up to ``most`` questions about them, evenly taken."""
    places = [place for article in articles for place in corpus.articles[article]]
    inside = set(places)
    return places, thinned([one for one in corpus.questions if one.paragraph in inside], most)


def thinned(asked: Sequence[Asked], most: int) -> list[Asked]:
    """Return every n-th question, so that no more than about ``most`` stay."""
    return list(asked[:: max(1, round(len(asked) / most))])


def measured(
    base: Path, corpora: dict[str, Corpus], most: int, embedder: str, *, answers: bool
) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield each group of figures as it is measured; the first index embeds everything, the others take its vectors over."""
    store(base, corpora)
    everything = {name: [(name, place) for place in range(len(corpora[name].paragraphs))] for name in LANGUAGES}
    asked = {name: thinned(corpora[name].questions, most) for name in LANGUAGES}
    both = indexed(base, corpora, [entry for name in LANGUAGES for entry in everything[name]], embedder=embedder)

    def beside(wanted: Sequence[tuple[str, int]], unread: Sequence[tuple[str, int]] = ()) -> Assistant:
        folder = Path(tempfile.mkdtemp(dir=base.parent))
        shutil.copytree(base, folder, dirs_exist_ok=True)
        return indexed(folder, corpora, wanted, unread, embedder=embedder)

    for name in LANGUAGES:
        yield f"mixed {name}", mixed(both, name, asked[name])
    for name in LANGUAGES:
        alone = beside(everything[name])
        for language in LANGUAGES:
            yield f"{language}->{name}", recall(alone, name, asked[language])
        yield f"{name}->{name}", sentences(alone, asked[name])
        if answers:
            yield f"{name}->{name}", shown(alone, asked[name])
    for name in LANGUAGES if answers else ():
        corpus, counts = corpora[name], {"foreign": [0, 0, 0, 0], "few": [0, 0, 0, 0]}
        count = len(corpus.articles)
        for half in (0, 1):
            inside, own = about(corpus, range(half, count, 2), most // 2)
            _, foreign = about(corpus, range(1 - half, count, 2), most // 2)
            few, few_own = about(corpus, range(half, count, 6), most // 4)
            read = [place for place in few if place % 5 < 2]
            few_own = [one for one in few_own if one.paragraph in set(read)]
            titled = [(name, place) for place in inside if place not in set(few)][:32]
            for label, (wanted, unread, mine) in {
                "foreign": (inside, [], own), "few": (read, titled, few_own),
            }.items():  # fmt: skip
                alone = beside([(name, place) for place in wanted], unread)
                theirs = foreign if label == "foreign" else foreign[: most // 4]
                for place, value in enumerate([*refusals(alone, mine, theirs), len(theirs), len(mine)]):
                    counts[label][place] += value
        for label, (right, wrong, theirs, mine) in counts.items():
            yield f"{label} {name}", {"refused": 100 * right / theirs, "falsely refused": 100 * wrong / mine}


def main() -> int:
    """Print the table; return 1 where a figure is below its floor (above it, where it says "falsely")."""
    if not XQUAD.exists():
        print(f"XQuAD is not here ({XQUAD.name} folder beside the project is missing): nothing was measured.")
        return 0
    arguments = sys.argv[1:]
    embedder = arguments.pop(arguments.index("--embedder") + 1) if "--embedder" in arguments else ""
    wanted = next((word for word in arguments if not word.startswith("-")), "200")
    most = 1190 if wanted == "all" else int(wanted)
    corpora = {name: load(name) for name in LANGUAGES}
    floors = json.loads(FLOORS.read_text(encoding="utf-8")) if not embedder else {}
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder) / "both"
        base.mkdir()
        began = time.perf_counter()
        for group, figures in measured(base, corpora, most, embedder, answers="--search" not in arguments):
            for name, value in figures.items():
                floor = floors.get(f"{'all ' if wanted == 'all' else ''}{group} {name}")
                below = floor is not None and (value > floor if "falsely" in name else value < floor)
                failed += below
                limit = f"  floor {floor}{'  BELOW' if below else ''}" if floor is not None else ""
                print(f"  {group + ' ' + name:32} {value:5.1f}{limit}")
            print(f"    {time.perf_counter() - began:.0f} s", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
