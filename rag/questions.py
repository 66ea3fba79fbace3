"""What a question asks for: its language, its form, its subject. Knows words only, no index.

Forms: "articles" (which references of the list ...), "list", "definition", "number", "time", "person", "reason",
"aspect" (drawbacks, advantages), "other".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.errors import UsageError
from index.terms import language, terms
from rag.aspects import aspect_asked
from rag.reasons import why_asked
from rag.wording import worded_alike

_THINGS_ZH = "文章|资料|链接|参考|博客|帖子|文献|(?:学习|阅读|参考|相关|入门)材料|网页|专栏"
_KINDS_ZH = "教程|综述|读物|论文"
_THINGS_EN = "articles?|references?|links?|posts?|resources?|sources?|pages?|readings?|materials?|entries|columns?"
_KINDS_EN = "tutorials?|surveys?|reviews?|papers?"
_BETWEEN_EN = r"(?:(?!(?:the|does|do|is|are|this|that|of|in|it)\b)[\w-]+\s+){0,4}"
_WHETHER_ZH = re.compile(
    rf"^(?:请问|你读过的|这些|这里的|列表[里中]的|所有的?|你的)*(?:{_THINGS_ZH})(?:里面|里|中)?(?:都|也)?(?:有没有|有|是否)?"
    rf"(?:提到|提及|说到|讲到|谈到|涉及|介绍|讨论)(?:过|了)?(?!的)[^，。？?]+?(?:吗|么|没有|没)[？?]*$"
    rf"|^(?:请问|这里|列表[里中]|里面)*有(?:关于|有关|讲|介绍|提到|讨论|涉及|谈)[^，。？?]+?的(?:{_THINGS_ZH}|{_KINDS_ZH})(?:吗|么|没有|没)?[？?]*$"
)
_WHETHER_EN = re.compile(
    rf"^\W*(?:is there (?:an?|any|one)|(?:do|does|did) (?:any|some|one)(?: of (?:the|these|those|your))?)\s+(?:{_THINGS_EN}|{_KINDS_EN})"
    r"\s+(?:that\s+|which\s+|here\s+)?(?:about|on|cover|discuss|mention|explain|describ|deal|introduc|talk)",
    re.I,
)
_ARTICLES = (
    re.compile(
        r"(?:哪些|哪几|哪篇|什么|有没有|有无|有关|推荐|列出|找)"
        rf"(?:[^，。？]{{0,14}}|[^，。？]{{0,6}}[A-Za-z][A-Za-z -]{{2,40}}[^，。？]{{0,6}}"
        rf"|.{{0,3}}(?:来自|出自|源自).{{0,40}})(?:{_THINGS_ZH}|{_KINDS_ZH})(?!里|中|提|说)"
    ),
    re.compile(rf"(?:{_THINGS_ZH}|{_KINDS_ZH})(?:都|还)?有(?:哪些|什么)[？?。]?$"),
    re.compile(rf"(?:哪些|哪几篇|有没有|有哪些)(?:{_THINGS_ZH}|{_KINDS_ZH})[里中]?(?:都|也|还)?(?:提到|提及|说到|讲到|谈到)(?!的)"),
    re.compile(
        rf"^(?:(?!{_THINGS_ZH}|{_KINDS_ZH})[^，。？]{{1,8}}[上里中])?(?:请问|你|这里|里面|一共|总共|共|现在|目前|还|都|有)*(?:多少|几)[篇条个]?"
        rf"(?:[^，。？]{{0,24}}(?:{_THINGS_ZH}|{_KINDS_ZH})(?!里|中|提|说)|(?:都)?(?:是|有)?(?:关于|有关|讲|介绍|提到|提及|涉及|谈))"
    ),
    re.compile(rf"的(?:{_THINGS_ZH}|{_KINDS_ZH})(?:一共|总共|共|都)?有(?:多少|几)[篇条个]"),
    re.compile(
        rf"^\W*how many\s+(?:of\s+)?(?:the\s+|your\s+)?(?:{_THINGS_EN}|{_KINDS_EN})\s+"
        r"(?:(?:are|is|were|do|does|have|has|had|you|there|in|of|the|list|here)\s+)*"
        r"(?:about|on|cover\w*|mention\w*|discuss\w*|deal\w*|explain\w*|introduc\w*|describ\w*|by|from|read|written|published)\b",
        re.I,
    ),
    re.compile(
        rf"\b(?:which|what|any|some|list|find|recommend|show|suggest)\s+(?:me\s+)?(?:of the\s+|all\s+)?{_BETWEEN_EN}"
        rf"(?:{_THINGS_EN}|{_KINDS_EN})\b|\bare there\s+(?:any\s+)?(?:{_THINGS_EN}|{_KINDS_EN})\b",
        re.I,
    ),
    _WHETHER_ZH,
    _WHETHER_EN,
)
_ABOUT_ZH = r"(?:关于|有关|讲|介绍|提|说|谈|写|涉及|讨论)(?:到|及|过|了)?"
_PLAINLY = re.compile(
    rf"^(?:请问|你|这里|列表[里中]|都|有)*(?:哪些|哪几篇|有没有|有无|有|推荐|列出|找)(?:一下|几篇|一些|些)?"
    rf"(?:{_ABOUT_ZH}[^，。？]+的(?:{_THINGS_ZH}|{_KINDS_ZH})|(?:{_THINGS_ZH}|{_KINDS_ZH})(?:里|中)?(?:都|也|是|有)*{_ABOUT_ZH}(?:(?!的.*(?:是|最|吗|怎|如何|什么)).)+)[？?。]*$"
    rf"|^\W*(?:(?:which|what|are there any|any|list|find|show|recommend|suggest)\s+)+(?:me\s+)?(?:of the\s+|all\s+)?(?:{_THINGS_EN}|{_KINDS_EN})\s+"
    r"(?:(?:are|is|were|that|which|do|does|you|have|has|there|here)\s+)*(?:about|on|cover|discuss|mention|explain|describ|deal|introduc|talk)",
    re.I,
)
_ASKING = re.compile(
    r"(?:你|我|这里|那里|想|要|看|读|学|找|来|给|帮|请|一|几|两|篇|些|下|既|又|也|还|里|中|上|好|吧)+"
    r"|(?:i|i'd|we|want|like|would|to|read|learn|more|some|good|best|me|my|need|looking|interested|please|talks?|talking|speaks?|here|anything|something)",
    re.I,
)
_JOINS = re.compile(r"(?<=..)(?:又|也|还)$|[,，]$")
_HOW_MANY = re.compile(r"多少|(?<!哪)几[篇个条]|\bhow many\b|\bnumber of\b", re.I)
_LIST = re.compile(
    r"哪些|哪几|有什么|包括|列出|分为|几种|几类|步骤|功能|能做什么|\bwhat can\b"
    r"|\b(?:list|which|what (?:are|kinds?|types?|features?)|features|steps|include[sd]?)\b",
    re.I,
)
_DEFINITION = re.compile(
    r"什么是|是什么|何谓|含义|定义|的意思|\bwhat(?:'s| is| does)\b|\bdefin|\bmean(?:s|ing)?\b", re.I
)
_NUMBER = re.compile(
    r"多少|几[个种篇次层倍类]|多[大高长快远久]|\bhow (?:many|much|long|big|large|fast|often|high|old)\b", re.I
)
_TIME = re.compile(
    r"哪一?年|何时|什么时候|几年|哪[天月]|^\W*(?:(?:and|so|but|since|until|by|from) )*when\b(?!.*,)"
    r"|\b(?:which|what) (?:year|date|century|month|day)\b"
    r"|\bwhen (?:did|does|do|was|were|is|are|will|has|have|had|can|could|should|would|might|exactly)\b",
    re.I,
)
_PERSON = re.compile(r"谁|是哪几?[位个]人?[？?]?$|\bwho(?:se|m)?\b", re.I)
_REASON = re.compile(  # "被称为什么" asks for a name
    r"(?<![称名更改作视认成述版写译叫分变])为什么|为何|为啥|原因|\bwhy\b|\breasons?\b", re.I
)
_FORM_ZH = re.compile(
    rf"你?(?:已经|都)?(?:读|看)过|请问|请|告诉我|我想知道|一下|什么时候|什么地方|什么样|何时|哪一年|哪年|是谁|由谁|谁|什么是|是什么|有什么|什么|哪些|哪几篇|哪几个|哪个|哪篇|哪里|哪|如何|怎么样|怎么|怎样|为什么|为何|有没有|有多少个?|多少个?|(?:中文|英文)?(?:全称|全名)|缩写|简称|几[篇条]|[篇条](?=关于|讲|介绍|提|涉|谈|有关)|推荐|列出|介绍了|介绍|写了|写到|"
    rf"讲解|讲了|讲到|讲述|讲|关于|提到了|提到|提及|说到|谈到|涉及|讨论了|讨论|可以|能够|能否|吗|呢|吧|了|的|(?:{_THINGS_ZH})[里中]?|里面|这些|给出|列表(?:里面|里|中|上)?有?|是|？|。|，"
)
_FORM_EN = re.compile(
    rf"\b(?:how many|(?:have|has|did|do) you read|(?:was|were|been) read|"
    rf"which|what|who|when|where|why|how|do|does|did|are|is|was|were|there|any|can|could|tell|me|about|please|list(?:ed|s)?|show|find|recommend"
    r"|suggest|says?|said|wrote|written|writes?|authors?(?!['’]s)|"
    r"stands? for|short for|full (?:name|form)|acronym|abbreviation|"
    rf"of the|the|introduc\w*|cover\w*|discuss\w*|mention\w*|explain\w*|describ\w*|deal\w*"
    rf"|with|on|in|for|you|have|has|an?|{_THINGS_EN})\b|[?.!]",
    re.I,
)
_WORKS = re.compile(
    r"(?<=\w)\s+works?\s*[?.]*$|(?:的?工作原理|(?:是)?(?:如何|怎样|怎么)(?:工作|运作|运行)的?)(?:是什么)?[？?。]*$",
    re.I,
)  # asks how something is, of anything
_RELATED = re.compile(r"[和与跟同]([^，。？?]{2,24}?)(?:有关|相关)(?:系|联)?的?")  # "哪些文章和X有关？"
_NO_NAME = r"of|in|on|at|for|to|that|by|from|with|between|about|is|are|was|said|used|called"
_WHAT_IS = re.compile(
    r"^(?:请问|请|那么?|解释一下|介绍一下)?\s*(?:什么(?:是|叫做?)|何谓|何为)(?P<a>[^，,。？?]{2,24}?)[呢啊呀]?[？?。]*$"
    r"|^(?:请问|那么?)?(?P<b>[^，,。？?的在中哪]{2,24}?)(?:通常|一般|究竟|到底|具体)?(?:(?<!不)是什么|是啥|指什么|指的是什么)(?:意思|东西|概念)?[呢啊呀]?[？?。]*$"
    r"|^(?:请)?(?:介绍|解释|讲讲|说说)(?:一下|下)?(?P<d>[^，,。？?的在中哪]{2,24}?)[。]*$"
    r"|^(?:so |and |please )?(?:what(?:'s| is| are| does(?=.*\b(?:mean|stand for|refer to)\b))|define|explain|tell me about) (?:an? |the )?"
    rf"(?P<c>[\w'./+-]+(?: (?!(?:{_NO_NAME})\b)[\w'./+-]+){{0,3}}?)(?: mean| stand for| refer to)?\s*[?.!]*$",
    re.I,
)
_WHO_IS = re.compile(r"^(?:请问)?谁是(?P<a>[^，。？?的谁]{2,6})[？?。]*$|^(?:请问)?(?P<b>[^，。？?的谁]{2,6})是(?:谁|什么人)[？?。]*$"
                     r"|^(?:[Ww]ho)(?:'s| is| was) (?P<c>[A-Z][\w'-]+(?: (?:de |van |von )?[A-Z][\w'-]+){0,3})\W*$")
_WHAT_ARE = re.compile(r"^(?:so |and )?what are (?!(?:the|some|these|those|its|their|our|your|all)\b)", re.I)
_ONE_OF = re.compile(
    r"^(?:请问)?[^，,。？?]{2,24}?[的里中](?P<zh>[^，,。？?的]{3,10}?)(?:又|究竟|到底)?(?:是什么|是啥|指什么|指的是什么|是怎么回事)(?:意思)?[？?。呢]*$"
    r"|^what(?:'s| is| are) (?:an? |the )?(?P<en>[\w-]+(?: [\w-]+){0,3}?) (?:of|in) .+?[?.]*$",
    re.I,
)
_HAPPENS = re.compile(r"[\u4e00-\u9fff]{3,}(?:里(?!程|斯)|调得|变得|[把被让].).{2}")  # "强化学习里因子调得接近1是什么意思？" asks for no name
_BARE_PRONOUN = re.compile(r"^(?:it|this|that|they|these|those|它们?|这个?|那个?|其)$", re.I)
_SPACED = re.compile(r"(?<=[\u4e00-\u9fff]) (?=(?:19|20)\d\d ?年)|(?<=\d) (?=年)")  # "是 2018 年发表的" is "是2018年发表的"
_NO_WORDS = re.compile(r"[\W_]*|[\W_]*(\w)\1{2,}[\W_]*")  # "???", "aaaa" and "长长长长" ask nothing
_SMALL_TALK = re.compile(
    r"^(?:你好|您好|嗨|哈喽|早上好|晚上好|晚安|(?:非常|十分)?(?:谢谢|感谢)(?:你|您|啦|了)?|多谢|再见|拜拜|好的?|嗯+|哦+|收到|明白了?|知道了|不错|真棒|厉害"
    r"|你是谁|你叫什么(?:名字)?|你(?:都)?(?:能|会|可以)(?:做|干|帮我做|回答)?(?:些)?(?:什么|啥|吗)?(?:问题)?|你是(?:人|机器人)吗|怎么(?:用|使用)你?|在吗|帮助?"
    r"|(?:现在|今天|明天|今年)?(?:是)?(?:几点|几号|几月几[号日]|星期几|周几|哪一年)[了钟]?|.{0,6}(?:今天|明天|后天|现在)的?天气(?:怎么样|如何|好吗)?"
    r"|hi|hello|hey|hi there|(?:many )?thanks?(?: you)?(?: very much| so much| a lot)?|bye|goodbye|good (?:morning|evening|night|afternoon)"
    r"|who are you|what(?:'s| is) your name|what can you do(?: for me)?|can you help(?: me)?|help(?: me)?|how are you(?: doing)?|ok(?:ay)?"
    r"|what(?:'s| is) (?:the (?:date|time)|today's date)(?: today| now)?|what (?:time|day|year) is it(?: today| now)?"
    r"|(?:how|what)(?:'s| is) the weather\b.{0,40}\b(?:today|now|tomorrow)"
    r"|(?:请|麻烦|能不能|可以)?(?:帮我|给我|替我)?(?:再)?(?:写|作|编|创作)(?:一)?[首篇段封个份](?![^，。]*(?:是谁|什么|的文章))[^，。？?]{0,24}"
    r"|(?:给我)?讲一?个(?:笑话|故事)"
    r"|(?:please )?(?:write|compose|make up) (?:me )?an? [\w ]*?(?:poem|song|story|email|letter|essay|joke)\b.{0,40}"
    r"|(?:please )?tell (?:me )?a (?:joke|story)"
    r"|great|cool|nice|i see|got it|are you (?:a )?(?:human|robot|bot|ai)|how do i use (?:you|this))\W*$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question taken apart; ``search`` is what is looked for, ``terms`` its content terms without repeats.

    ``text`` is what the user wrote, ``standalone`` the same question as it reads outside the conversation, ``before`` the
    question before it as that reads; ``own`` are
    the terms that a follow-up brings along itself, ``said`` the answer that it follows, ``spoken`` the language in which it wants
    that again and nothing else, ``hanging`` the word whose meaning only a conversation that there is not would tell.
    """

    text: str
    search: str
    language: str
    form: str
    terms: tuple[str, ...]
    small_talk: bool
    standalone: str = ""
    own: tuple[str, ...] = ()
    said: str = ""
    before: str = ""
    spoken: str = ""
    hanging: str = ""


