"""The door: a Gradio chat over the assistant, on the same port as the API. Knows no index, no pages, no prompts.

What is drawn is made in ``chat``; here are only the components and what they do.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chat.draw import Turn, coverage, streaming, thread, turn
from chat.library import outcome_choices, site_choices, table, topic_choices
from chat.policy import Fence
from chat.words import pick, say
from rag.records import Answer

if TYPE_CHECKING:
    from fastapi import FastAPI

    from index.config import Settings
    from rag.assistant import Assistant

LOOK = Path(__file__).parent / "chat"
EXAMPLES = 4
QUESTION_LIMIT = 2000
TURNS_KEPT = 40
TURNS_SENT = 6
SPOKEN = "() => [localStorage.getItem('citeback-language') || navigator.language]"
SWITCH = """(now) => {const next = now === 'zh' ? 'en' : 'zh'; localStorage.setItem('citeback-language', next);
return [next]}"""
log = logging.getLogger(__name__)


def build_chat(assistant: Assistant, settings: Settings) -> Any:
    """Return the chat as Gradio blocks; nothing of it is offered as an API."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported
    import gradio as gr

    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    with gr.Blocks(title="citeback", analytics_enabled=False, fill_width=True) as blocks:
        language, turns = gr.State("en"), gr.State([])
        wish = gr.Textbox(visible=False)
        with gr.Row(elem_id="cb-head"):
            brand = gr.HTML(apply_default_css=False, elem_id="cb-brand")
            switch = gr.Button("", elem_id="cb-switch", size="sm", variant="secondary", min_width=80, scale=0)
        read = gr.Button("", elem_id="cb-coverage", variant="secondary", size="sm")
        with gr.Tabs(elem_id="cb-tabs") as tabs:
            with gr.Tab(" ", id="ask") as ask_tab:
                welcome = gr.HTML(apply_default_css=False, elem_id="cb-welcome")
                with gr.Row(elem_id="cb-examples"):
                    examples = [gr.Button("", elem_classes="cb-example") for _ in range(EXAMPLES)]
                past = gr.HTML(apply_default_css=False, elem_id="cb-past")
                live = gr.HTML(apply_default_css=False, elem_id="cb-live")
                with gr.Column(elem_id="cb-foot"):
                    with gr.Row(elem_id="cb-bar"):
                        question = gr.Textbox(show_label=False, container=False, lines=1, max_lines=6, scale=8, autofocus=True,
                                              elem_id="cb-question", max_length=QUESTION_LIMIT)
                        send = gr.Button("", variant="primary", elem_id="cb-send", min_width=84, scale=0)
                    with gr.Row(elem_id="cb-filters"):
                        topic = gr.Dropdown([("", "")], value="", container=False, elem_id="cb-topic", min_width=120)
                        site = gr.Dropdown([("", "")], value="", container=False, elem_id="cb-site", min_width=120)
                        clear = gr.Button("", elem_id="cb-clear", size="sm", min_width=110, scale=0)
            with gr.Tab(" ", id="library") as library_tab:
                with gr.Row(elem_id="cb-search"):
                    search = gr.Textbox(show_label=False, container=False, scale=3, min_width=160)
                    outcome = gr.Dropdown([("", "")], value="", container=False, scale=1, min_width=160)
                library = gr.HTML(apply_default_css=False, elem_id="cb-library")

        def localised(wish: str, said: list[Turn]) -> dict[Any, Any]:
            spoken = pick(wish)
            items = assistant.items()
            return {
                language: spoken, brand: _brand(spoken), switch: gr.update(value=say(spoken, "switch")),
                read: gr.update(value=coverage(assistant.status(), spoken) + f" — {say(spoken, 'see_library')}"),
                ask_tab: gr.update(label=say(spoken, "chat_tab")), library_tab: gr.update(label=say(spoken, "library_tab")),
                welcome: _welcome(spoken),
                **{button: gr.update(value=text, visible=bool(text)) for button, text in
                   zip(examples, _padded(assistant.examples(spoken, EXAMPLES)), strict=True)},
                past: thread(said[:-1], spoken), live: thread(said[-1:], spoken),
                question: gr.update(placeholder=say(spoken, "placeholder"), label=say(spoken, "question")),
                send: gr.update(value=say(spoken, "ask")), clear: gr.update(value=say(spoken, "clear")),
                topic: gr.update(choices=topic_choices(assistant.topics(), spoken), label=say(spoken, "topic")),
                site: gr.update(choices=site_choices(items, spoken), label=say(spoken, "site")),
                search: gr.update(placeholder=say(spoken, "search"), label=say(spoken, "search")),
                outcome: gr.update(choices=outcome_choices(items, spoken), label=say(spoken, "outcome")),
            }

        def answer(asked: str, said: list[Turn], topic: str, site: str, spoken: str) -> Iterator[tuple[Any, ...]]:
            asked = asked.strip()
            if not asked:
                yield gr.skip(), gr.skip(), gr.skip(), gr.skip()
                return
            yield "", thread(said, spoken), streaming(asked, "", spoken), gr.skip()
            for html, entry in replies(assistant, asked, said, topic, site, spoken):
                yield gr.skip(), gr.skip(), html, [*said, entry][-TURNS_KEPT:] if entry else gr.skip()

        def shown(spoken: str, search: str, outcome: str) -> str:
            return table(assistant.items(), spoken, search=search, outcome=outcome)

        everything = [language, brand, switch, read, ask_tab, library_tab, welcome, *examples, past, live, question, send,
                      clear, topic, site, search, outcome]
        asking = {"fn": answer, "inputs": [question, turns, topic, site, language],
                  "outputs": [question, past, live, turns], "concurrency_limit": 8, **private}
        looking = {"fn": shown, "inputs": [language, search, outcome], "outputs": library, **private}
        blocks.load(localised, [wish, turns], everything, js="() => [" + SPOKEN[7:-1] + ", []]", **private)
        switch.click(localised, [language, turns], everything, js=SWITCH, **private).then(**looking)
        question.submit(**asking)
        send.click(**asking)
        for button in examples:
            button.click(**{**asking, "inputs": [button, turns, topic, site, language]})
        clear.click(lambda: ([], "", ""), None, [turns, past, live], **private)
        read.click(lambda: gr.Tabs(selected="library"), None, tabs, **private)
        library_tab.select(**looking)
        search.change(**looking)
        outcome.change(**looking)
    blocks.queue(api_open=False, default_concurrency_limit=8, max_size=64)
    return blocks


