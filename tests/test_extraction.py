"""Readers against hand-made expected text, and the promise that a new one is a file, an entry and a fixture."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

from index.readers import READERS, Document
from index.records import Article, Page

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs" / "add-a-reader.md").read_text(encoding="utf-8")


def test_every_fixture_is_read_as_a_person_would_keep_it() -> None:
    bench = runpy.run_path(str(ROOT / "bench" / "extraction.py"))
    assert len(list((ROOT / "bench" / "pages").glob("*.html"))) >= 12
    assert bench["fixtures"]() == []


def test_the_score_tells_a_lost_paragraph_from_a_whole_text() -> None:
    f1 = runpy.run_path(str(ROOT / "bench" / "extraction.py"))["f1"]
    text = (ROOT / "bench" / "pages" / "hexo-post.md").read_text(encoding="utf-8")
    assert f1(text, text) == 1.0
    assert f1(text[: len(text) * 3 // 4], text) < 0.9
    assert f1("", text) < 0.01


def test_every_reader_is_in_the_tables() -> None:
    names = {re.sub(r"Reader$", "", type(reader).__name__).lower() for reader in READERS}
    pages = (ROOT / "docs" / "pages.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \| [^|]+\| [^|]+\|$", pages, re.M)) == names
    table = (ROOT / "index" / "readers" / "__init__.py").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| \w+ \| .* \| ``(\w+)`` \|$", table, re.M)) == names
    assert all((ROOT / "index" / "readers" / f"{name}.py").exists() for name in names)


def test_the_reader_of_the_guide_works_as_it_stands_there() -> None:
    code, html = (re.findall(rf"```{kind}\n(.*?)```", GUIDE, re.S)[0] for kind in ("python", "html"))
    space: dict[str, Any] = {"__name__": "talks"}
    exec(compile(code, "docs/add-a-reader.md", "exec"), space)
    url = "https://talks.example.org/1"
    document = Document(
        Page("k", url, 200, (("content-type", "text/html"),), html.encode(), "2026-01-01T00:00:00+00:00")
    )
    reader = space["TalksReader"]()
    assert reader.accepts(document)
    found = reader.read(document)
    assert isinstance(found, Article)
    assert (found.title, found.author) == ("On kettles", "Ada Lin")
    assert found.text == "## Heat\n\nA kettle of copper boils a litre in two minutes. Let me show you why."
