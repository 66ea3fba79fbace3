"""Does a sentence say what something is, or what its short name stands for? Knows one sentence and a name, scores nothing.

"X is a ..." of just that X at the beginning of a clause says so; amid a clause ("I think X is a ...") it may be no more than an opinion.
A heading, a formula or "X is defined as follows:" says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from index.terms import FORMULA, HAN, fold
from rag.aliases import glossary, names_held
from rag.nearest import squeezed
from rag.spans import leads, opened, unnumbered

_FOOTNOTE = re.compile(r"[\[［]\d{1,3}[\]］]")
_LEGEND = re.compile(r"(?:\$[^$]+\$|(?<![A-Za-z])[A-Za-z])\s*(?:是|为|表示|代表)\s*(?=\S{1,16}[，,。;；])")  # "J是损失函数，" of a formula
_WORD = re.compile(rf"[{HAN}]|[^\W\d_{HAN}]+")
_LEAST, _LEAST_AHEAD = 6, 12  # a Han character counts 1, a word 2: what a sentence says beside the name, and before what it leads to
_CLAUSE = r"(?:^|[,.，。;；:：!！?？\"“「《]\s*|\b(?:an?|the)\s|所谓的?|[其这]中|而|因此|所以)"
_HEAD = (  # of a clause, after what may stand before its subject
    r"(?:^|[,.，。;；:：!！?？]|\b(?:and|but|that|while|whereas|because|where)\b)[\s\"“「《*-]*(?:但是?|而且?|因此|所以|如果|由于|因为|目前|其实|实际上|通常|一般|此外|在|对于?|关于|基于|所谓的?|例如|比如"
    r"|\b(?:an?|the|in|for|with|most|many|some|all|these|such)\s)*"
)
_BESIDE = r"(?:与|和|跟|及|比|也|还是|都|意义|前景|的?(?:精度|性能|效果|结果|取值|数值|准确率))"  # what is said of it in passing
_COPULA = (
    r"(?:是(?!否|不是)|指|即|就是|用来|利用|研究|让|把|(?:的)?定义(?:是|为|如下[，,:：])"
    r"|\b(?:(?:is|are)\s(?:an?|the|one|when|how|about|not)\b|refers?\b|means?\b|denotes?\b|stands?\sfor\b))"
)
_NOT_WHERE = "".join(rf"(?<!\b{word} )" for word in ("in", "at", "on", "to", "by", "of", "and", "for", "from", "with"))
_SHORT = r"[A-Za-z][A-Za-z0-9.+-]{1,14}"
_LONG_FORM = (
    re.compile(rf"^(?:请问)?(?P<x>{_SHORT})\s*(?:的|这个词)?\s*(?:中文|英文)?(?:全称|全名|是什么的?(?:缩写|简称)|代表什么)", re.I),
    re.compile(rf"\bwhat (?:does|do|did) (?:the (?:abbreviation|acronym|letters?) (?:in |of )?)?(?P<x>{_SHORT}) stand for\b", re.I),
    re.compile(rf"\b(?:full (?:name|form)|long form|expansion) (?:of|for) (?:the (?:abbreviation|acronym) )?(?P<x>{_SHORT})\b", re.I),
    re.compile(rf"\bwhat is (?P<x>{_SHORT}) (?:short for|an? (?:abbreviation|acronym) (?:of|for))", re.I),
)  # fmt: skip
LINK_ONLY = re.compile(r"\s*(?:[-*+]|\d{1,3}[.)、])?\s*(?:\[[^\[\]]*\]\([^()]*\)[\s,，、|·/]*)+$")
_BEGINNING = 400  # characters of an article before its first sentence: headings, links to other languages
_TWO_SCRIPTS = re.compile(rf"([{HAN}]+)\s*([A-Za-z][\w .+-]*)")
_LATIN = re.compile(r"[A-Za-z]+")
_SMALL = frozenset("a an and by for from in of on or the to via with".split())  # noqa: SIM905


def long_form_of(question: str) -> str:
    """Return the X of a question after what the letters of X stand for, else ""."""
    found = next((match for pattern in _LONG_FORM if (match := pattern.search(question.strip()))), None)
    return found["x"] if found else ""


def spells_out(short: str, words: str, *, near: bool) -> bool:
    """Return whether a sentence gives the long form of a short name.

    It has words that begin with its letters ("generative adversarial nets"), which need the short name in the sentence unless its
    heading or passage has it (``near``); or the two stand beside each other: "近端策略优化（PPO）", "RLHF，也叫做…".
    """
    text = FORMULA.sub(" ", _FOOTNOTE.sub("", fold(words)))
    letters = [letter for letter in short.lower() if letter.isalpha()]
    named = bool(_alone(short).search(text))
    return ((named or near) and _initials(letters, text)) or (named and bool(_beside(short).search(text)))


def defines(what: str, words: str) -> bool:
    """Return whether a sentence says what just this is: "X is ...", "X（...）是...", "X：...", "称为X"."""
    if not 2 <= len(what) <= 60:
        return False
    named, patterns = _definition_of(what)
    text = fold(words).lower()
    if not named.search(text):
        return False
    text = _FOOTNOTE.sub("", text)
    return any(pattern.search(text) for pattern in patterns)


@lru_cache(maxsize=64)
def names_of(what: str) -> tuple[str, ...]:
    """Return a name, and those that the glossary has for the same thing, in the other language first; () for none."""
    if not squeezed(what):
        return ()
    others = [other for name, other in names_held(what, glossary()) if squeezed(name) == squeezed(what)]
    again = [name for other in others for pair in glossary() for name in pair if other in pair and name != other]
    return tuple(dict.fromkeys((what, *others, *again)))


def names_it(words: str, names: Sequence[str]) -> bool:
    """Return whether a sentence has one of the names, however it is spaced; GAN is not in DCGAN, nor in "elegant"."""
    text = fold(words).lower()
    return any(_written(name).search(text) for name in names)


def about(words: str, names: Sequence[str], *, topical: bool = True) -> bool:
    """Return whether a sentence that has one of the names is about it, rather than about what is done with it in passing.

    The name is explained right behind ("X（...）", "X，即...", "X, which"), is what something is ("a kind of X", "一种方法X") or what
    something is done by ("uses X to"). It may also just stand at the head of a clause: in Chinese, which begins one with whatever is
    spoken of ("反向传播也一样"), only where the text around is about it (``topical``).
    """
    text = _LEGEND.sub("；", _FOOTNOTE.sub("", fold(words))).lower()
    begins = (name for name in names if topical or name.isascii())
    return any(_explained(name).search(text) for name in names) or any(_heading(name).search(text) for name in begins)


def acts(words: str, names: Sequence[str]) -> bool:
    """Return whether a sentence begins with one of the names and goes on to say what it does or is: "Pruning removes"."""
    text = _FOOTNOTE.sub("", fold(words)).lower().lstrip(" \"“「《*")
    return any(_acting(name).match(text) for name in names)


def heads(heading: str, names: Sequence[str]) -> bool:
    """Return whether a heading is no more than one of the names: "2. 生成式对抗网络GAN", "对抗样本 (adversarial examples)", "BNN [3]"."""
    wanted = {squeezed(name) for name in names}
    bare = unnumbered(_FOOTNOTE.sub(" ", fold(heading)))
    both = _TWO_SCRIPTS.fullmatch(bare)
    parts = [*re.split(r"[()]", bare), *(both.groups() if both else ())]
    return any(squeezed(part.strip()) in wanted for part in parts)


def opens(text: str, start: int, title: str, names: Sequence[str]) -> bool:
    """Return whether a sentence is the first under a heading, or of an article, that is called just one of the names."""
    if heads(opened(text, start), names):
        return True
    ahead = [line for line in text[:start].split("\n") if line.strip()] if start <= _BEGINNING else ["."]
    return heads(title, names) and all(line.startswith("#") or LINK_ONLY.match(line) for line in ahead)


def tells(what: str, words: str) -> bool:
    """Return whether a sentence says anything beside a name: no stub, no formula, no "X is defined as follows:"."""
    text = FORMULA.sub(" ", _FOOTNOTE.sub("", fold(words))).lower().replace(fold(what).lower(), " ")
    told = sum(1 if not word.isascii() and len(word) == 1 else 2 for word in _WORD.findall(text))
    return told >= (_LEAST_AHEAD if leads(words) else _LEAST)


@lru_cache(maxsize=64)
def _definition_of(what: str) -> tuple[re.Pattern[str], tuple[re.Pattern[str], ...]]:
    """Return the pattern of a name and those of what defines it."""
    name = re.escape(fold(what).strip().lower()).replace(r"\ ", r"\s*")
    patterns = (
        rf"(?:(?<![{HAN}])|(?<=[的了而以此谓中]))\s*{name}\s*(?:是指|指的是|就是指)|{name}[，,]\s*即(?!使|便)",
        rf"{_NOT_WHERE}\b{name}[)）]?, (?:an?|the) [\w -]+ (?:that|which|of|for|to)\b",
        rf"{_CLAUSE}\s*[\"“「《]?{name}[\"”」》]?s?\s*(?:[（(][^（()）]*[)）])?\s*(?:则|就|也|主要|通常|，|,)?\s*{_COPULA}",
        rf"^\W*(?:{name}\s*(?:[（(][^（()）]*[)）])?|[^:：（(]{{1,24}}[（(]{name}[)）])\s*(?:[:：]|——?|–)\s*\S.{{5}}",
        rf"^\W*{name},\s+(?:\S+ ){{2}}" if re.search(r"[_\d]|[A-Z]{2}", what) else r"(?!)",  # "- `APP_KEY`, the key to be used"
        rf"(?:称为|称作|叫做?|定义为|也就是|这就是|\b(?:called|known as|named)(?: an?| the)?\b)\s*[\"“「]?{name}s?(?![^\W或和与及的等])",
    )
    return re.compile(name), tuple(re.compile(pattern) for pattern in patterns)


@lru_cache(maxsize=64)
def _written(name: str) -> re.Pattern[str]:
    bare = fold(name).strip().lower()
    bare = bare.removesuffix("s") if bare.isascii() and len(bare) > 3 else bare
    parts = r"[\s_–-]*".join(re.escape(part) for part in re.split(r"[\s_–-]+", bare) if part)
    return re.compile(rf"(?<![a-z0-9]){parts}(?:'?e?s)?(?![a-z0-9])" if name[:1].isascii() and name[-1:].isascii() else parts)


def _called(name: str) -> str:
    return rf"[\"“「《`']?{_written(name).pattern}[\"”」》`']?"


@lru_cache(maxsize=64)
def _heading(name: str) -> re.Pattern[str]:
    return re.compile(rf"{_HEAD}{_called(name)}(?!\s*(?:[a-z\d.-]{{0,6}}\s*[、,，/;；)）.。]|{_BESIDE}|$))")


@lru_cache(maxsize=64)
def _explained(name: str) -> re.Pattern[str]:
    called = _called(name)
    explained = (
        r"\s*(?:[（(]|等(?![于到])|[，,、]?\s*(?:即|或称|又称|也称|也叫|又叫|俗称|其中|它(?!们)|其|指)"
        r"|的[\u4e00-\u9fff]{1,4}[，,]\s*(?:又称|也称|也叫|又叫|俗称)"  # "RLHF的训练，也叫做……"
        r"|,\s*(?:or|which|that is|i\.e|an?|the)\b|\s(?:is|are)\b"
        r"|[，,]\s*(?:先|首先|就是|是(?!否|不是))|(?:用于|用来|通过|把|将|的(?:目的|目标|思想|作用|核心|做法|原理|玩法)))"
        r"|的?(?:方法|算法|思路|做法)?[，,]?\s*(?:则|就)?是(?:把|将|用|利用|通过|让|先|在)"
    )
    return re.compile(
        rf"{called}(?:{explained})|{_HEAD}{called}\s*(?:则|先|会|能|可以|让|使)|[\"“「《]{_written(name).pattern}[\"”」》]"
        rf"|[是叫称][^，。,.;；]{{0,16}}{called}(?=(?:问题|方法|算法|模型|网络|任务)?\s*(?:[，,。；;（($a-z]|$))"
        rf"|{called}\s*[\u4e00-\u9fff]{{0,6}}(?:软件|平台|工具|框架|操作系统|网站|编程语言|引擎|插件|浏览器)(?![的和与])"  # "我的EasyTshark抓包软件"
        rf"|(?:提出|设计|引入|介绍)了?(?:一[种个])?{called}[，,]"  # "在本文中提出了X，用二值权重替代…"
        rf"|\bsuch as [^.;]{{0,40}}{called}|(?:一[种个类项套]|\b(?:called|there (?:is|are)|an?|the) )[^，。,.;；]{{0,16}}{called}"
        rf"|\b(?:uses?|using) (?:[\w-]+ )?{called} (?:to|for)\b"
    )


@lru_cache(maxsize=64)
def _acting(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?:(?:an?|the|而|则)\s*)?{_called(name)}(?![-\s]*(?:[-–、,，/:：.。)）]|后|时|前|的|过程|和|与|及|and\b|or\b|$))")


@lru_cache(maxsize=64)
def _alone(short: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9-]){re.escape(short)}(?![A-Za-z0-9]|-[A-Za-z0-9])", re.I)


@lru_cache(maxsize=64)
def _beside(short: str) -> re.Pattern[str]:
    """The long form in brackets after the short one, the short one in brackets after the long one, or words that say it is one."""
    name = rf"(?<![A-Za-z0-9-]){re.escape(short)}(?![A-Za-z0-9-])"
    return re.compile(
        rf"[{HAN}]{{2}}[\"”」》]?\s*[（(]\s*{name}\s*[，,)）]|{name}\s*[（(][^（()）]*[{HAN}]{{2}}"
        rf"|{name}[^，。,.;；]{{0,8}}[，,]?\s*(?:全称|全名|即(?!使|便)|也叫|又叫|又称|也称|就是[{HAN}]{{2,}}|是[^，。]{{2,30}}的(?:缩写|简称)"
        rf"|\b(?:is short for|short for|stands for|stood for|is an? (?:abbreviation|acronym))\b)"
        rf"|(?:缩写(?:为|是)?|简称(?:为)?|\b(?:abbreviated|short)\b)[^，。,.]{{0,8}}{name}",
        re.I,
    )


def _initials(letters: list[str], text: str) -> bool:
    """Whether words that follow each other begin with these letters; small words between them may be left out."""
    if len(letters) < 2:
        return False
    words = [word.lower() for word in _LATIN.findall(text)]
    for first, word in enumerate(words):
        place, at = 0, first
        if word[0] != letters[0] or len(word) == 1:
            continue
        while at < len(words) and place < len(letters):
            if words[at][0] == letters[place] and len(words[at]) > 1:
                place += 1
            elif words[at] not in _SMALL:
                break
            at += 1
        if place == len(letters):
            return True
    return False
