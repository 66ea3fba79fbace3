"""reStructuredText -> Markdown, by docutils; nothing is included, run or fetched. Knows no page."""

from __future__ import annotations

import re
from typing import Any

from index.readers.document import parse_html
from index.readers.tomarkdown import to_markdown
from index.urls import is_web

_UNDERLINE = re.compile(r"^(?P<line>[=\-~^\"'`#*+.:_])(?P=line){3,}[ \t]*$", re.M)
_DIRECTIVE = re.compile(r"^\.\. [\w-]+::|^\.\. _[^:\n]+:|:\w+:`[^`\n]+`|::[ \t]*$", re.M)
_SPHINX_BLOCK = re.compile(r"^\.\. (?:code-block|sourcecode|highlight|code)::", re.M)
_SPHINX_ROLE = re.compile(r":(?!math:)[\w:+.-]+:`~?([^`<\n]+?)(?:\s*<[^>\n]+>)?`")


def is_rst(text: str) -> bool:
    """Whether a text of unknown kind is written in reStructuredText: underlined titles and directives."""
    return bool(_UNDERLINE.search(text) and _DIRECTIVE.search(text) and not re.search(r"^#{1,4} \S", text, re.M))


def rst_to_markdown(text: str) -> str:
    """Return a reStructuredText document as Markdown; what docutils cannot parse keeps its words."""
    from docutils.core import publish_doctree, publish_from_doctree

    text = _SPHINX_ROLE.sub(r"``\1``", _SPHINX_BLOCK.sub(".. code::", text))
    settings: dict[str, Any] = {
        "file_insertion_enabled": False, "raw_enabled": False, "_disable_config": True, "report_level": 5, "halt_level": 5,
        "syntax_highlight": "none", "math_output": "LaTeX", "embed_stylesheet": False, "stylesheet_path": "", "doctitle_xform": False,
        "warning_stream": "", "smart_quotes": False, "initial_header_level": 1,
    }  # fmt: skip
    tree = publish_doctree(text, settings_overrides=settings)
    html = publish_from_doctree(tree, writer="html5", settings_overrides={**settings, "output_encoding": "unicode"})
    root = parse_html(str(html))
    if root is None:
        return ""
    for element in root.xpath(
        '//*[contains(@class, "system-message")] | //*[contains(@class, "topic") and contains(@class, "contents")]'
    ):
        if element.getparent() is not None:
            element.drop_tree()
    for element in root.xpath('//*[contains(concat(" ", @class, " "), " math ")]'):
        words = re.sub(r"\\(?:begin|end)\{(?:equation\*?|align\*?)\}|\\[()\[\]]", " ", "".join(element.itertext()))
        element.set("data-tex", words)
    for element in root.xpath('//tt | //span[contains(concat(" ", @class, " "), " literal ")]'):
        element.tag = "code"
    body = root.find("body")
    return to_markdown(body if body is not None else root, link=lambda href: href if is_web(href) else None)
