"""Docs say what is true: every command, option, setting and route is documented."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from index.config import setting_names
from rag.cli import main

ROOT = Path(__file__).parents[1]
COMMANDS = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_and_option_is_documented_and_has_help(name: str) -> None:
    command = main.commands[name]
    assert command.help
    assert f"## citeback {name}" in COMMANDS
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{name} {parameter.opts[0]} has no help"
            assert parameter.opts[0] in COMMANDS, f"{name} {parameter.opts[0]} is not in docs/commands.md"


def test_no_documented_command_is_missing() -> None:
    assert set(re.findall(r"^## citeback (\w+)", COMMANDS, re.M)) == set(main.commands)


def test_the_settings_table_is_the_settings() -> None:
    assert re.findall(r"^\| `(\w+)` \| `CITEBACK_\w+`", CONFIGURATION, re.M) == list(setting_names())


def test_the_readme_names_commands_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(
        re.findall(
            r"citeback (rebuild|add|ask|status|serve|rollback|\w+) ",
            "".join(re.findall(r"^ *(?:\$ )?(citeback .*)$", readme, re.M)),
        )
    )
    assert named <= set(main.commands)
    for link in re.findall(r"\]\((docs/[^)#]+|[A-Z]+\.md)\)", readme):
        assert (ROOT / link).exists(), link


def test_the_api_docs_name_settings_and_extras_that_exist() -> None:
    told = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:max|log|request|root)_[a-z_]+)`", told))
    assert named and named - {"max_tokens"} <= set(setting_names())
    extras = set(re.findall(r"'\.\[(\w+)\]'", told))
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert extras == {"langchain", "llamaindex"} and all(f"\n{extra} = [" in project for extra in extras)
    for flag in re.findall(r"`(?:citeback serve )?(--[a-z-]+)", told):
        assert flag in COMMANDS, f"{flag} of docs/api.md is no option of a command"
