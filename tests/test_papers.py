"""PDF, arXiv, reStructuredText and code: pages of a PDF are known, scans are partial, structure is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.add import add_pages
from index.build import BuildOptions, build
from index.config import Settings
from index.readers import read
from index.records import Article, Outcome, Page
from index.store import Snapshot
from rag import Assistant
from tests.paper import pdf

FIRST = [
    "Kettle Review 7", "1. Introduction",
    "The kettle of copper boils a litre of water in two minutes, because copper conducts heat",
    "better than iron does. Its handle is made of beech, which hardly conducts any heat at all, so",
    "that nobody was burnt in the 40 trials we made.", "1",
]  # fmt: skip
SECOND = [
    "Kettle Review 7", "2. Enamel pots",
    "Enamel pots were slower in every trial: they needed nine minutes for the same litre, and the",
    "enamel cracked twice. The cracks were found at the rim, where the wall of the pot is",
    "thinnest and the", "2",
]  # fmt: skip
THIRD = [
    "Kettle Review 7", "flame touches it first. We conclude that enamel is no material for kettles at all.", "3",
]  # fmt: skip


def page(body: bytes | str, kind: str, url: str = "https://x.org/kettle.pdf") -> Page:
    content = body.encode() if isinstance(body, str) else body
    return Page("k", url, 200, (("content-type", kind),), content, "2026-01-01T00:00:00+00:00")


def article(body: bytes | str, kind: str, url: str = "https://x.org/kettle.pdf") -> Article:
    found = read(page(body, kind, url))
    assert isinstance(found, Article), found
    return found


def test_a_pdf_is_paragraphs_and_headings_without_running_heads_and_page_numbers() -> None:
    found = article(pdf([FIRST, SECOND, THIRD], title="On Kettles"), "application/pdf")
    assert (found.title, found.reader, found.outcome) == ("On Kettles", "pdf", Outcome.READ)
    assert found.text.startswith(
        "## 1. Introduction\n\nThe kettle of copper boils a litre of water in two minutes, because copper conducts heat better"
    )
    assert "Kettle Review" not in found.text
    assert "where the wall of the pot is thinnest and the flame touches it first." in found.text


def test_every_character_of_a_pdf_knows_its_page() -> None:
    found = article(pdf([FIRST, SECOND, THIRD]), "application/pdf")
    first, second, third = found.page_starts
    assert first == 0
    assert found.text[second:].startswith("## 2. Enamel pots")
    assert found.text[third:].startswith("flame touches it first.")


def test_a_pdf_is_told_by_its_first_bytes_whatever_its_type() -> None:
    assert article(pdf([FIRST]), "application/octet-stream").reader == "pdf"


def test_a_scanned_pdf_is_partial_and_says_how_to_read_it() -> None:
    found = article(pdf([[], [], FIRST]), "application/pdf")
    assert found.outcome is Outcome.PARTIAL
    assert found.reason == "2 of 3 pages hold no text: they are scans or pictures"
    assert "ocrmypdf" in str(found.hint)


@pytest.mark.parametrize("body", [b"%PDF-1.4\ngarbage", b"%PDF-", pdf([FIRST])[:200]])
def test_a_damaged_pdf_is_one_clear_outcome(body: bytes) -> None:
    result = read(page(body, "application/pdf"))
    assert not isinstance(result, Article)
    assert (result.outcome, bool(result.hint)) == (Outcome.FAILED, True)


def test_a_citation_of_a_pdf_names_its_page_and_links_it(tmp_path: Path) -> None:
    (tmp_path / "list.md").write_text(
        "- [Kettles](https://x.org/kettle.pdf)\n- [A scan](https://x.org/scan.pdf)\n", encoding="utf-8"
    )
    (tmp_path / "kettle.pdf").write_bytes(pdf([FIRST, SECOND, THIRD]))
    (tmp_path / "scan.pdf").write_bytes(pdf([[], []]))
    settings = Settings(data=tmp_path / "data")
    build(settings, BuildOptions(lists=(str(tmp_path / "list.md"),), offline=True), lambda *_: None)
    added = add_pages(settings, [tmp_path / "kettle.pdf", tmp_path / "scan.pdf"])
    assert [(entry.reference, entry.accepted) for entry in added] == [(1, True), (2, True)]
    build(settings, BuildOptions(offline=True), lambda *_: None)
    answer = Assistant.open(settings.data).ask("How long did enamel pots need for a litre?")
    [citation] = [c for c in answer.citations if "nine minutes" in c.quote]
    assert (citation.page, citation.passage_url) == (2, "https://x.org/kettle.pdf#page=2")
    assert citation.as_json()["page"] == 2
    scan = Snapshot.open(settings.data).item(2)
    assert scan is not None
    assert (scan.outcome, scan.characters) == (Outcome.PARTIAL, 0)


def test_an_arxiv_page_is_title_authors_and_abstract() -> None:
    body = """<html><head><meta name="citation_title" content="On Kettles"><meta name="citation_author" content="Lin, Ada">
    <meta name="citation_author" content="Bao, Wei"><meta name="citation_date" content="2020/02/03"><meta name="citation_arxiv_id" content="2002.00001">
    </head><body><div>Search arXiv Help Login</div><h1 class="title mathjax"><span class="descriptor">Title:</span>On Kettles</h1>
    <blockquote class="abstract mathjax"><span class="descriptor">Abstract:</span>We boil water. It takes two minutes.</blockquote>
    <table><tr><td class="tablecell comments">8 pages</td></tr></table><div class="extra">View PDF, Bibliographic tools</div></body></html>"""
    found = article(body, "text/html", "https://arxiv.org/abs/2002.00001v2")
    assert (
        found.text
        == "# On Kettles\n\nAuthors: Ada Lin, Wei Bao\n\n## Abstract\n\nWe boil water. It takes two minutes.\n\nComments: 8 pages"
    )
    assert (found.title, found.author, found.published) == ("On Kettles", "Ada Lin, Wei Bao", "2020-02-03")
    assert found.canonical_url == "https://arxiv.org/abs/2002.00001"


def test_a_paper_as_html_keeps_its_sections_and_formulas() -> None:
    body = """<html><body><nav>Report an issue</nav><article class="ltx_document"><h1 class="ltx_title">On Kettles</h1>
    <section><h2 class="ltx_title">1 Heat</h2><div class="ltx_para"><p>The law is <math alttext="Q=mc\\Delta T"><mi>Q</mi></math>, and the kettle
    obeys it in every one of the trials that we made.</p></div></section></article></body></html>"""
    found = article(body, "text/html", "https://arxiv.org/html/2002.00001")
    assert "## 1 Heat\n\nThe law is $Q=mc\\Delta T$ , and the kettle obeys" in found.text
    assert "Report an issue" not in found.text


RST = """Kettle
======

Boil with :func:`kettle.boil` or `the manual <https://x.org/manual>`_; the law is :math:`Q=mc`.

.. code-block:: python

   boil(2)

Parts
-----

* body
* lid

.. include:: /etc/passwd

.. raw:: html

   <script>alert(1)</script>
"""


@pytest.mark.parametrize(
    ("url", "kind"), [("https://x.org/README.rst", "text/plain"), ("https://x.org/readme", "text/plain")]
)
def test_restructured_text_becomes_markdown_and_includes_nothing(url: str, kind: str) -> None:
    found = article(RST, kind, url)
    assert found.text == (
        "# Kettle\n\nBoil with `kettle.boil` or [the manual](https://x.org/manual); the law is $Q=mc$ .\n\n"
        "```\nboil(2)\n```\n\n## Parts\n\n- body\n- lid"
    )


def test_a_source_file_is_code_and_plain_text_stays_as_it_is() -> None:
    assert (
        article("# not a heading\nx = 1\n", "text/plain", "https://x.org/a.py").text
        == "```\n# not a heading\nx = 1\n```"
    )
    assert article("One line.\nAnother.\n", "text/plain", "https://x.org/a.txt").text == "One line.\nAnother."
