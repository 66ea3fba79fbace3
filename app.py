"""The door: a Gradio chat over the assistant, on the same port as the API. Knows no index, no pages, no prompts.

What is drawn is made in ``chat`` as escaped HTML; here are only the places it is put into and what is done with them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chat.answer import earlier, filters_of, halted, question_of, replies, restored, ticket_of
from chat.charts import overview as overview_of
from chat.draw import Turn, thread, turns
from chat.export import download
from chat.frame import composer, head, welcome
from chat.library import controls, table, view_of
from chat.policy import Fence
from chat.words import pick
from chat.works import work
from index.config import Settings, load_settings
from index.errors import CitebackError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from rag.assistant import Assistant
    from rag.builds import Builds

LOOK = Path(__file__).parent / "chat"
FONTS = ["system-ui", "-apple-system", "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"]
EXAMPLES = 4
# The page's own script speaks to the server through the events of one component; their names must stand in its code.
BRIDGE = """window.citeback = (act, detail) => trigger(act, detail);
['hello', 'ask', 'stop', 'clear', 'look', 'overview', 'export', 'build'];
dispatchEvent(new Event('citeback'));"""


def build_chat(assistant: Assistant, builds: Builds | None = None) -> Any:
    """Return the chat as Gradio blocks; nothing of it is offered as an API. With ``builds`` it may rebuild the index."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported
    import gradio as gr

    def place(name: str, **more: Any) -> Any:
        # gr.HTML keeps its default template: page text in the value is inert there, while Gradio's {{ }} templates are
        # compiled a second time as JavaScript, so that a ${...} in page text would run.
        return gr.HTML(elem_id=f"cb-{name}", **{"apply_default_css": False, "js_on_load": None, **more})

    with gr.Blocks(title="citeback", analytics_enabled=False, fill_width=True) as blocks:
        language, kept = gr.State("en"), gr.State([])
        rescue = builds is not None
        bridge, vault = place("bridge", js_on_load=BRIDGE), place("vault")
        top = place("head")
        with gr.Column(elem_id="cb-ask"):
            greeting, past, live, foot = place("welcome"), place("past"), place("live"), place("foot")
        with gr.Column(elem_id="cb-books"):
            pictures, finding, library = place("overview"), place("controls"), place("library")
        with gr.Column(elem_id="cb-works"):
            panel = place("build")

        def hello(event: Any, said: list[Turn]) -> dict[Any, Any]:
            """Draw everything in the language wished for; the first time with the conversation the browser kept."""
            detail = _detail(event)
            spoken = pick(str(detail.get("language") or ""))
            said = said or restored(detail.get("kept"), assistant)
            items, topics = assistant.items(), assistant.topics()
            return {
                language: spoken,
                kept: said,
                top: head(spoken, assistant.model_name, can_build=rescue),
                greeting: welcome(spoken, assistant.status(), assistant.examples(spoken, EXAMPLES)),
                **both(said, spoken, detail),
                foot: composer(spoken, topics, items, assistant.languages()),
                finding: controls(items, topics, spoken),
            }

        def both(said: list[Turn], spoken: str, detail: dict[str, Any]) -> dict[Any, Any]:
            """Draw the whole conversation: what is past, and the last turn, which may still grow."""
            ticket, last = ticket_of(detail), max(len(said) - 1, 0)
            return {
                past: turns(thread(said[:last], spoken, rescue=rescue), ticket),
                live: turns(thread(said[last:], spoken, first=last, rescue=rescue), ticket),
            }

        def answer(event: Any, said: list[Turn], spoken: str) -> Iterator[dict[Any, Any]]:
            """Answer one question into the conversation; the page has already put what came before into the past."""
            detail = _detail(event)
            asked, before, ticket = question_of(detail), earlier(said, detail), ticket_of(detail)
            forgotten = (
                {past: turns(thread(before, spoken, rescue=rescue), ticket)} if before != said[: len(before)] else {}
            )
            for html, entry in replies(
                assistant, asked, before, filters=filters_of(detail), language=spoken, ticket=ticket, rescue=rescue
            ):
                yield {live: turns(html, ticket), kept: [*before, entry], **forgotten}
                forgotten = {}  # drawn once

        def cleared(event: Any) -> dict[Any, Any]:
            return {kept: [], **both([], "en", _detail(event))}

        def stopped(event: Any, said: list[Turn], spoken: str) -> dict[Any, Any]:
            said = halted(said, _detail(event))
            return {kept: said, **both(said, spoken, _detail(event))}

        def look(event: Any, spoken: str) -> str:
            return table(assistant.items(), spoken, view_of(_detail(event)), rescue=rescue)

        def overview(spoken: str) -> str:
            items = assistant.items()
            return overview_of(items, assistant.map(), spoken)

        def build(event: Any, spoken: str) -> str:
            return work(builds, _detail(event), spoken) if builds else ""

        def export(event: Any, said: list[Turn], spoken: str) -> str:
            return download(str(_detail(event).get("kind")), said, spoken)

        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "show_progress_on": vault}
        everything = [language, kept, top, greeting, past, live, foot, finding]
        bridge.hello(_heard(gr, hello), [kept], everything, **private)
        asking = bridge.ask(
            _heard(gr, answer),
            [kept, language],
            [past, live, kept],
            concurrency_limit=8,
            trigger_mode="multiple",  # the page asks one question at a time; its next one must not be left out
            **private,
        )
        bridge.stop(_heard(gr, stopped), [kept, language], [kept, past, live], cancels=[asking], **private)
        bridge.clear(_heard(gr, cleared), None, [kept, past, live], **private)
        bridge.look(_heard(gr, look), [language], [library], trigger_mode="always_last", **private)
        bridge.overview(overview, [language], [pictures], **private)
        bridge.build(_heard(gr, build), [language], [panel], trigger_mode="multiple", **private)
        bridge.export(_heard(gr, export), [kept, language], [vault], **private)
    blocks.queue(api_open=False, default_concurrency_limit=8, max_size=64)
    return blocks


