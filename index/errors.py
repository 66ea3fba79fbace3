"""The one error tree; every message says what, where, and what to do next. Knows nobody.

CitebackError
├── UsageError           wrong command line, setting or input file (exit 2)
│   ├── ListError        a link list that cannot be read or holds no link
│   └── SettingsError    an unknown key or a bad value in citeback.toml or CITEBACK_*
├── StoreError           the data folder, a snapshot or the page store cannot be used (exit 1)
│   ├── NoSnapshotError  nothing was built yet
│   └── BusyError        another rebuild holds the data folder
├── EmbedderError        an embedder cannot be loaded or does not fit the index (exit 1)
└── ModelError           the language model server failed or stalled (exit 1)

The expected failure of ONE reference is not an error but a value: see ``records.Unread``.
"""

from __future__ import annotations


class CitebackError(Exception):
    """Root of all errors raised on purpose. ``exit_code`` is what the command line ends with."""

    exit_code = 1


class UsageError(CitebackError):
    """The command, a setting or an input file is wrong; nothing was changed."""

    exit_code = 2


class ListError(UsageError):
    """A link list cannot be read, or no link was found in it."""


class SettingsError(UsageError):
    """A setting is unknown or has a value that does not fit."""


class StoreError(CitebackError):
    """The data folder, a snapshot or the page store cannot be used."""


class NoSnapshotError(StoreError):
    """There is no snapshot yet."""


class BusyError(StoreError):
    """Another rebuild works in the same data folder."""


class EmbedderError(CitebackError):
    """An embedder cannot be loaded, or is not the one the index was made with."""


class ModelError(CitebackError):
    """A language model server failed, stalled or answered nonsense."""
