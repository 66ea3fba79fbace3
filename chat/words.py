"""Every word of the interface, in Chinese and in English. Knows no component and no page."""

from __future__ import annotations

LANGUAGES = ("en", "zh")

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "tagline": "Answers from your list of links, each leading back to its source.",
        "switch": "中文", "ask": "Ask", "stop": "Stop", "clear": "New conversation",
        "placeholder": "Ask about the articles…", "question": "Question",
        "chat_tab": "Ask", "library_tab": "Library", "try": "Try one of these",
        "welcome": "What would you like to know?",
        "topic": "Topic", "site": "Site", "all_topics": "All topics", "all_sites": "All sites",
        "read_line": "Read {read} of {total} references", "partly": "{n} only in part", "archived": "{n} from an archive",
        "see_library": "see the library",
        "sources": "Sources", "open_original": "Open the original at this passage", "stored": "Stored copy",
        "listed_only": "Known by its title only", "fetched": "fetched {date}",
        "unread": "Not read, but by its title it may help", "unread_where": "Why: {reason}",
        "refused": "Not found in what was read", "searching": "Searching…", "stopped": "Stopped.",
        "extractive": "Sentences taken from the sources, no model", "model": "Written by {model} from the sources",
        "milliseconds": "{n} ms", "too_long": "The question is longer than {n} characters. Please shorten it.",
        "failed": "Something went wrong inside citeback. Please ask again; the server's log has the details.",
        "search": "Search titles, links and topics", "outcome": "Outcome", "all_outcomes": "All outcomes",
        "number": "No.", "reference": "Reference", "what_to_do": "What you can do", 
        "characters": "{n} characters", "shown": "{n} of {total} references",
        "more": "{n} more match. Search or filter to see them.", "none": "No reference matches.",
        "read": "read", "partial": "read in part", "robots": "closed to crawlers", "blocked": "blocked",
        "deleted": "deleted", "not_found": "not found", "expired": "expired", "unavailable": "unavailable",
        "needs_rendering": "needs a browser", "unsupported": "not a web page", "refused_address": "private address",
        "too_large": "too large", "timeout": "timed out", "network": "no connection", "duplicate": "duplicate",
        "offline": "offline", "failed_outcome": "failed", "archived_outcome": "archive copy",
    },
    "zh": {
        "tagline": "从你的链接列表中找答案，每句话都能回到原文。",
        "switch": "English", "ask": "提问", "stop": "停止", "clear": "新对话",
        "placeholder": "就这些文章提问……", "question": "问题",
        "chat_tab": "提问", "library_tab": "文献库", "try": "试试这些问题",
        "welcome": "想了解什么？",
        "topic": "主题", "site": "网站", "all_topics": "全部主题", "all_sites": "全部网站",
        "read_line": "共 {total} 篇文献，已读 {read} 篇", "partly": "{n} 篇只读到一部分", "archived": "{n} 篇来自存档",
        "see_library": "查看文献库",
        "sources": "出处", "open_original": "在原文中打开此处", "stored": "本地副本",
        "listed_only": "仅知标题", "fetched": "{date} 抓取",
        "unread": "未能读取，但从标题看可能有用", "unread_where": "原因：{reason}",
        "refused": "在已读内容中没有找到", "searching": "正在查找……", "stopped": "已停止。",
        "extractive": "句子摘自原文，未使用模型", "model": "由 {model} 根据出处撰写",
        "milliseconds": "{n} 毫秒", "too_long": "问题超过 {n} 个字符，请缩短后再问。",
        "failed": "citeback 内部出错，请再试一次；详情见服务器日志。",
        "search": "搜索标题、链接和主题", "outcome": "结果", "all_outcomes": "全部结果",
        "number": "序号", "reference": "文献", "what_to_do": "可以怎么做", 
        "characters": "{n} 字", "shown": "{total} 篇中的 {n} 篇",
        "more": "还有 {n} 篇符合条件，请搜索或筛选。", "none": "没有符合条件的文献。",
        "read": "已读", "partial": "部分读取", "robots": "禁止抓取", "blocked": "被拦截",
        "deleted": "已删除", "not_found": "不存在", "expired": "已过期", "unavailable": "暂不可用",
        "needs_rendering": "需要浏览器", "unsupported": "不是网页", "refused_address": "内网地址",
        "too_large": "过大", "timeout": "超时", "network": "无法连接", "duplicate": "重复",
        "offline": "离线", "failed_outcome": "失败", "archived_outcome": "存档副本",
    },
}
OUTCOME_WORDS = {"failed": "failed_outcome", "archived": "archived_outcome"}


def pick(wish: str | None) -> str:
    """Return the interface language for a browser's language tag."""
    return "zh" if (wish or "").lower().startswith("zh") else "en"


def say(language: str, key: str, **values: object) -> str:
    """Return a phrase, its places filled in."""
    return WORDS[language][key].format(**values)


def outcome_word(language: str, outcome: str) -> str:
    """Return what an outcome is called."""
    return WORDS[language].get(OUTCOME_WORDS.get(outcome, outcome), outcome)