def _heard(gr: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    """Tell Gradio that the function's first argument is the event: its name is no type until gradio is imported."""
    function.__annotations__["event"] = gr.EventData
    return function


def _detail(event: Any) -> dict[str, Any]:
    """Return what the page sent with an event."""
    detail = getattr(event, "_data", None)
    return detail if isinstance(detail, dict) else {}


def mount(api: FastAPI, assistant: Assistant) -> FastAPI:
    """Put the chat at "/" of the API's application, behind the same guard and its own fence."""
    blocks = build_chat(assistant, api.state.builds)
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
    from rag.api import open_api
    from rag.listen import address_of, check_address, listening
    from rag.running import run, run_workers

    check_address(settings)
    with listening(settings) as door:
        address = address_of(door)
        if settings.workers > 1:
            _tell({"url": address, "workers": settings.workers}, address, as_json=as_json)
            run_workers(settings, door)
            return
        api, assistant = open_api(settings)
        mount(api, assistant)
        _tell({"url": address, "snapshot": assistant.snapshot_name}, address, as_json=as_json)
        if open_browser:
            import webbrowser

            webbrowser.open(address)
        run(api, door)


def _tell(document: dict[str, Any], address: str, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(document), flush=True)  # noqa: T201
    print(f"citeback answers at {address}  (Ctrl+C ends it)", file=sys.stderr, flush=True)  # noqa: T201


def main() -> None:
    """Run ``python app.py``: what ``citeback serve`` does, with the same settings."""
    parser = argparse.ArgumentParser(description="Serve the citeback chat and API.")
    parser.add_argument("--data", type=Path, help="folder of the pages and snapshots (default ./data)")
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (default 7860)")
    parser.add_argument("--allow-rebuild", action="store_true", help="let the chat and the API rebuild the index")
    parser.add_argument("--root-path", help="path prefix under which a reverse proxy shows this server")
    parser.add_argument("--open", action="store_true", help="open the chat in the browser")
    given = parser.parse_args()
    try:
        allow = given.allow_rebuild or None
        settings = load_settings(
            data=given.data, host=given.host, port=given.port, allow_rebuild=allow, root_path=given.root_path
        )
        serve(settings, open_browser=given.open)
    except CitebackError as error:
        print(f"citeback: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
