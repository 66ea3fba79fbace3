"""GitHub pages: repository, file, issue, discussion, gist, as markup and as data blocks. Fixtures are written here."""

from __future__ import annotations

import json
from typing import Any

from index.readers import read
from index.records import Article, Outcome, Page

README = (
    '<article class="markdown-body"><div class="markdown-heading"><h1>Kettle</h1><a class="anchor" href="#k"><svg></svg></a></div>'
    '<p><a href="https://ci.example.org"><img src="https://img.example.org/b.svg" alt="build passing"></a></p>'
    '<p>Boils water; see <a href="https://x.org/manual">the manual</a> and <a href="docs/a.md">the docs</a>.</p>'
    '<div class="highlight highlight-source-python"><pre>boil(2)\nstop()</pre></div><ul><li>lid</li></ul></article>'
)
MARKDOWN = "# Kettle\n\nBoils water; see [the manual](https://x.org/manual) and the docs.\n\n```\nboil(2)\nstop()\n```\n\n- lid"


def fetched(body: str, url: str) -> Page:
    return Page("k", url, 200, (("content-type", "text/html"),), body.encode(), "2026-01-01T00:00:00+00:00")


def article(body: str, url: str) -> Article:
    found = read(fetched(body, url))
    assert isinstance(found, Article), found
    return found


def carrying(data: dict[str, Any], title: str = "t · GitHub") -> str:
    script = json.dumps(data).replace("</", "<\\/")
    return f'<html><head><title>{title}</title></head><body><div id="nav">Sign in</div><script type="application/json">{script}</script></body></html>'


def test_a_repository_is_its_readme() -> None:
    data = {"props": {"initialPayload": {"overview": {"overviewFiles": [
        {"path": "LICENSE", "richText": "<p>MIT</p>"}, {"path": "README.md", "richText": README}]}}}}  # fmt: skip
    found = article(carrying(data), "https://github.com/ada/kettle")
    assert (found.text, found.title, found.author, found.reader) == (MARKDOWN, "ada/kettle", "ada", "github")


def test_an_older_page_holds_the_readme_in_its_markup() -> None:
    body = f'<html><div class="Layout">Files, commits</div><div id="readme">{README}</div></html>'
    assert article(body, "https://github.com/ada/kettle").text == MARKDOWN


def test_a_repository_without_readme_says_what_to_link() -> None:
    result = read(fetched(carrying({"props": {}}), "https://github.com/ada/kettle"))
    assert not isinstance(result, Article)
    assert result.outcome is Outcome.NEEDS_RENDERING
    assert "raw.githubusercontent.com/ada/kettle" in str(result.hint)


def test_a_file_is_its_text_or_its_code() -> None:
    rich = carrying({"payload": {"blob": {"richText": README, "rawLines": None}}})
    assert article(rich, "https://github.com/ada/kettle/blob/main/docs/a.md").text == MARKDOWN
    code = carrying({"payload": {"codeViewBlobRoute": {"rawLines": ["def boil():", "    return 100"]}}})
    assert article(code, "https://github.com/ada/kettle/blob/main/a.py").text == "```\ndef boil():\n    return 100\n```"


def test_an_issue_has_a_section_a_post_and_says_when_posts_are_missing() -> None:
    issue = {
        "title": "It leaks", "bodyHTML": "<p>Water comes out.</p>", "author": {"login": "ada"},
        "frontTimelineItems": {"totalCount": 90, "pageInfo": {"hasNextPage": True}, "edges": [
            {"node": {"bodyHTML": "<p>Close the <code>lid</code>.</p>", "author": {"login": "wei"}}}, {"node": {"__typename": "LabeledEvent"}}]},
    }  # fmt: skip
    found = article(
        carrying(
            {"payload": {"preloadedQueries": [{"result": {"data": {"repository": {"issue": issue}}}}]}},
            "It leaks · Issue #7 · ada/kettle · GitHub",
        ),
        "https://github.com/ada/kettle/issues/7",
    )
    assert found.text == "## ada\n\nWater comes out.\n\n## wei\n\nClose the `lid`."
    assert (found.title, found.outcome) == ("It leaks", Outcome.PARTIAL)
    assert found.reason == "the first 2 posts were read"


def test_a_discussion_is_read_from_its_markup() -> None:
    post = '<div class="TimelineItem"><a class="author">{}</a><table><td class="comment-body markdown-body"><p>{}</p></td></table></div>'
    body = f"<html><title>Tea? · ada/kettle · Discussion #3 · GitHub</title>{post.format('ada', 'Which tea?')}{post.format('wei', 'Green tea.')}</html>"
    found = article(body, "https://github.com/ada/kettle/discussions/3")
    assert found.text == "## ada\n\nWhich tea?\n\n## wei\n\nGreen tea."


def test_a_gist_is_its_files() -> None:
    body = (
        f'<html><div id="file-a-md" class="file my-2"><strong class="gist-blob-name">a.md</strong>{README}</div>'
        '<div id="file-b-py" class="file my-2"><strong class="gist-blob-name">b.py</strong><table><tr><td class="blob-num"></td>'
        '<td class="blob-code">x = 1</td></tr><tr><td class="blob-code">y = 2</td></tr></table></div></html>'
    )
    found = article(body, "https://gist.github.com/ada/0f")
    assert found.text == f"## a.md\n\n{MARKDOWN}\n\n## b.py\n\n```\nx = 1\ny = 2\n```"
