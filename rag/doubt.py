"""How much more evidence a question needs than is enough otherwise. Knows questions, passages and the index's words.

A name that stands nowhere, a definition of what a passage does not name, a follow-up that shares no word: each is a reason to doubt.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from unicodedata import combining, normalize

from index.store import Snapshot
from index.terms import terms
from rag.defining import heads, names_it, names_of
from rag.follow import topic
from rag.nearest import says, squeezed, told
from rag.numbers import codes, names
from rag.questions import Question, content_terms, subject, what_is
from rag.retrieve import Hit, Retriever
from rag.values import value_asked

_FAR = 4.0  # times, for a follow-up whose own words are not in the passage, however much of its subject is
_MINORITY = 4  # a share of its words by which a passage may hold some by chance
_DOUBT = 1.5  # times the evidence that is enough otherwise
_NAMELESS = 2.0  # and where the question has a name that stands nowhere
_INITIALS, _LONG = 3, 6  # letters of a name: from the one on it may be initials (US is also America), from the other on it may be misspelt
_SLIP = 0.83  # of the letters, which one letter left out, added or moved leaves alike
_ONE_THING = {"zh": 2, "en": 1}  # terms of a word; 开发者 has two pairs
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]{5,}")
_SHAPED = re.compile(  # PPO, AwA2
    r"(?<![\w-])(?=[\w-]*(?:[A-Z]{2}|[a-z][A-Z]|[A-Za-z]-?\d))[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*", re.A)
_VERSION = re.compile(r"(?<![A-Za-z0-9])v ?(\d)(?![\w.])", re.I)
_ZH = "零一二三四五六七八九"
_JOINED = re.compile(r"[A-Za-z\d]\s*(?:\b(?:and|or|vs\.?)\b|[和与跟及、,，])\s*[A-Za-z]")
_TITLED = re.compile(r"《([^《》]{2,30})》")
_CAPITALISED = re.compile(r"[A-Z][\w'-]*(?: (?:(?:of|the|and|for|in) )?[A-Z][\w'-]*){2,}", re.A)


def _undefined(snapshot: Snapshot, asked: Question, hit: Hit) -> bool:
    """Whether a Chinese question asks what something is, and this Chinese passage does not so much as name it."""
    if asked.form != "definition" or asked.language != "zh" or hit.passage.language != "zh":
        return False
    wanted = squeezed(subject(asked.standalone))
    return 3 <= len(wanted) <= 12 and not any(wanted in squeezed(text) for text in told(snapshot, hit))


def doubted(asked: Question, unknown: Sequence[str], *, unheard: bool) -> float:
    """How much more evidence a question needs whose names stand nowhere, the most where it is called by no other code,
    or by a name of the glossary that the index holds in neither language.
    """
    if unheard:
        return _NAMELESS
    called = codes(asked.standalone)
    return _NAMELESS if called and called <= frozenset(unknown) else _DOUBT if unknown else 1.0


def unknown_names(retriever: Retriever, asked: Question, hits: Sequence[Hit]) -> list[str]:
    """Return the names in a question ("RLHF") that stand nowhere in the index: it is then hardly about what was read.

    One that a hit only writes otherwise is known: with a slip of the pen, or in full where the question has its initials.
    """
    unknown = [name for name in sorted(names(asked.standalone or asked.text)) if _absent(retriever.snapshot, name)]
    return [name for name in unknown if not any(writes(hit, name) for hit in hits)]


def _absent(snapshot: Snapshot, name: str) -> bool:
    # GPT is not GPT-4, and a 4 stands anywhere
    words = [name, squeezed(name)] if _coded(name) else terms(f"{name} {name.removesuffix('s')}")
    return bool(words) and not any(snapshot.document_frequencies(words).values())


def _coded(name: str) -> bool:
    return any(map(str.isdigit, name))


def writes(hit: Hit, name: str) -> bool:
    """Whether a passage has a name in other words or letters: "Super Bowl" for Superbowl, "Gandhi" for Ghandi, "United Methodist
    Church" for UMC. Codes have to be written alike.
    """
    text = hit.passage.text
    if (_coded(name) or len(name) >= _LONG) and says(text, [name]):
        return True
    if _coded(name) or len(name) < _INITIALS:
        return False
    if len(name) < _LONG:
        return any(name in "".join(re.findall(r"\b[A-Z]", run)).lower() for run in _CAPITALISED.findall(text))
    words = (word for word in _LATIN.findall(text) if word[0].isupper() or hit.passage.language == "zh")
    return bool(get_close_matches(_bare(name), {_bare(word) for word in words if word[0].lower() == name[0]}, 1, _SLIP))


def _bare(word: str) -> str:
    return "".join(mark for mark in normalize("NFD", word.lower()) if not combining(mark))


def _telling(words: Sequence[str]) -> list[str]:
    """Pairs of Han characters and words; a single character says little where there are others."""
    return [term for term in words if len(term) > 1 or term.isascii()] or list(words)


def lacks(retriever: Retriever, asked: Question, hit: Hit) -> bool:
    """Return whether a passage lacks the one thing that is asked of an article which the question calls by its title.

    Every passage of the article is near "the licence of X"; a word for what may be said of anything (its purpose) is not looked for.
    """
    if asked.own or hit.passage.language != asked.language or hit.passage.reference not in retriever.named(asked):
        return False
    item = retriever.snapshot.item(hit.passage.reference)
    given = terms(item.title if item else "")
    rest = _telling([term for term in content_terms(topic(asked.standalone)) if term not in given])
    return 0 < len(rest) <= _ONE_THING[asked.language] and not retriever.snapshot.holds(hit.passage.id, rest)


def shaped(text: str) -> frozenset[str]:
    """Return the codes of a text that a passage, or else its title and article, has to name (see ``unnamed``)."""
    return frozenset(word.lower() for word in _SHAPED.findall(text) if len(word) >= _INITIALS and terms(word))


def unnamed(snapshot: Snapshot, asked: Question, hit: Hit) -> bool:
    """Return whether a passage is about something else than what the question calls by a code ("PPO"), which is written alike everywhere.

    A title may name it for the passage where the article itself does too, since one can name what the text never comes to; a title that
    is no more than the name, as a repository's, may do so alone where the kind of answer is looked at besides.
    """
    titled = _TITLED.findall(asked.standalone)
    if titled and not any(says(text, titled) for text in told(snapshot, hit)):
        return True  # "《小小作品》的作者是谁？" is of no other work
    if not has_versions(snapshot, asked, hit) or _stranger(snapshot, asked, hit):
        return True
    called = [other for name in sorted(shaped(asked.standalone)) for other in names_of(name)]
    if not called or any(names_it(text, called) for text in (hit.passage.text, *hit.passage.heading)):
        return False
    if any(writes(hit, name) for name in called):
        return False
    item = snapshot.item(hit.passage.reference)
    if item is None or not names_it(item.title, called):
        return True
    kind = asked.form not in ("other", "reason", "definition") or what_is(asked.standalone) or value_asked(asked.standalone)
    alone = kind and heads(item.title.rsplit("/", 1)[-1], called)
    return not alone and not names_it(snapshot.text(item.number), called)


def _stranger(snapshot: Snapshot, asked: Question, hit: Hit) -> bool:
    """Whether an article never writes one of the names that are written alike in every language: codes, and what is Latin in Chinese."""
    called = shaped(asked.standalone)
    if asked.language == "zh":
        called |= {name for name in names(asked.standalone) if len(name) >= _INITIALS}
    told_here = "\n".join(told(snapshot, hit))
    missing = [name for name in called if not (_writes(told_here, name) or writes(hit, name))]
    if missing:
        whole = _whole(snapshot, hit)
        missing = [name for name in missing if not _writes(whole, name)]
    # of what is told of two things, each may be told by an article of its own
    return bool(missing) and not (len(missing) < len(called) and _JOINED.search(asked.standalone))


def _writes(text: str, name: str) -> bool:
    return names_it(text, names_of(name)) or says(text, [name])


def has_versions(snapshot: Snapshot, asked: Question, hit: Hit) -> bool:
    """Return whether an article speaks at all of each version that a question names: v3, version 3, 3.0, 第三代."""
    versions = _VERSION.findall(asked.standalone)
    if not versions:
        return True
    whole = _whole(snapshot, hit)
    written = r"(?<![A-Za-z0-9])v(?:ersion)?[ .-]?{0}(?!\d)|(?<![\d.]){0}\.0|[{0}{1}][代版]"
    return all(re.search(written.format(number, _ZH[int(number)]), whole, re.I) for number in versions)


def _whole(snapshot: Snapshot, hit: Hit) -> str:
    """A hit's article with its title."""
    item = snapshot.item(hit.passage.reference)
    return f"{item.title if item else ''}\n{snapshot.text(hit.passage.reference)}"


def doubt(retriever: Retriever, asked: Question, hit: Hit) -> float:
    """A follow-up's subject makes anything look relevant; a hit without a word of what it asks itself needs more."""
    snapshot = retriever.snapshot
    if not asked.own:
        return _DOUBT if _undefined(snapshot, asked, hit) else 1.0
    telling = _telling(asked.own)
    if any(
        not n for term, n in snapshot.document_frequencies(asked.own).items() if len(term) == 1 and not term.isascii()
    ):
        return _FAR  # a character that stands in no text at all
    weights = retriever.idf(telling)
    held = sum(weight for term, weight in weights.items() if snapshot.holds(hit.passage.id, [term]))
    if hit.passage.language == asked.language and held <= sum(weights.values()) / _MINORITY:
        return _FAR
    return 1.0 if hit.passage.language == asked.language else _DOUBT
