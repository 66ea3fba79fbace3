"""The door: a Gradio chat over the assistant, on the same port as the API. Knows no index, no pages, no prompts.

What is drawn is made in ``chat``; here are only the components and what they do.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chat.answer import QUESTION_LIMIT, replies
from chat.draw import Turn, brand, coverage, thread, welcome
from chat.library import outcome_choices, site_choices, table, topic_choices
from chat.policy import Fence
from chat.words import pick, say
from index.config import Settings, load_settings
from index.errors import CitebackError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from rag.assistant import Assistant

LOOK = Path(__file__).parent / "chat"
FONTS = ["system-ui", "-apple-system", "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"]
EXAMPLES = 4
TURNS_KEPT = 40
SPOKEN = "() => [localStorage.getItem('citeback-language') || navigator.language, null]"
SWITCH = """() => {const next = document.querySelector('.cb-brand').lang === 'zh' ? 'en' : 'zh';
localStorage.setItem('citeback-language', next); return [next, null]}"""


def build_chat(assistant: Assistant) -> Any:
    """Return the chat as Gradio blocks; nothing of it is offered as an API."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported
    import gradio as gr

    # gr.HTML keeps its default template: page text in the value is inert there, while Gradio's {{ }} templates are
    # compiled a second time as JavaScript, so that a ${...} in page text would run.
    plain: dict[str, Any] = {"apply_default_css": False}
    bare: dict[str, Any] = {"container": False, "show_label": False}
    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    with gr.Blocks(title="citeback", analytics_enabled=False, fill_width=True) as blocks:
        language, turns, wish = gr.State("en"), gr.State([]), gr.Textbox(visible=False)
        with gr.Row(elem_id="cb-head"):
            head = gr.HTML(elem_id="cb-brand", **plain)
            switch = gr.Button("", elem_id="cb-switch", size="sm", min_width=80, scale=0)
        read = gr.Button("", elem_id="cb-coverage", size="sm")
        with gr.Tabs(elem_id="cb-tabs") as tabs:
            with gr.Tab(" ", id="ask") as ask_tab:
                greeting = gr.HTML(elem_id="cb-welcome", **plain)
                with gr.Row(elem_id="cb-examples"):
                    examples = [gr.Button("", elem_classes="cb-example") for _ in range(EXAMPLES)]
                past, live = gr.HTML(elem_id="cb-past", **plain), gr.HTML(elem_id="cb-live", **plain)
                with gr.Column(elem_id="cb-foot"):
                    with gr.Row(elem_id="cb-bar"):
                        question = gr.Textbox(
                            elem_id="cb-question",
                            lines=1,
                            max_lines=6,
                            scale=8,
                            autofocus=True,
                            max_length=QUESTION_LIMIT,
                            **bare,
                        )
                        send = gr.Button("", elem_id="cb-send", variant="primary", min_width=84, scale=0)
                    with gr.Row(elem_id="cb-filters"):
                        topic = gr.Dropdown([("", "")], value="", elem_id="cb-topic", min_width=84, **bare)
                        site = gr.Dropdown([("", "")], value="", elem_id="cb-site", min_width=84, **bare)
                        clear = gr.Button("", elem_id="cb-clear", size="sm", min_width=110, scale=0)
            with gr.Tab(" ", id="library") as library_tab:
                with gr.Row(elem_id="cb-search"):
                    search = gr.Textbox(scale=3, min_width=160, **bare)
                    outcome = gr.Dropdown([("", "")], value="", scale=1, min_width=160, **bare)
                library = gr.HTML(elem_id="cb-library", **plain)

        def localised(wish: str, said: list[Turn]) -> dict[Any, Any]:
            """Give every component its words in the language wished for."""
            spoken, items = pick(wish), assistant.items()
            offered = [*assistant.examples(pick(wish), EXAMPLES), *[""] * EXAMPLES][:EXAMPLES]
            labels = {switch: "switch", send: "ask", clear: "clear"}
            tab_labels = {ask_tab: "chat_tab", library_tab: "library_tab"}
            choices = {
                topic: ("topic", topic_choices(assistant.topics(), spoken)),
                site: ("site", site_choices(items, spoken)),
                outcome: ("outcome", outcome_choices(items, spoken)),
            }
            return {
                language: spoken,
                head: brand(spoken),
                greeting: welcome(spoken),
                read: gr.update(value=f"{coverage(assistant.status(), spoken)} — {say(spoken, 'see_library')}"),
                past: thread(said[:-1], spoken),
                live: thread(said[-1:], spoken),
                **{button: gr.update(value=say(spoken, key)) for button, key in labels.items()},
                **{tab: gr.update(label=say(spoken, key)) for tab, key in tab_labels.items()},
                **{
                    button: gr.update(value=text, visible=bool(text))
                    for button, text in zip(examples, offered, strict=True)
                },
                **{menu: gr.update(choices=offers, label=say(spoken, key)) for menu, (key, offers) in choices.items()},
                question: gr.update(placeholder=say(spoken, "placeholder"), label=say(spoken, "question")),
                search: gr.update(placeholder=say(spoken, "search"), label=say(spoken, "search")),
            }

        def answer(asked: str, said: list[Turn], topic: str, site: str, spoken: str) -> Iterator[tuple[Any, ...]]:
            """Answer one question into the conversation."""
            if not asked.strip():
                yield (gr.skip(),) * 4
                return
            yield "", thread(said, spoken), gr.skip(), gr.skip()
            for html, entry in replies(
                assistant, asked.strip(), said, topic=topic or None, site=site or None, language=spoken
            ):
                yield gr.skip(), gr.skip(), html, [*said, entry][-TURNS_KEPT:] if entry else gr.skip()

        def look(spoken: str, search: str | None, outcome: str | None) -> str:
            return table(assistant.items(), spoken, search=search or "", outcome=outcome or "")

        everything = [
            language,
            head,
            switch,
            read,
            ask_tab,
            library_tab,
            greeting,
            *examples,
            past,
            live,
            question,
            send,
            clear,
            topic,
            site,
            search,
            outcome,
        ]
        asking = {"fn": answer, "outputs": [question, past, live, turns], "concurrency_limit": 8, **private}
        looking = {"fn": look, "inputs": [language, search, outcome], "outputs": library, **private}
        blocks.load(localised, [wish, turns], everything, js=SPOKEN, **private)
        switch.click(localised, [wish, turns], everything, js=SWITCH, **private).then(**looking)
        for event, words in ((question.submit, question), (send.click, question), *((b.click, b) for b in examples)):
            event(inputs=[words, turns, topic, site, language], **asking)
        clear.click(lambda: ([], "", ""), None, [turns, past, live], **private)
        read.click(lambda: gr.Tabs(selected="library"), None, tabs, **private)
        for event in (library_tab.select, search.change, outcome.change):
            event(**looking)
    blocks.queue(api_open=False, default_concurrency_limit=8, max_size=64)
    return blocks


