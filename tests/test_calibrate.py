"""Refusal thresholds are measured once a snapshot, kept beside it, and never stand in the way of an answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import rag.calibrate
from index.config import Settings
from index.manifest import current_name
from index.terms import language
from rag import Assistant
from rag.cli import main
from rag.foreign import FOREIGN
from tests.small_library import make


def _kept(data: Path) -> Path:
    return data / "snapshots" / str(current_name(data)) / "calibration.json"


def test_a_second_opening_measures_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = make(tmp_path)
    measured = Assistant.open(data, settings=Settings(data=data))._opened.thresholds
    monkeypatch.setattr(rag.calibrate, "calibrate", lambda _: pytest.fail("measured again"))
    assert Assistant.open(data, settings=Settings(data=data))._opened.thresholds == measured


@pytest.mark.parametrize("damage", ["", "{}", '{"code": "of an older release", "kinds": [], "otherwise": 0}'])
def test_thresholds_that_do_not_fit_are_measured_again(tmp_path: Path, damage: str) -> None:
    data = make(tmp_path)
    measured = Assistant.open(data, settings=Settings(data=data))._opened.thresholds
    _kept(data).write_text(damage, encoding="utf-8")
    assert Assistant.open(data, settings=Settings(data=data))._opened.thresholds == measured
    assert json.loads(_kept(data).read_text(encoding="utf-8"))["kinds"]


def test_a_place_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    data = make(tmp_path)
    (_kept(data) / "in the way").mkdir(parents=True)
    assert Assistant.open(data, settings=Settings(data=data)).ask("什么是领域自适应？").citations


def test_a_rebuild_leaves_nothing_to_measure(tmp_path: Path) -> None:
    (tmp_path / "list.md").write_text("# 联邦学习\n- [联邦学习入门](https://example.org/fl)\n", encoding="utf-8")
    result = CliRunner().invoke(
        main, ["rebuild", "--offline", "--data", str(tmp_path / "data"), str(tmp_path / "list.md")]
    )
    assert result.exit_code == 0, result.output
    assert _kept(tmp_path / "data").is_file()


def test_foreign_questions_are_many_distinct_and_of_their_language() -> None:
    for name, texts in FOREIGN.items():
        assert len(texts) == len(set(texts)) >= 100
        assert all(language(text) == name for text in texts)
