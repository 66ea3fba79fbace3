"""Web addresses: what is meant, what is sent, what is the same page."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.urls import clean_url, identity, is_web, request_url, site

TEXT = st.text(max_size=80)
ADDRESS = st.builds(
    lambda host, path, query: f"https://{host}.example.org/{path}{'?' + query if query else ''}",
    st.from_regex(r"[a-z]{1,8}", fullmatch=True),
    st.text(alphabet="abcXYZ019/-_.~%迁移学习 ", max_size=20),
    st.text(alphabet="abc=&1迁", max_size=12),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://x.org/a.", "https://x.org/a"),
        ("（https://x.org/a）。", "https://x.org/a"),
        ("<https://x.org/a>", "https://x.org/a"),
        ("https://x.org/Transfer_(learning)", "https://x.org/Transfer_(learning)"),
        ("(https://x.org/Transfer_(learning))", "https://x.org/Transfer_(learning)"),
        ("www.x.org/a", "http://www.x.org/a"),
        ("https://zh.x.org/wiki/迁移学习", "https://zh.x.org/wiki/迁移学习"),
        ("mailto:a@x.org", None),
        ("javascript:alert(1)", None),
        ("notes/a.md", None),
        ("http://", None),
    ],
)
def test_the_address_a_person_meant(text: str, expected: str | None) -> None:
    assert clean_url(text) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "https://zh.x.org/wiki/迁移 学习?q=域#top",
            "https://zh.x.org/wiki/%E8%BF%81%E7%A7%BB%20%E5%AD%A6%E4%B9%A0?q=%E5%9F%9F",
        ),
        ("HTTP://X.org:80", "http://x.org/"),
        ("https://例子.x.org/a%20b", "https://xn--fsqu00a.x.org/a%20b"),
    ],
)
def test_what_is_sent_is_ascii_and_encoded_once(url: str, expected: str) -> None:
    assert request_url(url) == expected


@pytest.mark.parametrize(
    "other",
    [
        "http://x.org/a?b=1",
        "https://www.x.org/a?b=1",
        "https://x.org:443/a/?b=1#part",
        "https://x.org/a?utm_source=y&b=1",
        "https://X.org/%61?b=1",
    ],
)
def test_what_does_not_make_another_page(other: str) -> None:
    assert identity(other) == identity("https://x.org/a?b=1")


@pytest.mark.parametrize(
    "other",
    [
        "https://x.org/A?b=1",
        "https://x.org/a?b=2",
        "https://y.org/a?b=1",
        "https://x.org:8080/a?b=1",
        "https://x.org/a",
    ],
)
def test_what_makes_another_page(other: str) -> None:
    assert identity(other) != identity("https://x.org/a?b=1")


def test_a_wechat_article_is_its_account_number_and_position() -> None:
    long = "https://mp.weixin.qq.com/s?__biz=MzA=&mid=2650&idx=1&sn=abc&chksm=1&scene=21#wechat_redirect"
    assert identity(long) == identity("http://mp.weixin.qq.com/s?idx=1&mid=2650&__biz=MzA=&sn=zzz")
    assert identity("https://mp.weixin.qq.com/s/Ut_of4?scene=1") == identity("https://mp.weixin.qq.com/s/Ut_of4")


def test_the_site_is_the_host_without_www() -> None:
    assert (site("https://www.X.org/a"), site("mailto:a@x.org")) == ("x.org", "")


@given(TEXT)
@settings(max_examples=200, deadline=None)
def test_no_text_makes_them_raise_and_cleaning_twice_changes_nothing(text: str) -> None:
    cleaned = clean_url(text)
    assert cleaned is None or (is_web(cleaned) and clean_url(cleaned) == cleaned)
    assert isinstance(identity(text), str)
    assert isinstance(site(text), str)


@given(ADDRESS)
@settings(max_examples=200, deadline=None)
def test_a_request_is_ascii_stable_and_the_same_page(url: str) -> None:
    sent = request_url(url)
    assert sent.isascii()
    assert " " not in sent
    assert request_url(sent) == sent
    assert identity(sent) == identity(url)
