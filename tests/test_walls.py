"""Pages that are none: each is named as what it is; live pages that look a little like them are read. Written here."""

from __future__ import annotations

import pytest

from index.readers import read, recognise
from index.records import Article, Outcome, Page

WORDS = "The kettle boils water in two minutes because its base is made of copper. Its handle stays cold, for it is made of beech. "
ZH = "水壶的底是铜做的，导热很快，所以两分钟就能把水烧开；把手用榉木做成，握着不烫。"
NAV = "<nav>" + "".join(f'<a href="/{n}">Section number {n} of the shop</a>' for n in range(40)) + "</nav>"


def page(
    body: str,
    *,
    url: str = "https://x.org/news/2020/kettle.html",
    asked: str = "",
    status: int = 200,
    kind: str = "text/html",
) -> Page:
    redirects = (asked,) if asked else ()
    return Page("k", url, status, (("content-type", kind),), body.encode(), "2026-01-01T00:00:00+00:00", redirects)


def html(title: str, body: str, head: str = "") -> str:
    return f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>"


WALLS = {
    "cloudflare": (html("Just a moment...", "<h1>x.org</h1><p>Verifying you are human. This may take a few seconds.</p><script>window._cf_chl_opt={}</script>"), Outcome.BLOCKED),
    "cloudflare refusal": (html("Attention Required! | Cloudflare", "<h1>Sorry, you have been blocked</h1><p>You are unable to access x.org. This website is using a security service.</p>"), Outcome.BLOCKED),
    "akamai": (html("Access Denied", "<h1>Access Denied</h1>You don't have permission to access \"http://x.org/\" on this server.<p>Reference #18.2f</p>"), Outcome.BLOCKED),
    "cloudfront": (html("ERROR: The request could not be satisfied", "<h1>403 ERROR</h1><h2>The request could not be satisfied.</h2><hr>Request blocked."), Outcome.BLOCKED),
    "datadome": (html("x.org", "<script>var dd={'host':'geo.captcha-delivery.com'}</script><p id=cmsg>Please enable JS and disable any ad blocker</p>"), Outcome.BLOCKED),
    "imperva": (html("", '<iframe id="main-iframe" src="/_Incapsula_Resource?SWUDNSAI=31">Request unsuccessful. Incapsula incident ID: 1</iframe>'), Outcome.BLOCKED),
    "aws": (html("", "<script>AwsWafIntegration.getToken()</script><noscript><h1>JavaScript is disabled</h1></noscript>"), Outcome.BLOCKED),
    "human": (html("Access to this page has been denied", '<div id="px-captcha"></div><p>Press and hold to confirm you are a human.</p>'), Outcome.BLOCKED),
    "alibaba": (html("", "<script>var arg1='3F2A77C8D1E04B5A9C6D7E8F';function setCookie(n,v){document.cookie=n+'='+v}</script>"), Outcome.BLOCKED),
    "baidu": (html("百度安全验证", '<div class="timeout">网络不给力，请稍后重试</div>'), Outcome.BLOCKED),
    "captcha": (html("x.org", '<p>Please solve this.</p><form><div class="g-recaptcha" data-sitekey="a"></div></form>'), Outcome.BLOCKED),
    "login form": (html("x.org", f'{NAV}<form><input name="user"><input type="password"><button>Go</button></form>'), Outcome.BLOCKED),
    "login title": (html("Log in | X", "<h1>Welcome back</h1><form><input name=mail></form>"), Outcome.BLOCKED),
    "login zh": (html("登录 - 某站", "<div>手机号登录</div>"), Outcome.BLOCKED),
    "login to read": (html("某站", "<p>请登录后查看全部内容。</p>"), Outcome.BLOCKED),
    "cookie wall": (html("Kettles", f'<div id="onetrust-consent-sdk"><p>We and our 740 partners store cookies, and we need your consent to them. {WORDS}</p><button>Accept</button></div>'), Outcome.BLOCKED),
    "google consent": (html("Before you continue to Google Search", "<form><p>We use cookies.</p></form>"), Outcome.BLOCKED),
    "soft 404": (html("404 - Page Not Found | X", f"{NAV}<h1>Oops!</h1><p>We could not find what you looked for.</p>"), Outcome.NOT_FOUND),
    "soft 404 h1": (html("X Shop", f"{NAV}<h1>This page isn't available</h1><p>The link may be broken, or the page may be gone.</p>"), Outcome.NOT_FOUND),
    "soft 404 zh": (html("某站", f"{NAV}<h1>抱歉，您访问的页面不存在</h1><p>五秒后返回首页。</p>"), Outcome.NOT_FOUND),
    "zhihu 404": (html("404 - 知乎", "<p>你似乎来到了没有知识存在的荒原</p>"), Outcome.NOT_FOUND),
    "deleted zh": (html("某站", "<p>该文章已被作者删除</p>"), Outcome.DELETED),
    "expired": (html("", "<p>该链接已过期</p>"), Outcome.EXPIRED),
    "parked": (html("x.org", '<p>This domain is for sale.</p><script src="https://cdn.bodis.com/a.js"></script>'), Outcome.NOT_FOUND),
    "parked zh": (html("x.org", "<p>您访问的域名正在出售，请联系我们。</p>"), Outcome.NOT_FOUND),
    "nginx": (html("Welcome to nginx!", "<h1>Welcome to nginx!</h1><p>If you see this page, the web server is successfully installed and working.</p>"), Outcome.UNAVAILABLE),
    "suspended": (html("Account Suspended", "<h1>Account Suspended</h1><p>Contact your hosting provider.</p>"), Outcome.UNAVAILABLE),
    "maintenance": (html("某站", "<h1>系统维护中</h1>"), Outcome.UNAVAILABLE),
    "react shell": (html("Kettles", '<noscript>You need to enable JavaScript to run this app.</noscript><div id="root"></div><script src="a.js"></script>'), Outcome.NEEDS_RENDERING),
    "shell with frame": (html("Kettles", f'{NAV}<div id="app"> </div><footer>Imprint, terms, privacy.</footer><script src="a.js"></script>'), Outcome.NEEDS_RENDERING),
    "noscript zh": (html("某站", "<noscript>请启用JavaScript后访问</noscript><script src=a.js></script>"), Outcome.NEEDS_RENDERING),
    "private wechat": (html("", '<script type="module" src="https://res.wx.qq.com/mmbizappmsg/zh_CN/htmledition/js/assets/private.q.js"></script><div id="app"></div>'), Outcome.UNAVAILABLE),
}  # fmt: skip


