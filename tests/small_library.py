"""A tiny published snapshot for the tests of the doors: two pages read, one hostile page, three unread references."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any
from urllib.request import urlopen

import numpy as np

from index.centre import LANGUAGES, STATEMENTS
from index.chunk import chunk
from index.embed import Embedder, load_embedder
from index.finish import finish
from index.general import QUESTIONS
from index.layout import KEY, key
from index.manifest import VECTORS, Manifest
from index.mapped import mapped_vectors
from index.publish import publish, staged
from index.records import Passage, Sentence
from index.slices import slice_of
from index.tables import Base, Document, TableWriter
from index.terms import terms
from index.vectorcache import VectorCache

ROOT = Path(__file__).parents[1]
ATTACK = (
    '<script>window.RAN=1</script><img src=x onerror="window.RAN=2"> ![p](http://evil.test/p.png) '
    "[c](javascript:window.RAN=3) ${window.RAN=4} `{{constructor}}` <form action=http://evil.test/f>"
    "<iframe src=//evil.test></span></div><svg/onload=window.RAN=5> [1] [99] <style>*{display:none}</style><base href=//evil.test>"
    '<meta http-equiv=refresh content="0;url=http://evil.test/m"><link rel=stylesheet href=//evil.test/s.css>'
    '<object data=//evil.test/o></object><button data-act="clear">x</button><a href="data:text/html,x">y</a>\u202eneddih\u200b'
)
CHINESE = """# 迁移学习

迁移学习是把一个领域学到的知识用到另一个相关领域的方法。它能减少目标领域需要的标注数据。

## 领域自适应

领域自适应让源领域和目标领域的特征分布尽量接近。常用的度量是最大均值差异。
"""
ENGLISH = """# Zero-shot learning

Zero-shot learning recognises classes that were never seen during training. It describes every class by attributes.

## Attributes

An attribute is a property such as striped or winged that several classes of animals share.
"""
HOSTILE = f"""# Quasar widgets

