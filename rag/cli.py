"""The ``citeback`` command: ask and serve, with the offline half's commands mounted. Imports nothing heavy."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from index.cli import COMMANDS, Command, common, emit_json, profiled
from index.errors import CitebackError
from rag.usage import Door

if TYPE_CHECKING:
    from index.config import Settings
    from rag.assistant import Assistant
    from rag.records import Answer


_PATIENCE = 2.0  # seconds
_MANY = 20  # questions that take long enough for their progress to be shown


@click.group(cls=Door, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="citeback", prog_name="citeback")
@click.pass_context
def main(context: click.Context) -> None:
    """Read every link of a list, then answer questions, each sentence with the passage it rests on.

    Start with `citeback rebuild`, then `citeback ask "…"` or `citeback serve`.
    """
    if os.environ.get("NO_COLOR"):
        context.color = False


@main.command(cls=Command)
@click.argument("question")
@click.option("--topic", metavar="TEXT", help="Only references under this heading of the list.")
@click.option("--site", metavar="HOST", help="Only references of this site.")
@click.option("--no-llm", is_flag=True, help="Extractive answer even where a language model is set.")
@click.option(
    "--top-k", type=click.IntRange(1, 50), metavar="N", help="Most sources to cite (5; 8 where references are listed)."
)
@profiled
@common
def ask(
    question: str,
    topic: str | None,
    site: str | None,
    no_llm: bool,
    top_k: int | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Answer one QUESTION, with citations. `-` reads questions from stdin, one a line, and writes a JSON line each."""
    from index.config import load_settings
    from rag.assistant import Assistant

    settings = load_settings(data=data)
    assistant = Assistant.open(settings.data, settings=settings)
    options: dict[str, Any] = {"topic": topic, "site": site, "top_k": top_k, "llm": False if no_llm else None}
    if question == "-":
        _ask_each(assistant, options)
        return
    if as_json:
        emit_json(assistant.ask(question, **options).as_json())
    else:
        _show_sources(_read_out(assistant, question, options))


def _ask_each(assistant: Assistant, options: dict[str, Any]) -> None:
    """Answer the lines of stdin as they come; one that fails is told in its own line, and the exit code is 1 at the end."""
    import json

    failed = False
    for line in sys.stdin:
        if question := line.strip().lstrip("\ufeff"):
            try:
                told: dict[str, Any] = assistant.ask(question, **options).as_json()
            except CitebackError as error:
                failed, told = True, {"error": {"type": "failed", "message": str(error), "hint": None}}
            click.echo(json.dumps({"question": question, **told}, ensure_ascii=False))
    if failed:
        raise SystemExit(1)


def _read_out(assistant: Assistant, question: str, options: dict[str, Any]) -> Answer:
    """Write an answer's text as it comes; a model without a GPU reads for half a minute before its first word."""
    from rag.records import Answer, Reading

    waiting: threading.Timer | None = None
    try:
        for piece in assistant.stream(question, **options):
            if waiting:
                waiting.cancel()
            if isinstance(piece, Reading):
                line = f"{piece.model} reads {piece.passages} passages of {'; '.join(piece.titles)} ..."
                waiting = threading.Timer(_PATIENCE, click.echo, [line], {"err": True})
                waiting.daemon = True
                waiting.start()
            elif isinstance(piece, Answer):
                click.echo()
                return piece
            else:
                click.echo(piece, nl=False)
    finally:
        if waiting:
            waiting.cancel()
    raise AssertionError("a stream ends with its answer")


def _show_sources(answer: Answer) -> None:
    from rag.cite import shown

    for citation in answer.citations:
        read = f"as of {citation.fetched_at[:10]}" if citation.fetched_at else citation.outcome
        link = citation.passage_url if citation.page else citation.url
        number, title = click.style(f"[{citation.number}]", fg="cyan"), click.style(citation.title, bold=True)
        click.echo(f"\n{number} {title} ({citation.site}, {read})\n    {link}")
        click.echo(click.style(f"    “{shown(citation.quote)}”", dim=True))
    if answer.unread:
        click.echo("\nNot read, perhaps of use / 未读，或许相关:")
        for reference in answer.unread:
            click.echo(f"  {reference.title} ({reference.reason})\n    {reference.url}")


