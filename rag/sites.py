"""The site that a question about the list names: "有哪些来自知乎的文章", "which posts are from GitHub". Knows hosts and words.

A name counts only where the question says that articles come from there; "which articles mention GitHub" does not.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

_NAMES = {
    "知乎": "zhihu.com", "知乎专栏": "zhuanlan.zhihu.com", "微信公众号": "mp.weixin.qq.com", "公众号": "mp.weixin.qq.com",
    "微信": "mp.weixin.qq.com", "wechat": "mp.weixin.qq.com", "weixin": "mp.weixin.qq.com", "简书": "jianshu.com", "掘金": "juejin.cn",
    "哔哩哔哩": "bilibili.com", "b站": "bilibili.com", "豆瓣": "douban.com", "博客园": "cnblogs.com", "维基百科": "wikipedia.org",
    "百度百科": "baike.baidu.com", "微博": "weibo.com", "今日头条": "toutiao.com",
    "github": "github.com", "gitee": "gitee.com", "arxiv": "arxiv.org", "csdn": "csdn.net",
    "medium": "medium.com", "youtube": "youtube.com", "wikipedia": "wikipedia.org",
}  # fmt: skip
_DULL = {
    "com",
    "org",
    "net",
    "edu",
    "gov",
    "io",
    "cn",
    "www",
    "blog",
    "mp",
    "co",
    "uk",
    "ac",
    "dev",
    "app",
    "me",
    "info",
    "qq",
}
_THING = r"(?:文章|资料|链接|帖子|博客|专栏|回答|推文|条目|内容|仓库|项目|论文|综述|教程)"

_LONGEST = 40  # characters of a name that is looked for
_ALL = re.compile(r"所有|全部|一共|都|有没有|有无|有|\ball\b", re.I)  # words of quantity that are left once the site is taken out


@dataclass(frozen=True, slots=True)
class NamedSite:
    """A site of the list, and the question without the words that named it."""

    site: str
    rest: str


def named_site(text: str, spellings: Mapping[str, str]) -> NamedSite | None:
    """Return the site that a question asks to be listed, or None. The list need not have references of it.

    ``spellings`` are the hosts by what they are called (see ``spellings``).
    """
    for name in sorted(held(text.lower(), spellings), key=lambda name: (-len(name), name)):
        host, word = spellings[name], re.escape(name)
        if re.match(r"[\w.-]+$", name, re.A):
            word = rf"(?<![A-Za-z0-9.-]){word}(?:\.(?:com|org|net|io|cn))?(?![A-Za-z0-9-])"
        patterns = (
            rf"(?:来自|出自|源自|源于|发在|发表在|发布在|转自)\s*{word}\s*(?:平台|网站|网|专栏|公众号)?(?:上|里|中)?",
            rf"{word}\s*(?:平台|网站|网|专栏)?(?:上面?|里面?|站内)",
            rf"{word}\s*(?:平台|网站|网|专栏)?的?(?={_THING})",
            rf"{word}\s*(?:平台|网站|网|专栏)?的(?=[？?。呢]*$|(?:一共|总共|都)?有(?:哪些|几|多少))",
            rf"\b(?:(?:that |which )?(?:are|is|were|come|comes)\s+)?(?:from|on|at|hosted (?:on|at|by)|published (?:on|at|by))\s+(?:the )?{word}",
            rf"\b{word}\s+(?=(?:articles?|posts?|links?|references?|pages?|columns?|answers?|repositories|repos?|entries|resources?)\b)",
        )
        for pattern in patterns:
            if found := re.search(pattern, text, re.I):
                return NamedSite(host, _ALL.sub(" ", f"{text[: found.start()]} {text[found.end() :]}"))
    return None


def spellings(sites: Iterable[str]) -> dict[str, str]:
    """Return hosts by the names that people use, by their own in full, and by the telling part of it."""
    found = dict(_NAMES)
    for site in sorted({site for site in sites if site}):
        labels = site.split(".")
        found.setdefault(site, site)
        for place, label in enumerate(labels[:-1]):
            if label not in _DULL and len(label) > 2:
                found.setdefault(label, ".".join(labels[place:]))
    return found


def held(text: str, names: Container[str]) -> set[str]:
    """Return which of any number of names stand in a text: its runs of characters are looked up, because going through the
    names of a long list takes longer than the search.
    """
    length = len(text)
    runs = (text[at:end] for at in range(length) for end in range(at + 2, min(length, at + _LONGEST) + 1))
    return {run for run in runs if run in names}
