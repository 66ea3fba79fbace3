"""The project's own evaluation set, always at hand: 20 short articles, 120 questions in Chinese and English.

Prints the figures of ``citeback eval`` and fails below bench/floors.json; then those of bench/apart, which have no floors:
"apart", 54 questions on the same articles that no wording was fitted to (their figures were looked at); 96 that were written by
somebody who had never seen the program, in two halves: of "looked-at" the wrong answers were read and rules mended by them, of
"unseen" only the figures; and 130 near misses, which ask of what the articles are about something that they do not tell, in two such
parts. The kinds: "plain"; "reworded", in other words than the article's; "several" sources; "follow", with a history; "none",
which nothing answers. The floors belong to one text of articles and questions, which their hash names.

    python bench/answers.py [-v]        -v also lists what went wrong
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from pathlib import Path

from index.build import BuildOptions, build
from index.config import Settings
from index.pages import PageStore
from index.records import Page
from index.urls import identity
from rag import Assistant
from rag.evaluate import evaluation

SET = Path(__file__).with_name("set")
QUESTIONS = SET / "questions.jsonl"
APART = {name: Path(__file__).with_name("apart") / f"{file}.jsonl"
         for name, file in (("apart", "questions"), ("looked-at", "looked-at"), ("unseen", "unseen"),
                            ("near misses looked-at", "near-looked-at"), ("near misses unseen", "near-unseen"))}  # fmt: skip
FLOORS = Path(__file__).with_name("floors.json")
HOST = "https://bench.example.org/"


def corpus_hash() -> str:
    """Return one hash over every article and question."""
    digest = hashlib.sha256()
    for path in sorted(SET.iterdir()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def indexed(folder: Path, *, embedder: str = "", note: str = "") -> Assistant:
    """Build an index of the articles, each a stored page behind a link, and open it; ``note`` is added to the first one."""
    articles = sorted(SET.glob("*.md"))
    links = [{"url": HOST + path.stem, "title": _title(path)} for path in articles]
    (folder / "list.json").write_text(json.dumps(links), encoding="utf-8")
    kind = (("content-type", "text/markdown; charset=utf-8"),)
    with PageStore(folder / "pages.sqlite") as pages:
        for link, path in zip(links, articles, strict=True):
            url, body = link["url"], path.read_bytes() + note.encode() * (path == articles[0])
            pages.put(Page(identity(url), url, 200, kind, body, "2026-01-01T00:00:00+00:00", (), "saved"))
    settings = Settings(data=folder, embedder=embedder)
    build(settings, BuildOptions(lists=(str(folder / "list.json"),), offline=True), lambda *_: None)
    return Assistant.open(folder, settings=settings)


def _title(path: Path) -> str:
    return path.read_text(encoding="utf-8").split("\n", 1)[0].removeprefix("# ")


def main() -> int:
    """Print the table; return 1 where a figure is below its floor or the floors belong to another text."""
    with tempfile.TemporaryDirectory() as folder:
        assistant = indexed(Path(folder))
        report = evaluation(assistant, QUESTIONS)
        apart = {name: evaluation(assistant, path) for name, path in APART.items()}
    floors = json.loads(FLOORS.read_text(encoding="utf-8"))
    failed = 0
    if floors.get("set") != corpus_hash():
        print(
            f"The set has changed ({corpus_hash()}, floors.json knows {floors.get('set')}): measure the floors again."
        )
        failed += 1
    for kind, figures in {"all": report["figures"], **report["kinds"]}.items():
        for name, value in figures.items():
            label = f"set {kind} {name}"
            floor = floors.get(label)
            most = name == "falsely refused"  # the one figure that must stay low
            below = floor is not None and (value > floor if most else value < floor)
            failed += below
            print(
                f"  {label:36} {value:5.1f}"
                + (f"  floor {floor}{'  BELOW' if below else ''}" if floor is not None else "")
            )
    for name, found in apart.items():
        for kind, figures in {"all": found["figures"], **found["kinds"]}.items():
            print(f"  {name} {kind}: " + ", ".join(f"{figure} {value}" for figure, value in figures.items()))
    if "-v" in sys.argv:
        for item in report["items"]:
            known = item["references"]
            right = item["cited"] and item["cited"][0] in known and (item["answered_by"] == 1 or not item["words"])
            if item["refused"] == bool(known) or (known and not right):
                print(json.dumps(item, ensure_ascii=False))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
