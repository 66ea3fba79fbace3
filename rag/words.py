"""Every word of an answer that is not a source's: list lines, refusals, in the question's language. Decides nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from index.records import Item, Outcome
from rag.aspects import aspect_asked
from rag.cite import neutral, shown
from rag.filters import Filters
from rag.questions import Question, subject
from rag.records import Citation, UnreadReference

READ = tuple(outcome.value for outcome in Outcome if outcome.was_read)
UNREAD = tuple(outcome.value for outcome in Outcome if not outcome.was_read)
_LINES = {
    "zh": {
        "known": "（仅知标题，未读：{outcome}）", "twice": "（与前面的条目是同一篇）", "heading": "列表中与“{subject}”相关的条目{which}：",
        "near": "列表中没有专门讲“{subject}”的条目，最接近的是{which}：", "all": "列表中的条目{which}：",
        "which": "（{said}）", "and": "，", "count": "共 {n} 条", "least": "至少 {n} 条", "read": "已读", "not read": "未读",
        "en": "英文", "zh": "中文", "at": "来自 {said}", "by": "作者 {said}", "year": "{said} 年发表",
        "more": "（另有 {n} 条）",
        "refusal": "已读的内容里没有找到能回答这个问题的依据。查找的是：{subject}。", "nearest": "最接近的条目（未据此作答）：",
        "unmatched": "列表中没有符合筛选条件的条目：{filters}。",
        "hello": "你好！我只根据列表里读过的文章回答，每句话都附上出处。请问想了解什么？",
        "source": "上一个回答引自：", "author": "{title}的作者是 {said}（网页所署）。", "date": "{title}发表于 {said}（网页所署）。",
        "link": "{title}的链接见出处。", "site": "{title}来自 {said}。",
        "no author": "{title}的网页没有写明作者。", "no date": "{title}的网页没有写明发表日期。",
        "unread author": "{title}还没有读到（{outcome}），所以不知道作者是谁。",
        "unread summary": "{title}还没有读到（{outcome}），所以说不出它讲了什么。",
        "unread date": "{title}还没有读到（{outcome}），所以不知道发表日期。",
        "no article": "列表中没有找到关于“{subject}”的文章{which}。",
        "hanging": "问题里的“{word}”指的是什么？请说出它的名字，或者接着上一个问题来问。",
        "thanks": "不客气！还想了解什么，请接着问。",
        "unread": "列表里有关于“{subject}”的条目，但都还没有读到，所以暂时无法回答：",
        "rebuild": "联网后运行 `citeback rebuild` 读取这些网页，或用 `citeback add 文件` 加入自己保存的网页，再问一次。",
        "save": "在浏览器中打开并保存这些网页，用 `citeback add 文件` 加入，再问一次。",
        "but": "不含 {said}",
        "topic": "列表中的主题有：{names}。", "sites": "列表中的网站有：{names}。", "etc": "{names} 等 {n} 个",
        "list_note": "（列表中的说明，链接未读）", "silent": "（已读的内容里没有找到说明“{subject}”的句子，所以无法比较。）",
        "verbatim": "没有语言模型时，回答就是原文里的句子，保持原文的语言，不作翻译。"
        "要得到{tongue}的回答，请设置语言模型，或只从{tongue}文章中查找（语言筛选）。",
        "supported": "", "weak": "（依据较弱）", "unsupported": "（资料中没有依据）",
        "removed": "（已去掉模型给出的 {n} 处无法核对的引用或网址。）",
        "uncarried": "模型写的内容在资料里找不到依据。",
        "fallback": "（没有采用语言模型的回答：{why}以下是原文摘录。）",
    },
    "en": {
        "known": " (known by title only, not read: {outcome})", "heading": "References of the list on “{subject}”{which}:",
        "near": "No reference of the list is about “{subject}” by name; the nearest{which}:",
        "all": "References of the list{which}:", "which": " ({said})", "and": ", ", "count": "{n} in all", "least": "at least {n}",
        "read": "read", "not read": "not read",
        "en": "in English", "zh": "in Chinese", "at": "from {said}", "by": "by {said}", "year": "published in {said}",
        "more": "({n} more)",
        "refusal": "Nothing that was read answers this. Looked for: {subject}.", "nearest": "The nearest references (not used as evidence):",
        "unmatched": "No reference of the list passes the filters: {filters}.",
        "hello": "Hello! I answer only from the listed articles that were read, each sentence with its source. What would you like to know?",
        "source": "The answer before was quoted from:", "author": "{title} is by {said}, as its page says.",
        "date": "{title} was published on {said}, as its page says.",
        "link": "The link of {title} is that of the source.", "site": "{title} is from {said}.",
        "no author": "The page of {title} names no author.", "no date": "The page of {title} gives no date of publication.",
        "unread author": "{title} was not read ({outcome}), so its author is not known.",
        "unread summary": "{title} was not read ({outcome}), so what it says is not known.",
        "unread date": "{title} was not read ({outcome}), so its date of publication is not known.",
        "no article": "No article of the list was found on “{subject}”{which}.",
        "hanging": "What does “{word}” stand for? Call it by its name, or ask after a question that does.",
        "thanks": "You are welcome! Ask on whenever you like.",
        "unread": "The list has references about “{subject}”, but none of them was read yet, so there is nothing to answer from:",
        "rebuild": "Run `citeback rebuild` when there is a network, or add pages you saved yourself with `citeback add FILE`, and ask again.",
        "save": "Open them in a browser, save the pages, add them with `citeback add FILE`, and ask again.",
        "but": "without {said}",
        "topic": "The topics of the list: {names}.", "sites": "The sites of the list: {names}.", "etc": "{names} and more, {n} in all",
        "list_note": " (the list's own words; the link was not read)", "twice": " (the same article as an earlier entry)",
        "silent": "(Nothing that was read tells what “{subject}” is, so the two cannot be compared.)",
        "verbatim": "Without a language model an answer is made of the sources' own sentences, in their own language; nothing is translated. "
        "For an answer in {tongue}, set a language model, or ask the articles in {tongue} only (the language filter).",
        "supported": "", "weak": " (weakly supported)", "unsupported": " (not supported by the sources)",
        "removed": "({n} citations or addresses that the model made up were removed.)",
        "uncarried": "Nothing that it wrote is carried by the passages.",
        "fallback": "(Without the language model: {why} These are the sources' own sentences.)",
    },
}  # fmt: skip
_FEW, _LONGEST = 6, 40  # topics or sites that are named; characters of a heading
_TRY_AGAIN = ("offline", "network", "timeout", "unavailable")
_LONGEST_TITLE = 120  # characters
_THANKS = re.compile(r"谢|\bthank", re.I)
_AN_ITEM = re.compile(r"\s*[-*+]\s")
_ASKER = re.compile(r"^(?:(?:i|we|one|many|much|should|would|does|to)\b\s*)+", re.I)
_OUTCOMES_ZH = {
    "partial": "只读到一部分", "archived": "来自存档",
    "blocked": "网站拒绝抓取", "robots": "robots.txt 不允许抓取", "deleted": "已删除", "not_found": "页面不存在", "expired": "链接已过期",
    "unavailable": "暂时无法访问", "needs_rendering": "需要浏览器渲染", "unsupported": "不支持的链接", "refused_address": "非公网地址",
    "too_large": "页面过大", "timeout": "超时", "network": "网络错误", "duplicate": "与前面的条目重复", "offline": "没有网络", "failed": "读取失败",
}  # fmt: skip
_FENCED = re.compile(
    r"(?P<before>.+?)\n\s*(?P<fence>```|~~~)[^\n`]*\n(?P<code>(?:(?!```|~~~).)+?)\n\s*(?P=fence)", re.S
)


def answer_text(asked: Question, citations: Sequence[Citation], *, silent: str = "") -> str:
    """Return the quotes as an answer, one paragraph a source, each sentence with its number; ``silent`` is what they say nothing of."""
    words = _LINES[asked.language]
    told = [_numbered(c.quote, "" if c.outcome in READ else words["list_note"], c.number) for c in citations]
    return "\n\n".join([*told, words["silent"].format(subject=neutral(silent))] if silent else told)


def _numbered(quoted: str, note: str, number: int) -> str:
    """A quote with its number. Code keeps its lines and stands after the sentence that announces it, whose number counts for both."""
    fenced = _FENCED.fullmatch(quoted.strip())
    if fenced and (before := shown(fenced["before"])):
        return f"{before}{note} [{number}]\n\n```\n{neutral(fenced['code'])}\n```"
    return f"{_lines(quoted)}{note} [{number}]"


def _lines(quoted: str) -> str:
    """A quoted run of list items keeps its lines and numbers, also after the sentence that leads to it; anything else is one line."""
    raw = [line for line in quoted.split("\n") if line.strip()]
    lines = [shown(line) for line in raw]
    if len(raw) > 2 and not _AN_ITEM.match(raw[0]) and all(map(_AN_ITEM.match, raw[1:])):
        return "\n".join([lines[0], *(f"- {line}" for line in lines[1:] if line)])
    if len(lines) <= 2 or quoted.lstrip()[:1] not in "-*+|0123456789":
        return shown(quoted)
    return "\n".join(line if line[:1].isdigit() else f"- {line}" for line in lines if line)


def _cut(title: str) -> str:
    """A title for a line of a list; a post without one is called by all its text."""
    return title if len(title) <= _LONGEST_TITLE else title[:_LONGEST_TITLE].rstrip() + "…"


def listing_text(
    asked: Question,
    citations: Sequence[Citation],
    *,
    of: int = 0,
    on: bool = True,
    count: str = "",
    criteria: Sequence[str] = (),
) -> str:
    """Return a list of references, one line each; those nobody could read are said to be known by title only.

    ``of`` is how many there are in all, which is said where it is asked for (``count``: "count", or "least" where there may be more);
    ``criteria`` tell which ones these are, ``on`` whether they are about the subject or only come nearest to it.
    """
    words = _LINES[asked.language]
    lines = []
    for citation in citations:
        unread = words["twice" if citation.outcome == "duplicate" else "known"].format(outcome=outcome_word(citation.outcome, asked.language))
        known = "" if citation.outcome in READ else unread
        lines.append(f"- {neutral(_cut(citation.title))}{known} [{citation.number}]")
    total = max(of, len(lines))
    if total > len(lines):
        lines.append(words["more"].format(n=total - len(lines)))
    told = [*criteria, *([words[count].format(n=total)] if count else [])]
    which = words["which"].format(said=words["and"].join(told)) if told else ""
    heading = words["all" if not asked.search else "heading" if on else "near"]
    return heading.format(subject=neutral(asked.search), which=which) + "\n" + "\n".join(lines)


def criteria_words(filters: Filters, language: str) -> list[str]:
    """Return what a question narrows the list by, as people say it."""
    words = _LINES[language]
    told = [("at", filters.site), ("by", filters.author), ("year", filters.year), ("but", filters.but_site), ("but", filters.but_topic)]
    said = [words[name].format(said=neutral(value)) for name, value in told if value]
    if filters.language:
        said.append(words[filters.language])
    if filters.outcomes in (READ, UNREAD):
        said.append(words["read" if filters.outcomes == READ else "not read"])
    else:
        said += [outcome_word(outcome, language) for outcome in filters.outcomes]
    return said


def source_text(asked: Question, citations: Sequence[Citation]) -> str:
    """Return which articles the answer before was quoted from."""
    lines = [f"- {neutral(citation.title)} [{citation.number}]" for citation in citations]
    return "\n".join([_LINES[asked.language]["source"], *lines])


def detail_text(asked: Question, field: str, citation: Citation) -> str:
    """Return who wrote an article ("author") or when it was published ("date"), as its page says."""
    # an address of the list stands with its source alone, where it is checked before it becomes a link
    said = {"author": citation.author, "date": citation.published, "link": None, "site": citation.site}[field]
    line = _LINES[asked.language][field].format(title=titled(citation.title, asked.language), said=neutral(said or ""))
    return f"{line} [{citation.number}]"


def undetailed_text(asked: Question, field: str, item: Item) -> str:
    """Say that an article's page does not tell, or that it was not read."""
    line = _LINES[asked.language][f"{'no' if item.characters else 'unread'} {field}"]
    return line.format(
        title=titled(item.title, asked.language), outcome=outcome_word(item.outcome.value, asked.language)
    )