def understand(text: str, *, standalone: str | None = None, own: str = "") -> Question:
    """Take a question apart; ``standalone`` is a follow-up as it reads outside the conversation (see ``rag.follow``)."""
    text = " ".join(text.split())
    search = alone = worded_alike(_SPACED.sub("", " ".join((standalone or text).split())))
    form = _form(alone)
    if form == "articles":
        search = subject(search) or search
    elif form == "aspect" and (aspect := aspect_asked(alone)):
        search = aspect.search
    why = why_asked(search)
    about = " ".join(why.names) if why and why.names else search  # 要用 in "why use it?" is no word of the subject
    return Question(
        text,
        search,
        language(text),
        form,
        tuple(dict.fromkeys(content_terms(about))),
        bool(_SMALL_TALK.match(text) or _NO_WORDS.fullmatch(text)),
        alone,
        tuple(dict.fromkeys(content_terms(own))),
    )


def subject(text: str) -> str:
    """Return a question without its question words: "哪些文章介绍联邦学习？" gives "联邦学习"."""
    text = _RELATED.sub(r"\1", _WORKS.sub("", text))
    return " ".join(
        word for word in _FORM_EN.sub(" ", _FORM_ZH.sub(" ", text)).split() if word not in ("有", "都有", "还有")
    )


