"""A follow-up question -> one that stands alone, by rules or by a model. Knows words, no index.

"什么是零样本学习？" then "它有什么缺点？" asks for the drawbacks of zero-shot learning; then "那联邦学习呢？" asks for those of
federated learning; a question with a subject of its own is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from index.errors import ModelError
from index.terms import language, terms
from rag.aliases import glossary, names_held
from rag.compare import sides
from rag.ellipsis import asked_instead, other_one, same_end, tongue_of
from rag.items import last_answer, nth_named
from rag.questions import Question, content_terms, subject, understand
from rag.wishes import translation_asked

if TYPE_CHECKING:
    from rag.llm import LanguageModel

_REMEMBERED = 8  # earlier questions that are folded, oldest first
_ASPECT_ZH = (
    "优点|缺点|优势|劣势|不足|局限性?|好处|坏处|弊端|应用|用途|用处|场景|步骤|流程|原理|区别|不同|差别|异同|挑战|问题|困难|难点|方法|做法|思路|种类|"
    "类型|分类|例子|实例|数据集|指标|效果|结果|作者|时间|年份|代码|公式|定义|含义|意思|特点|特征|评价|评估|度量|发展|历史|未来|前景|原因|目的|目标|"
    "核心思想|主要思想|基本思想|思想|想法|创新点|创新|贡献|出发点|动机|影响|作用|意义|代价|成本|风险|条件|前提|适用|适合|解决|使用|实现|工作|主要|具体|常见|典型|一般|通常|需要|存在|面临|"
    "来源|提出|分为|分成|包括|组成|属于|几[种类个部]|多少|是谁|谁|何时|哪年|更多|详细|优缺点|两者|二者|相比|比较|为什么|为何|如何|怎么|怎样|"
    r"举个?例子?|举一?个|例如|第[一二三四五六七八九十\d]+[个种类条点步篇项版代章节期]?|参数量?|速度|精度|准确率|性能|规模|大小|训练|修复|改进|改善|提升|减少|增加|损失函数|结构|"
    r"组件|部分|版本|展开|说说|讲讲|这样|那样|会|还|再|做|要|在|里|说|讲|一点|一些|吗|有|呢"
)
_ASPECT_EN = (
    r"advantages?|disadvantages?|drawbacks?|benefits?|strengths?|weakness(?:es)?|limits?|limitations?|pros|cons|downsides?|"
    r"uses?|used|applications?|steps?|principles?|differences?|differs?|challenges?|problems?|difficult(?:y|ies)|methods?|kinds?|types?|"
    r"examples?|datasets?|metrics?|results?|effects?|authors?|date|year|code|formula|definition|meaning|features?|history|future|"
    r"ideas?|tricks?|intuitions?|contributions?|motivation|reasons?|purpose|goals?|role|costs?|risks?|conditions?|need(?:s|ed)?|required?|requirements?|main|common|typical|typically|usually|work(?:s|ed)?|"
    r"proposed|invented|introduced|more|details?|else|first|compare[ds]?|mean|solve[sd]?|apply|applied|happens?|important|useful|"
    r"says?|said|tells?|told|gives?|shows?|explain(?:ed)?|elaborate|parts?|components?|second|third|next|last|other|ones?|v\d+|again|"
    r"measured?|evaluated?|trained|known|called|made|done|good|bad|better|best|big|large|long|much|many|old|new"
)
_ASPECT = re.compile(rf"{_ASPECT_ZH}|\b(?:{_ASPECT_EN})\b", re.I)
_LEAD = re.compile(
    r"^(?:那么|那|还有|另外|再|继续|然后|而|and\b|but\b|so\b|then\b|also\b|ok(?:ay)?\b|what about\b|how about\b)[，, ]*",
    re.I,
)
_ELLIPTIC = re.compile(r"^(?:那么?|and|what about|how about|还有).{1,40}(?:呢|吗)?[？?]?$|呢[？?]?$", re.I)
_PRONOUN = re.compile(
    r"它们?|(?:这|那|(?<!应)该|此|上述|前述)(?!么|样|里|时|边)(?:个|种|类|些|项|篇)?(?:方法|技术|模型|算法|概念|文章|论文|东西|学习)?|(?<!其)[他她]们?(?!人)|前者|后者|其(?!他|它|中|实|余|次)|"
    r"\b(?:it|its|they|them|their|theirs|this|that|these|those|he|him|his|she|her|the (?:former|latter))\b(?!\s+is\s+to\s+say)",
    re.I,
)
_PRONOUN_PHRASE = re.compile(
    r"\b(?:this|that|these|those) (?:method|technique|model|algorithm|concept|approach|article|paper|idea|one)s?\b",
    re.I,
)
_COMPARED = re.compile(
    r"^(?:和|与|跟|同|比起|相比)|^(?:compared (?:to|with)|versus|vs\.?|(?:similar|different) (?:to|from))\b", re.I
)
_BARE = re.compile(
    r"^(?:那|so|and|but|ok)?[，, ]*(?:为什么|为何|怎么会|为什么会?这样|为什么呢|举个?例子?|举一?个例子|例如|比如|还有(?:吗|呢|别的吗)?"
    r"|更多|详细|具体|展开|继续|"
    r"why(?: (?:is|was) (?:that|this|it))?(?: so)?|how (?:so|come)|(?:can you )?(?:give|show)(?: me)? (?:an? |some )?(?:examples?|details?)"
    r"|for example|examples?|"
    r"(?:tell me )?more(?: details?| about (?:it|that|this))?|go on|anything else|what else|details?)"
    r"(?:吧|呢|吗|一下|一点|说说|讲讲|please|\s)*[？?。.！!]*$",
    re.I,
)
_IN_TONGUE = re.compile(r"^(?:and |but |so )?in (?:chinese|english)[,，:：]\s*", re.I)
_CODE = re.compile(r"[A-Za-z][\w.+-]{1,24}", re.A)
_ONLY_NAME = re.compile(r"^[^，。？?\s]{1,16}呢[？?]*$")
_SO = re.compile(
    r"^(?:那|所以)?(?:为什么|为何|为啥|怎么)(?:会|能|要)?(?:这么|那么|这样|那样|如此).{0,4}[？?]*$"
    r"|^(?:so |but )?why (?:is it |does it )?so \w+\W*$", re.I
)
_NTH = re.compile(r"^(?:那么?)?第[一二三四五六七八九十\d]+[个种类条点步项](?=是|呢|怎|有|的|为|[？?]*$)")
_ONE_OF_ROW = re.compile(r"第[二三四五六七八九十\d]+[个种类项](?!版)|\bthe (?:second|third|fourth|fifth|last) one\b", re.I)
_HANGS = re.compile(
    r"^(?:请问|那么?|所以)?[，, ]*(?P<word>[它他她]们?(?!人|山|乡|国|日)|第[一二三四五六七八九十\d]+[篇个条](?:文章|论文)?(?=讲|说|是|有|的|写|呢)"
    r"|[这那]篇(?:文章|论文)?(?=讲|说|是|有|的|写|呢))"
)
_BARE_WORD = re.compile(r"\b(?:it|its|they|their|them|he|his|she|her)\b|^(?:这|那|其)(?=是|有|的|怎|为|优|缺)", re.I)
_SOURCE = re.compile(
    r"^(?:(?:这|那|它|以上|上面)(?:个|些|句话|段话|句|段|一点)?(?:的)?(?:内容|说法)?)?"
    r"(?:(?:是|出自|来自|写)*在?哪[一]?[篇个](?:文章|论文|资料|链接)?(?:里|中|说的|写的|讲的)*(?:提到|说)?(?:的)?|(?:的)?出处(?:是什么|在哪里?|呢)?|(?:的)?来源(?:是什么|呢)?)[？?。.]*$"
    r"|^(?:(?:in )?which (?:article|paper|post|page|source)s?(?: (?:says?|said|is|was) (?:that|this|it))?(?: from| in)?"
    r"|where (?:is|was|does) (?:that|this|it) (?:from|written|come from|said)|sources?)[？?。.]*$",
    re.I,
)
_ASKS_FIRST = re.compile(r"^(?:是)?(?:[用靠拿]的?(?:是)?什么|基于什么|怎么|怎样|如何|为什么|为何|有哪些|有什么|何时|什么时候|多少|哪些|谁)")
_CLAUSE = re.compile(
    r"[,，;；。.?？!！]|\b(?:and|but)(?= (?:why|how|what|when|where|who|is|are|does|do|did|can)\b)", re.I
)
_VERB_LENGTH = 2  # Han characters: "怎么修复的？" has no subject of its own
_LONGEST_REWRITE = 300
_OWN_SHARE, _KNOWN_SHARE = 0.5, 0.7


def follow(question: str, history: Sequence[Mapping[str, str]] = (), model: LanguageModel | None = None) -> Question:
    """Take a question apart as the conversation means it; a model that fails or invents is not followed."""
    text = _IN_TONGUE.sub("", " ".join(question.split()))
    said = [" ".join(turn["content"].split()) for turn in history if turn.get("role") == "user"]
    earlier = [turn for turn in said if not understand(turn).small_talk and not tongue_of(turn)][-_REMEMBERED:]
    standing = about = ""
    for turn in earlier:
        if standing and (_BARE.match(turn) or _SOURCE.match(turn) or _NTH.match(turn)):
            continue  # asks more of the same, or of something that the answer before told
        if standing and _ONE_OF_ROW.search(turn) and resolved(turn, standing, about) == turn:
            continue  # of "the second one" nobody knows here which it is, and it is no subject
        before, standing = standing, resolved(turn, standing, about)
        # what a follow-up asks of a subject is no part of the subject
        about = about if about and about in standing and standing != turn and before else topic(standing)
    if not standing and (hanging := _hanging(text)):
        return replace(understand(text), small_talk=True, hanging=hanging)
    if (tongue := tongue_of(text)) and not same_end(text, standing):
        # a model can say it again in that language; without one the sources' sentences stay as they are
        again = understand(text, standalone=standing) if model and standing else understand(text)
        return replace(again, language=tongue) if model and standing else replace(again, spoken=tongue)
    if not model and (tongue := translation_asked(text)):
        return replace(understand(text), spoken=tongue)
    last = last_answer(history)
    named = nth_named(text, last)
    alone = text if understand(text).small_talk else resolved(named, standing, about)
    if model and alone != text and (written := _written(text, history, model)):
        alone = written
    if alone in (text, named):
        return replace(understand(text, standalone=alone), before=standing)
    if sides(alone):  # both are needed, though one was just quoted and the follow-up names but the other
        return understand(text, standalone=alone)
    return replace(understand(text, standalone=alone, own=topic(named)), said=last)


def _hanging(text: str) -> str:
    """Return the word of a question that means something only after another one: "它是谁写的？", "what are its drawbacks?"; else ""."""
    if (found := _HANGS.match(text)) and len(topic(text[found.end() :])) <= _VERB_LENGTH + 1:
        return found["word"]
    pronoun = _BARE_WORD.search(text)
    return pronoun.group() if pronoun and not content_terms(topic(text)) else ""


def asks_source(text: str) -> bool:
    """Return whether a question asks where the answer before it stands."""
    return _SOURCE.match(text.strip()) is not None


def on_matter(history: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """Return a conversation without thanks and wishes for another language, and what was said to those."""
    kept: list[Mapping[str, str]] = []
    aside = False
    for turn in history:
        if turn.get("role") == "user":
            text = str(turn.get("content", "")).strip()
            aside = understand(text).small_talk or bool(tongue_of(text))
        kept += [] if aside else [turn]
    return kept


def resolved(text: str, before: str, about: str = "") -> str:
    """Return a question as one that stands alone.

    ``before`` is the question before it, which stands alone already, ``about`` its subject where that is known.
    """
    if not before or not (text := text.strip()):
        return text
    own, earlier = topic(text), about or topic(before)
    if _SOURCE.match(text):
        return (
            f"哪些文章介绍{subject(before)}？" if language(text) == "zh" else f"Which articles cover {subject(before)}?"
        )
    if _BARE.match(text) or _SO.match(text):
        # why, for example, more: of all that was asked, not only of its subject
        return f"{_without_lead(text).strip('？?。. ')} {subject(before)}"
    if other := asked_instead(_bare(text), before) or other_one(_bare(text), before) or same_end(text, before):
        return other
    pronoun = _pronoun(text)
    ahead = _CLAUSE.split(text[: pronoun.start()]) if pronoun else []
    if pronoun and not any(content_terms(topic(clause)) for clause in ahead[:-1]):
        # "how many animals does it hold?": its subject comes from before, unless an earlier clause names one
        return _put(text, pronoun, earlier) if earlier else text
    if not content_terms(own) or (_ASKS_FIRST.match(_without_lead(text)) and len(own) <= _VERB_LENGTH):
        return f"{_without_lead(text)} {earlier}".strip() if earlier else text
    if earlier and _COMPARED.match(_without_lead(text)) and earlier not in text:
        return f"{earlier}{' ' if language(text) == 'en' else ''}{_without_lead(text)}"
    if _CODE.fullmatch(_bare(text)) and earlier and not _CODE.fullmatch(earlier) and understand(before).form == "list":
        return f"什么是{_bare(text)}？" if language(before) == "zh" else f"What is {_bare(text)}?"  # one of those that were listed
    if ((_LEAD.match(text) and _ELLIPTIC.match(text)) or _only_a_name(text)) and not _ASPECT.search(_bare(text)):
        # "那联邦学习呢？": the new subject takes the old one's place
        return _switched(before, earlier, own)
    return text


def _only_a_name(text: str) -> bool:
    """Whether a question is but a name: "BERT呢？", "迁移学习呢？", while "推理阶段呢？" asks something of the same."""
    bare = _bare(text)
    named = _CODE.fullmatch(bare) or any(bare in pair for pair in names_held(bare, glossary()))
    return bool(named) and _ONLY_NAME.match(text) is not None


def topic(text: str) -> str:
    """Return what a question is about, without what it asks of it: "联邦学习的缺点是什么" gives "联邦学习"."""
    bare = _PRONOUN.sub(" ", _PRONOUN_PHRASE.sub(" ", _without_lead(text)))
    return " ".join(_ASPECT.sub(" ", subject(bare)).split())


def _bare(text: str) -> str:
    return re.sub(r"呢|吗|[？?]", "", _without_lead(text))


def _without_lead(text: str) -> str:
    return _LEAD.sub("", text)


def _pronoun(text: str) -> re.Match[str] | None:
    lead = _LEAD.match(text)
    return _PRONOUN_PHRASE.search(text, lead.end() if lead else 0) or _PRONOUN.search(text, lead.end() if lead else 0)


def _put(text: str, pronoun: re.Match[str], earlier: str) -> str:
    after = text[pronoun.end() :]
    owned = "'s" if pronoun.group().lower() in ("its", "their", "theirs", "his", "her") else ""
    name = f"{earlier}{owned}" if language(text) == "en" else earlier + ("的" if pronoun.group() == "其" else "")
    lead = _LEAD.match(text)
    return f"{text[lead.end() if lead else 0 : pronoun.start()]}{name}{after}".strip()


def _switched(before: str, earlier: str, own: str) -> str:
    if earlier and earlier in before:
        return before.replace(earlier, own)
    words = subject(before)
    left = " ".join(word for word in words.split() if word.lower() not in earlier.lower().split())
    return f"{own} {left}".strip()


def _written(text: str, history: Sequence[Mapping[str, str]], model: LanguageModel) -> str | None:
    """Ask the model; what it writes is used only when it keeps the question's words and takes the rest from the talk."""
    from rag.prompt import rewrite_messages

    try:
        said = model.complete(rewrite_messages(text, history), most_tokens=120)
    except ModelError:
        return None
    line = said.strip().strip("\"“”'`").strip()
    if not line or "\n" in line or len(line) > _LONGEST_REWRITE or language(line) != language(text):
        return None
    new = set(content_terms(line))
    own = set(content_terms(_PRONOUN.sub(" ", _without_lead(text))))
    known = own | set(terms(" ".join(str(turn.get("content", "")) for turn in history)))
    kept = len(own & new) >= _OWN_SHARE * len(own)
    return line if new and kept and len(new & known) >= _KNOWN_SHARE * len(new) else None
