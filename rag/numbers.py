"""Numbers and names that a sentence states, so that a claim can be held against its source. Knows words only."""

from __future__ import annotations

import re

from index.terms import fold

_DIGITS = re.compile(r"\d+(?:[,，]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_SPELLED = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_EN = {word: str(value) for value, word in enumerate(_SPELLED.split())} | {
    word: str(10 * value)
    for value, word in enumerate("thirty forty fifty sixty seventy eighty ninety".split(), 3)  # noqa: SIM905
}
_EN_WORD = re.compile(r"\b(?:" + "|".join(_EN) + r")\b")
_ZH = "零一二三四五六七八九"
_ZH_RUN = re.compile(r"[零〇一二两三四五六七八九十百千]+")
_COUNTED = re.compile(r"[零〇一二两三四五六七八九十百千]+(?=[个种篇年次层类项点步倍位家名条张台部张份万亿天月成])")
_PLACES = {
    word: place for place, word in enumerate("first second third fourth fifth sixth seventh eighth ninth tenth".split(), 1)  # noqa: SIM905
}
ORDINALS = "|".join(_PLACES)
_UNITS = {"十": 10, "百": 100, "千": 1000}
_SCALES = {"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12, "万": 4, "亿": 8, "万亿": 12}
_SCALED = re.compile(  # 1.5 million, three hundred, 15亿, 过千万
    rf"(?P<en>{_DIGITS.pattern}|\b(?:an?|{'|'.join(_EN)}))[\s-]*(?P<scale>hundred|thousand|million|billion|trillion)s?\b"
    rf"|(?P<zh>{_DIGITS.pattern}|[零〇一二两三四五六七八九十百千]+)(?:多|余)?(?P<times>万亿|[万亿])(?!一|分之|别|不)"
)
_LATIN = r"A-Za-z\u00c0-\u024f"
_TOKEN = re.compile(rf"[{_LATIN}0-9]+(?:[-_.+#/][{_LATIN}0-9]+)*")
_SENTENCE_START = re.compile(r"(?:^|[.!?:]\s+|[-*]\s+)\W*$")
_NEGATED = re.compile(
    r"\b(?:not|no|never|cannot|neither|nor|none|without)\b|n't\b|没有|并非|并不|无法|不能|不会|不需|不用|不是|从未|未能|毫不|无须|无需"
)


def numbers(text: str, *, claimed: bool = False) -> frozenset[str]:
    """Return the numbers that stand in a text, words as digits; a claim's "one" and bare Chinese numerals are no numbers."""
    text = fold(text).lower()
    scaled = {_in_full(match) for match in _SCALED.finditer(text)}
    if claimed:
        text = _SCALED.sub(" ", text)  # 1.5 million is not 1.5
    found = scaled | {_plain_number(match) for match in _DIGITS.findall(text)}
    words = [word for word in _EN_WORD.findall(text) if not (claimed and word in ("one", "zero"))]
    found.update(_EN[word] for word in words)
    runs = (_COUNTED if claimed else _ZH_RUN).findall(text)
    values = [_chinese(run) for run in runs]
    found.update(value for value in values if value and not (claimed and value == "1"))
    return frozenset(found)


def _plain_number(text: str) -> str:
    whole, _, rest = text.replace(",", "").replace("，", "").partition(".")
    rest = rest.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{rest}" if rest else "")


def _in_full(match: re.Match[str]) -> str:
    """Return a number with its scale in digits: "1.5 million" is 1500000, 过千万 is 10000000."""
    written = match["en"] or match["zh"]
    amount = "1" if written in ("a", "an") else _EN.get(written) or (_plain_number(written) if written[0].isdigit() else _chinese(written))
    whole, _, rest = amount.partition(".")
    zeros = _SCALES[match["scale"] or match["times"]]
    return _plain_number(f"{whole}{rest[:zeros].ljust(zeros, '0')}.{rest[zeros:]}")


def _chinese(run: str) -> str:
    """Return a run of Chinese numerals as digits: 三十二 is 32, 二〇一七 is 2017."""
    run = run.replace("〇", "零").replace("两", "二")
    if not any(character in _UNITS for character in run):
        return ("".join(str(_ZH.index(character)) for character in run)).lstrip("0") or "0"
    total = digit = 0
    for character in run:
        if character in _UNITS:
            total += (digit or 1) * _UNITS[character]
            digit = 0
        else:
            digit = _ZH.index(character)
    return str(total + digit)


def place_of(word: str) -> int:
    """Return the place in a row that a word is for, from 1: 十二, 12, "third"; 0 for any other word."""
    if re.fullmatch(_ZH_RUN, word):
        word = _chinese(word)
    return int(word) if word.isdigit() else _PLACES.get(word.lower(), 0)


def names(text: str) -> frozenset[str]:
    """Return the names a claim holds: capitalised words inside an English sentence, Latin words inside a Chinese one."""
    text = fold(text)
    chinese = bool(re.search(r"[\u4e00-\u9fff]", text))
    found = set()
    for match in _TOKEN.finditer(text):
        token = match.group()
        if not chinese and token.isalpha() and token.islower():
            continue  # nearly every word
        if token[0].isdigit() and not any(map(str.isupper, token)):
            continue  # 3D-CNN is a name, 3rd-and-9 is none
        shaped = any(character.isupper() or character.isdigit() for character in token[1:])
        begins = _SENTENCE_START.search(text[max(0, match.start() - 4) : match.start()]) is not None
        if (chinese and len(token) > 1) or shaped or (token[0].isupper() and len(token) > 1 and not begins):
            found.add(token.lower())
    return frozenset(found)


def codes(text: str) -> frozenset[str]:
    """Names that are written alike in every language: AwA2, DANN, Office-31."""
    return frozenset(
        name.lower()
        for name in re.findall(r"[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*", fold(text))
        if sum(c.isupper() for c in name) > 1 or any(c.isdigit() for c in name)
    )


def holds_name(name: str, words: str) -> bool:
    """Return whether a (lower-case) name stands in a text's lower-case words, whole or as a plural or genitive."""
    pattern = rf"(?<![a-z0-9]){re.escape(name.removesuffix('s'))}(?:s|'s|es)?(?![a-z0-9])"
    parts = re.split(r"[-_/+.#]", name)
    return bool(re.search(pattern, words)) or (
        len(parts) > 1 and all(holds_name(part, words) for part in parts if part)
    )


def negated(text: str) -> bool:
    """Return whether a sentence says that something is not so (an odd number of negations)."""
    return len(_NEGATED.findall(text.lower())) % 2 == 1
