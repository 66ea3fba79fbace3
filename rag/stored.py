"""A stored copy as one safe HTML page, the cited passage marked. Knows nothing of HTTP or the index.

The text is another site's: it is escaped, nothing in it becomes a link, an image or a script (law 7).
"""

from __future__ import annotations

import html
import re
from itertools import pairwise
from urllib.parse import urlsplit

from index.records import Item

STYLE = """
:root{color-scheme:light dark;--ink:#1d2430;--soft:#5d6878;--paper:#fbfbf9;--line:#e2e4e0;--mark:#fde9a9;--link:#1f5f8b}
@media (prefers-color-scheme:dark){:root{--ink:#e3e6ea;--soft:#9aa4b2;--paper:#14181d;--line:#2b323b;--mark:#5c4a12;
--link:#86bfe6}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);
font:17px/1.75 system-ui,-apple-system,"Segoe UI","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main{max-width:46rem;margin:0 auto;padding:2.5rem 1.25rem 6rem;overflow-wrap:anywhere}
h1{font-size:1.6rem;line-height:1.35;margin:.3rem 0 .6rem;text-wrap:balance}
.kicker,.about{color:var(--soft);font-size:.85rem}
.about{border-bottom:1px solid var(--line);padding-bottom:1.2rem;margin-bottom:1.6rem}
.about p{margin:.2rem 0}
a{color:var(--link)}
article div{white-space:pre-wrap;overflow-wrap:anywhere}
.gap{height:.8em}
.code{min-height:1.4em}
.head{font-weight:650;font-size:1.15em;margin-top:.4em}
.code,.cell{font:.84em/1.65 ui-monospace,Consolas,"Noto Sans Mono CJK SC",monospace}
mark{background:var(--mark);color:inherit;border-radius:.2em;padding:.08em 0;scroll-margin:30vh}
""".strip()
HEADING = re.compile(r"#{1,6}\s+")
INLINE = re.compile(r"!?\[([^\[\]\n]*)\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)|\*\*(?=\S)([^*\n]+)\*\*")
# Written over the text's direction or invisible: they let a page show one thing and store another.
HIDDEN = re.compile("[\u0000-\u0008\u000b-\u001f\u007f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def stored_page(item: Item, text: str, *, start: int | None = None, end: int | None = None) -> str:
    """Return the page; ``start`` and ``end`` name the passage to mark, in characters of the stored text."""
    title = visible(item.title) or visible(item.url)
    original = (
        f'<a href="{html.escape(item.url)}" target="_blank" rel="noopener noreferrer">{visible(item.url)}</a>'
        if is_web(item.url)
        else visible(item.url)
    )
    fetched = visible((item.fetched_at or "")[:16].replace("T", " "))
    read = {
        (True, True): f"本地副本，内容截至 {fetched} UTC" if fetched else "本地副本",
        (True, False): f"Stored copy, as of {fetched} UTC" if fetched else "Stored copy",
        (False, True): "未能读取，仅有链接列表中的文字",
        (False, False): f"Not read ({item.outcome.value}): only the list's own words are known",
    }[item.outcome.was_read, item.language == "zh"]
    return (
        f'<!doctype html>\n<html lang="{"zh" if item.language == "zh" else "en"}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{title}</title><style>{STYLE}</style></head><body><main>"
        f'<div class="kicker">{visible(" › ".join(item.topic))}</div><h1>{title}</h1>'
        f'<div class="about"><p>{read}</p><p>{visible(item.reason or "")}</p><p>{original}</p></div>'
        f"<article>{_article(text, *((start, end) if start is not None and end is not None else (0, 0)))}</article>"
        "</main></body></html>"
    )


def visible(text: str) -> str:
    """Return escaped text without characters that hide or turn what is shown."""
    return html.escape(HIDDEN.sub("", text))


def is_web(url: str) -> bool:
    """True for an address that may become a link."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme.lower() in ("http", "https") and bool(parts.netloc)


def _article(text: str, start: int, end: int) -> str:
    """Return the text line by line; markers of Markdown are hidden outside code, headings and code are set off."""
    lines, place, fenced, marks = [], 0, False, 0
    for line in text.split("\n"):
        fence = line.lstrip().startswith("```")
        heading = None if fenced else HEADING.match(line)
        kind = "code" if fenced or fence else "head" if heading else "cell" if line.startswith("|") else ""
        hidden = [] if kind in ("code", "cell") else _hidden(line)
        if heading:
            hidden.append((0, heading.end()))
        drawn, marks = _line(line, hidden, start - place, end - place, marks)
        kind = kind or ("" if drawn else "gap")
        lines.append(f'<div class="{kind}">{drawn}</div>' if kind else f"<div>{drawn}</div>")
        fenced ^= fence
        place += len(line) + 1
    return "".join(lines)


def _hidden(line: str) -> list[tuple[int, int]]:
    """Return the spans of a line that are Markdown's own: around the words of links, images and bold text."""
    spans = []
    for match in INLINE.finditer(line):
        words = 1 if match[1] is not None else 2
        spans += [(match.start(), match.start(words)), (match.end(words), match.end())]
    return spans


def _line(line: str, hidden: list[tuple[int, int]], start: int, end: int, marks: int) -> tuple[str, int]:
    """Return a line's visible characters, those from ``start`` to ``end`` marked, and how many marks there are now."""
    cuts = sorted({0, len(line), *(min(max(cut, 0), len(line)) for span in [*hidden, (start, end)] for cut in span)})
    drawn = []
    for left, right in pairwise(cuts):
        if any(begin <= left and right <= finish for begin, finish in hidden):
            continue
        piece = visible(line[left:right])
        if start <= left and right <= end:
            piece = f"<mark>{piece}</mark>" if marks else f'<mark id="passage">{piece}</mark>'
            marks += 1
        drawn.append(piece)
    return "".join(drawn), marks
