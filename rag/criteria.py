"""What a question about the list narrows it by: site, language, state, author, year. Knows words and items' metadata, no text.

"有几篇英文的", "which articles by Ada were published in 2018", "哪些还没读到". A word counts only where it says this of articles: one
on English grammar may be in any language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from index.records import Outcome
from index.terms import fold
from rag.filters import Filters
from rag.sites import held, named_site
from rag.words import READ, UNREAD

LISTS = re.compile(
    r"多少|几[篇个条]|总数|数量|哪[些几篇]|什么|列出|有没有|\b(?:how many|number of|count|which|what|list|show|any|find)\b",
    re.I,
)
_THING_ZH = r"(?:文章|资料|链接|参考|条目|网页|博客|帖子|内容|教程|综述|论文(?=[？?。的有里讲关介]|$))"
_THING_EN = r"(?:articles?|references?|links?|papers?|pages?|sources?|entries|documents?|posts?|resources?|ones)"
_END = r"(?=\s*(?:[？?。呢吗啊]*$|有(?:哪些|多少|几)))"
_TONGUE = r"(?P<found>英文|英语|中文|汉语)"
_LANGUAGE = (
    rf"(?:是|用|有)?{_TONGUE}(?:版|写|撰写)?的?(?=\s*{_THING_ZH})",
    rf"(?:是|用){_TONGUE}(?:写|撰写)?的{_END}",
    rf"(?<![讲于到绍论学]){_TONGUE}(?:写|撰写)?的{_END}",
    r"\b(?:(?:are|is|were|was)(?: there)?(?: written)?|written) in (?P<found>english|chinese)\b",
    rf"\b(?P<kept>{_THING_EN}) in (?P<found>english|chinese)\b",
    rf"\b(?P<found>english|chinese)(?:-language)?(?=\s+{_THING_EN}\b)",
)
LANGUAGES = {"英文": "en", "英语": "en", "english": "en", "中文": "zh", "汉语": "zh", "chinese": "zh"}
_STATES = (
    (
        UNREAD,
        r"(?:还|都|尚|仍)?(?:没有?|未)(?:被|能)?(?:读|抓取)(?:过|到|取|成功|成)?(?:成功)?的?|读不[到了出]的?|(?:无法|不能)(?:读取?|访问|打开|抓取)的?|打不开的?"
        r"|\b(?:(?:are|is|were|was|have|has|had|be) )?(?:still )?(?:not|n't) (?:yet )?(?:been |be )?read(?: yet)?\b"
        r"|\b(?:(?:are|is|were) )?(?:still )?unread\b"
        r"|\b(?:(?:could|can) ?(?:not|n't)|cannot) be (?:read|fetched|opened|reached)\b|\b(?:have|has|did) you not (?:yet )?read(?: yet)?\b"
        r"|\b(?:have|did|are|were|was)n't (?:you )?(?:been )?(?:yet )?read(?: yet)?\b",
    ),
    (
        READ,
        r"你?(?:已经?|都)?(?:被)?读(?:过|了|到)(?:了)?的?|已读(?:了)?的?"
        r"|\b(?:have|has|had|did) you (?:already |actually )?read\b|\byou(?:'ve| have)? read\b|\b(?:were|was|are|been|already|actually) read\b",
    ),
)
_PARTLY = (
    (Outcome.PARTIAL,),
    r"(?:还|都|尚)?(?:没有?|未|没能)(?:完全|全部)?读(?:完|全)(?:整)?的?|读不[完全]的?|不完整的?"
    r"|只?读[到了]?(?:了)?(?:一)?部分(?:内容)?的?|\b(?:(?:were|are|was) )?(?:only )?(?:partly|partially) read\b"
    r"|\b(?:(?:were|are|was|is) )?(?:not|n't) (?:fully|completely|entirely) read\b"
    r"|\b(?:could|can) ?(?:not|n't) be (?:read )?(?:fully|completely|entirely)(?: read)?\b",
)
_OUTCOMES = (
    ((Outcome.DELETED,), r"(?:被|已经?)+删除?(?:了)?的?|\b(?:(?:were|are|was|been) )?(?:deleted|removed)\b"),
    (
        (Outcome.NOT_FOUND, Outcome.EXPIRED, Outcome.DELETED),
        r"(?:已经?)?(?:失效|过期)(?:了)?的?|\b(?:are |were )?(?:dead|broken|expired)\b",
    ),
    ((Outcome.BLOCKED, Outcome.ROBOTS), r"(?:被)?(?:网站)?(?:拒绝|屏蔽|禁止)(?:抓取)?(?:了)?的?|\b(?:(?:were|are|was|been) )?blocked\b"),
    _PARTLY,
)  # fmt: skip
_YEAR = (
    r"(?:是|在)?(?P<found>(?:19|20)\d\d)年?(?:发表|发布|写|刊登|出)(?:的|了)?",
    rf"(?:是|在)?(?P<found>(?:19|20)\d\d)年的(?={_THING_ZH}|[？?。呢]*$)",
    r"(?:发表|发布|写|刊登|出版?)(?:于|在)\s*(?P<found>(?:19|20)\d\d)\s*年?的?",
    rf"(?P<found>(?:19|20)\d\d)年(?=(?:都|一共|总共)?(?:有|写了?|发表了?|发布了?)(?:哪些|哪几|多少|几|什么).{{0,4}}{_THING_ZH})",
    r"\b(?:(?:were|was|are|that|which) )*(?:published|written|posted) in (?P<found>(?:19|20)\d\d)\b",
    r"\b(?:dates?|dating|dated) (?:from|back to|to) (?P<found>(?:19|20)\d\d)\b",
    rf"\b(?P<kept>{_THING_EN}) (?:are |were )?(?:from|of|in) (?P<found>(?:19|20)\d\d)\b",
)
_WRITER = (
    r"作者(?:是|为|叫|名叫)(?P<found>(?:(?!谁|哪|什么)[^，。？?的]){2,24}?)的",
    r"(?:是|由|有)?(?P<found>(?:(?!哪|什么|多少|文章|论文|资料|博客|综述|教程|帖子|[是由在的有几，。？]).){2,20}?)(?:都|一共|总共)?(?:写|发表|撰写)(?:了|过|的)",
    r"\b(?:did|has|have) (?P<found>(?!you\b)[\w .'-]{3,40}?) (?:write|written|publish|published|post|posted|authored)\b",
    r"\b(?:(?:were|was|are|is) )?(?:written |published |authored |posted )by (?P<found>[\w .'-]{3,40}?)(?=\W*$| (?:about|on|are|is|that|cover\w*)\b)",
)
_OF_WRITER = (r"(?:有|是)?{}的", r"\b{}'s?\b", r"\b(?:are |were |is )?(?:by|from) {}")


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The filters that a question names, and the question without their words."""

    filters: Filters
    rest: str


