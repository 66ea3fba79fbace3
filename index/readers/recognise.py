"""What a response is, before anything is read: a page, or a wall, a gap, an error. Knows no content.

Told from status, address and structure. A phrase alone decides nothing where there is an article body: a live article
may quote the words of a deletion notice.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from index.readers.decode import decode
from index.records import Outcome, Page, Unread

SAVE = "open it in your browser, save it as a web page, then `citeback add FILE --url URL`"
_READABLE = (
    "text/",
    "application/xhtml",
    "application/xml",
    "application/json",
    "application/pdf",
    "message/rfc822",
    "multipart/related",
)
_LOGIN = re.compile(
    r"/(?:sign_?in|log_?in|passport|account/(?:unhuman|login)|wappoc_appmsgcaptcha|captcha|verify)\b", re.I
)
_CHALLENGES = (
    ("a verification page of WeChat", re.compile(r"secitptpage/verify|wappoc_appmsgcaptcha|poc_token|TCaptcha\.js")),
    ("a challenge page of Zhihu", re.compile(r"zh-zse-ck|/account/unhuman|\"code\"\s*:\s*40362")),
    (
        "a challenge page",
        re.compile(
            r"cf-browser-verification|/cdn-cgi/challenge-platform|_cf_chl_opt|id=\"challenge-(?:form|running)\""
        ),
    ),
    ("a captcha page", re.compile(r"g-recaptcha|h-captcha|geetest_|px-captcha|datadome", re.I)),
)
_ARTICLE_BODY = re.compile(
    r"id=[\"']js_content[\"']|itemprop=[\"']articleBody[\"']|<article\b|window\.cgiDataNew|id=[\"']js-initialData[\"']",
    re.I,
)
_GONE = (
    (
        Outcome.BLOCKED, "a verification or login page, not the article",
        r"环境异常|完成验证后|安全验证|网络环境存在异常|请先?登录后|登录后(?:查看|继续|即可)|(?:sign|log) in to (?:continue|read|view)"
        r"|unusual traffic|are you (?:a )?(?:human|robot)|verify (?:that )?you are (?:a )?human",
    ),
    (Outcome.DELETED, "the publisher has deleted it", r"该内容已被发布者删除|此内容已被删除|deleted by (?:its|the) (?:author|publisher)"),
    (Outcome.DELETED, "the site has removed it for breaking its rules", r"此内容因违规无法查看|违反.{0,12}无法查看|violat\w+ .{0,40}removed"),
    (Outcome.EXPIRED, "the link has run out", r"链接已(?:过期|失效)|link (?:has )?expired"),
    (
        Outcome.UNAVAILABLE, "the account or the article is not available",
        r"账号已(?:被屏蔽|迁移|注销)|仅.{0,8}可见|内容.{0,6}不可用|暂时无法查看|该公众号已",
    ),
    (Outcome.NOT_FOUND, "the link is not valid", r"参数错误|页面不存在|page not found|404 not found"),
)  # fmt: skip


def recognise(page: Page) -> Unread | None:
    """Return why a response is no page to read, or None where it may be read."""
    found = _by_status(page) or _by_type(page) or _by_address(page)
    if found is None and b"\0" not in page.body[:512] and not page.body.startswith(b"%PDF"):
        found = _by_structure(page)
    if found is None:
        return None
    outcome, reason, hint = found
    return Unread(outcome, reason, hint, page.status if page.origin != "saved" else None, page.final_url)


_Found = tuple[Outcome, str, str]


def _by_status(page: Page) -> _Found | None:
    status = page.status
    if status in (404, 410):
        return (
            Outcome.NOT_FOUND,
            f"the server answers {status}: the page does not exist",
            "check the link, or add a saved copy",
        )
    if status in (401, 402, 403, 407, 429, 451):
        return Outcome.BLOCKED, f"the server turns the crawler away (HTTP {status})", SAVE
    if status >= 500:
        return Outcome.UNAVAILABLE, f"the server failed (HTTP {status})", "try again later with `citeback rebuild`"
    if status >= 400 or status < 200 or status >= 300:
        return Outcome.UNAVAILABLE, f"the server answers HTTP {status}", "check the link in a browser"
    return None


def _by_type(page: Page) -> _Found | None:
    kind = (page.header("content-type") or "").split(";")[0].strip().lower()
    if not page.body.strip():
        return Outcome.UNAVAILABLE, "the server sent an empty page", "try again later, or add a saved copy"
    if (
        kind
        and not kind.startswith(_READABLE)
        and not (kind == "application/octet-stream" and page.body.startswith(b"%PDF"))
    ):
        return Outcome.UNSUPPORTED, f"files of type {kind} cannot be read", "link to a page that describes it"
    return None


def _by_address(page: Page) -> _Found | None:
    path = urlsplit(page.final_url).path
    if (
        _LOGIN.search(path)
        and not _LOGIN.search(urlsplit(page.redirects[0] if page.redirects else "").path)
        and (page.redirects or page.origin == "saved")
    ):
        return Outcome.BLOCKED, "the site asks for a login or a verification", SAVE
    return None


def _by_structure(page: Page) -> _Found | None:
    text = decode(page)
    head = text[:200_000]
    has_body = bool(_ARTICLE_BODY.search(head))
    visible = _visible(head)
    for name, mark in _CHALLENGES:
        if not has_body and len(visible) < 1500 and mark.search(head):
            return Outcome.BLOCKED, f"{name}, not the article", SAVE
    if not has_body and len(visible) < 600:
        for outcome, reason, phrase in _GONE:
            if re.search(phrase, visible, re.I):
                return (
                    outcome,
                    reason,
                    SAVE if outcome is Outcome.BLOCKED else "if you have a copy, `citeback add FILE --url URL`",
                )
        if (
            "<" in head
            and len(visible) < 200
            and re.search(r"<script\b", head, re.I)
            and re.search(
                r"<div[^>]+id=[\"'](?:root|app|__next|__nuxt)[\"']|enable javascript|需要启用 ?javascript|请启用",
                head,
                re.I,
            )
        ):
            return Outcome.NEEDS_RENDERING, "the page is empty until its scripts run", SAVE
    return None


def _visible(html: str) -> str:
    words = re.sub(r"(?is)<(script|style|noscript|template|head)\b.*?</\1\s*>|<!--.*?-->", " ", html)
    return " ".join(re.sub(r"<[^>]{0,5000}>", " ", words).split())
