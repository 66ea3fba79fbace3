"""What stands around the conversation, as HTML: head, welcome, the asking bar with its filters. Knows no component."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chat.draw import READ_OUTCOMES
from chat.links import button
from chat.words import outcome_word, say
from rag.stored import visible

if TYPE_CHECKING:
    from index.records import Item

MOST_CHOICES = 300
QUESTION_LIMIT = 2000


def head(language: str, model: str | None, *, can_build: bool = False) -> str:
    """Return the head of the page: name, the views, who writes the answers, language and theme."""
    views = [("ask", "chat_tab"), ("library", "library_tab"), *([("build", "build_tab")] if can_build else [])]
    tabs = "".join(button(say(language, key), "view", name, kind="cb-tab") for name, key in views)
    written = visible(model) if model else say(language, "mode_extractive")
    title = say(language, "mode_model_title" if model else "mode_extractive_title")
    return (
        f'<div class="cb-brand" lang="{language}"><span class="cb-logo" aria-hidden="true">[1]</span><h1>citeback</h1></div>'
        f'<nav class="cb-tabs" aria-label="{say(language, "views")}">{tabs}</nav>'
        f'<div class="cb-ends"><span class="cb-chip cb-who" title="{title}">{written}</span>'
        f"{button(say(language, 'theme'), 'theme', kind='cb-chip')}"
        f"{button(say(language, 'switch'), 'language', 'en' if language == 'zh' else 'zh', kind='cb-chip cb-switch')}</div>"
        f'<p class="cb-lost" role="alert">{say(language, "gone")}</p>'
    )


def welcome(language: str, status: Mapping[str, Any], examples: Sequence[str]) -> str:
    """Return what an empty conversation shows: a greeting, what was read, questions to begin with."""
    asked = "".join(button(text, "ask", {"question": text}, kind="cb-example") for text in examples)
    tried = f'<p class="cb-soft">{say(language, "try")}</p><div class="cb-examples">{asked}</div>' if examples else ""
    return (
        f'<div class="cb-welcome"><p class="cb-hello">{say(language, "welcome")}</p>'
        f'<p class="cb-soft">{say(language, "tagline")}</p>{coverage_line(status, language)}{tried}</div>'
    )


def coverage_line(status: Mapping[str, Any], language: str) -> str:
    """Return the line of what was read, as the way into the library."""
    return button(
        f"{coverage(status, language)} — {say(language, 'see_library')}", "view", "library", kind="cb-coverage"
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


def composer(
    language: str, topics: Sequence[tuple[str, ...]], items: Sequence[Item], languages: Mapping[int, str]
) -> str:
    """Return the asking bar: the question, what may answer it, and what can be done with the conversation."""
    spoken = Counter(languages.values())
    menus = [
        menu("topic", say(language, "topic"), topic_choices(topics, language)),
        menu("site", say(language, "site"), site_choices(items, language)),
        menu(
            "language",
            say(language, "article_language"),
            [
                (say(language, "all_languages"), ""),
                *((say(language, name), name) for name in ("zh", "en") if spoken[name]),
            ],
        ),
    ]
    fully = f'<label class="cb-check"><input type="checkbox" data-filter="fully_read"> {say(language, "fully_read")}</label>'
    exports = "".join(
        button(say(language, f"export_{kind}"), "export", {"kind": kind}) for kind in ("markdown", "bibtex", "ris")
    )
    return (
        f'<div class="cb-editing" hidden><span>{say(language, "editing")}</span>{button(say(language, "cancel"), "unedit")}</div>'
        f'<div class="cb-bar"><textarea id="cb-question" rows="1" maxlength="{QUESTION_LIMIT}" '
        f'placeholder="{say(language, "placeholder")}" aria-label="{say(language, "question")}" '
        f'data-searching="{say(language, "searching")}"></textarea>'
        f"{button(say(language, 'ask'), 'send', kind='cb-send')}{button(say(language, 'stop'), 'stop', kind='cb-stop')}</div>"
        f'<div class="cb-under"><details class="cb-narrow"><summary>{say(language, "narrow")}'
        f'<span class="cb-narrowed" data-none="{say(language, "everything")}"></span></summary>'
        f'<div class="cb-menus">{"".join(menus)}{fully}{button(say(language, "reset"), "reset")}</div></details>'
        f'<details class="cb-export"><summary>{say(language, "export")}</summary><div class="cb-menus">{exports}</div></details>'
        f"{button(say(language, 'clear'), 'clear', kind='cb-quiet cb-clear')}</div>"
    )


def menu(name: str, label: str, choices: Sequence[tuple[str, str]]) -> str:
    """Return a labelled native menu of (label, value) choices; ``name`` is the filter it sets."""
    offered = "".join(f'<option value="{visible(value)}">{visible(text)}</option>' for text, value in choices)
    return f'<label class="cb-menu">{label}<select data-filter="{name}">{offered}</select></label>'


def site_choices(items: Sequence[Item], language: str) -> list[tuple[str, str]]:
    """Return the choices of the site filter, most frequent first, as (label, value)."""
    counts = Counter(item.site for item in items if item.site)
    found = [(f"{name} ({n})", name) for name, n in counts.most_common(MOST_CHOICES)]
    return [(say(language, "all_sites"), ""), *found]


def topic_choices(topics: Sequence[tuple[str, ...]], language: str) -> list[tuple[str, str]]:
    """Return the choices of the topic filter in the list's own order, as (label, value)."""
    found = [(" › ".join(path), " / ".join(path)) for path in topics[:MOST_CHOICES] if path]
    return [(say(language, "all_topics"), ""), *found]
