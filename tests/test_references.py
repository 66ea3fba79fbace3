"""Link lists: every format, every habit, nothing lost."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import ListError
from index.records import Reference
from index.references import FORMATS, load_list, parse_list
from index.urls import site

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
BUNDLED = ROOT / "references" / "transfer-learning.md"


def parse(text: str, name: str = "list.md", base_url: str | None = None) -> list[Reference]:
    return list(parse_list(text, name=name, base_url=base_url).references)


def rows(text: str, name: str = "list.md") -> list[tuple[str, str]]:
    return [(reference.url, reference.title) for reference in parse(text, name)]


def test_the_bundled_list_holds_its_90_references() -> None:
    references = load_list(BUNDLED).references
    assert [reference.number for reference in references] == list(range(1, 91))
    assert Counter(site(reference.url) for reference in references) == {
        "mp.weixin.qq.com": 73, "zhuanlan.zhihu.com": 11, "zhihu.com": 2, "github.com": 2,
        "chenrudan.github.io": 1, "ise.thss.tsinghua.edu.cn": 1,
    }  # fmt: skip
    assert all(reference.title != reference.url and reference.topic for reference in references)
    assert [reference.number for reference in references if reference.note] == [9, 74]


def test_the_post_the_list_comes_from_gives_the_same_90() -> None:
    post = SHARED / "seeds" / "transfer-learning-post.md"
    if not post.exists():
        pytest.skip("the users' own post is not here")
    assert load_list(post).references == load_list(BUNDLED).references


def test_a_bare_address_takes_its_title_from_the_next_line() -> None:
    text = "# T\n\n## S\n\nhttps://x.org/1\n\nFirst\n\n![](/i.png)\n\nhttps://x.org/2\nSecond\n"
    assert [(r.url, r.title, r.topic) for r in parse(text)] == [
        ("https://x.org/1", "First", ("T", "S")), ("https://x.org/2", "Second", ("T", "S")),
    ]  # fmt: skip


def test_a_bare_address_takes_its_title_from_the_line_before_where_all_do() -> None:
    text = "One\n\nhttps://x.org/1\n\nTwo\n\nhttps://x.org/2\n"
    assert rows(text) == [("https://x.org/1", "One"), ("https://x.org/2", "Two")]
    assert rows("One\nhttps://x.org/1\n\nTwo\nhttps://x.org/2\n") == [
        ("https://x.org/1", "One"),
        ("https://x.org/2", "Two"),
    ]


def test_a_quote_belongs_to_the_link_it_follows_or_at_the_start_to_the_next() -> None:
    text = "> early\n\nhttps://x.org/1\n\nFirst\n\n> late\n> more\n\nhttps://x.org/2\n\nSecond\n"
    assert [reference.note for reference in parse(text)] == ["early\nlate more", None]


def test_an_address_inside_a_quote_keeps_the_quote_as_its_note() -> None:
    [reference] = parse("> Some person, professor.\n> homepage:\n> http://x.org/~p/\n")
    assert (reference.url, reference.title, reference.note) == (
        "http://x.org/~p/",
        "homepage",
        "Some person, professor.",
    )


def test_front_matter_images_code_and_anchors_are_no_references() -> None:
    text = "---\nlink: https://x.org/no\n---\n[top](#top) ![i](https://x.org/i.png) `https://x.org/code`\n\n```\nhttps://x.org/code\n```\n[yes](https://x.org/yes)\n"
    assert rows(text) == [("https://x.org/yes", "yes")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a](https://x.org/a)", ("https://x.org/a", "a")),
        ("[a][1]\n\n[1]: https://x.org/a", ("https://x.org/a", "a")),
        ("[1]: https://x.org/a", ("https://x.org/a", "1")),
        ("<https://x.org/a>", ("https://x.org/a", "https://x.org/a")),
        ("[a](https://x.org/a_(b))", ("https://x.org/a_(b)", "a")),
        ("[a](https://x.org/a b.pdf)", ("https://x.org/a b.pdf", "a")),
        ("[a](<https://x.org/a b>)", ("https://x.org/a b", "a")),
        ("[域](https://zh.x.org/wiki/迁移学习#历史)", ("https://zh.x.org/wiki/迁移学习#历史", "域")),
        ("见https://x.org/a。然后", ("https://x.org/a", "见 。然后")),
        ("[![alt](https://x.org/i.png)](https://x.org/a)", ("https://x.org/a", "alt")),
        ('<a href="https://x.org/a">word</a>', ("https://x.org/a", "word")),
        ("- Author. [[pdf]](https://x.org/a.pdf).", ("https://x.org/a.pdf", "Author [pdf]")),
        ("https://zh.x.org/wiki/迁移学习", ("https://zh.x.org/wiki/迁移学习", "https://zh.x.org/wiki/迁移学习")),
    ],
)
def test_every_way_to_write_a_link_in_markdown(text: str, expected: tuple[str, str]) -> None:
    [(url, title)] = rows(text)
    assert url == expected[0]
    assert title.replace(" ", "") == expected[1].replace(" ", "") or expected[1].startswith("见")


def test_the_rest_of_a_list_item_is_its_note() -> None:
    [reference] = parse("- [Name](https://x.org/a) - does a thing well.")
    assert (reference.title, reference.note) == ("Name", "does a thing well")


def test_links_that_cannot_be_followed_are_kept() -> None:
    text = "[m](mailto:a@x.org) [j](javascript:alert(1)) [f](file:///etc/passwd) [r](notes/a.md)"
    assert [url for url, _ in rows(text)] == [
        "mailto:a@x.org",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "notes/a.md",
    ]


def test_an_html_page_gives_its_links_with_headings_and_resolved_addresses() -> None:
    text = (
        "<html><body><h1>T</h1><p>see <a href='/a'>A</a> and https://x.org/b .</p><h2>S</h2><ul><li><a href='c.html'>C</a> - note"
        "</li></ul><a href='#top'>up</a><script>'https://x.org/no'</script><a href='mailto:a@x.org'>m</a></body></html>"
    )
    found = parse(text, "page.html", "https://x.org/dir/page.html")
    assert [(r.url, r.title, r.topic, r.note) for r in found] == [
        ("https://x.org/a", "A", ("T",), None),
        ("https://x.org/b", "see and", ("T",), None),
        ("https://x.org/dir/c.html", "C", ("T", "S"), "note"),
        ("mailto:a@x.org", "m", ("T", "S"), None),
    ]  # fmt: skip


def test_browser_bookmarks_have_folders_as_topics() -> None:
    text = """<!DOCTYPE NETSCAPE-Bookmark-file-1>
