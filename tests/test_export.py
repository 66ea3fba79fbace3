"""What a reader takes along parses in other programs' readers, and other people's words stay words in it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.export import answer_markdown, bibtex, conversation_markdown, ris, sources
from rag.questions import understand
from rag.records import Answer, Citation
from rag.words import listing_text
from tests.small_library import ATTACK

TEXTS = st.text(max_size=60) | st.sampled_from(
    [
        ATTACK, "{unbalanced", "100% {of} _it_ & more \\end", 'say "x" @misc{y,', "ER  - \r\nTY  - JOUR", "]: <http://evil.test>\n# H", "$x^2~",
        "1. one", "+ plus", "- minus", "~~~", "a\u202eb\u200bc", "\\", "<img src=x>", "www.evil.test", "[^1]: forged", "===", "```",
    ]
)  # fmt: skip


def cited(**more: Any) -> Citation:
    given = {
        "number": 1, "reference": 7, "url": "https://x.test/a?b=1&c={d}%20", "title": "T", "topic": (), "site": "x.test", "author": None,
        "published": None, "fetched_at": "2026-01-02T00:00:00+00:00", "outcome": "read", "quote": "q", "start": 0, "end": 1,
        "passage_url": "https://x.test/#:~:text=q", "stored_url": "/x", "score": 0.5,
    }  # fmt: skip
    return Citation(**{**given, **more})


def answer(text: str, *citations: Citation) -> Answer:
    return Answer(text, False, citations, (), "s")


def clean(text: str) -> str:
    """What is left of a text as one line of visible characters."""
    hidden = "[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
    return " ".join(re.sub(hidden, " ", text).split())


@given(title=TEXTS, author=TEXTS)
@settings(max_examples=120, deadline=None)
def test_bibtex_parses_to_the_same_words(title: str, author: str) -> None:
    import bibtexparser
    from bibtexparser.middlewares import LatexDecodingMiddleware

    source = cited(title=title, author=author)
    library = bibtexparser.parse_string(bibtex([source, cited(reference=8)]))
    assert [entry.key for entry in library.entries] == ["citeback-7", "citeback-8"] and not library.failed_blocks
    entry = library.entries[0]
    assert entry["url"] == "https://x.test/a?b=1&c=%7Bd%7D%20" and entry["urldate"] == "2026-01-02"
    assert set(entry.fields_dict) <= {"title", "author", "howpublished", "url", "urldate"}
    decoded = bibtexparser.parse_string(bibtex([source]), append_middleware=[LatexDecodingMiddleware()]).entries[0]
    assert squeezed(decoded["title"]) == squeezed(clean(title) or source.url)


def squeezed(text: str) -> str:
    """Compare letters and signs, not how LaTeX writes quotation marks, braces and spaces."""
    return re.sub(
        r"[\s{}\"'’”“‘`´]|--+|—|–", "", text.replace("ˆ", "^").replace("˜", "~").replace("<<", "«").replace(">>", "»")
    )


@given(title=TEXTS, author=TEXTS)
@settings(max_examples=120, deadline=None)
def test_ris_parses_to_the_same_words(title: str, author: str) -> None:
    import rispy

    entries = rispy.loads(ris([cited(title=title, author=author), cited(reference=8)]))
    assert len(entries) == 2
    assert entries[0]["title"].strip() == (clean(title) or "https://x.test/a?b=1&c={d}%20")
    assert entries[0]["id"] == "citeback-7" and entries[1]["id"] == "citeback-8"
    assert (entries[0].get("authors") or [""])[0].strip() == clean(author)


def tokens(markdown: str) -> list[Any]:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.footnote import footnote_plugin

    parser = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough").use(footnote_plugin)
    found = parser.parse(markdown)
    return [*found, *(child for token in found for child in token.children or ())]


@given(text=TEXTS, title=TEXTS, quote=TEXTS)
@settings(max_examples=150, deadline=None)
def test_markdown_has_footnotes_and_no_markup_of_others(text: str, title: str, quote: str) -> None:
    source = cited(title=title, quote=quote, site=text)
    drawn = conversation_markdown([(text or "q", answer(f"{text} [1]\n\nEnd [2].", source))], title=title)
    kinds = {token.type for token in tokens(drawn)}
    assert not kinds & {
        "html_inline",
        "html_block",
        "image",
        "code_block",
        "fence",
        "table_open",
        "em_open",
        "strong_open",
    }
    assert not kinds & {"code_inline", "s_open", "ordered_list_open", "blockquote_open", "hr"}
    links = [token.attrs["href"] for token in tokens(drawn) if token.type == "link_open"]
    assert links == ["https://x.test/#:~:text=q"]
    assert {t.meta["label"] for t in tokens(drawn) if t.type == "footnote_ref"} == {"1-1"}
    assert sum(token.type == "heading_open" for token in tokens(drawn)) <= 2


def test_an_answer_as_markdown_reads_well() -> None:
    drawn = answer_markdown(answer("Two:\n- a_b [1]\n- c [1][3]", cited(title="A *title*", quote="one\ntwo")))
    assert drawn.startswith(
        "Two:\n- a\\_b[^1]\n- c[^1]\\[3\\]\n\n[^1]: A \\*title\\* (x.test, 2026-01-02): “one two” <https://x.test/"
    )


def test_each_source_is_given_once() -> None:
    first, second = cited(), cited(number=2)
    other = cited(number=3, reference=9)
    assert [c.reference for c in sources([answer("", first, second), answer("", other, first)])] == [7, 9]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "", "file:///etc/passwd"])
def test_only_web_addresses_are_written(url: str) -> None:
    source = cited(url=url, passage_url=url, title="T")
    assert "url =" not in bibtex([source]) and "UR  -" not in ris([source])
    assert answer_markdown(answer("x [1]", source)) == "x[^1]\n\n[^1]: T (x.test, 2026-01-02): “q”\n"


def test_a_list_tells_what_stands_in_it_twice_from_what_was_not_read() -> None:
    every = [cited(number=n, outcome=outcome) for n, outcome in enumerate(("read", "duplicate", "deleted"), 1)]
    told = {q: listing_text(understand(q), every).split("\n")[1:] for q in ("which articles are about A?", "哪些文章讲A？")}
    assert [line.count("title only") + 2 * line.count("same article") for line in told["which articles are about A?"]] == [0, 2, 1]
    assert [line.count("仅知标题") + 2 * line.count("同一篇") for line in told["哪些文章讲A？"]] == [0, 2, 1]