def unfound_text(asked: Question, name: str, criteria: Sequence[str] = ()) -> str:
    """Say that no article is what a question calls one, of those that ``criteria`` leave."""
    words = _LINES[asked.language]
    which = words["which"].format(said=words["and"].join(criteria)) if criteria else ""
    return words["no article"].format(subject=neutral(name), which=which)


def titled(title: str, language: str) -> str:
    """Return a title in title marks; one that holds some itself, in quotation marks."""
    return f"《{neutral(title)}》" if language == "zh" and "《" not in title else f"“{neutral(title)}”"


def refusal_text(asked: Question, unread: Sequence[UnreadReference], *, about: str = "") -> str:
    """Say that nothing answers, what was looked for, and which references come nearest.

    ``about`` is the subject where they are about just that and nothing that was read is; then what to do is said too.
    """
    words = _LINES[asked.language]
    if asked.hanging:
        return words["hanging"].format(word=neutral(asked.hanging))
    if asked.small_talk:
        return words["thanks" if _THANKS.search(asked.text) else "hello"]
    if not unread or not about:
        text = words["refusal"].format(subject=neutral(looked_for(asked)))
        listed = [words["nearest"], *(f"- {neutral(reference.title)}" for reference in unread)] if unread else []
        return "\n".join([text, *listed])
    lines = [
        f"- {neutral(reference.title)}{words['known'].format(outcome=outcome_word(reference.reason, asked.language))}"
        for reference in unread
    ]
    again = all(reference.reason in _TRY_AGAIN for reference in unread)
    return "\n".join([words["unread"].format(subject=neutral(about)), *lines, words["rebuild" if again else "save"]])