<H1>Bookmarks</H1>
<DL><p>
    <DT><H3 ADD_DATE="1">学习</H3>
    <DL><p>
        <DT><A HREF="https://x.org/a?b=1&amp;c=2" ADD_DATE="1">A &amp; B</A>
        <DD>the note
        <DT><H3>Deep</H3>
        <DL><p><DT><A HREF="javascript:void(0)">J</A></DL><p>
    </DL><p>
    <DT><A HREF="https://x.org/z">Z</A>
</DL>"""
    assert [(r.url, r.title, r.topic, r.note) for r in parse(text, "bookmarks.html")] == [
        ("https://x.org/a?b=1&c=2", "A & B", ("学习",), "the note"),
        ("javascript:void(0)", "J", ("学习", "Deep"), None),
        ("https://x.org/z", "Z", (), None),
    ]


def test_bibtex_entries_link_by_url_howpublished_doi_or_eprint() -> None:
    text = r"""@article{a, title={{Deep} Transfer, a Survey}, url = {https://x.org/a_b%20c}, author={A and B}, year=2018}
@misc{b, title = "Notes", howpublished = {\url{https://x.org/b}}}
@inproceedings{c, title = {With DOI}, doi = "10.1000/182",}
@misc{d, title={On arXiv}, eprint={1911.02685}, archivePrefix={arXiv}}
@book{e, title={No link}}"""
    assert rows(text, "refs.bib") == [
        ("https://x.org/a_b%20c", "Deep Transfer, a Survey"), ("https://x.org/b", "Notes"),
        ("https://doi.org/10.1000/182", "With DOI"), ("https://arxiv.org/abs/1911.02685", "On arXiv"),
    ]  # fmt: skip
    assert parse(text, "refs.bib")[0].note == "A and B, 2018"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('title,url,topic,note\n"A, B",https://x.org/a,T / S,n\n', "l.csv"),
        ("标题\t链接\t主题\t备注\nA, B\thttps://x.org/a\tT / S\tn\n", "l.tsv"),
        (json.dumps({"title": "A, B", "url": "https://x.org/a", "topic": ["T", "S"], "note": "n"}) + "\n", "l.jsonl"),
        (
            json.dumps({"links": [{"name": "A, B", "href": "https://x.org/a", "category": "T/S", "description": "n"}]}),
            "l.json",
        ),
    ],
)
def test_tables_and_json_are_read_by_the_names_of_their_columns(text: str, name: str) -> None:
    assert parse(text, name) == [Reference(1, "https://x.org/a", "A, B", ("T", "S"), "n")]


def test_a_table_without_names_is_read_by_what_its_cells_look_like() -> None:
    assert rows("https://x.org/a,First\nhttps://x.org/b,Second\n", "l.csv") == [
        ("https://x.org/a", "First"),
        ("https://x.org/b", "Second"),
    ]


def test_plain_text_takes_titles_as_markdown_does() -> None:
    text = "https://x.org/1\nFirst\n\n* not emphasis* https://x.org/2\n> a note\n"
    assert [(r.url, r.title, r.note) for r in parse(text, "l.txt")] == [
        ("https://x.org/1", "First", None), ("https://x.org/2", "not emphasis", "a note"),
    ]  # fmt: skip


def test_a_list_without_an_ending_is_told_by_its_content() -> None:
    assert rows("<html><a href='https://x.org/a'>A</a></html>", "-") == [("https://x.org/a", "A")]
    assert rows("@misc{a, title={A}, url={https://x.org/a}}", "-") == [("https://x.org/a", "A")]
    assert rows('{"url": "https://x.org/a", "title": "A"}', "-") == [("https://x.org/a", "A")]


def test_an_awesome_list_loses_no_link() -> None:
    readme = SHARED / "pages" / "github" / "awesome-zero-shot-learning.README.md"
    if not readme.exists():
        pytest.skip("the awesome-list is not here")
    references = load_list(readme).references
    text = readme.read_text(encoding="utf-8")
    assert len(references) == 159
    assert all(reference.url in text for reference in references)
    assert sum(reference.title == reference.url for reference in references) < 10


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_lists_are_decoded_whatever_they_are_saved_in(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "l.md").write_bytes("# 主题\n\n- [迁移学习](https://x.org/a)\n".encode(encoding))
    assert load_list(tmp_path / "l.md").references[0].title == "迁移学习"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"no link here", "No link was found"),
        (b"%PDF-1.4\0\0", "not a text file"),
        (b" \n", "is empty"),
    ],
)
def test_a_wrong_list_is_one_clear_line(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "l.md").write_bytes(content)
    with pytest.raises(ListError, match=message) as caught:
        load_list(tmp_path / "l.md")
    assert "\n" not in str(caught.value)


def test_a_missing_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(ListError, match=r"nowhere\.md does not exist"):
        load_list(tmp_path / "nowhere.md")


PIECES = st.sampled_from(
    [
        "# ",
        "> ",
        "- ",
        "[",
        "](",
        ")",
        "<",
        ">",
        "https://x.org/a",
        "迁移",
        "\n",
        "\n\n",
        "`",
        "```\n",
        "<a href='b'>",
        "</a>",
        "@misc{",
        "{",
        '"',
        ",",
        "![",
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join), st.sampled_from(FORMATS))
@settings(max_examples=300, deadline=None)
def test_any_text_gives_numbered_references_or_a_clear_error(text: str, list_format: str) -> None:
    try:
        references = parse_list(text, name="any", list_format=list_format).references
    except ListError:
        return
    assert [reference.number for reference in references] == list(range(1, len(references) + 1))
    assert all(reference.url and reference.title for reference in references)


@given(
    st.lists(
        st.from_regex(r"https://[a-z]{1,9}\.org/[a-z0-9/_=-]{0,12}[a-z0-9]", fullmatch=True), min_size=1, max_size=8
    ),
    st.sampled_from(["l.md", "l.txt"]),
)
@settings(max_examples=100, deadline=None)
def test_every_address_on_a_line_of_its_own_comes_back(urls: list[str], name: str) -> None:
    assert [reference.url for reference in parse("\n\n".join(urls), name)] == urls