@pytest.mark.parametrize("name", WALLS)
def test_every_wall_is_named_as_what_it_is_and_never_read(name: str) -> None:
    body, outcome = WALLS[name]
    result = read(page(body))
    assert not isinstance(result, Article), result
    assert result.outcome is outcome, result
    assert result.reason
    assert result.hint


@pytest.mark.parametrize(
    ("asked", "final", "outcome"),
    [
        ("https://x.org/a/1234.html", "https://x.org/", Outcome.NOT_FOUND),
        ("https://x.org/a/1234.html", "https://www.x.org/404.html", Outcome.NOT_FOUND),
        ("https://x.org/a/1234.html", "https://consent.x.org/collect?to=a", Outcome.BLOCKED),
        ("https://x.org/a/1234.html", "https://x.org/login?next=a", Outcome.BLOCKED),
        ("https://t.co/a1b2c3", "https://x.org/", None),
        ("https://x.org/kettle", "https://x.org/", None),
        ("http://x.org/a/1234.html", "https://x.org/a/1234.html", None),
    ],
)
def test_where_a_link_ends_says_what_it_is(asked: str, final: str, outcome: Outcome | None) -> None:
    verdict = recognise(page(html("Kettles", f"<article><p>{WORDS * 4}</p></article>"), url=final, asked=asked))
    assert (verdict.outcome if verdict else None) is outcome


