"""The marks of pages that are none: challenges, captchas, notices, parked domains. A table; it decides nothing.

Marks are technical traces (a script's name, an element's id), which an article does not carry by accident; the phrases
are looked for only on pages without an article body.
"""

from __future__ import annotations

import re

from index.records import Outcome


def _mark(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.I)


BARRIERS = (
    (Outcome.UNAVAILABLE, "a private page of WeChat", _mark(r"mmbizappmsg/[^\"'>]*/assets/private\.")),
    (
        Outcome.BLOCKED,
        "a verification page of WeChat",
        _mark(r"secitptpage/verify|wappoc_appmsgcaptcha|poc_token\b|id=[\"']js_verify[\"']"),
    ),
    (
        Outcome.BLOCKED,
        "a challenge page of Zhihu",
        _mark(r"zh-zse-ck|/account/unhuman|class=[\"']Unhuman|\"code\"\s*:\s*40362"),
    ),
    (
        Outcome.BLOCKED,
        "a challenge page of Cloudflare",
        _mark(
            r"cf-browser-verification|_cf_chl_opt|id=[\"']?challenge-(?:form|running|error-text|stage)|id=[\"']cf-error-details"
        ),
    ),
    (Outcome.BLOCKED, "a challenge page of DataDome", _mark(r"captcha-delivery\.com|id=[\"']?datadome-captcha")),
    (Outcome.BLOCKED, "a challenge page of Imperva", _mark(r"_Incapsula_Resource|incident[_ ]ID:\s*\d")),
    (
        Outcome.BLOCKED,
        "a challenge page of Akamai",
        _mark(r"sec-if-cpt-container|akam-sw\.js[^>]*challenge|errors\.edgesuite\.net"),
    ),
    (
        Outcome.BLOCKED,
        "a challenge page of AWS",
        _mark(r"awsWafCookieDomainList|AwsWafIntegration|\.awswaf\.com/[^\"']*/challenge"),
    ),
    (Outcome.BLOCKED, "a challenge page of HUMAN", _mark(r"id=[\"']px-captcha|_pxAppId|window\._pxUuid")),
    (
        Outcome.BLOCKED,
        "a challenge page of Vercel",
        _mark(r"Vercel Security Checkpoint|_vercel/security/checkpoint|\.well-known/vercel/security"),
    ),
    (
        Outcome.BLOCKED,
        "a challenge page of Anubis",
        _mark(r"id=[\"']?anubis_challenge|/\.within\.website/x/cmd/anubis"),
    ),
    (
        Outcome.BLOCKED,
        "a challenge page of Sucuri",
        _mark(r"sucuri_cloudproxy_js|cdn\.sucuri\.net/sucuri-firewall-block"),
    ),
    (
        Outcome.BLOCKED,
        "a challenge page of DDoS-Guard",
        _mark(r"ddos-guard\.net/|check\.ddos-guard|/\.well-known/ddos-guard"),
    ),
    (Outcome.BLOCKED, "a challenge page of Kasada", _mark(r"/149e9513-01fa-4fb0-aad4-566afd725d1b/|KPSDK\.")),
    (
        Outcome.BLOCKED,
        "a challenge page of Alibaba",
        _mark(r"_____tmd_____/punish|x5secdata|acw_sc__v2|\bvar arg1\s*=\s*'[0-9A-F]{20,}'"),
    ),
    (Outcome.BLOCKED, "a challenge page of Baidu", _mark(r"wappass\.baidu\.com/static/captcha|百度安全验证")),
    (Outcome.BLOCKED, "a challenge page of Knownsec", _mark(r"__jsl_clearance")),
    (Outcome.BLOCKED, "a verification page of Tencent", _mark(r"TCaptcha(?:-global)?\.js")),
    (
        Outcome.BLOCKED,
        "a challenge page",
        _mark(r"id=[\"']?(?:captcha-form|captchacharacters|robot-check|geetest_box|nc_1_wrapper)"),
    ),
)
"""(outcome, reason, mark): each alone shows that a short page is none."""

WIDGETS = _mark(
    r"g-recaptcha|h-captcha|cf-turnstile|geetest_|recaptcha/api\.js|hcaptcha\.com/1/api\.js|yidun\.163\.com"
)
"""Captchas that live articles carry too, in a comment form: they count only where hardly a sentence stands."""

