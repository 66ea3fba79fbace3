"""Questions for a person, a company, a university or a hospital, and whether a sentence names one. Knows words only.

"联邦学习是哪家公司提出的？" is not answered by what federated learning is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from index.terms import FORMULA, language
from rag.numbers import names

# not "what university member was"
_VERB_EN = (
    r"\s+(?:is|are|was|were|did|does|do|has|have|had|will|can|could|would|first|owns?|made|makes?|built|uses?|bought|buys?|offers?|supports?|sells?|runs?"
    r"|works?|won|\w+ed)\b"
)
_ONE_ZH = r"(?:哪|什么)一?[家个所些]?"
_COMPANIES = (
    r"公司|企业|集团|厂商|谷歌|微软|百度|腾讯|阿里|华为|脸书|苹果|亚马逊|英伟达|英特尔|字节|京东|商汤|旷视|小米|三星|高通|讯飞|网易|美团|滴滴"
    r"|\b(?:compan(?:y|ies)|corporation|corp|inc|ltd|llc|firms?|startups?|google|microsoft|facebook|meta|apple|amazon|nvidia|intel|ibm|openai|deepmind"
    r"|baidu|tencent|alibaba|huawei|samsung|twitter|netflix|uber|adobe|qualcomm|xerox|bell labs)\b"
)
_SCHOOLS = (
    r"大学|学院|学校|高校|中学|清华|北大|中科院|\b(?:universit\w+|colleges?|institutes?|schools?|academy|mit|cmu|stanford|berkeley|oxford|cambridge"
    r"|harvard|princeton|yale|eth)\b"
)
_BODIES = (
    rf"{_COMPANIES}|{_SCHOOLS}|研究院|研究所|实验室|科学院|机构|委员会|[协学商]会|组织|部门|[\u4e00-\u9fff][局署]|团队"
    r"|\b(?:labs?|laborator(?:y|ies)|research|academy)\b"
)
_CITIES = (
    r"[\u4e00-\u9fff](?<!城)市(?!场)|北京|上海|天津|重庆|深圳|广州|杭州|南京|成都|武汉|西安|苏州|厦门|青岛|香港|澳门|台北|纽约|伦敦|巴黎|东京|硅谷|旧金山"
    r"|\b(?:cit(?:y|ies)|towns?|capital)\b"
)
_HOSPITALS = r"医院|诊所|卫生院|协和|\b(?:hospitals?|clinics?|infirmar\w+|medical (?:cent(?:er|re)s?|schools?))\b"
_KINDS = (
    (
        re.compile(rf"(?:{_ONE_ZH}(?:公司|企业|厂商)|哪一?家(?=[的做出开产]))|\b(?:which|what) (?:compan(?:y|ies)|firms?|startups?){_VERB_EN}", re.I),
        _COMPANIES,
    ),
    (re.compile(rf"{_ONE_ZH}(?:大学|高校|学校|学院)|\b(?:which|what) (?:universit(?:y|ies)|colleges?|schools?){_VERB_EN}", re.I), _SCHOOLS),
    (
        re.compile(rf"{_ONE_ZH}(?:机构|单位|实验室|研究[所院])|\b(?:which|what) (?:institut(?:ion|e)s?|labs?|laborator(?:y|ies)){_VERB_EN}", re.I),
        _BODIES,
    ),
    (re.compile(rf"{_ONE_ZH}[座个]?(?:城市|市)|\b(?:which|what) (?:cit(?:y|ies)|towns?){_VERB_EN}", re.I), _CITIES),
    (re.compile(rf"{_ONE_ZH}(?:医院|诊所)|\b(?:which|what) (?:hospitals?|clinics?){_VERB_EN}", re.I), _HOSPITALS),
)  # fmt: skip
_NAMED_ZH = re.compile(  # not what a method or a set is called
    r"(?<!称为)(?<!叫做)(?<!名为)(?<!叫)(?<![\w-])[A-Z][\w.&-]+(?![\w-]|\s*(?:算法|模型|网络|方法|数据集?|框架|上))"
)
_NAMED_EN = re.compile(r"(?<=[a-z,;:)'’] )(?:the )?[A-Z][a-z]+")


_BODY_ZH = re.compile(
    r"[\u4e00-\u9fff][·•‧・][\u4e00-\u9fff]|教授|博士|先生|女士|院士|学者|等人|团队|公司|大学|学院|研究院|研究所|实验室|机构|谷歌|微软|百度|腾讯|阿里|华为"
)
_MADE_ZH = re.compile(r"(?:首先|最早|率先|首次)?(?:提出|发明|创立|创建|首创|创作|撰写|编写|绘制|开发|发布)")
_NOBODY_ZH = re.compile(r"文章|论文|本文|作者|我们|他们|有人|人们|方法|^(?:因此|所以|于是|然后|并|还|又|也|从而|进而)+$")  # nobody is named
_PERSON_LATIN = re.compile(
    r"(?<![A-Za-z-])(?<![A-Za-z:] )([A-Z][a-z]{2,})(?![A-Za-z0-9-])(?=(?:[\s·.]+[A-Z][\w.-]*)*\s*(?:等|et al|[（(\[［，,、]|在|于|提出|发明"
    r"|教授|博士|给出|认为|发表|研究|发现|首|最早|率先|采用|设计|团队|小组|和|与))"
    r"|([A-Z][A-Za-z]{2,})(?=\s*(?:提出|发布|发表|开源|推出|团队|公司))"
)


_CALLED_ASKED = re.compile(r"(?:哪|什么)一?[个款种]?[\u4e00-\u9fff]{0,4}(?<!用的)(?:软件|库|型号)(?=$|[？?，,的是有可能会来做])")
_CALLED = re.compile(r"[叫名称]为?|[《“「\"]")
_COMMON = frozenset("ai it app pc web api url id ip os ui".split())  # noqa: SIM905  # which name nothing


def called_asked(question: str) -> Callable[[str], bool] | None:
    """Return a test of whether a sentence gives the name of a thing; None where a question asks for none, or not in Chinese."""
    if not _CALLED_ASKED.search(question):
        return None
    known = {name.lower() for name in names(question)} | _COMMON
    return lambda words: bool(names(words) - known or _CALLED.search(words))


def holder_asked(question: str) -> Callable[[str], bool] | None:
    """Return a test of whether a sentence names such a body as a question asks for; None where it asks for none."""
    told = next((told for asks, told in _KINDS if asks.search(question)), None)
    if told is None:
        return None
    known, words_for = {name.lower() for name in names(question)}, re.compile(told, re.I)

    def names_one(words: str) -> bool:
        if words_for.search(words):
            return True
        if told not in (_COMPANIES, _CITIES):
            return False
        chinese = language(words) == "zh"  # the name of a company may be any, that of a city in English
        if chinese and told is _CITIES:
            return False
        named = _NAMED_ZH if chinese else _NAMED_EN
        return any(found.group().lower().removeprefix("the ") not in known for found in named.finditer(words))

    return names_one


def names_someone(words: str, known: frozenset[str]) -> bool:
    """Return whether a sentence names a person or a body that may have proposed or made something, beside the names that are ``known``."""
    words = FORMULA.sub(" ", words)
    if not re.search(r"[\u4e00-\u9fff]{2}", words):
        return any(len(name) > 2 for name in names(words) - known if not any(map(str.isdigit, name)))
    latin = {(one or other).lower() for one, other in _PERSON_LATIN.findall(words)} - known
    if latin or _BODY_ZH.search(words):
        return True
    clauses = (re.split(r"[，。；,;：:]", words[: made.start()])[-1].strip() for made in _MADE_ZH.finditer(words))
    return any(len(clause) > 1 and not _NOBODY_ZH.search(clause) for clause in clauses)
