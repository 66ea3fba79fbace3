"""Who wrote an article, when it was published, where it stands: what its page says. Knows questions, items and texts; scores no hit.

Only what the reader found on the page counts. Where it names nobody or gives no date, that is the answer.
"""

from __future__ import annotations

import re
from datetime import date

from index.records import Item
from index.terms import fold
from rag.called import Called, called
from rag.cite import Quote
from rag.retrieve import Retriever
from rag.whole import opening

_WRITE = r"(?:写|发表|发布|撰写|编写|刊登|刊发|推送|发)"
_WHEN = r"(?:什么时候|什么时间|何时|哪一?[年天月日]|几月几[日号]|多久(?:以前|之前))"
_WRITTEN = r"(?:written|published|posted|put online|put up|authored)"
_AUTHOR = (
    re.compile(rf"^(?:请问)?(?:是)?谁{_WRITE}(?:了|的|过)?(?P<x>.+?)[？?。]*$"),
    re.compile(rf"^(?:请问)?(?P<x>.*?)(?:都)?(?:是|由)?谁{_WRITE}(?:出来)?(?:的|了)?[？?。]*$"),
    re.compile(r"^(?:请问)?(?P<x>.*?)的?作者(?:们)?(?:是谁|叫什么(?:名字)?|叫啥|是什么人|是哪[位些]人?|有哪些(?:人)?|有谁|是|呢)?[？?。]*$"),
    re.compile(r"^(?:请问)?(?P<x>.+?)是谁的(?:文章|作品|论文|大作)?[？?。]*$"),
    re.compile(r"^(?:请问)?谁是(?P<x>.+?)的作者[？?。]*$"),
    re.compile(r"^(?:and |so |but )?who (?:actually |really )?(?:wrote|authored|published|posted) (?P<x>.+?)\W*$", re.I),
    re.compile(rf"^(?:and |so )?who (?:is|was|are|were) (?P<x>.+?) {_WRITTEN} by\W*$", re.I),
    re.compile(rf"^(?:and |so )?by whom (?:is|was|are|were) (?P<x>.+?) {_WRITTEN}\W*$", re.I),
    re.compile(
        r"^(?:and |so )?(?:(?:who|what)(?:'s| is| was| are| were) |(?:tell me|name|give me) )?(?:the )?(?:names? of the )?"
        r"(?:authors?|writers?) (?:of|behind) (?P<x>.+?)\W*$",
        re.I,
    ),
    re.compile(r"^(?:and |so )?who(?:'s| is| was| are| were) (?P<x>.+?)(?:'s|s') (?:authors?|writers?)\W*$", re.I),
    re.compile(r"^(?:and |so )?(?:who(?:'s| is| was| are| were) )?(?P<x>its|the|their) (?:authors?|writers?)\W*$", re.I),
    re.compile(r"^(?:and |so )?who(?:'s| is| was| are| were) behind (?P<x>.+?)\W*$", re.I),
)  # fmt: skip
_DATE = (
    re.compile(rf"^(?:请问)?(?P<x>.*?)(?:又|大概|具体)?(?:是)?(?:在)?{_WHEN}{_WRITE}(?:出来|出)?(?:的|了)?[？?。]*$"),
    re.compile(rf"^(?:请问)?(?P<x>.*?)(?:是)?{_WRITE}(?:于|在|的?时间是){_WHEN}(?:的)?[？?。]*$"),
    re.compile(rf"^(?:请问)?(?P<x>.*?)的?{_WRITE}(?:时间|日期|年份)(?:是|为)?(?:{_WHEN}|什么|多少|几号|呢)?[？?。]*$"),
    re.compile(rf"^(?:请问)?{_WHEN}{_WRITE}(?:了|的)(?P<x>.+?)[？?。]*$"),
    re.compile(
        r"^(?:and |so |but )?(?:when|(?:on |in )?(?:which|what) (?:year|date|day|month)) (?:is|was|are|were) (?P<x>.+?)"
        rf" (?:first |originally )?{_WRITTEN}\W*$",
        re.I,
    ),
    re.compile(
        r"^(?:and |so )?(?:what(?:'s| is| was) )?(?:the )?(?:(?:publication|publishing|posting) date|date of publication) of"
        r" (?P<x>.+?)\W*$",
        re.I,
    ),
    re.compile(
        r"^(?:and |so )?what(?:'s| is| was) (?P<x>its|their|.+?'s) (?:(?:publication|publishing|posting) date|date of publication)\W*$",
        re.I,
    ),
    re.compile(r"^(?:and |so |but )?when did (?P<x>.+?) (?:come out|appear)\W*$", re.I),
    re.compile(r"^(?:and |so |what about )?(?P<x>its|the|their) (?:publication )?dates?\W*$", re.I),
)  # fmt: skip
_LINK = (
    re.compile(
        r"^(?:请问|请|麻烦|能不能|可以|能)*(?:把|给我|发我|发给我|要|我要|我想要)?(?:一下)?(?P<x>.*?)的?(?:链接|网址|地址|原文|URL)"
        r"(?:是什么|是多少|是|在哪里?|呢|给我|发给我|发我|发一下|给我一下)?(?:吗|吧)?[？?。]*$",
        re.I,
    ),
    re.compile(
        r"^(?:and |so )?(?:(?:what|where)(?:'s| is) |(?:(?:please|can you|could you) )?"
        r"(?:give|show|send) me )?(?:the )?(?:link|url|address) (?:to|of|for) (?P<x>.+?)\W*$",
        re.I,
    ),
    re.compile(
        r"^(?:and |so )?(?:(?:please|can you|could you) )?(?:give|show|send) me (?P<x>the|its) (?:link|url|address)(?: please)?\W*$", re.I
    ),
    re.compile(r"^(?:and |so )?what(?:'s| is) (?P<x>its|.+?'s) (?:link|url|address)\W*$", re.I),
)
_SITE = (
    re.compile(
        r"^(?:请问)?(?P<x>.*?)(?:是)?(?:来自|出自|发表在|发布在|发在)(?:哪|什么)(?:个|家)?(?:网站|平台|站点|公众号|地方)(?:上|的)?[？?。]*$"
    ),
    re.compile(r"^(?:and |so )?(?:which|what) (?:web)?site (?:is|was) (?P<x>.+?) (?:from|on|published on)\W*$", re.I),
)
_AGE = (
    re.compile(r"^(?:and |so )?(?:what(?:'s| is| was) )?(?:the )?date of (?P<x>.+?)\W*$", re.I),
    re.compile(rf"^(?:请问)?(?P<x>.+?)是{_WHEN}的[？?。]*$"),
    re.compile(
        r"^(?:and |so )?(?:when|(?:from )?(?:which|what) (?:year|date|day|month)) (?:is|was) (?P<x>.+?) from\W*$", re.I
    ),
)  # asks this of articles, and something else of all other things
_CLAUSES = re.compile(
    r"[，,]\s*(?:又|也|还)?(?=是?(?:谁|什么时候|何时|哪)|作者|(?:and )?(?:who|when)\b)|,? and (?=(?:who|when)\b)", re.I
)
_ITS = re.compile(r"^(?:its|their|the|his|her)$", re.I)
_PASSAGES = 60