@main.command(cls=Command)
@click.option("--host", metavar="ADDRESS", help="Address to listen on (127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), metavar="N", help="Port to listen on (7860).")
@click.option(
    "--allow-rebuild", is_flag=True, help="Let the chat and the API rebuild the index and take in saved pages."
)
@click.option(
    "--workers", type=click.IntRange(1, 64), metavar="N", help="Server processes; more than one serve the API only (1)."
)
@click.option(
    "--root-path", metavar="PATH", help="Path prefix under which a reverse proxy shows this server, such as /ask."
)
@common
def serve(
    host: str | None,
    port: int | None,
    allow_rebuild: bool,
    workers: int | None,
    root_path: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Open the web chat and the question API."""
    import app
    from index.config import load_settings

    settings = load_settings(
        data=data, host=host, port=port, allow_rebuild=allow_rebuild or None, workers=workers, root_path=root_path
    )
    _offer_model(settings)
    app.serve(settings, as_json=as_json)


@main.command(cls=Command)
@common
def mcp(data: Path | None, as_json: bool) -> None:  # noqa: ARG001
    """Answer a program on stdin and stdout by the Model Context Protocol (tools: ask, search, list_references, read_reference).

    The program starts this command itself; over HTTP the same tools are at /mcp of `citeback serve`.
    """
    from index.config import load_settings
    from rag.assistant import Assistant
    from rag.tools import serve_stdio

    settings = load_settings(data=data)
    serve_stdio(Assistant.open(settings.data, settings=settings), settings)


@main.command(cls=Command, name="eval")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE.jsonl")
@click.option("--llm", is_flag=True, help="Have the language model that is set write the answers.")
@common
def evaluate(file: Path, llm: bool, data: Path | None, as_json: bool) -> None:
    """Measure retrieval, citations and refusals on the questions of FILE.jsonl with known references."""
    from index.config import load_settings
    from rag.assistant import Assistant
    from rag.evaluate import evaluation

    settings = load_settings(data=data)
    report = evaluation(
        Assistant.open(settings.data, settings=settings), file, llm=None if llm else False, progress=_counted
    )
    if as_json:
        emit_json(report)
        return
    for name, figures in {f"all {report['questions']} questions": report["figures"], **report["kinds"]}.items():
        click.echo(name)
        for figure, value in figures.items():
            click.echo(f"  {figure:24} {value:5.1f} %")


def _counted(done: int, of: int) -> None:
    """Say how far a long evaluation has come: at every tenth, and often enough where a model answers slowly."""
    if of >= _MANY and (done % max(1, of // 10) == 0 or done == of):
        click.echo(f"{done} of {of} questions asked", err=True)


def _offer_model(settings: Settings) -> None:
    """Name a language model found on this machine; it is used only once the user says so."""
    from rag.llm import offered_locally

    if not settings.llm_base_url and (names := offered_locally()):
        click.echo(
            f"Ollama runs on this machine. To have it write the answers: CITEBACK_LLM_BASE_URL=http://127.0.0.1:11434/v1 "
            f"CITEBACK_LLM_MODEL={names[0]} citeback serve",
            err=True,
        )


def _measured(command: click.Command) -> click.Command:
    """A command that publishes, after which the new index is opened once, so that no first question waits for that."""
    publishing = copy(command)

    def run(**options: Any) -> None:
        assert command.callback is not None
        command.callback(**options)
        from index.config import load_settings
        from index.errors import CitebackError
        from rag.assistant import Assistant

        settings = load_settings(data=options["data"])
        with suppress(CitebackError):  # the build said what there was to say
            Assistant.open(settings.data, settings=settings)

    publishing.callback = run
    return publishing


for command in COMMANDS:
    main.add_command(_measured(command) if command.name in ("rebuild", "add") else command)

if __name__ == "__main__":
    main()
