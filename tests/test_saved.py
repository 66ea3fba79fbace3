"""Saved files of every kind find their reference; walls are refused; the inbox is taken in. Files are written here."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from index.add import add_pages
from index.attach import Added
from index.build import BuildOptions, build
from index.config import Settings
from index.errors import UsageError
from index.readers.saved import load_saved
from index.store import Snapshot
from tests.paper import pdf

WORDS = "水壶的底是铜做的，导热很快，所以两分钟就能把水烧开；把手用榉木做成，握着不烫。" * 3
LIST = """# 器物
- [水壶的构造](https://blog.example.org/kettle.html?utm_source=x)
- [微信里的水壶](https://mp.weixin.qq.com/s?__biz=MzA=&mid=265&idx=2&sn=abc&scene=1#rd)
- [论文](https://papers.example.org/1502.02791.pdf)
- [faceai](https://github.com/vipstone/faceai)
- [怎么选水壶？](https://www.zhihu.com/question/5)
- [墙](https://wall.example.org/a)
"""
HTML = f"<html><head><title>水壶</title></head><body><article><p>{WORDS}</p></article></body></html>"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "list.md").write_text(LIST, encoding="utf-8")
    settings = Settings(data=tmp_path / "data")
    build(settings, BuildOptions(lists=(str(tmp_path / "list.md"),), offline=True), lambda *_: None)
    return settings


def add(settings: Settings, name: str, body: str | bytes, url: str | None = None) -> Added:
    path = settings.data.parent / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(body.encode() if isinstance(body, str) else body)
    [entry] = add_pages(settings, [path], url=url)
    return entry


def mhtml(url: str, html: str = HTML) -> str:
    return (
        f"From: <Saved by Blink>\r\nSnapshot-Content-Location: {url}\r\nSubject: =?utf-8?Q?=E6=B0=B4?=\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="----B"\r\n\r\n------B\r\nContent-Type: text/html; charset=utf-8\r\n'
        f"Content-Transfer-Encoding: 8bit\r\nContent-Location: {url}\r\n\r\n{html}\r\n------B\r\nContent-Type: image/png\r\n"
        "Content-Transfer-Encoding: base64\r\nContent-Location: https://blog.example.org/a.png\r\n\r\niVBORw0KGgo=\r\n------B--\r\n"
    )


def warc(pages: dict[str, tuple[str, str, str]], *, zipped: bool) -> bytes:
    out = b""
    for url, (status, kind, body) in pages.items():
        response = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n\r\n{body}".encode()
        head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
        more = f"WARC-Record-ID: <urn:uuid:0>\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: {len(response)}\r\n\r\n"
        record = (head + more).encode() + response + b"\r\n\r\n"
        out += gzip.compress(record) if zipped else record
    return out


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a.html", HTML.replace("<head>", '<head><link rel="canonical" href="https://blog.example.org/kettle.html">')),
        ("a.html", "<!--\n Page saved with SingleFile \n url: http://blog.example.org/kettle.html#top \n saved date: x\n-->" + HTML),
        ("saved", "<!DOCTYPE html><!-- saved from url=(0036)https://blog.example.org/kettle.html -->" + HTML),
        ("a.mhtml", mhtml("https://blog.example.org/kettle.html")),
        ("a.eml-like", mhtml("https://www.blog.example.org/kettle.html")),
        ("水壶的构造.html", HTML),
        ("水壶的构造.pdf", pdf([["The kettle is made of copper, and its handle is made of beech."]])),
        ("kettle.html", HTML),
        ("a.html.gz", gzip.compress(HTML.replace("<head>", '<head><meta property=og:url content="https://blog.example.org/kettle.html">').encode())),
    ],
)  # fmt: skip
def test_a_saved_page_finds_its_reference(settings: Settings, name: str, body: str | bytes) -> None:
    entry = add(settings, name, body)
    assert (entry.accepted, entry.reference) == (True, 1), entry


def test_a_wechat_page_finds_its_reference_by_account_message_and_position(settings: Settings) -> None:
    head = '<meta property="og:url" content="https://mp.weixin.qq.com/s/ShortToken">'
    script = '<script>var biz = "MzA="; var mid = "265"; var idx = "2"; var ct = "1580688000";</script>'
    entry = add(
        settings,
        "w.html",
        f'<html><head>{head}</head><body>{script}<div id="js_content"><p>{WORDS}</p></div></body></html>',
    )
    assert (entry.accepted, entry.reference) == (True, 2), entry


def test_a_paper_is_found_by_its_file_name_and_a_readme_by_its_repository(settings: Settings) -> None:
    assert (
        add(
            settings, "1502.02791.pdf", pdf([["Deep networks transfer well when their features are adapted."]])
        ).reference
        == 3
    )
    assert add(settings, "faceai.README.md", "# FaceAI\n\n人脸识别的入门项目。").reference == 4


@pytest.mark.parametrize("zipped", [False, True])
def test_a_web_archive_gives_every_page_it_holds(settings: Settings, zipped: bool) -> None:
    pages = {
        "https://blog.example.org/kettle.html": ("200 OK", "text/html; charset=utf-8", HTML),
        "https://blog.example.org/a.js": ("200 OK", "application/javascript", "x"),
        "https://www.zhihu.com/question/5": ("302 Found", "text/html", ""),
        "https://wall.example.org/a": ("403 Forbidden", "text/html", "<p>no</p>"),
        "https://other.example.org/": ("200 OK", "text/html", HTML),
    }
    path = settings.data.parent / ("a.warc.gz" if zipped else "a.warc")
    path.write_bytes(warc(pages, zipped=zipped))
    entries = add_pages(settings, [path])
    assert [(e.reference, e.accepted) for e in entries] == [(1, True), (6, False), (None, False)]
    assert "blocked" in entries[1].reason
    assert "--url LINK" in entries[2].reason


def test_a_wall_is_refused_with_its_reason_and_stays_out(settings: Settings) -> None:
    entry = add(
        settings,
        "w.html",
        "<html><title>安全验证 - 知乎</title><p>请完成验证</p></html>",
        "https://www.zhihu.com/question/5",
    )
    assert not entry.accepted
    assert "blocked" in entry.reason


def test_a_page_of_no_reference_is_named_with_the_way_to_attach_it(settings: Settings) -> None:
    stray = add(
        settings, "x.html", HTML.replace("<head>", '<head><link rel="canonical" href="https://nowhere.example.org/">')
    )
    assert "https://nowhere.example.org/ is in no list" in stray.reason
    assert "citeback add" in stray.reason
    assert "is in no list" in add(settings, "y.html", HTML, "https://nowhere.example.org/").reason


def test_two_references_of_one_title_are_never_guessed(tmp_path: Path) -> None:
    (tmp_path / "list.md").write_text(
        "- [水壶的构造](https://a.example.org/1)\n- [水壶的构造](https://b.example.org/2)\n", encoding="utf-8"
    )
    settings = Settings(data=tmp_path / "data")
    build(settings, BuildOptions(lists=(str(tmp_path / "list.md"),), offline=True), lambda *_: None)
    assert add(settings, "水壶的构造.html", HTML).reference is None


def test_a_folder_is_taken_whole_without_the_pictures_browsers_save(settings: Settings) -> None:
    folder = settings.data.parent / "saved"
    (folder / "kettle_files").mkdir(parents=True)
    (folder / "kettle.html").write_text(HTML, encoding="utf-8")
    (folder / "kettle_files" / "frame.html").write_text(HTML, encoding="utf-8")
    (folder / ".DS_Store").write_bytes(b"x")
    assert [(entry.reference, entry.accepted) for entry in add_pages(settings, [folder])] == [(1, True)]


def test_the_inbox_is_taken_in_at_every_rebuild(settings: Settings) -> None:
    inbox = settings.data / "inbox"
    inbox.mkdir()
    (inbox / "kettle.html").write_text(HTML, encoding="utf-8")
    (inbox / "stray.html").write_text(HTML, encoding="utf-8")
    report = build(settings, BuildOptions(offline=True), lambda *_: None)
    assert [(entry["reference"], entry["accepted"]) for entry in report["inbox"]] == [(1, True), (None, False)]
    item = Snapshot.open(settings.data).item(1)
    assert item is not None
    assert item.outcome.was_read
    assert (inbox / "added" / "kettle.html").exists()
    assert (inbox / "stray.html").exists()
    assert [
        entry["path"].endswith("stray.html")
        for entry in build(settings, BuildOptions(offline=True), lambda *_: None)["inbox"]
    ] == [True]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a.warc", b"WARC/1.0\r\nbroken"),
        ("a.html.gz", b"\x1f\x8bbroken"),
        ("a.mhtml", b"MIME-Version: 1.0\r\n\r\nno page"),
        ("a.bin", b"\0\1\2"),
    ],
)
def test_a_broken_file_is_one_clear_line(tmp_path: Path, name: str, body: bytes) -> None:
    (tmp_path / name).write_bytes(body)
    with pytest.raises(UsageError, match=name.split(".")[0]):
        load_saved(tmp_path / name)
