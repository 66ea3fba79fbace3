"""A conversation as HTML. Knows no component: every function takes records and returns escaped text.

All words of pages, lists and models go through ``visible`` and all addresses through ``link`` (law 7).
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from chat.words import advice, outcome_word, say
from rag.records import Answer, Citation, UnreadReference
from rag.stored import is_web, visible

MARKER = re.compile(r"\[(\d{1,3})\]")
PEEK = 280
READ_OUTCOMES = ("read", "partial", "archived")


@dataclass(frozen=True, slots=True)
class Turn:
    """One question with its answer; ``problem`` is the sentence shown where there is none."""

    question: str
    answer: Answer | None = None
    problem: str | None = None


def turn(entry: Turn, language: str) -> str:
    """Return one finished question with its answer, sources and unread references."""
    if entry.answer is None:
        return _turn(entry.question, f'<p class="cb-problem" role="alert">{visible(entry.problem or "")}</p>')
    answer = entry.answer
    cited = {citation.number: citation for citation in answer.citations}
    kind = "cb-answer cb-refused" if answer.refused else "cb-answer"
    parts = [f'<div class="{kind}">{paragraphs(answer.text, cited)}</div>']
    if answer.citations:
        cards = "".join(source_card(citation, language) for citation in answer.citations)
        parts.append(f'<h3 class="cb-label">{say(language, "sources")}</h3><ol class="cb-sources">{cards}</ol>')
    if answer.unread:
        cards = "".join(unread_card(reference, language) for reference in answer.unread)
        parts.append(f'<h3 class="cb-label">{say(language, "unread")}</h3><ul class="cb-unread">{cards}</ul>')
    parts.append(f'<p class="cb-mode">{mode(answer, language)}</p>')
    return _turn(entry.question, "".join(parts))


def streaming(question: str, text: str, language: str) -> str:
    """Return a question whose answer is still arriving; its markers are no links yet, they are not checked yet."""
    if not text:
        return _turn(question, f'<p class="cb-wait" role="status">{say(language, "searching")}</p>')
    return _turn(question, f'<div class="cb-answer cb-live" aria-busy="true">{paragraphs(text, {})}</div>')


def _turn(question: str, body: str) -> str:
    return f'<section class="cb-turn"><h2 class="cb-question">{visible(question)}</h2>{body}</section>'


def thread(turns: Sequence[Turn], language: str) -> str:
    """Return the finished part of a conversation."""
    return "".join(turn(entry, language) for entry in turns)


def paragraphs(text: str, cited: Mapping[int, Citation]) -> str:
    """Return answer text as paragraphs and lists; a marker is a link only where a citation has its number (law 3)."""
    blocks = []
    for is_list, lines in groupby(text.strip().split("\n"), key=lambda line: line.startswith("- ")):
        if is_list:
            blocks.append(f"<ul>{''.join(f'<li>{_marked(line[2:], cited)}</li>' for line in lines)}</ul>")
        else:
            paragraph = re.split(r"\n\s*\n", "\n".join(lines).strip())
            blocks += [f"<p>{_marked(block.strip(), cited)}</p>" for block in paragraph if block.strip()]
    return "".join(blocks)


def _marked(block: str, cited: Mapping[int, Citation]) -> str:
    parts = MARKER.split(block)
    for place in range(1, len(parts), 2):
        number = int(parts[place])
        known = cited.get(number)
        parts[place] = marker(known) if known else f'<span class="cb-marker">[{number}]</span>'
    parts[::2] = [visible(part).replace("\n", "<br>") for part in parts[::2]]
    # A marker hugs the sentence it belongs to.
    return re.sub(r"\s+(<span class=\"cb-(?:cite|marker)\")", r"\1", "".join(parts)).rstrip()


def marker(citation: Citation) -> str:
    """Return the small number that opens the original link, with its quote to look at on hover or focus."""
    quote = citation.quote if len(citation.quote) <= PEEK else citation.quote[:PEEK].rstrip() + "…"
    label = visible(f"{citation.number}: {citation.title}")
    number = link(citation.url, f"[{citation.number}]", "cb-number", f' aria-label="{label}"')
    return (
        f'<span class="cb-cite">{number}<span class="cb-peek" role="tooltip"><b>{visible(citation.title)}</b>'
        f"{visible(quote)}<i>{visible(citation.site)}</i></span></span>"
    )


def source_card(citation: Citation, language: str) -> str:
    """Return one source: number, title, site, verbatim quote, the way to the original and to the stored copy.

    A reference known only from the list has no passage to open and no copy; a quote that repeats its title is left out.
    """
    was_read = citation.outcome in READ_OUTCOMES
    page = say(language, "page", n=citation.page) if citation.page else ""
    facts = [citation.site, page, citation.author or "", (citation.published or "")[:10], " › ".join(citation.topic)]
    badge = "" if was_read else f'<span class="cb-badge cb-unreadable">{say(language, "listed_only")}</span>'
    quote = f'<blockquote class="cb-quote">{visible(citation.quote)}</blockquote>'
    ways = [link(citation.passage_url, say(language, "open_original" if was_read else "open_page"))]
    if was_read:
        ways.append(stored_link(citation.reference, say(language, "stored"), citation.start, citation.end))
    if was_read and citation.fetched_at:
        fetched = say(language, "fetched", date=visible(citation.fetched_at[:10]))
        ways.append(f'<span class="cb-soft">{fetched}</span>')
    return (
        f'<li class="cb-source"><span class="cb-rank">{citation.number}</span><div class="cb-card">'
        f'<div class="cb-title">{link(citation.url, visible(citation.title or citation.url))}{badge}</div>'
        f'<div class="cb-soft cb-facts">{visible(" · ".join(fact for fact in facts if fact))}</div>'
        f"{quote if was_read or citation.quote.strip() != citation.title.strip() else ''}"
        f'<div class="cb-links">{"".join(ways if is_web(citation.passage_url) else ways[1:])}</div></div></li>'
    )


def unread_card(reference: UnreadReference, language: str) -> str:
    """Return one reference nobody could read, with the reason and what to do."""
    words = advice(language, reference.reason, reference.hint)
    hint = f'<div class="cb-soft">{visible(words)}</div>' if words else ""
    reason = say(language, "unread_where", reason=visible(outcome_word(language, reference.reason)))
    return (
        f'<li><div class="cb-title">{link(reference.url, visible(reference.title or reference.url))}</div>'
        f'<div class="cb-soft">{reason}</div>{hint}</li>'
    )


def mode(answer: Answer, language: str) -> str:
    """Return who made the sentences, and how long it took."""
    written = say(language, "model", model=visible(answer.model or answer.mode))
    made = "" if answer.refused else say(language, "extractive") if answer.mode == "extractive" else written
    total = answer.milliseconds.get("total")
    took = "" if total is None else say(language, "milliseconds", n=round(total))
    return " · ".join(part for part in (made, took) if part)


def brand(language: str) -> str:
    """Return the head of the page."""
    return (
        f'<div lang="{language}" class="cb-brand"><span class="cb-logo" aria-hidden="true">[1]</span>'
        f'<h1>citeback</h1><span class="cb-soft">{say(language, "tagline")}</span></div>'
    )


def welcome(language: str) -> str:
    """Return the words above the example questions."""
    return (
        f'<div class="cb-welcome"><p>{say(language, "welcome")}</p>'
        f'<span class="cb-soft">{say(language, "try")}</span></div>'
    )


def coverage(status: Mapping[str, Any], language: str) -> str:
    """Return one line of plain text: how much was read, and what became of the rest."""
    counts: Mapping[str, int] = status["outcomes"]
    read = sum(counts.get(name, 0) for name in READ_OUTCOMES)
    parts = [say(language, "read_line", read=read, total=status["references"])]
    parts += [
        say(language, key, n=counts[name])
        for name, key in (("partial", "partly"), ("archived", "archived"))
        if counts.get(name)
    ]
    rest = sorted(((n, name) for name, n in counts.items() if n and name not in READ_OUTCOMES), reverse=True)
    parts += [
        f"{outcome_word(language, name)} {n}" if language == "zh" else f"{n} {outcome_word(language, name)}"
        for n, name in rest[:4]
    ]
    return " · ".join(parts)


def link(url: str, label: str, kind: str = "", attributes: str = "") -> str:
    """Return a link that opens in a new tab; an address that is not a web page stays text. ``label`` is HTML."""
    named = f' class="{kind}"' if kind else ""
    if not is_web(url):
        return f"<span{named}>{label}</span>"
    return f'<a{named} href="{html.escape(url)}" target="_blank" rel="noopener noreferrer"{attributes}>{label}</a>'


def stored_link(number: int, label: str, start: int | None = None, end: int | None = None) -> str:
    """Return the link to a stored copy, opened at a passage; relative, so that it works behind a path prefix."""
    place = f"&amp;start={start:d}&amp;end={end:d}#passage" if start is not None and end is not None else ""
    return f'<a href="api/references/{number:d}?format=html{place}" target="_blank" rel="noopener">{label}</a>'