def wanted(text: str) -> tuple[list[str], Called] | None:
    """Return what is asked ("author", "date", "link", "site") and what the article is called, where that is all a question asks."""
    text = fold(text).strip()
    if one := _field(text):
        return [one[0]], one[1]
    both = [_field(clause) for clause in _CLAUSES.split(text)]
    if len(both) == 2 and both[0] and both[1] and not both[1][1].name:
        return [both[0][0], both[1][0]], both[0][1]
    return None


def _field(text: str) -> tuple[str, Called] | None:
    for field, patterns in (("author", _AUTHOR), ("date", _DATE), ("link", _LINK), ("site", _SITE), ("date", _AGE)):
        for found in filter(None, (pattern.match(text) for pattern in patterns)):
            name = found["x"].removesuffix("'s")
            meant = Called("") if _ITS.match(name) else called(name)
            clause = name.rstrip().endswith((",", "，")) or _CLAUSES.search(name)
            if (patterns is not _AGE or meant.kind == "article") and not clause:
                return field, meant
    return None


def known(item: Item, field: str) -> str | None:
    """Return what an article's page says of its author or its date, or what the list does of its link."""
    return {"author": item.author, "date": item.published, "link": item.url, "site": item.site}[field]


def vouching(retriever: Retriever, item: Item, field: str) -> Quote:
    """Return what to cite for it: the sentence that holds the name or the date, or else the article's first."""
    snapshot = retriever.snapshot
    text = snapshot.text(item.number)
    rows = snapshot.passages([int(one) for one in snapshot.passages_of([item.number])[:_PASSAGES]])
    spans = [s for row in rows for s in row.sentences]
    if field not in ("author", "date"):
        return opening(snapshot, item.number)
    spellings = [item.author or ""] if field == "author" else _spellings(item.published or "")
    span = next((s for s in spans if any(one and one in text[s.start : s.end] for one in spellings)), None)
    return (
        Quote(item.number, span.start, span.end, text[span.start : span.end], 1.0)
        if span
        else opening(snapshot, item.number)
    )


def _spellings(published: str) -> list[str]:
    """Return how a text may write an ISO date."""
    try:
        day = date.fromisoformat(published[:10])
    except ValueError:
        return [published]
    month = day.strftime("%B")
    return [
        day.isoformat(), f"{day.year}/{day.month:02}/{day.day:02}", f"{day.year}年{day.month}月{day.day}日",
        f"{month} {day.day}, {day.year}", f"{day.day} {month} {day.year}", f"{day.day} {month[:3]} {day.year}",
    ]  # fmt: skip
