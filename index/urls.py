"""Web addresses: what a person meant, what is sent, and under which key two links are one page. Knows no network."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

_WEB = ("http", "https")
_TRACKING = re.compile(
    r"utm_.*|fbclid|gclid|dclid|msclkid|mc_[ce]id|igshid|spm|_hs(?:enc|mi)|yclid|ref_src|share_token|scm|from_wecom|"
    r"isappinstalled|tdsourcetag|hmsr|weibo_id",
    re.I,
)
_MOBILE = re.compile(r"^(?:m|mobile|wap|amp)\.(?=[^.]+\.[^.]+)")
_AMP_PATH = re.compile(r"(?:/amp/?|\.amp)$|\.amp(?=\.html?$)", re.I)
_WECHAT_PAGE = ("__biz", "mid", "idx")
_WECHAT_HOST = "mp.weixin.qq.com"
_DEFAULT_PORT = {"http": 80, "https": 443}
_CLOSERS = {")": "(", "]": "[", "}": "{", "）": "（", "】": "【", "》": "《", "」": "「", "』": "『"}
_TRAILING = ".,;:!?'\"*~`。，；：！？、…“”‘’·|"
_OPENING = " \t\r\n<([{（【《「『“‘'\"`*"
_SAFE_PATH = "/%:@!$&'()*+,;=~-._[]"


@lru_cache(maxsize=1 << 16)
def is_web(url: str) -> bool:
    """Return whether this is an http or https address with a host."""
    try:
        parts = urlsplit(url)
        return parts.scheme.lower() in _WEB and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def clean_url(text: str) -> str | None:
    """Return the web address a person meant, without the punctuation around it; None when it is none.

    Brackets that open inside the address close inside it: ``…/Transfer_(learning)`` keeps its last bracket.
    """
    url = text.strip().lstrip(_OPENING).rstrip()
    if url.lower().startswith("www."):
        url = "http://" + url
    while url:
        last = url[-1]
        if last in _TRAILING or last in ">" or (last in _CLOSERS and url.count(last) > url.count(_CLOSERS[last])):
            url = url[:-1].rstrip()
        else:
            break
    return url if is_web(url) and not any(character in url for character in "<>\n\r\t") else None


def request_url(url: str) -> str:
    """Return what is sent: host in ASCII, path and query percent-encoded, no fragment. Give it a web address."""
    parts = urlsplit(url.strip())
    host = _ascii_host(parts.hostname or "")
    port = parts.port
    netloc = host if port in (None, _DEFAULT_PORT[parts.scheme.lower()]) else f"{host}:{port}"
    path = quote(parts.path, safe=_SAFE_PATH) or "/"
    query = quote(parts.query, safe=_SAFE_PATH + "?")
    return urlunsplit((parts.scheme.lower(), netloc, path, query, ""))


@lru_cache(maxsize=1 << 16)
def identity(url: str) -> str:
    """Return the key under which two links are the same page; not an address to fetch.

    Scheme, ``www.``, mobile and AMP twins, default port, fragment, trailing slash, tracking parameters and their order
    do not count. A WeChat article is its ``__biz``, ``mid`` and ``idx``, or its short token. Any other text is its own key.
    """
    if not is_web(url):
        return url.strip()
    parts = urlsplit(request_url(url))
    host = _MOBILE.sub("", (parts.hostname or "").removeprefix("www.").rstrip("."))
    if parts.port:
        host = f"{host}:{parts.port}"
    pairs = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not _is_noise(*pair)]
    if host == _WECHAT_HOST:
        page = dict(pairs)
        if all(page.get(name) for name in _WECHAT_PAGE):
            pairs = [(name, page[name]) for name in _WECHAT_PAGE]
        elif re.fullmatch(r"/s/[\w-]+/?", parts.path):
            pairs = []
    path = quote(
        unquote(_AMP_PATH.sub("", parts.path), errors="surrogateescape"),
        safe="/:@!$&'()*+,;=~",
        errors="surrogateescape",
    ).rstrip("/")
    original = urlsplit(url.strip())
    route = f"#{original.fragment}" if original.fragment.startswith(("!", "/")) else ""
    query = urlencode(sorted(pairs))
    return f"{host}{path}{'?' + query if query else ''}{route}"


def _is_noise(name: str, value: str) -> bool:
    return bool(_TRACKING.fullmatch(name)) or (
        name.lower() in ("amp", "outputtype") and value.lower() in ("", "1", "true", "amp")
    )


@lru_cache(maxsize=1 << 16)
def site(url: str) -> str:
    """Return the host without ``www.``; "" when there is none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.") if is_web(url) else ""
    except ValueError:
        return ""


def _ascii_host(host: str) -> str:
    if ":" in host:
        return f"[{host}]"
    try:
        return host.encode("ascii").decode().lower()
    except UnicodeEncodeError:
        try:
            return host.encode("idna").decode().lower()
        except UnicodeError:
            return quote(host)
