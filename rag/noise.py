"""What says nothing of a subject: titles, captions, entries of bibliographies, an author's talk to the reader. Knows text, no question."""

from __future__ import annotations

import re

from index.records import Sentence
from rag.defining import LINK_ONLY
from rag.orders import gives_orders
from rag.spans import is_item, line_end, line_start

SHORT, STALE, TITLE, ASKS, TALK = (
    0.2,
    0.6,
    0.4,
    0.3,
    0.4,
)  # what a label, an echo, a title, an author's question and talk cost
_FEWEST = 10  # characters; below that a line is a label
_NEW_SHARE = 0.15  # of its terms; a sentence with fewer new ones only repeats the question
_BIBLIOGRAPHY = re.compile(r"\s*(?:[-*+]\s+)?\\?[\[［]\d{1,3}\\?[\]］]\s|`?\\?\[\d{1,3}\\?\]`?[^\n]{0,80}https?://")
_REFERENCES = re.compile(
    r"^\W*(?:\d+\W*)?(?:references?|bibliography|further reading|参考(?:文献|资料|链接)?|引用|延伸阅读)\W*$", re.I
)
_PAPER = re.compile(r"(?:\w+ [A-Z][\w'-]+, ){2,}.*\b(?:19|20)\d\d\b|\[\[?(?:pdf|code|paper)\]", re.I)
_CAPTION = re.compile(r"\W*(?:(?:如|见)?[上下左右]图|(?:图|表|Figure|Fig\.?|Table)\s*\d)", re.I)
_TITLE_ONLY = re.compile(
    r"\W{0,3}[\"“《][^\"“”》]+[\"”》][^。.!?]{0,12}$"
)  # a paper named in a list says nothing about it
_ADDRESS_ONLY = re.compile(r"\W{0,3}https?://\S+$")
_TALK = re.compile(  # an author who speaks of the text, or to the reader, says nothing of the subject
    r"^\W*(?:上面|以上|前面|接下来|下面|后面|本文|本篇|这篇文章)[^，。,.]{0,6}(?:说|讲|介绍|阐述|整理|来看|聊|谈|记录|就是|是关于)"
    r"|转载|欢迎(?:留言|关注|转发|点赞|订阅|投稿)|另有《|招聘信息|商务合作|合作请|请邮件联系|每?周[一二三四五六日]发布|点赞|阅读原文|关注(?:我|公众号|本号)|扫码|原文链接"
    r"|^\W*(?:in this (?:article|post|paper|section)|this (?:article|post|section)|the (?:next|previous|following) section)\b"
    r"|^\W*(?:(?:the|our|my) )?(?:article|post|page|chapter|part|section|text)\s*\d*\s+(?:is (?:all )?about|deals with|talks about)\b"
    r"|^\W*(?:第\s*[\d一二三四五六七八九十]+\s*[篇章节]|这一?[篇章节])(?:文章)?(?:主要)?(?:是)?(?:关于|讲|介绍|谈)"
    r"|\b(?:subscribe|follow (?:me|us)|leave a comment|all rights reserved|click here)\b",
    re.I,
)
_HEARSAY = re.compile(
    r"(?:个人|我|笔者)(?:觉得|认为|感觉)|有人(?:说|认为|觉得)|大家(?:都)?(?:说|觉得)|\b(?:i think|in my opinion|some (?:say|people))\b", re.I
)
_CLOSING = re.compile(  # what an author says to the reader at the end
    r"批评指正|多多指教|写到(?:这里|后面|最后)|谢谢(?:了|大家|阅读|观看)|感谢(?:阅读|观看|大家|您的)|特别感谢|祝大家"
    r"|\b(?:thanks|thank you) for reading\b|\bhope you (?:enjoyed|liked|found)\b",
    re.I,
)
_VENUE = re.compile(  # "TPAMI (2013) [pdf]", the end of an entry
    r"^\W*[A-Z][\w&/. -]{1,40}\W{1,3}(?:19|20)\d\d\W*(?:(?:pdf|code|paper|link|project|slides|video)\W*)*$"
)
_ENTRY_LINES = 3
_MOSTLY = 0.8  # of a passage's characters
_LETTER = re.compile(r"[^\W\d_]")


