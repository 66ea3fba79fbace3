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
    "theme": ("Theme", "明 / 暗"),
    "views": ("Views", "视图"),
    "ask": ("Ask", "提问"),
    "stop": ("Stop", "停止"),
    "clear": ("New conversation", "新对话"),
    "placeholder": ("Ask about the articles…", "就这些文章提问……"),
    "question": ("Question", "问题"),
    "turn": ("Question {n}", "第 {n} 个问题"),
    "chat_tab": ("Ask", "提问"),
    "library_tab": ("Library", "文献库"),
    "build_tab": ("Build", "构建"),
    "mode_extractive": ("Extractive, no model", "摘录，不用模型"),
    "mode_extractive_title": (
        "Answers are sentences of the sources, word for word. No language model is set.",
        "答案是出处的原句，没有设置语言模型。",
    ),
    "mode_model_title": (
        "This language model writes the answers; every sentence is checked against the sources.",
        "由这个语言模型撰写答案，每句话都对照出处核对。",
    ),
    "try": ("Try one of these", "试试这些问题"),
    "welcome": ("What would you like to know?", "想了解什么？"),
    "topic": ("Topic", "主题"),
    "site": ("Site", "网站"),
    "article_language": ("Language", "语言"),
    "all_topics": ("All topics", "全部主题"),
    "all_sites": ("All sites", "全部网站"),
    "all_languages": ("Both languages", "中英文"),
    "zh": ("Chinese", "中文"),
    "en": ("English", "英文"),
    "fully_read": ("Only what was fully read", "只用完整读到的"),
    "narrow": ("Answer from", "范围"),
    "everything": ("everything in the list", "列表中的全部"),
    "reset": ("Reset", "重置"),
    "export": ("Export", "导出"),
    "export_markdown": ("Conversation (Markdown)", "对话（Markdown）"),
    "export_bibtex": ("Cited sources (BibTeX)", "引用的出处（BibTeX）"),
    "export_ris": ("Cited sources (RIS)", "引用的出处（RIS）"),
    "conversation": ("Conversation with citeback", "citeback 对话"),
    "editing": (
        "Changing an earlier question: the conversation goes on from there, what follows it now is dropped.",
        "正在修改之前的问题：其后的对话将重新开始。",
    ),
    "cancel": ("Cancel", "取消"),
    "copy": ("Copy", "复制"),
    "copied": ("Copied", "已复制"),
    "retry": ("Ask again", "重新回答"),
    "edit": ("Edit question", "修改问题"),
    "stopped": ("Stopped before the end.", "已停止，回答不完整。"),
    "read_line": ("Read {read} of {total} references", "共 {total} 篇文献，已读 {read} 篇"),
    "partly": ("{n} only in part", "{n} 篇只读到一部分"),
    "archived": ("{n} from an archive", "{n} 篇来自存档"),
    "see_library": ("see the library", "查看文献库"),
    "sources": ("Sources", "出处"),
    "open_original": ("Open at this passage", "在原文中打开此处"),
    "open_page": ("Open the original", "打开原文"),
    "stored": ("Stored copy", "本地副本"),
    "listed_only": ("Known by its title only", "仅知标题"),
    "listed_twice": ("Listed twice", "重复条目"),
    "page": ("page {n}", "第 {n} 页"),
    "fetched": ("as of {date}", "内容截至 {date}"),
    "unread": ("Not read, but by its title it may help", "未能读取，但从标题看可能有用"),
    "in_library": ("See it in the library", "在文献库中查看"),
    "rescue": ("Add a saved copy", "添加保存的网页"),
    "searching": ("Searching…", "正在查找……"),
    "reading": ("{model} reads {n} passages of", "{model} 正在阅读 {n} 段资料，来自"),
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
    "gone": (
        "The server does not answer. Is citeback still running? Start it again, then reload this page.",
        "服务器没有响应。citeback 还在运行吗？请重新启动，然后刷新本页。",
    ),
    "search": ("Search", "搜索"),
    "search_hint": ("Title, link, topic or #number", "标题、链接、主题或 #序号"),
    "outcome": ("Outcome", "结果"),
    "all_outcomes": ("All outcomes", "全部结果"),
    "number": ("No.", "序号"),
    "reference": ("Reference", "文献"),
    "fetched_on": ("As of", "内容日期"),
    "length": ("Characters", "字数"),
    "reader": ("Reader", "读取器"),
    "what_to_do": ("What you can do", "可以怎么做"),
    "ask_about": ("Ask about it", "就此提问"),
    "about": ("What is “{title}” about?", "《{title}》讲了什么？"),
    "add_page": ("Add a saved page", "添加保存的网页"),
    "drop_hint": (
        "Drop a saved page on a row to make it that reference's content.",
        "把保存的网页拖到某一行，即可作为该文献的内容。",
    ),
    "shown": ("{n} of {total} references", "{total} 篇中的 {n} 篇"),
    "more": ("{n} more match. Search or filter to see them.", "还有 {n} 篇符合条件，请搜索或筛选。"),
    "none": ("No reference matches. Change the search or the filters.", "没有符合条件的文献，请修改搜索或筛选条件。"),
    "overview": ("Overview: outcomes by site, map of the articles", "概览：各网站的读取结果、文章地图"),
    "chart_title": ("What became of the links, by site", "各网站链接的读取结果"),
    "what_became": ("What became of them", "结果"),
    "more_sites": ("{n} more sites with {links} links.", "另有 {n} 个网站，共 {links} 个链接。"),
    "map_title": ("Map of the articles", "文章地图"),
    "map_hint": (
        "Near each other: about the same. Choose one to ask about it.",
        "相近的文章内容相近；点一篇即可提问。",
    ),
    "map_point": ("Point at a mark to see its title.", "指向一个标记可查看标题。"),
    "map_ask": ("{title} ({topic})", "{title}（{topic}）"),
    "map_table": (
        "The same articles stand in the table below, which can be sorted and searched.",
        "这些文章也都在下面的表格里，可以排序和搜索。",
    ),
    "map_empty": ("The map needs at least three articles that were read.", "至少读到三篇文章才能画出地图。"),
    "build_title": ("Build the index anew", "重建索引"),
    "build_hint": (
        "The list is read again, and its links are asked, politely, unless that was done lately. Questions are answered meanwhile; "
        "the new index is used as soon as it is whole.",
        "重新读取列表，按各网站的规则抓取其中的链接；最近抓取过的不再抓取。期间照常回答问题，新索引完成后自动启用。",
    ),
    "build_offline": ("Fetch nothing: build from the stored pages", "不联网，只用已保存的网页"),
    "build_fresh": ("Fetch every page again, also those fetched lately", "重新抓取所有网页，包括最近抓取过的"),
    "build_start": ("Start", "开始"),
    "build_elsewhere": (
        "A build that was started elsewhere is at work. This page shows when it has ended.",
        "另一个进程正在重建索引，结束后这里会显示。",
    ),
    "roll_back": ("Back to the previous index", "回到上一个索引"),
    "rolled_back": ("The index {name} is in use again.", "已恢复使用索引 {name}。"),
    "progress": ("Progress", "进度"),
    "waiting": ("Waiting", "等待"),
    "of": ("{n} of {total}", "{n} / {total}"),
    "more_hosts": ("{n} more sites.", "另有 {n} 个网站。"),
    "time_unknown": ("time left not known yet", "剩余时间尚未可知"),
    "seconds_left": ("about {n} s left", "约剩 {n} 秒"),
    "minutes_left": ("about {n} min left", "约剩 {n} 分钟"),
    "stage_start": ("Starting", "启动"),
    "stage_crawl": ("Fetching", "抓取"),
    "stage_render": ("Rendering", "渲染"),
    "stage_archive": ("Looking in the archive", "查找存档"),
    "stage_read": ("Reading", "读取"),
    "stage_embed": ("Embedding", "生成向量"),
    "stage_publish": ("Publishing", "发布"),
    "last_build": ("What the last build changed", "上次重建的变化"),
    "change_added": ("added", "新增"),
    "change_changed": ("changed", "有变化"),
    "change_unchanged": ("unchanged", "未变"),
    "change_removed": ("removed", "移除"),
    "change_newly_unread": ("newly unread", "新近读不到"),
    "change_recovered": ("recovered", "恢复"),
    "build_told": (
        "{n} references; {embedded} passages embedded, {reused} reused; {seconds} s. Index {name}.",
        "共 {n} 篇文献；新生成 {embedded} 段向量，沿用 {reused} 段；用时 {seconds} 秒。索引 {name}。",
    ),
    "not_asked": (
        "{n} pages were not asked for again, because they were lately.",
        "{n} 个网页最近抓取过，没有再抓取。",
    ),
    "added": ("Taken in; the index is being renewed.", "已收下，索引正在更新。"),
    "adding": ("Taking in {name}…", "正在处理 {name}……"),
    "other_topics": ("other topics", "其他主题"),
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
    "blocked": "在浏览器中打开并保存该网页，再运行 `citeback add 文件`",
    "robots": "该网站禁止抓取：在浏览器中保存该网页，再运行 `citeback add 文件`",
    "deleted": "原文已删除：如有副本，运行 `citeback add 文件`",
    "not_found": "请检查链接；如有副本，运行 `citeback add 文件`",
    "expired": "链接已过期，请换一个长期有效的链接",
    "unavailable": "稍后再运行 `citeback rebuild`",
    "needs_rendering": "待网页在浏览器中加载完毕后保存，再运行 `citeback add 文件`",
    "timeout": "稍后再运行 `citeback rebuild`",
    "network": "请检查网络，再运行 `citeback rebuild`",
    "offline": "联网后运行 `citeback rebuild`",
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
