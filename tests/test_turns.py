"""Turns: so many at once, the others in order."""

import threading
import time

from rag.turns import Turns


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