def what_is(text: str) -> str:
    """Return the X of a question that is no more than "what is X?", else ""."""
    found = _WHAT_IS.match(text.strip())
    what = (found["a"] or found["b"] or found["c"] or found["d"] or "").strip(" “”\"'《》") if found else ""
    return "" if _BARE_PRONOUN.match(what) or _HAPPENS.search(what) else what


def one_of(text: str) -> str:
    """Return the Y of a question that asks what the Y of X is ("迁移学习的负迁移是什么？"), else ""."""
    found = _ONE_OF.match(text.strip())
    return next(filter(None, found.groups()), "") if found else ""


def bare_pronoun(what: str) -> bool:
    """Return whether what a question asks of is but a pronoun."""
    return _BARE_PRONOUN.match(what) is not None


def who_is(text: str) -> str:
    """Return the X of a question for who X is, where X is somebody's name, else ""."""
    found = _WHO_IS.match(text.strip())
    return next(filter(None, found.groups()), "") if found else ""


def content_terms(text: str) -> list[str]:
    """Return the terms of a question that say what it is about."""
    return terms(subject(text))


def without_asking(about: str) -> str:
    """Return what a question about the list is about without the words in which people ask for articles: "找一篇", "I want to read"."""
    words = (_JOINS.sub("", word) for word in about.split())
    return " ".join(word for word in words if word and not _ASKING.fullmatch(word))