def mount(api: FastAPI, assistant: Assistant) -> FastAPI:
    """Put the chat at "/" of the API's application, behind the same guard and its own fence."""
    blocks = build_chat(assistant)
    import gradio as gr

    theme = gr.themes.Base(font=FONTS, font_mono=["ui-monospace", "Consolas", "monospace"])  # the system's own
    gr.mount_gradio_app(
        api,
        blocks,
        path="/",
        footer_links=[],
        run_history=False,
        theme=theme,
        show_error=False,
        css_paths=[LOOK / "style.css"],
        js=(LOOK / "page.js").read_text(encoding="utf-8"),
        ssr_mode=False,
        mcp_server=False,
        enable_monitoring=False,
        pwa=False,
    )
    mounted: Any = api.routes[-1]
    mounted.app = Fence(mounted.app)
    return api


def serve(settings: Settings, *, as_json: bool = False, open_browser: bool = False) -> None:
    """Serve the chat and the API until interrupted.

    Raises: UsageError (beyond loopback without a token, address taken), NoSnapshotError.
    """
    import uvicorn

    from rag.api import open_api
    from rag.listen import address_of, listening

    api, assistant = open_api(settings)
    with listening(settings) as door:
        mount(api, assistant)
        address = address_of(door)
        if as_json:
            print(json.dumps({"url": address, "snapshot": assistant.snapshot_name}), flush=True)  # noqa: T201
        print(f"citeback answers at {address}  (Ctrl+C ends it)", file=sys.stderr, flush=True)  # noqa: T201
        if open_browser:
            import webbrowser

            webbrowser.open(address)
        # The access log would keep questions and tokens; ws "none": nothing here speaks websocket.
        config = uvicorn.Config(api, log_level="warning", access_log=False, ws="none", timeout_graceful_shutdown=3)
        with contextlib.suppress(KeyboardInterrupt):  # Ctrl+C is how it ends, not a failure
            uvicorn.Server(config).run(sockets=[door])


def main() -> None:
    """Run ``python app.py``: what ``citeback serve`` does, with the same settings."""
    parser = argparse.ArgumentParser(description="Serve the citeback chat and API.")
    parser.add_argument("--data", type=Path, help="folder of the pages and snapshots (default ./data)")
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (default 7860)")
    parser.add_argument("--allow-rebuild", action="store_true", help="let the chat and the API rebuild the index")
    parser.add_argument("--open", action="store_true", help="open the chat in the browser")
    given = parser.parse_args()
    try:
        allow = given.allow_rebuild or None
        settings = load_settings(data=given.data, host=given.host, port=given.port, allow_rebuild=allow)
        serve(settings, open_browser=given.open)
    except CitebackError as error:
        print(f"citeback: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