def looked_for(asked: Question) -> str:
    """Return what was looked for as a reader would say it: "How do I bake bread?" looks for "bake bread"."""
    text = asked.standalone or asked.text  # "它有什么缺点？" looks for those of what "它" is
    aspect = aspect_asked(text)
    about = aspect.search if aspect else _ASKER.sub("", subject(text)).strip()
    if re.search(r"[\u4e00-\u9fff] +[\u4e00-\u9fff]", about):  # what is left of a Chinese sentence reads badly
        about = ""
    return about or text.rstrip("?？。. ")


def verbatim_text(asked: Question) -> str:
    """Say that quotes stand in their own language."""
    tongues = {"zh": {"zh": "中文", "en": "英文"}, "en": {"zh": "Chinese", "en": "English"}}
    return _LINES[asked.language]["verbatim"].format(tongue=tongues[asked.language][asked.spoken])


def unmatched_text(asked: Question, filters: Sequence[str], there: Mapping[str, Sequence[str]] | None = None) -> str:
    """Say that the filters leave nothing to answer from, and a few of the topics or sites that ``there`` are instead."""
    words = _LINES[asked.language]
    said = [words["unmatched"].format(filters=neutral(", ".join(filters)))]
    for name, values in (there or {}).items():
        few = ("、" if asked.language == "zh" else ", ").join(neutral(value[:_LONGEST]) for value in values[:_FEW])
        names = words["etc"].format(names=few, n=len(values)) if len(values) > _FEW else few
        said += [words["topic" if name == "topic" else "sites"].format(names=names)] if values else []
    return ("" if asked.language == "zh" else " ").join(said)


def checked_words(name: str, language: str) -> str:
    """Return the words for what checking a model's answer found: a level of support, "removed" or "fallback"."""
    return _LINES[language][name]


def outcome_word(outcome: str, language: str) -> str:
    """Return an outcome as people say it."""
    return _OUTCOMES_ZH.get(outcome, outcome) if language == "zh" else outcome.replace("_", " ")
