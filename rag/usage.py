"""Wrong usage of the command line in one line: what is wrong, and which help says more. Knows no command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click


class WrongUsageError(click.ClickException):
    """What was wrong on the command line."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        """Say it."""
        click.echo(f"citeback: {self.format_message()}", file=file, err=file is None)


@contextmanager
def _in_one_line() -> Iterator[None]:
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        within = error.ctx.info_name if error.ctx and error.ctx.parent else None
        place = f"citeback {within}" if within else "citeback"
        hint = "Options come after the command; " if isinstance(error, click.NoSuchOption) and not within else ""
        raise WrongUsageError(
            f"{' '.join(error.format_message().split())} {hint}`{place} --help` says what there is."
        ) from None


class Door(click.Group):
    """A group whose usage errors are one line: what is wrong, and which help says more."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Read the options before the command."""
        with _in_one_line():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Find the command and read its options."""
        with _in_one_line():
            return super().invoke(ctx)
