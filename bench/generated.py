"""Hand-made articles for the benches of speed: Chinese and English, deterministic, as many as asked for. Knows no citeback.

Words are drawn from lists of syllables and characters, so every article has its own; what an article says is decided by its
number and its version. A page has a head, navigation, an aside and a footer around the article, like the pages of the web.
"""

from __future__ import annotations

import random
import re

_SYLLABLES = re.findall("..", "badicefoguhajekilomunapequrosutavewixoyuzesharibelovo")
_CHARACTERS = (
    "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳云腾致雨露结为霜金生丽水玉出昆冈剑号巨阙珠称夜光果珍李柰"
    "菜重芥姜海咸河淡鳞潜羽翔龙师火帝鸟官人皇始制文字乃服衣裳推位让国有虞陶唐"
)
_ENGLISH = (
    "The {a} of the {b} was measured at {n} degrees, because its {c} had been {d}.",
    "When the {a} is {d}, the {b} needs {n} minutes before the {c} can be used again.",
    "Most {a} models keep the {b} and change only the {c}, which cost {n} units in {d}.",
    "It was first described in {y} by {a} and {b}, who compared {c} with {d}.",
)
_CHINESE = (
    "研究人员发现{a}与{b}之间存在关系，在{n}次实验里{c}的结果都比{d}更好。",
    "{a}由{b}和{c}两部分组成，其中{d}需要{n}分钟才能完成。",
    "{y}年提出的{a}方法只改变{b}，保留{c}，因此{d}的成本下降了{n}%。",
    "如果{a}的温度超过{n}度，{b}就会影响{c}，作者建议改用{d}。",
)


def article(number: int, version: int = 0) -> tuple[str, list[tuple[str, list[str]]]]:
    """Return the title and the sections (heading, paragraphs) of one article: about ten passages."""
    chance = random.Random(f"{number} {version}")
    chinese = number % 2 == 0
    words = [_word(chance, chinese) for _ in range(60)]
    title = f"{words[0]}与{words[1]}{number}" if chinese else f"On {words[0]} and {words[1]} {number}"
    sections = []
    for part in range(5):
        paragraphs = ["".join(_sentence(chance, words, chinese) for _ in range(6)) for _ in range(3)]
        sections.append((f"{words[10 + part]} {part + 1}", paragraphs))
    return title, sections


def page(number: int, version: int = 0) -> bytes:
    """Return the HTML of one article, about twelve kilobytes."""
    title, sections = article(number, version)
    body = "".join(f"<h2>{head}</h2>" + "".join(f"<p>{text}</p>" for text in texts) for head, texts in sections)
    links = "".join(f'<li><a href="/p/{number + i}">Another article, number {number + i}</a></li>' for i in range(1, 21))
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>{title}</title><meta name="author" content="Ann {number}">'
        f'<meta property="article:published_time" content="2024-05-{number % 28 + 1:02}T08:00:00Z"><style>p {{ margin: 1em }}</style></head>'
        f'<body><nav><ul>{links}</ul></nav><main><article><h1>{title}</h1>{body}</article></main>'
        f"<aside><ul>{links}</ul></aside><footer>All rights reserved.</footer><script>var page = {number};</script></body></html>"
    ).encode()


def link_list(base: str, pages: int) -> str:
    """Return a Markdown list of so many pages under an address, under a heading each hundred."""
    lines = []
    for number in range(pages):
        if number % 100 == 0:
            lines.append(f"\n## Topic {number // 100}\n")
        lines.append(f"- [{article(number)[0]}]({base.format(number % 16)}/p/{number})")
    return "\n".join(lines) + "\n"


def _word(chance: random.Random, chinese: bool) -> str:
    if chinese:
        return "".join(chance.choices(_CHARACTERS, k=chance.randint(2, 4)))
    return "".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4)))


def _sentence(chance: random.Random, words: list[str], chinese: bool) -> str:
    form = chance.choice(_CHINESE if chinese else _ENGLISH)
    a, b, c, d = chance.choices(words, k=4)
    return form.format(a=a, b=b, c=c, d=d, n=chance.randint(2, 99), y=chance.randint(1950, 2024)) + ("" if chinese else " ")
