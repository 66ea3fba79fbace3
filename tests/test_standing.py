"""What is taken over from the report before is what judging anew would say, whatever came, went, moved or changed around it."""

from __future__ import annotations

import gc
import random
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from index.build import BuildOptions, build
from index.config import Settings
from index.pages import PageStore
from index.read import Judge
from index.records import Outcome, Page, Unread
from index.urls import identity
from tests.small_library import said

WORDS = ("copper", "kettles", "boil", "water", "quickly", "while", "oak", "handles", "stay", "cool", "and", "lids", "whistle", "softly", "glowing")


def text(seed: int) -> str:
    chance = random.Random(seed)
    sentences = (" ".join(chance.choices(WORDS, k=12)) + "." for _ in range(8))
    return "".join(f"<p>{sentence.capitalize()}</p>" for sentence in sentences)


def put(data: Path, url: str, body: str, day: int, final_url: str = "") -> None:
    page = f"<html><head><title>On {url[-4:]}</title></head><body><article>{body}</article></body></html>"
    kind = (("content-type", "text/html; charset=utf-8"),)
    with PageStore(data / "pages.sqlite") as pages:
        pages.put(Page(identity(url), final_url or url, 200, kind, page.encode(), f"2026-01-{day:02}T00:00:00+00:00"))


def built(data: Path, source: Path) -> dict[str, Any]:
    return build(Settings(data=data), BuildOptions(lists=(str(source),), offline=True), lambda *_: None)


def test_links_that_move_or_turn_out_to_be_one_page_are_neither_added_nor_removed(tmp_path: Path) -> None:
    data, source = tmp_path / "data", tmp_path / "list.md"
    links = [f"https://aa.example.org/{number}" for number in range(5)]
    for place, url in enumerate(links):
        put(data, url, text(place), 1)

    def changes(*listed: str) -> dict[str, int]:
        source.write_text("".join(f"- [Kettles]({url})\n" for url in listed), encoding="utf-8")
        return {name: count for name, count in built(data, source)["changes"].items() if count}

    first, second, third, fourth, fifth = links
    assert changes(first, second, first) == {"added": 3}
    assert changes(third, first, second, first) == {"added": 1, "unchanged": 3}
    assert changes(first, third, first, second, first, fourth) == {"added": 2, "unchanged": 4}
    assert changes(first, second, third, first, fourth) == {"removed": 1, "unchanged": 5}
    put(data, third, text(2), 2)  # asked for again: the same page
    put(data, second, text(0), 2, final_url=first)
    assert changes(first, second, third, first, fourth) == {"changed": 1, "unchanged": 4}
    assert changes(fifth, first, second, third, first, fourth) == {"added": 1, "unchanged": 5}
    days = {item["url"]: item["fetched_at"][:10] for item in built(data, source)["items"] if item["fetched_at"]}
    assert days == {fifth: "2026-01-01", first: "2026-01-01", third: "2026-01-02", fourth: "2026-01-01"}


def test_cycles_are_looked_for_more_rarely_during_a_build_and_as_before_after_it(tmp_path: Path) -> None:
    source, before, seen = tmp_path / "list.md", gc.get_threshold(), set[int]()
    source.write_text("- [Kettles](https://aa.example.org/)\n", encoding="utf-8")
    options = BuildOptions(lists=(str(source),), offline=True)
    build(Settings(data=tmp_path / "data"), options, lambda *_: seen.add(gc.get_threshold()[0]))
    assert min(seen) > before[0]
    assert gc.get_threshold() == before


def test_a_small_change_says_what_a_build_from_nothing_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read, judged = Judge._read, Counter[str]()

    def counting(self: Judge, *told: Any) -> Any:
        judged[where] += 1
        return read(self, *told)

    monkeypatch.setattr(Judge, "_read", counting)
    chance, data, source = random.Random(7), tmp_path / "data", tmp_path / "list.md"
    links = [f"https://{name}.example.org/{number}" for number in range(6) for name in ("aa", "bb")]
    for place, url in enumerate(links):
        put(data, url, text(place % 9), 1)  # some are the same text on another site
    listed = links[:8]
    for day in range(2, 13):
        for _ in range(2):
            match chance.randrange(6):
                case 0:
                    put(data, chance.choice(links), text(chance.randrange(12)), day)
                case 1:
                    put(data, chance.choice(links), text(chance.randrange(12)), day, final_url=chance.choice(links))
                case 2:
                    chance.shuffle(listed)
                case 3:
                    listed.insert(chance.randrange(len(listed) + 1), chance.choice(links))
                case 4 if len(listed) > 4:
                    listed.pop(chance.randrange(len(listed)))
                case _:
                    with PageStore(data / "pages.sqlite") as pages:
                        pages.put_unread(identity(chance.choice(links)), Unread(Outcome.NETWORK, f"day {day}"), "2026-01-01T00:00:00Z")
        lines = (f"- [{'' if place % 5 == 4 else 'Kettles'}]({url})\n" for place, url in enumerate(listed))
        source.write_text("".join(lines), encoding="utf-8")
        fresh = tmp_path / f"fresh{day}"
        fresh.mkdir()
        shutil.copy(data / "pages.sqlite", fresh)
        where = "again"
        report = built(data, source)
        where = "from nothing"
        anew = built(fresh, source)
        assert report["items"] == anew["items"]
        one, other = (folder / "snapshots" / told["snapshot"] for folder, told in ((data, report), (fresh, anew)))
        for name in ("told.npy", "references.npy", "texts.bin", "lengths.npy"):
            assert said(one / name) == said(other / name), name
    assert 0 < 2 * judged["again"] < judged["from nothing"], judged