The quasar widget is calibrated with a lantern {ATTACK} and then rests. Nobody knows why the quasar widget hums.
"""
PAGES = {1: CHINESE, 2: ENGLISH, 3: HOSTILE}
ROWS: list[dict[str, Any]] = [
    {"url": "https://zh.example.org/迁移?a=1&b=2", "title": "迁移学习简介", "topic": ["迁移学习", "综述"]},
    {
        "url": "https://en.example.org/zero-shot",
        "title": "Zero-shot learning in brief",
        "topic": ["Zero-shot learning"],
    },
    {"url": 'https://evil.test/"onmouseover=window.RAN=6', "title": f"Quasar {ATTACK}", "topic": [f"Widgets {ATTACK}"]},
    {
        "url": "https://wall.example.org/federated",
        "title": "联邦学习入门",
        "topic": ["联邦学习"],
        "outcome": "robots",
        "reason": "robots.txt closes /federated",
        "hint": "Save the page in your browser, then add it.",
    },
    {
        "url": "javascript:window.RAN=7",
        "title": f"Script {ATTACK}",
        "topic": [],
        "outcome": "unsupported",
        "reason": f"no web link {ATTACK}",
        "hint": ATTACK,
    },
    {
        "url": "https://gone.example.org/",
        "title": "A page that is gone",
        "topic": ["联邦学习"],
        "outcome": "not_found",
        "reason": "HTTP 404",
        "hint": None,
    },
]


def make(data: Path, *, name: str = "20260101T000000.000000Z") -> Path:
    """Publish the snapshot into ``data`` and return it."""
    embedder = load_embedder()
    documents = [_document(number, row) for number, row in enumerate(ROWS, start=1)]
    items = [_row(number, row) for number, row in enumerate(ROWS, start=1)]
    report = {
        "snapshot": name,
        "lists": ["list.md"],
        "references": len(items),
        "items": items,
        "outcomes": dict(Counter(item["outcome"] for item in items)),
        "embedded_passages": sum(len(document.passage_keys) for document in documents),
        "reused_passages": 0,
        "seconds": {},
        "changes": {},
    }
    write(data, name, documents, report, embedder)
    return data


def write(
    data: Path,
    name: str,
    documents: Sequence[Document],
    report: dict[str, Any],
    embedder: Embedder,
    *,
    base: Path | None = None,
) -> None:
    """Publish a snapshot of those documents; ``base`` is the folder of the snapshot before, of which the same are copied."""
    with (
        staged(data, name) as part,
        TableWriter(part, Base(base) if base else None) as tables,
        VectorCache(data, embedder.name, embedder.dimension) as cache,
    ):
        texts: dict[bytes, str] = {}
        for document in documents:
            if tables.keep(document.stamp) is None:
                tables.add(document)
            texts |= zip(document.passage_keys.tolist(), document.body.plain, strict=True)
            texts |= zip(document.body.keys.tolist(), document.body.lines, strict=True)
        tables.close()
        keys = np.frombuffer(b"".join(texts), KEY)
        new = keys[cache.keys.rows(keys) < 0]
        cache.add(new, np.asarray(embedder.passages([texts[name] for name in new.tolist()]), np.float16))
        priors = {language: embedder.passages(STATEMENTS[language]).mean(axis=0) for language in LANGUAGES}
        means = finish(tables, cache, priors)
        asked = {language: embedder.queries(QUESTIONS[language]).mean(axis=0) for language in LANGUAGES}
        manifest = Manifest(
            name, "2026-01-01T00:00:00+00:00", ("list.md",), embedder.name, embedder.dimension, tables.passages, tables.sentences,
            _listed(asked), _listed(means.passages), _listed(means.sentences), clause_means=_listed(means.clauses),
            vectors=asdict(means.vectors), stored=cache.link(part),
        )  # fmt: skip
        publish(data, part, manifest, {**report, "vectors": asdict(means.vectors)})


def document(text: str, context: str, *, listing: bool = False) -> Document:
    """Return the document of a Markdown text; ``context`` is what the list says of it."""
    if listing:
        spans = tuple(_spans(text))
        passages: tuple[Passage, ...] = (Passage(0, len(text), text, (), spans),)
    else:
        passages = tuple(chunk(text))
    body = slice_of(text, passages)
    keys = np.frombuffer(b"".join(map(key, body.plain)), KEY)
    return Document(key(f"{text}{context}"), body, terms(context), keys, listing)


def _row(number: int, row: dict[str, Any]) -> dict[str, Any]:
    page = PAGES.get(number)
    return {
        "number": number,
        "note": None,
        "outcome": "read",
        "reason": None,
        "hint": None,
        "final_url": row["url"],
        "http_status": 200 if page else None,
        "reader": "web" if page else None,
        "characters": len(page or ""),
        "passages": 2 if page else 0,
        "fetched_at": "2026-01-01T08:00:00+00:00",
        "site": row["url"].split("/")[2] if "//" in row["url"] else "",
        **row,
    }


def _document(number: int, row: dict[str, Any]) -> Document:
    page = PAGES.get(number)
    if page is None:
        words = "\n".join([row["title"], *([" / ".join(row["topic"])] if row["topic"] else [])])
        return document(words, "", listing=True)
    return document(page, row["title"])


def _spans(words: str) -> Iterator[Sentence]:
    start = 0
    for line in words.split("\n"):
        yield Sentence(start, start + len(line))
        start += len(line) + 1


def _listed(means: dict[str, Any]) -> dict[str, list[float]]:
    return {name: [float(value) for value in mean] for name, mean in means.items()}


@contextmanager
def serving(
    data: Path, *, token: str = "", flags: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Run ``python app.py`` over the folder on a free port of 127.0.0.1; give its address, without the last slash."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("CITEBACK_")}
    kept |= {**({"CITEBACK_API_TOKEN": token} if token else {}), **(environment or {})}
    command = [sys.executable, str(ROOT / "app.py"), "--data", str(data), "--port", "0", *flags]
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as log,
        subprocess.Popen(command, cwd=ROOT, env=kept, stderr=log) as server,
    ):
        try:
            yield _address(server, log)
        finally:
            server.terminate()
            server.wait(15)


def _address(server: subprocess.Popen[bytes], log: IO[str]) -> str:
    for _ in range(2400):
        log.seek(0)
        said = log.read()
        if (address := re.search(r"http://[\d.:]+\d", said)) and server.poll() is None:
            with contextlib.suppress(OSError), urlopen(f"{address[0]}/healthz", timeout=5):
                return address[0]
        assert server.poll() is None, f"the server ended: {said}"
        time.sleep(0.05)
    raise AssertionError(f"the server did not start: {said}")


def said(path: Path) -> object:
    """Return what a file of a snapshot says, wherever its vectors stand in their file; None for that file itself."""
    manifest = json.loads(path.with_name("manifest.json").read_text(encoding="utf-8"))
    if path.name.endswith("_rows.npy"):
        return mapped_vectors(path.with_name(VECTORS), manifest["dimension"])[np.load(path)].tobytes()
    if path.name == "manifest.json":
        files = {name: told for name, told in manifest["files"].items() if not name.endswith("_rows.npy")}
        return {**manifest, "files": files, "stored": None}
    return path.read_bytes() if path.name != VECTORS else None
