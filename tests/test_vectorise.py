"""Texts wait for their vectors and are embedded once, in order; keys are found however they begin."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from index.build import BuildOptions, build
from index.config import Settings
from index.keys import Keys, firsts
from index.layout import KEY, key
from index.pages import PageStore
from index.readings import Packed, prepare
from index.records import Page
from index.urls import identity
from index.vectorcache import VectorCache
from index.vectorise import STEP, Vectoriser


class Counting:
    """An embedder that says when it has seen a whole step."""

    name, dimension = "counting", 4

    def __init__(self) -> None:
        self.seen, self.whole = 0, threading.Event()

    def passages(self, texts: Sequence[str]) -> np.ndarray:
        self.seen += len(texts)
        if len(texts) == STEP:
            self.whole.set()
        return np.eye(4, dtype=np.float32)[[len(text) % 4 for text in texts]]

    queries = passages


def test_texts_are_embedded_while_a_page_still_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    embedder, came = Counting(), list[bool]()

    def late(page: Page) -> Packed:
        if page.url.endswith("/9"):
            came.append(embedder.whole.wait(60))
        return prepare(page)

    monkeypatch.setattr("index.build.load_embedder", lambda *_, **__: embedder)
    monkeypatch.setattr("index.ahead.prepare", late)
    source = tmp_path / "list.md"
    source.write_text("".join(f"- [Kettle](https://example.org/{n})\n" for n in range(10)), encoding="utf-8")
    with PageStore(tmp_path / "pages.sqlite") as pages:
        for number in range(10):
            url = f"https://example.org/{number}"
            body = " ".join(f"Lid {number * 7919 + place * 104729:x} of {hash((number, place)) % 9**9:x}." for place in range(STEP // 8)).encode()
            pages.put(Page(identity(url), url, 200, (("content-type", "text/plain"),), body, "2026-01-01T00:00:00+00:00"))
    build(Settings(data=tmp_path), BuildOptions(lists=(str(source),), offline=True), lambda *_: None)
    assert came == [True]


def test_texts_that_wait_are_embedded_once_and_in_order(tmp_path: Path) -> None:
    with VectorCache(tmp_path, "counting", 4) as cache:
        vectoriser = Vectoriser(embedder := Counting(), cache, lambda *_: None)
        for number in range(STEP + 1):
            for text in (f"text {number}", "", f"text {number // 2}"):
                vectoriser.want(np.frombuffer(key(text), KEY), [text], count=True)
            if number % 100 == 0:
                vectoriser.catch_up()
        vectoriser.catch_up()
        assert embedder.seen == STEP
        vectoriser.flush()
        assert embedder.seen == STEP + 1 == vectoriser.embedded
        names = np.frombuffer(b"".join(key(f"text {number}") for number in range(STEP + 1)), KEY)
        assert cache.rows(names).tolist() == list(range(1, STEP + 2))


def test_keys_that_begin_alike_and_keys_that_came_last_are_found() -> None:
    def keys(*numbers: int) -> np.ndarray:
        return np.frombuffer(b"".join((number % 5).to_bytes(8, "big") + number.to_bytes(8, "little") for number in numbers), KEY)

    known = Keys(keys(*range(10)))
    for number in range(10, 40_000, 9):
        known.add(keys(*range(number, number + 9)))
        asked = (0, number, number + 8, number + 9, 9)
        if number % 1000 == 1:
            assert known.rows(keys(*asked)).tolist() == [0, number, number + 8, -1, 9]
    assert len(known) == 40_000 + 6
    assert firsts(keys(3, 7, 3, 1, 7, 3)).tolist() == [0, 1, 3]
