"""Why a reference was not read, in Chinese: the index gives its reasons in English. Knows sentences, no page and no component.

A reason nobody has translated is shown as it is; the outcome, which always has both languages, stands before it.
"""

from __future__ import annotations

import re

_KNOWN = (
    (
        r"this build used stored pages only \(--offline\), and the page was never fetched",
        "本次构建只用已保存的网页（--offline），该网页从未抓取",
    ),
    (r"the page was not fetched", "该网页未抓取"),
    (r"not a link to a web page", "不是网页链接"),
    (r"the publisher has deleted it", "发布者已删除"),
    (r"the site has removed it for breaking its rules", "因违规被网站移除"),
    (r"the link has run out", "链接已过期"),
    (r"the account or the article is not available", "帐号或文章不可用"),
    (r"the link is not valid", "链接无效"),
    (r"a verification or login page, not the article", "是验证或登录页，不是文章"),
    (r"a captcha page, not the article", "是验证码页，不是文章"),
    (r"a (?:challenge|verification) page of (.+)", r"\1 的验证页"),
    (r"the site says that the page does not exist", "网站称该网页不存在"),
    (r"the site refuses the crawler", "网站拒绝抓取"),
    (r"the site asks for a login", "网站要求登录"),
    (r"the site asks for a login or a verification", "网站要求登录或验证"),
    (r"the site asks for consent to cookies first", "网站要求先同意使用 Cookie"),
    (r"the site is not in service", "网站暂停服务"),
    (r"the site sends this link to its error page", "网站将该链接转到错误页"),
    (r"the site sends this link to its home page", "网站将该链接转到首页"),
    (r"the domain is parked or for sale: the site is gone", "域名已停用或待售，网站已不存在"),
    (r"the page is empty until its scripts run", "脚本运行之前网页是空的"),
    (r"the page holds no article text as served", "网页源码中没有正文"),
    (r"the page holds no HTML", "网页中没有 HTML"),
    (r"the server answers (\d+): the page does not exist", r"服务器返回 \1：网页不存在"),
    (r"the server turns the crawler away \(HTTP (\d+)\)", r"服务器拒绝抓取（HTTP \1）"),
    (r"the server failed \(HTTP (\d+)\)", r"服务器出错（HTTP \1）"),
    (r"the server answers HTTP (\d+)", r"服务器返回 HTTP \1"),
    (r"the server sent an empty page", "服务器返回空白网页"),
    (r"robots\.txt of (\S+) forbids it", r"\1 的 robots.txt 禁止抓取"),
    (r"(\S+) could not be resolved", r"无法解析 \1"),
    (r"files of type (.+) cannot be read", r"无法读取 \1 类型的文件"),
)


def why(language: str, reason: str) -> str:
    """Return a reason in the interface's language, as far as it is known there."""
    if language != "zh":
        return reason
    for english, chinese in _KNOWN:
        if found := re.fullmatch(english, reason):
            return found.expand(chinese)
    return reason
