"""A conversation as HTML. Knows no component: every function takes records and returns escaped text.

All words of pages, lists and models go through ``visible`` and all addresses through ``link`` (law 7).
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from chat.links import badge, bare, button, link, stored_link, told
from chat.words import advice, say
from rag.cite import neutral, shown
from rag.context import Context
from rag.export import answer_markdown
from rag.recall import remembered
from rag.records import Answer, Citation, Reading, UnreadReference
from rag.stored import is_web, visible

MARKER = re.compile(r"\[(\d{1,3})\]")
CODE = re.compile(r"^```[^\n`]*\n(.*?)\n```$", re.M | re.S)
_BEGINNING = 20  # characters by which a quote is known
READ_OUTCOMES = ("read", "partial", "archived")


@dataclass(frozen=True, slots=True)
class Turn:
    """One question with its answer; ``problem`` is the sentence shown where there is none, ``partial`` what was
    stopped, with the sources ``cited`` by then.

    ``ticket`` is the number under which the page asked.
    """

    question: str
    answer: Answer | None = None
    problem: str | None = None
    partial: str | None = None
    cited: tuple[Citation, ...] = ()
    contexts: Mapping[int, Context] = field(default_factory=dict)
    ticket: int = 0


def turn(entry: Turn, language: str, place: int = 0, *, rescue: bool = False) -> str:
    """Return one finished question with its answer, sources and unread references; ``place`` counts from 0."""
    if entry.answer is None:
        said = sources = ""
        if entry.partial:
            known = {citation.number: citation for citation in entry.cited}
            said = f'<div class="cb-answer">{paragraphs(entry.partial, known, language=language)}</div>'
            sources = _sources(entry.cited, language)
        words = say(language, "stopped") if entry.partial is not None else entry.problem or ""
        kind = "cb-note" if entry.partial is not None else "cb-problem"
        body = f'{said}<p class="{kind}" role="alert">{visible(words)}</p>{tools(entry, language, place)}{sources}'
        return _turn(entry.question, body, place, language)
    answer = entry.answer
    cited = {citation.number: citation for citation in answer.citations}
    doubts = {s.text: s.support for s in answer.sentences if s.support != "supported"}
    kind = "cb-answer cb-refused" if answer.refused else "cb-answer"
    drawn = paragraphs(answer.text, cited, language=language, contexts=entry.contexts, doubts=doubts)
    parts = [f'<div class="{kind}">{drawn}</div>', f'<p class="cb-mode">{mode(answer, language)}</p>']
    parts.append(tools(entry, language, place))
    parts.append(_sources(answer.citations, language))
    if answer.unread:
        cards = "".join(unread_card(reference, language, rescue=rescue) for reference in answer.unread)
        parts.append(f'<h3 class="cb-label">{say(language, "unread")}</h3><ul class="cb-unread">{cards}</ul>')
    return _turn(entry.question, "".join(parts), place, language, kept=kept(entry))


def _sources(citations: Sequence[Citation], language: str) -> str:
    if not citations:
        return ""
    cards = "".join(source_card(quotes, language) for quotes in by_reference(citations))
    return f'<h3 class="cb-label">{say(language, "sources")}</h3><ol class="cb-sources">{cards}</ol>'


def kept(entry: Turn) -> str:
    """Return what the browser keeps of a turn, so that a reload brings it back."""
    assert entry.answer is not None
    return json.dumps({"question": entry.question, **remembered(entry.answer)}, ensure_ascii=False)


def tools(entry: Turn, language: str, place: int) -> str:
    """Return the buttons under an answer: copy, ask again, change the question."""
    again = {"at": place, "question": entry.question}
    buttons = [button(say(language, "retry"), "retry", again), button(say(language, "edit"), "edit", again)]
    if entry.answer is not None:
        copied = f' data-done="{say(language, "copied")}"'
        buttons.insert(0, button(say(language, "copy"), "copy", answer_markdown(entry.answer), attributes=copied))
    return f'<div class="cb-tools">{"".join(buttons)}</div>'


def streaming(question: str, text: str, language: str, cited: Sequence[Citation] = (), place: int = 0) -> str:
    """Return a question whose answer is arriving; a marker is a link as soon as its source is known."""
    drawn = paragraphs(text, {citation.number: citation for citation in cited}, language=language)
    return _turn(question, f'<div class="cb-answer cb-live" aria-busy="true">{drawn}</div>', place, language)


def reading(question: str, sign: Reading, language: str, place: int = 0) -> str:
    """Return a question whose passages a language model is reading, with the titles of what it reads."""
    titles = "".join(f"<li>{visible(title)}</li>" for title in sign.titles)
    line = say(language, "reading", model=visible(sign.model), n=sign.passages)
    body = f'<div class="cb-wait" role="status"><p class="cb-reading">{line}</p><ul>{titles}</ul></div>'
    return _turn(question, body, place, language)


def _turn(question: str, body: str, place: int, language: str, *, kept: str = "") -> str:
    keeping = f' data-kept="{html.escape(kept)}"' if kept else ""
    label = say(language, "turn", n=place + 1)
    return (
        f'<section class="cb-turn" aria-label="{label}"{keeping}>'
        f'<h2 class="cb-question" dir="auto">{visible(question)}</h2>{body}</section>'
    )


def thread(turns: Sequence[Turn], language: str, *, first: int = 0, rescue: bool = False) -> str:
    """Return the finished part of a conversation, its turns counted from ``first``."""
    return "".join(turn(entry, language, place, rescue=rescue) for place, entry in enumerate(turns, start=first))


def turns(drawn: str, ticket: int) -> str:
    """Return what stands in one of the places of turns; the number makes it another text than what was put there before."""
    return f'<div class="cb-turns" data-ticket="{ticket:d}">{drawn}</div>'


def paragraphs(
    text: str,
    cited: Mapping[int, Citation],
    *,
    language: str = "en",
    contexts: Mapping[int, Context] | None = None,
    doubts: Mapping[str, str] | None = None,
) -> str:
    """Return answer text as paragraphs and lists; a marker is a link only where a citation has its number (law 3)."""
    if (code := CODE.search(text)) is not None:
        drawn = [
            paragraphs(part, cited, language=language, contexts=contexts, doubts=doubts)
            for part in (text[: code.start()], text[code.end() :])
        ]
        return f'{drawn[0]}<pre class="cb-code" tabindex="0"><code>{visible(code[1])}</code></pre>{drawn[1]}'
    blocks = []

    def inline(block: str) -> str:
        return _marked(block, cited, language, contexts or {}, doubts or {})

    for is_list, lines in groupby(text.strip().split("\n"), key=lambda line: line.startswith("- ")):
        if is_list:
            blocks.append(f"<ul>{''.join(f'<li>{inline(line[2:])}</li>' for line in lines)}</ul>")
        else:
            paragraph = re.split(r"\n\s*\n", "\n".join(lines).strip())
            blocks += [f"<p>{inline(block.strip())}</p>" for block in paragraph if block.strip()]
    return "".join(blocks)


def _marked(
    block: str,
    cited: Mapping[int, Citation],
    language: str,
    contexts: Mapping[int, Context],
    doubts: Mapping[str, str],
) -> str:
    parts = MARKER.split(block)
    for place in range(1, len(parts), 2):
        number = int(parts[place])
        known = cited.get(number)
        drawn = marker(known, language, contexts.get(number)) if known else None
        parts[place] = drawn or f'<span class="cb-marker">[{number}]</span>'
    parts[::2] = [_doubted(part, doubts).replace("\n", "<br>") for part in parts[::2]]
    # A marker hugs the sentence it belongs to.
    return re.sub(r"\s+(<span class=\"cb-(?:cite|marker)\")", r"\1", "".join(parts)).rstrip()


def _doubted(text: str, doubts: Mapping[str, str]) -> str:
    """Return escaped text, the sentences that stand on nothing or on little underlined."""
    for sentence, support in doubts.items():
        before, found, after = text.partition(sentence)
        if found and sentence:
            mark = f'<span class="cb-{"weak" if support == "weak" else "unsupported"}">{visible(found)}</span>'
            return _doubted(before, doubts) + mark + _doubted(after, doubts)
    return told(text)


def marker(citation: Citation, language: str, around: Context | None = None) -> str:
    """Return the small number that opens the original at the passage, with its quote in context to look at."""
    label = visible(f"[{citation.number}] {citation.title}")
    number = link(citation.passage_url, f"[{citation.number}]", "cb-number", f' aria-label="{label}"')
    ways = f'<span class="cb-links">{_ways(citation, language)}</span>'
    return (
        f'<span class="cb-cite">{number}<span class="cb-peek"><b>{bare(citation.title)}</b>'
        f'<span class="cb-around">{_quoted(citation, around)}</span><i>{_facts(citation, language)}</i>{ways}</span></span>'
    )


def _quoted(citation: Citation, around: Context | None) -> str:
    if around is None:
        return f"<mark>{visible(citation.quote)}</mark>"
    return " ".join(
        part
        for part in (visible(around.before), f"<mark>{visible(around.quote)}</mark>", visible(around.after))
        if part
    )


def _facts(citation: Citation, language: str) -> str:
    page = say(language, "page", n=citation.page) if citation.page else ""
    facts = [citation.site, page, citation.author or "", (citation.published or "")[:10], " › ".join(citation.topic)]
    return " · ".join(bare(fact) for fact in facts if fact)


def _ways(citation: Citation, language: str) -> str:
    """Return the ways on: the original at the passage, the stored copy with its date; no copy of what was not read."""
    was_read = citation.outcome in READ_OUTCOMES
    ways = []
    if is_web(citation.passage_url):
        ways.append(link(citation.passage_url, say(language, "open_original" if was_read else "open_page")))
    if was_read:
        ways.append(stored_link(citation.reference, say(language, "stored"), citation.start, citation.end))
    if was_read and citation.fetched_at:
        fetched = say(language, "fetched", date=visible(citation.fetched_at[:10]))
        ways.append(f'<span class="cb-soft">{fetched}</span>')
    return "".join(ways)


def by_reference(citations: Sequence[Citation]) -> list[list[Citation]]:
    """Return the citations of each reference together, in the order of their first numbers."""
    groups: dict[int, list[Citation]] = {}
    for citation in citations:
        groups.setdefault(citation.reference, []).append(citation)
    return list(groups.values())


def source_card(quotes: Sequence[Citation], language: str) -> str:
    """Return one source: title, site, and each quote with its number and the ways to the original and the stored copy.

    A reference known only from the list has no passage to open and no copy; a quote that repeats its title is left out.
    """
    source = quotes[0]
    about = source if len(quotes) == 1 else replace(source, page=None)
    was_read = source.outcome in READ_OUTCOMES
    unread = "listed_twice" if source.outcome == "duplicate" else "listed_only"
    known = "" if was_read else f'<span class="cb-badge cb-unreadable">{say(language, unread)}</span>'
    ranks = "".join(f'<span class="cb-rank">{citation.number}</span>' for citation in quotes)
    parts = []
    for citation in quotes:
        if was_read or citation.quote.strip() != citation.title.strip():
            parts.append(f'<blockquote class="cb-quote" dir="auto">{visible(citation.quote)}</blockquote>')
        page = f" {say(language, 'page', n=citation.page)}" if citation.page else ""
        which = f'<span class="cb-soft">[{citation.number}]{page}</span>' if len(quotes) > 1 else ""
        parts.append(f'<div class="cb-links">{which}{_ways(citation, language)}</div>')
    return (
        f'<li class="cb-source"><div class="cb-ranks" aria-hidden="true">{ranks}</div><div class="cb-card">'
        f'<div class="cb-title">{link(source.url, bare(source.title or source.url))}{known}</div>'
        f'<div class="cb-soft cb-facts">{_facts(about, language)}</div>{"".join(parts)}</div></li>'
    )


def unread_card(reference: UnreadReference, language: str, *, rescue: bool = False) -> str:
    """Return one reference nobody could read, with the reason, what to do, and the way to do it in the library."""
    words = advice(language, reference.reason, reference.hint)
    hint = f'<div class="cb-soft">{told(words)}</div>' if words else ""
    reason = badge(reference.reason, language, was_read=False)
    label = say(language, "rescue" if rescue else "in_library")
    to_row = button(label, "find", {"search": f"#{reference.reference}"}, kind="cb-linked")
    return (
        f'<li><div class="cb-title">{link(reference.url, bare(reference.title or reference.url))}{reason}</div>'
        f'{hint}<div class="cb-links">{to_row}</div></li>'
    )


def mode(answer: Answer, language: str) -> str:
    """Return who made the sentences, and how long it took."""
    written = say(language, "model", model=visible(answer.model or answer.mode))
    lines = [shown(c.quote.strip().split("\n")[0]) for c in answer.citations if c.quote != c.title]
    quoted = any(neutral(line)[:_BEGINNING] in answer.text for line in lines)  # a list names articles and quotes none
    made = "" if answer.refused else written if answer.mode != "extractive" else say(language, "extractive") if quoted else ""
    total = answer.milliseconds.get("total")
    took = "" if total is None else say(language, "milliseconds", n=round(total))
    return " · ".join(part for part in (made, took) if part)
