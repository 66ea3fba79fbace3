"""BM25 over NumPy postings: held against a plain computation of the same formula."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import index.lexical_write
from index.lexical import FILES, Lexical
from index.lexical_merge import merge_lexical
from index.lexical_write import LexicalWriter, Postings, postings_of
from index.terms import terms

PASSAGES = st.lists(
    st.lists(st.sampled_from(["甲乙丙丁", "alpha", "beta", "gamma", "-x"]), max_size=12), min_size=1, max_size=30
)


def written(folder: Path, passages: list[list[str]]) -> Lexical:
    writer = LexicalWriter()
    for passage in passages:
        writer.add(postings_of([passage]))
    writer.write(folder)
    return Lexical(folder)


def bm25(passages: list[list[str]], query: list[str]) -> list[tuple[int, float]]:
    counts = [Counter(passage) for passage in passages]
    average = max(sum(map(len, passages)) / len(passages), 1.0)
    scores = dict.fromkeys(range(len(passages)), 0.0)
    for term in set(query):
        holding = sum(term in count for count in counts)
        idf = math.log(1 + (len(passages) - holding + 0.5) / (holding + 0.5))
        for number, count in enumerate(counts):
            norm = 1.2 * (0.25 + 0.75 * len(passages[number]) / average)
            scores[number] += idf * 2.2 * count[term] / (count[term] + norm) if count[term] else 0
    return sorted(((n, s) for n, s in scores.items() if s > 0), key=lambda pair: (-round(pair[1], 4), pair[0]))


@settings(max_examples=60, deadline=None)
@given(passages=PASSAGES, query=st.lists(st.sampled_from(["甲", "丙", "beta", "gamma", "nowhere"]), min_size=1))
def test_scores_are_those_of_the_formula(
    tmp_path_factory: pytest.TempPathFactory, passages: list[list[str]], query: list[str]
) -> None:
    lexical = written(tmp_path_factory.mktemp("lexical"), passages)
    found = lexical.search(query, len(passages))
    expected = bm25(passages, query)
    assert {n: round(s, 3) for n, s in found} == {n: pytest.approx(s, abs=2e-3) for n, s in expected}
    assert lexical.frequencies(query).tolist() == [sum(term in passage for passage in passages) for term in query]
    held = lexical.held(np.arange(len(passages)), query)
    assert held.tolist() == [[term in passage for term in query] for passage in passages]


def test_an_index_written_in_many_blocks_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    passages = [terms(f"迁移学习 number {i % 7} of {i % 3} kinds, 第{i}篇") for i in range(200)]
    for name, block in (("one", 10**6), ("many", 50)):
        (tmp_path / name).mkdir()
        monkeypatch.setattr(index.lexical_write, "_BLOCK", block)
        written(tmp_path / name, passages)
    for name in FILES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "many" / name).read_bytes()


def test_terms_whose_hashes_begin_alike_are_kept_apart(tmp_path: Path) -> None:
    writer = LexicalWriter()
    keys, one = np.asarray([8, 9, 2**60], np.uint64), np.ones(3, np.uint32)
    for _ in range(4):
        writer.add(Postings(keys, one, 0 * one, one.astype(np.uint8), one[:1]))
    writer.write(tmp_path)
    assert np.load(tmp_path / "term_keys.npy").tolist() == keys.tolist()
    assert np.load(tmp_path / "postings.npy").tolist() == [0, 1, 2, 3] * 3


@pytest.mark.parametrize(("before", "gone", "added"), [(2**16 - 5, 0, 4), (2**16 - 5, 0, 5), (2**16 - 1, 3, 9), (2**16 + 4, 9, 2)])
def test_where_passages_outgrow_their_numbers_a_merged_index_is_that_made_anew(
    tmp_path: Path, before: int, gone: int, added: int
) -> None:
    passages = [["all", f"one of {number % 9}"] for number in range(before + added)]
    folders = [tmp_path / name for name in ("before", "added", "merged", "anew")]
    for folder, some in zip(folders, (passages[:before], passages[before:], (), passages[gone:]), strict=True):
        folder.mkdir()
        writer = LexicalWriter()
        writer.add(postings_of(some))
        writer.write(folder)
    moved, new = np.arange(-gone, before - gone), np.arange(before - gone, before - gone + added)
    merge_lexical((folders[0], np.maximum(moved, -1)), (folders[1], new), folders[2])
    for name in FILES:
        assert (folders[2] / name).read_bytes() == (folders[3] / name).read_bytes(), name
    found = Lexical(folders[2])
    count = before - gone + added
    assert found.frequencies(["all"]).tolist() == [count]
    ids = np.asarray([count - 1, 0])
    assert found.held(ids, ["all", f"one of {(gone + count - 1) % 9}"]).tolist() == [[True, True], [True, (count - 1) % 9 == 0]]


def test_common_terms_beyond_the_limit_still_put_in_order_what_the_rare_ones_found(tmp_path: Path) -> None:
    passages = [["common"] * (1 + i % 5) + (["rare"] if i % 50 == 0 else []) for i in range(1000)]
    lexical = written(tmp_path, passages)
    found = lexical.search(["common", "rare"], 5, limit=100)
    assert found == lexical.search(["common", "rare"], 5)
    assert all(passage % 50 == 0 for passage, _ in found)


def test_the_rarest_term_is_searched_even_where_it_is_beyond_the_limit(tmp_path: Path) -> None:
    lexical = written(tmp_path, [["a"], ["a", "b"], ["b"]])
    assert [passage for passage, _ in lexical.search(["a"], 3, limit=1)] == [0, 1]


def test_a_narrow_filter_looks_every_term_up(tmp_path: Path) -> None:
    lexical = written(tmp_path, [["a"], ["a", "b"], ["b"]])
    assert [passage for passage, _ in lexical.search(["a", "b"], 3, np.asarray([2]), limit=2)] == [2]


def test_equal_scores_are_cut_at_the_lowest_passages(tmp_path: Path) -> None:
    lexical = written(tmp_path, [["same"]] * 100)
    assert [passage for passage, _ in lexical.search(["same"], 10)] == list(range(10))


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    lexical = written(tmp_path, [])
    assert lexical.search(["a"], 3) == []
    assert lexical.frequencies(["a"]).tolist() == [0]