LIVE = {
    "about captchas": html(
        "Are you a robot? A history of captchas", f"<article><h1>Are you a robot?</h1><p>{WORDS * 8}</p></article>"
    ),
    "about 404": html("404 Not Found: the story of an error", f"<article><h1>404</h1><p>{WORDS * 8}</p></article>"),
    "comment captcha": html(
        "Kettles",
        f'<article><p>{WORDS * 4}</p></article><form><div class="g-recaptcha"></div><input type="password"></form>',
    ),
    "cookie banner": html(
        "Kettles",
        f'<article><p>{WORDS * 4}</p></article><div class="cookie-banner">We value your privacy. {WORDS}</div>',
    ),
    "cloudflare script": html(
        "Kettles", f"<p>{WORDS * 3}</p><script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>"
    ),
    "domain for sale": html(
        "How I sold my domain", f"<article><p>The domain is for sale, said the page. {WORDS * 8}</p></article>"
    ),
    "short": html("短讯", f"<p>{ZH}</p>"),
    "rendered app": html(
        "Kettles", f'<noscript>Please enable JavaScript.</noscript><div id="root"><p>{WORDS * 4}</p></div>'
    ),
    "login mention": html("教程", f"<article><p>{ZH * 6}</p><p>登录后查看更多。</p></article>"),
    "plain words": html("Kettle", f"<p>{WORDS}</p>"),
}


@pytest.mark.parametrize("name", LIVE)
def test_a_live_page_that_resembles_a_wall_is_read(name: str) -> None:
    result = read(page(LIVE[name]))
    assert isinstance(result, Article), result
    assert "水壶" in result.text or "kettle" in result.text


@pytest.mark.parametrize(
    "mark",
    [
        '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": false, "author": [{"name": "Ada Lin"}]}</script>',
        '<meta property="article:content_tier" content="locked"><p class="gate">Subscribe to continue reading</p>',
    ],
)
def test_a_paywalled_article_is_partial_and_says_so(mark: str) -> None:
    found = read(page(html("Kettles", f"<article><p>{WORDS * 5}</p></article>{mark}")))
    assert isinstance(found, Article)
    assert found.outcome is Outcome.PARTIAL
    assert "paywall" in str(found.reason)
    assert found.hint


def test_title_author_and_date_are_the_stated_ones() -> None:
    found = read(
        page(
            html(
                "铜壶烧水为什么快--科技--某某网",
                f'<h1>铜壶烧水为什么快</h1><div class="info">2019年06月15日08:18 来源：某报</div><div><p>{ZH * 3}</p><p>{ZH * 3}</p></div>',
                '<meta name="author" content="104363">',
            ),
            url="http://news.x.cn/n1/kettle.html",
        )
    )
    assert isinstance(found, Article)
    assert (found.title, found.author, found.published) == ("铜壶烧水为什么快", None, "2019-06-15")


def test_links_to_the_next_page_are_no_part_of_a_news_article() -> None:
    body = f'<div><p><a href="/s">点击进入专题>></a></p><p>{ZH * 3}</p><p>{ZH * 2}</p><div><a href="2">【1】</a><a href="3">【2】</a></div></div>'
    found = read(page(html("铜壶", body)))
    assert isinstance(found, Article)
    assert found.text == f"{ZH * 3}\n\n{ZH * 2}"


def test_an_article_in_double_wrapped_paragraphs_is_whole() -> None:
    wrapped = "".join(
        f"<section><section><section><p>第{n}段。{ZH}</p></section></section></section>" for n in range(6)
    )
    found = read(page(html("铜壶", f'<div id="x">{wrapped}</div><ul><li><a href="/a">{ZH}</a></li></ul>')))
    assert isinstance(found, Article)
    assert all(f"第{n}段" in found.text for n in range(6))


def test_formulas_are_the_tex_they_were_written_in() -> None:
    drawn = (
        '<span class="katex"><span class="katex-mathml"><math><semantics><mi>k</mi><annotation encoding="application/x-tex">k_{c}</annotation>'
        '</semantics></math></span><span class="katex-html">kc</span></span>'
    )
    mathml = '<math alttext="E=mc^{2}"><mi>E</mi></math>'
    script = '<span class="MathJax_Preview">x</span><script type="math/tex">x_{1}</script>'
    found = read(
        page(
            html(
                "F", f'<div class="post-body"><p>{WORDS} {drawn} and {mathml} and {script}, 10<sup>-3</sup>.</p></div>'
            )
        )
    )
    assert isinstance(found, Article)
    assert " $k_{c}$ and $E=mc^{2}$ and $x_{1}$ , 10⁻³." in found.text