def replies(assistant: Assistant, asked: str, said: list[Turn], topic: str, site: str,
            spoken: str) -> Iterator[tuple[str, Turn | None]]:
    """Yield the growing answer as HTML, and with the last one the finished turn."""
    if len(asked) > QUESTION_LIMIT:
        entry = Turn(asked[:80] + "…", problem=say(spoken, "too_long", n=QUESTION_LIMIT))
        yield turn(entry, spoken), entry
        return
    text = ""
    try:
        for piece in assistant.stream(asked, history=history(said), topic=topic or None, site=site or None):
            if isinstance(piece, Answer):
                entry = Turn(asked, piece)
                yield turn(entry, spoken), entry
            else:
                text += piece
                yield streaming(asked, text, spoken), None
    except Exception as error:  # whatever failed, the chat says a sentence and stays usable
        from rag.api import told

        if (failure := told(error)) is None:
            log.exception("unexpected error while answering")
        entry = Turn(asked, problem=failure.sentence if failure else say(spoken, "failed"))
        yield turn(entry, spoken), entry


def history(said: list[Turn]) -> tuple[dict[str, str], ...]:
    """Return the last answered turns as the assistant takes them."""
    done = [entry for entry in said if entry.answer is not None][-TURNS_SENT:]
    return tuple(message for entry in done if entry.answer for message in (
        {"role": "user", "content": entry.question}, {"role": "assistant", "content": entry.answer.text}))


def _brand(spoken: str) -> str:
    return (f'<div lang="{spoken}" class="cb-brand"><span class="cb-logo" aria-hidden="true">[1]</span>'
            f'<h1>citeback</h1><span class="cb-soft">{say(spoken, "tagline")}</span></div>')


def _welcome(spoken: str) -> str:
    return f'<div class="cb-welcome"><p>{say(spoken, "welcome")}</p><span class="cb-soft">{say(spoken, "try")}</span></div>'


def _padded(texts: list[str]) -> list[str]:
    return [*texts, *[""] * EXAMPLES][:EXAMPLES]


def mount(api: FastAPI, assistant: Assistant, settings: Settings) -> FastAPI:
    """Put the chat at "/" of the API's application, behind the same guard and its own fence."""
    blocks = build_chat(assistant, settings)
    import gradio as gr

    fonts = ["system-ui", "-apple-system", "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"]
    theme = gr.themes.Base(primary_hue="teal", neutral_hue="slate", font=fonts, font_mono=["ui-monospace", "Consolas", "monospace"])
    gr.mount_gradio_app(api, blocks, path="/", footer_links=[], run_history=False, theme=theme, css_paths=[LOOK / "style.css"],
                        js=(LOOK / "page.js").read_text(encoding="utf-8"),
                        show_error=False, ssr_mode=False, mcp_server=False, enable_monitoring=False, pwa=False)
    mounted: Any = api.routes[-1]
    mounted.app = Fence(mounted.app)
    return api


def serve(settings: Settings, *, as_json: bool = False, open_browser: bool = False) -> None:
    """Serve the chat and the API until interrupted.

    Raises: UsageError (beyond loopback without a token, address taken), NoSnapshotError.
    """
    import uvicorn

    from rag.api import address_of, listening, open_api

    api, assistant = open_api(settings)
    with listening(settings) as door:
        mount(api, assistant, settings)
        address = address_of(door)
        if as_json:
            print(json.dumps({"url": address, "snapshot": assistant.snapshot_name}), flush=True)  # noqa: T201
        print(f"citeback answers at {address}  (Ctrl+C ends it)", file=sys.stderr, flush=True)  # noqa: T201
        if open_browser:
            import webbrowser

            webbrowser.open(address)
        # The access log would keep questions and tokens; ws "none": nothing here speaks websocket.
        uvicorn.Server(uvicorn.Config(api, log_level="warning", access_log=False, ws="none",
                                      timeout_graceful_shutdown=5)).run(sockets=[door])


def main() -> None:
    """Run ``python app.py``: what ``citeback serve`` does, with the same settings."""
    parser = argparse.ArgumentParser(description="Serve the citeback chat and API.")
    parser.add_argument("--data", type=Path, help="folder of the pages and snapshots (default ./data)")
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (default 7860)")
    parser.add_argument("--open", action="store_true", help="open the chat in the browser")
    given = parser.parse_args()
    from rag.api import settings_for, told

    try:
        serve(settings_for(given.data, given.host, given.port), open_browser=given.open)
    except Exception as error:
        if (failure := told(error)) is None:
            raise
        print(f"citeback: {failure.sentence}", file=sys.stderr)  # noqa: T201
        sys.exit(failure.exit_code)


if __name__ == "__main__":
    main()