def talks(words: str) -> bool:
    """Return whether an author speaks of the text itself, or to the reader."""
    return bool(_TALK.search(words))


def asks_or_talks(words: str) -> bool:
    """Return whether an author asks something or speaks to the reader, and so tells nothing."""
    return talks(words) or words.rstrip("”\"’'）) ").endswith(("?", "？"))


def hearsay(words: str) -> bool:
    """Return whether a sentence says what somebody thinks of something instead of what it is or does."""
    return bool(_HEARSAY.search(words))


def captions(words: str) -> bool:
    """Return whether this is the caption of a picture or a table."""
    return bool(_CAPTION.match(words))


def of_references(heading: str) -> bool:
    """Return whether a heading is that of a bibliography."""
    return bool(_REFERENCES.match(heading))


def cites(words: str) -> bool:
    """Return whether a line names a paper with its authors."""
    return bool(_PAPER.search(words))


def bibliography(text: str) -> bool:
    """Return whether a passage is little else than entries of a bibliography, which name everything and say nothing."""
    entries = [line for line in text.split("\n") if _BIBLIOGRAPHY.match(line)]
    return len(entries) > 1 and sum(map(len, entries)) > _MOSTLY * len(text)


def says_something(raw: str, words: str) -> bool:
    """Return whether a sentence says anything to a reader: no picture, no code, no bare link, no order to a model.

    ``words`` are those of the sentence outside of formulas.
    """
    return (
        len(_LETTER.findall(words)) >= 3
        and not _ADDRESS_ONLY.match(words)
        and not LINK_ONLY.match(raw)
        and not gives_orders(words)
        and not _CLOSING.search(words)
        and not _VENUE.match(words)
        and not raw.lstrip().startswith(("```", "~~~", "![", "[![", "|--", "| --"))
    )


def entry(text: str, sentence: Sentence) -> bool:
    """Return whether a sentence is part of a bibliography's entry, which a full stop or a line break may have cut into several."""
    start = line_start(text, sentence.start)
    for _ in range(_ENTRY_LINES):
        above = line_start(text, start - 1) if start else start
        if is_item(text, start) or not text[above:start].strip():
            break
        start = above
    end = line_end(text, sentence.start)
    for _ in range(_ENTRY_LINES if is_item(text, start) else 0):
        below = line_end(text, end + 1)
        if is_item(text, end + 1) or not text[end + 1 : below].strip() or text.startswith("#", end + 1):
            break
        end = below
    line = " ".join(text[start:end][:2000].split("\n"))
    return bool(_BIBLIOGRAPHY.match(line) or (is_item(text, start) and _PAPER.search(line)))


def penalty(words: str, own: frozenset[str], wanted: frozenset[str], *, named: bool) -> float:
    """Return what speaks against a sentence: a label, an echo of the question, a title, a caption, talk."""
    penalty = SHORT if len(words) < _FEWEST else 0.0
    if own and len(own - wanted) < _NEW_SHARE * len(own):
        penalty += STALE
    titled = _TITLE_ONLY.match(words) or captions(words) or (_titled(words) and not named)
    penalty += TITLE if titled else 0.0
    penalty += TALK if talks(words) else 0.0
    penalty += ASKS if words.rstrip('”"’）)').endswith(("?", "？")) else 0.0
    return penalty


def _titled(words: str) -> bool:
    """Whether this is the title of an English paper: nearly all its longer words are capitalised."""
    longer = [word for word in re.findall(r"[A-Za-z][A-Za-z-]*", words) if len(word) > 3]
    return len(longer) >= 4 and sum(word[0].isupper() for word in longer) >= 0.8 * len(longer) and len(words) < 200
