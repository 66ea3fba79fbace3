"""As many questions compute at once as there are processors, in order; one that waits for a model's server holds up nobody."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from index.config import Settings
from rag import Assistant, evidence, hits
from rag import assistant as assistant_module
from rag.turns import Turns
from tests.model_server import model_server
from tests.small_library import make

QUESTION = "What is zero-shot learning?"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("turns"))


def test_no_more_questions_compute_than_there_are_processors(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assistant_module, "_processors", lambda: 2)
    assistant, real = Assistant.open(data, settings=Settings(data=data)), hits.retrieved_for
    at_work, most, lock, meet = 0, 0, threading.Lock(), threading.Barrier(2)

    def counted(*given: Any, **options: Any) -> Any:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        meet.wait(20)  # so two really are at work together
        found = real(*given, **options)
        with lock:
            at_work -= 1
        return found

    monkeypatch.setattr(assistant_module, "retrieved_for", counted)
    asking = [threading.Thread(target=assistant.ask, args=(QUESTION,)) for _ in range(8)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(60)
    assert (most, at_work) == (2, 0)


def test_a_question_that_waits_for_its_model_lets_others_compute(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assistant_module, "_processors", lambda: 1)
    with model_server(
        lambda _: "Some classes are never seen in training. [ref 1] And so on.", trouble="stalls"
    ) as server:
        settings = Settings(data=data, llm_base_url=server.url, llm_model="m")
        assistant = Assistant.open(data, settings=settings)
        waiting = threading.Thread(target=lambda: list(assistant.stream(QUESTION)), daemon=True)
        waiting.start()
        for _ in range(200):
            if server.asked:
                break
            waiting.join(0.05)
        assert server.asked and waiting.is_alive()
        assert not assistant.ask(QUESTION, llm=False).refused
        assert waiting.is_alive()
    waiting.join(20)


def test_a_question_that_fails_gives_its_turn_back(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assistant_module, "_processors", lambda: 1)
    assistant, real = Assistant.open(data, settings=Settings(data=data)), evidence.gather

    def failing(*_: Any, **__: Any) -> Any:
        raise OSError("the disk has gone")

    monkeypatch.setattr(assistant_module, "gather", failing)
    with pytest.raises(OSError, match="gone"):
        assistant.ask(QUESTION)
    monkeypatch.setattr(assistant_module, "gather", real)
    assert not assistant.ask(QUESTION).refused


def test_no_more_than_so_many_are_in_at_once() -> None:
    turns, inside, most = Turns(2), [0], [0]
    count = threading.Lock()

    def work() -> None:
        for _ in range(50):
            with turns:
                with count:
                    inside[0] += 1
                    most[0] = max(most[0], inside[0])
                time.sleep(0.0002)
                with count:
                    inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert most == [2] and inside == [0]


def test_whoever_waits_goes_before_whoever_comes_back() -> None:
    turns, order, waiting = Turns(1), [], threading.Event()

    def other() -> None:
        waiting.set()
        with turns:
            order.append("other")

    with turns:
        thread = threading.Thread(target=other)
        thread.start()
        waiting.wait(10)
        while not turns._waiting:
            time.sleep(0.001)
    with turns:
        order.append("back again")
    thread.join(10)
    assert order == ["other", "back again"]


def test_a_turn_is_given_back_after_a_failure() -> None:
    turns = Turns(1)
    for _ in range(3):
        try:
            with turns:
                raise ValueError
        except ValueError:
            pass
    with turns:
        assert turns._free == 0
    assert turns._free == 1