HEADLINES = (
    (
        Outcome.NOT_FOUND, "the site says that the page does not exist",
        _mark(r"(?:^|\| ?)(?:error |http )?404\b|\b404\b.{0,12}(?:not found|error|page|未找到|错误|页面)|(?:page|file|article|post|content|resource|site) (?:was |is |could )?not (?:be )?found"
              r"|(?:this|the) page (?:isn.t|is not|is no longer) available|page (?:does ?n.t|does not|no longer) exist|nothing (?:was )?found"
              r"|(?:页面|网页|文章|内容|帖子|资源)(?:不存在|未找到|找不到|没有找到|无法找到|已不存在)|找不到(?:该|此|您|你|这个|相关)?.{0,8}(?:页面|网页|文章|内容)"),
    ),
    (
        Outcome.BLOCKED, "the site refuses the crawler",
        _mark(r"(?:^|\| ?)(?:access (?:is )?denied|403\b|forbidden|request (?:blocked|rejected)|attention required|just a moment|verify(?:ing)? (?:that )?you are"
              r"|are you (?:a )?(?:human|robot)|robot check|security check|human verification|checking your browser|ddos protection|please wait\.\.\.|one moment, please"
              r"|making sure you.re not a bot|访问(?:被拒绝|受限|异常|验证)|安全验证|人机验证|滑动验证|验证码|请完成验证|环境异常)|could not be satisfied|you have been blocked"),
    ),
    (
        Outcome.BLOCKED, "the site asks for a login",
        _mark(r"(?:^|\| ?)(?:log ?in|sign ?in|log in or sign up|请?(?:先)?登录|用户登录|账号登录|登录/注册|登录 ?[-|·])(?:\s*[-|·•:/]|\s+(?:to|or|required)\b|\s*$)"),
    ),
    (Outcome.BLOCKED, "the site asks for consent to cookies first", _mark(r"before you continue to|cookie (?:consent|wall)|(?:^|\| ?)we value your privacy")),
    (
        Outcome.UNAVAILABLE, "the site is not in service",
        _mark(r"welcome to nginx|apache2? .{0,20}default page|^it works!?$|(?:^|\| ?)index of /|account (?:has been )?suspended|under (?:construction|maintenance)|coming soon"
              r"|(?:^|\| ?)(?:50[0234]\b|bad gateway|service (?:temporarily )?unavailable|internal server error|gateway time-?out)|网站(?:维护|建设|升级|关闭)|系统(?:维护|繁忙)|站点已暂停"),
    ),
)  # fmt: skip
"""(outcome, reason, phrase): looked for in title and headings of pages with hardly any prose."""

GONE = (
    (
        Outcome.BLOCKED, "a verification or login page, not the article",
        _mark(r"环境异常|完成验证后|安全验证|网络环境存在异常|请先?登录后|登录后(?:查看|继续|即可|可)|(?:sign|log) ?in to (?:continue|read|view|see)|unusual traffic"
              r"|are you (?:a )?(?:human|robot)|(?:verify|confirm|prove) (?:that )?you(?:.re| are) (?:a )?(?:human|not a)|访问过于频繁|请求(?:过于频繁|存在异常)|ip.{0,10}(?:封禁|受限)"
              r"|you don.t have permission to access|access (?:to this (?:page|site|resource) )?(?:is|has been) (?:denied|blocked)"),
    ),
    (
        Outcome.DELETED, "the publisher has deleted it",
        _mark(r"(?:该|此)?(?:内容|文章|回答|问题|帖子|页面).{0,4}(?:已被|被|已).{0,3}(?:发布者|作者|用户|本人)?(?:自行)?删除|deleted by (?:its|the) (?:author|publisher|user)"
              r"|(?:post|article|content|page) (?:has been|was) (?:deleted|removed) by"),
    ),
    (Outcome.DELETED, "the site has removed it for breaking its rules", _mark(r"此(?:内容|帐号|账号).{0,6}(?:因)?违规|违反.{0,24}(?:无法查看|删除|屏蔽)|violat\w+ .{0,60}(?:removed|deleted|viewed)|该内容因(?:投诉|涉嫌)")),
    (Outcome.EXPIRED, "the link has run out", _mark(r"链接已(?:过期|失效)|link (?:has )?expired|this link is no longer valid")),
    (
        Outcome.UNAVAILABLE, "the account or the article is not available",
        _mark(r"(?:账号|帐号|公众号)(?:已被?(?:屏蔽|迁移|注销|封|冻结)|不存在)|仅.{0,8}可见|内容.{0,6}不可用|暂时?无法(?:查看|访问|显示)|该公众号已|(?:this )?(?:account|content) (?:is|isn.t|is not) (?:un|currently un)?available"),
    ),
    (Outcome.NOT_FOUND, "the link is not valid", _mark(r"参数错误|链接(?:无效|错误)|页面不存在|你似乎来到了没有知识存在的荒原|page not found|404 not found|invalid (?:link|url|parameter)")),
)  # fmt: skip
"""(outcome, reason, phrase): looked for in all that is shown of very short pages."""

PARKED = _mark(
    r"(?:domain|name|website)(?: name)? (?:is|may be|might be) (?:for sale|available for (?:sale|purchase)|parked)|buy this domain|this domain (?:has )?(?:recently )?(?:expired|been registered)"
    r"|sedoparking\.com|parkingcrew\.net|cdn\.bodis\.com|parklogic\.com|hugedomains\.com/domain_profile|afternic\.com/forsale|dan\.com/buy-domain|above\.com/marketplace"
    r"|(?:域名|domain).{0,12}(?:出售|转让|停放|待售|到期)"
)
"""A registrar's page in a site's place."""
