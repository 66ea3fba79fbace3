"""Every word of the interface, in Chinese and in English. Knows no component and no page."""

from __future__ import annotations

from index.records import Outcome

LANGUAGES = ("en", "zh")

# key: (English, Chinese)
WORDS: dict[str, tuple[str, str]] = {
    "tagline": (
        "Answers from your list of links, each leading back to its source.",
        "从你的链接列表中找答案，每句话都能回到原文。",
    ),
    "switch": ("中文", "English"),
    "ask": ("Ask", "提问"),
    "clear": ("Start over", "新对话"),
    "placeholder": ("Ask about the articles…", "就这些文章提问……"),
    "question": ("Question", "问题"),
    "chat_tab": ("Ask", "提问"),
    "library_tab": ("Library", "文献库"),
    "try": ("Try one of these", "试试这些问题"),
    "welcome": ("What would you like to know?", "想了解什么？"),
    "topic": ("Topic", "主题"),
    "site": ("Site", "网站"),
    "all_topics": ("All topics", "全部主题"),
    "all_sites": ("All sites", "全部网站"),
    "read_line": ("Read {read} of {total} references", "共 {total} 篇文献，已读 {read} 篇"),
    "partly": ("{n} only in part", "{n} 篇只读到一部分"),
    "archived": ("{n} from an archive", "{n} 篇来自存档"),
    "see_library": ("see the library", "查看文献库"),
    "sources": ("Sources", "出处"),
    "open_original": ("Open the original at this passage", "在原文中打开此处"),
    "open_page": ("Open the original", "打开原文"),
    "stored": ("Stored copy", "本地副本"),
    "listed_only": ("Known by its title only", "仅知标题"),
    "page": ("page {n}", "第 {n} 页"),
    "fetched": ("fetched {date}", "{date} 抓取"),
    "unread": ("Not read, but by its title it may help", "未能读取，但从标题看可能有用"),
    "unread_where": ("Why: {reason}", "原因：{reason}"),
    "searching": ("Searching…", "正在查找……"),
    "extractive": ("Sentences taken from the sources, no model", "句子摘自原文，未使用模型"),
    "model": ("Written by {model} from the sources", "由 {model} 根据出处撰写"),
    "milliseconds": ("{n} ms", "{n} 毫秒"),
    "too_long": (
        "The question is longer than {n} characters. Please shorten it.",
        "问题超过 {n} 个字符，请缩短后再问。",
    ),
    "failed": (
        "Something went wrong inside citeback. Please ask again; the server's log has the details.",
        "citeback 内部出错，请再试一次；详情见服务器日志。",
    ),
    "search": ("Search titles, links and topics", "搜索标题、链接和主题"),
    "outcome": ("Outcome", "结果"),
    "all_outcomes": ("All outcomes", "全部结果"),
    "number": ("No.", "序号"),
    "reference": ("Reference", "文献"),
    "what_to_do": ("What you can do", "可以怎么做"),
    "characters": ("{n} characters", "{n} 字"),
    "shown": ("{n} of {total} references", "{total} 篇中的 {n} 篇"),
    "more": ("{n} more match. Search or filter to see them.", "还有 {n} 篇符合条件，请搜索或筛选。"),
    "none": ("No reference matches.", "没有符合条件的文献。"),
    "read": ("read", "已读"),
    "partial": ("read in part", "部分读取"),
    "robots": ("closed to crawlers", "禁止抓取"),
    "blocked": ("blocked", "被拦截"),
    "deleted": ("deleted", "已删除"),
    "not_found": ("not found", "不存在"),
    "expired": ("expired", "已过期"),
    "unavailable": ("unavailable", "暂不可用"),
    "needs_rendering": ("needs a browser", "需要浏览器"),
    "unsupported": ("not a web page", "不是网页"),
    "refused_address": ("private address", "内网地址"),
    "too_large": ("too large", "过大"),
    "timeout": ("timed out", "超时"),
    "network": ("no connection", "无法连接"),
    "duplicate": ("duplicate", "重复"),
    "offline": ("offline", "离线"),
    "failed_outcome": ("failed", "失败"),
    "archived_outcome": ("archive copy", "存档副本"),
}
KNOWN_OUTCOMES = frozenset(outcome.value for outcome in Outcome)
OUTCOME_WORDS = {"failed": "failed_outcome", "archived": "archived_outcome"}
ADVICE = {
    "blocked": "在浏览器中打开并保存该网页，再运行 citeback add 文件",
    "robots": "该网站禁止抓取：在浏览器中保存该网页，再运行 citeback add 文件",
    "deleted": "原文已删除：如有副本，运行 citeback add 文件",
    "not_found": "请检查链接；如有副本，运行 citeback add 文件",
    "expired": "链接已过期，请换一个长期有效的链接",
    "unavailable": "稍后再运行 citeback rebuild",
    "needs_rendering": "待网页在浏览器中加载完毕后保存，再运行 citeback add 文件",
    "timeout": "稍后再运行 citeback rebuild",
    "network": "请检查网络，再运行 citeback rebuild",
    "offline": "联网后运行 citeback rebuild",
}


def pick(wish: str | None) -> str:
    """Return the interface language for a browser's language tag."""
    return "zh" if (wish or "").lower().startswith("zh") else "en"


def say(language: str, key: str, **values: object) -> str:
    """Return a phrase, its places filled in."""
    return WORDS[key][LANGUAGES.index(language)].format(**values)


def outcome_word(language: str, outcome: str) -> str:
    """Return what an outcome is called."""
    if outcome not in KNOWN_OUTCOMES:
        return outcome
    return say(language, OUTCOME_WORDS.get(outcome, outcome))


def advice(language: str, outcome: str, hint: str | None) -> str:
    """Return what can be done about an unread reference; the index speaks English, so Chinese has its own words."""
    return ADVICE.get(outcome, hint or "") if language == "zh" and hint else hint or ""
