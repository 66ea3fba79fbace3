"""Settings: where they come from, and what a mistake says."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.config import Settings, load_settings
from index.errors import SettingsError


def test_a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default(tmp_path: Path) -> None:
    (tmp_path / "citeback.toml").write_text('delay = 2\ncontact = "file"\ntop_k = 3\n')
    environment = {
        "CITEBACK_DELAY": "3",
        "CITEBACK_CONTACT": "environment",
        "CITEBACK_DATA": str(tmp_path),
        "HOME": "/",
    }
    settings = load_settings(environment=environment, delay=4)
    assert (settings.delay, settings.contact, settings.top_k, settings.timeout) == (4.0, "environment", 3, 30.0)
    assert settings.data == tmp_path


def test_a_flag_that_was_not_given_counts_for_nothing() -> None:
    assert load_settings(environment={"CITEBACK_PORT": "1234"}, port=None).port == 1234


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"CITEBACK_DELY": "1"}, "CITEBACK_DELY.*no setting.*unset it"),
        ({"CITEBACK_DELAY": "soon"}, "CITEBACK_DELAY is 'soon'.*a number"),
        ({"CITEBACK_DELAY": "-1"}, "a number of 0 or more"),
        ({"CITEBACK_PORT": "nan"}, "a number"),
    ],
)
def test_a_wrong_environment_is_one_clear_line(environment: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        load_settings(environment=environment)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dely = 1", "'dely' is no setting"),
        ("delay = true", "delay is True"),
        ("delay = ", "cannot be read"),
        ('api_token = "x"', "secret.*CITEBACK_API_TOKEN"),
        ('data = "elsewhere"', "'data' is no setting"),
    ],
)
def test_a_wrong_file_is_one_clear_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "citeback.toml").write_text(text)
    with pytest.raises(SettingsError, match=message):
        load_settings(environment={}, data=tmp_path)


def test_a_secret_is_never_printed() -> None:
    assert "hush" not in repr(load_settings(environment={"CITEBACK_API_TOKEN": "hush"}))


def test_the_defaults_need_no_network_and_no_key() -> None:
    assert (Settings().host, Settings().embedder, Settings().api_token) == ("127.0.0.1", "", "")