def plainly_lists(text: str) -> bool:
    """Return whether a question asks for the articles on something and for nothing that they say."""
    return any(pattern.search(text) for pattern in (_PLAINLY, _WHETHER_ZH, _WHETHER_EN))


def counts(text: str) -> bool:
    """Return whether a question asks how many there are of something."""
    return _HOW_MANY.search(text) is not None


def _form(text: str) -> str:
    if any(pattern.search(text) for pattern in _ARTICLES):
        return "articles"
    if aspect_asked(text):
        return "aspect"
    if _WHAT_ARE.match(text) and what_is(text):
        return "definition"  # "What are adversarial examples?"
    for name, pattern in (
        ("number", _NUMBER),
        ("time", _TIME),
        ("person", _PERSON),
        ("reason", _REASON),
        ("list", _LIST),
        ("definition", _DEFINITION),
    ):
        if pattern.search(text):
            return name
    return "definition" if what_is(text) else "other"


def askable(question: object, spoken: str | None, most: int | None, longest: int) -> None:
    """Check what a program hands over: a question of up to ``longest`` characters, a language to filter by, how much is wanted.

    Raises:
        UsageError: it cannot be asked so.
    """
    if not isinstance(question, str):
        raise UsageError(f"A question is text, not {type(question).__name__}.")
    if not question.strip():
        raise UsageError("The question is empty: ask something about the listed pages.")
    if len(question) > longest:
        raise UsageError(f"The question is over {longest:,} characters: ask a shorter one.")
    if spoken not in (None, "zh", "en"):
        raise UsageError(f"There is no language {spoken!r} to filter by: there are 'zh' and 'en'.")
    if most is not None and most < 1:
        raise UsageError(f"At least one source is wanted, not {most}.")