def narrowed(text: str, sites: Mapping[str, str], authors: Mapping[str, str]) -> Narrowed:
    """Return what a question about the list narrows it by; nothing where it does not look like one.

    ``sites`` are hosts by what they are called, ``authors`` those of the list by their names in lower case.
    """
    text = " ".join(fold(text).split())
    if not LISTS.search(text):
        return Narrowed(Filters(), text)
    filters = Filters()
    if named := named_site(text, sites):
        filters, text = replace(filters, site=named.site), named.rest
    if taken := _taken(text, _LANGUAGE):
        filters, text = replace(filters, language=LANGUAGES[taken[0].lower()]), taken[1]
    if taken := _taken(text, _YEAR):
        filters, text = replace(filters, year=taken[0]), taken[1]
    author, text = _writer(text, authors)
    filters = replace(filters, author=author)
    stated = text.replace("有没有", "---")  # "有没有读过" denies nothing
    for outcomes, pattern in (*_named_outcomes(text), *_STATES):
        if found := re.search(pattern, stated, re.I):
            return Narrowed(replace(filters, outcomes=outcomes), _without(text, found))
    return Narrowed(filters, " ".join(text.split()))


def _named_outcomes(text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """What became of links counts only where the question is of links: "what was removed?" may be about anything, "哪些没有读完" not."""
    of_links = re.search(rf"{_THING_ZH}|\b{_THING_EN}\b", text, re.I)
    named = _OUTCOMES if of_links else (_PARTLY,)
    yield from ((tuple(outcome.value for outcome in outcomes), pattern) for outcomes, pattern in named)


def _writer(text: str, authors: Mapping[str, str]) -> tuple[str | None, str]:
    """Return which author of the list is said to have written the articles, and the text without that; a stranger stays in it by name."""
    for key in sorted(held(text.lower(), authors), key=lambda key: (-len(key), key)):
        name = authors[key]
        for pattern in (*_WRITER, *(form.format(re.escape(name)) for form in _OF_WRITER)):
            if (found := re.search(pattern, text, re.I)) and key in found.group().lower():
                return name, _without(text, found)
    found = next(filter(None, (re.search(pattern, text, re.I) for pattern in _WRITER)), None)
    return None, _without(text, found, found["found"]) if found else text


def _taken(text: str, patterns: Iterable[str]) -> tuple[str, str] | None:
    """Return what the first pattern that matches names, and the text without its words."""
    for pattern in patterns:
        if found := re.search(pattern, text, re.I):
            return found.groupdict().get("found") or found.group(), _without(text, found)
    return None


def _without(text: str, found: re.Match[str], kept: str = "") -> str:
    kept = kept or found.groupdict().get("kept") or ""
    return " ".join(f"{text[: found.start()]} {kept} {text[found.end() :]}".split())
