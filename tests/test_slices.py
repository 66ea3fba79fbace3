"""What is made of an article where it is read: the same after it was packed, and counted as the list's words are added."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.chunk import chunk
from index.clauses import clauses
from index.layout import key, starts_of
from index.lexical import FILES
from index.lexical_write import LexicalWriter, postings_of
from index.records import Passage, Sentence
from index.slices import ordered_sentences, pack, slice_of, unpack
from index.terms import plain, terms

PIECES = ["水", "水壶两个", "。", "，", ". ", "a", "kettle ", "\n", "\n# ", "|", "\udc80", "😀", "\0", "`$"]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=200).map("".join)
WORDS = st.lists(st.sampled_from(["甲", "乙丙", "alpha", "beta"]), max_size=300)


@settings(max_examples=80, deadline=None)
@given(text=TEXTS)
def test_what_is_packed_comes_back_as_it_was(text: str) -> None:
    made = slice_of(text, chunk(text), (0, 7) if len(text) > 7 else ())
    again = unpack(pack(made))
    for field in fields(made):
        one, other = getattr(made, field.name), getattr(again, field.name)
        if field.name == "postings":
            for column in fields(one):
                np.testing.assert_array_equal(getattr(one, column.name), getattr(other, column.name))
        elif isinstance(one, np.ndarray):
            assert one.dtype == other.dtype
            assert one.tobytes() == other.tobytes()
        else:
            assert one == other


@pytest.mark.parametrize("passages", [255, 256, 300])
def test_a_text_of_many_passages_comes_back_as_it_was(passages: int) -> None:
    lines = [f"Kettle {number}" for number in range(passages)]
    starts = [sum(map(len, lines[:number])) + number for number in range(passages)]
    cut = [Passage(at, at + len(line), line, (), (Sentence(at, at + len(line)),)) for at, line in zip(starts, lines, strict=True)]
    made = slice_of("\n".join(lines), cut)
    again = unpack(pack(made))
    assert len(again.places) == passages == int(again.postings.sizes.max())
    for column in ("keys", "sizes", "places", "counts", "lengths"):
        np.testing.assert_array_equal(getattr(made.postings, column), getattr(again.postings, column))
    assert (again.plain, again.lines, again.text_key) == (made.plain, made.lines, made.text_key)
    assert again.keys.tobytes() == made.keys.tobytes()


@settings(max_examples=80, deadline=None)
@given(text=TEXTS)
def test_keys_stand_for_the_sentences_and_their_clauses_in_order(text: str) -> None:
    passages = chunk(text)
    made = slice_of(text, passages)
    sentences = [plain(text[s.start : s.end]) for s in ordered_sentences(passages)]
    assert list(made.lines[: len(sentences)]) == sentences
    edges = starts_of(made.clause_counts.astype(np.int64)).tolist()
    parts = made.lines[len(sentences) :]
    assert [list(parts[first:last]) for first, last in pairwise(edges)] == [clauses(line) for line in sentences]
    assert made.keys.tolist() == [key(line) for line in made.lines]
    spans = zip(made.places["first_byte"].tolist(), made.places["bytes"].tolist(), strict=True)
    texts = [made.text[at : at + size].decode("utf-8", "surrogatepass") for at, size in spans]
    assert texts == [passage.text for passage in passages]


@settings(max_examples=40, deadline=None)
@given(articles=st.lists(st.tuples(st.lists(WORDS, min_size=1, max_size=4), WORDS), min_size=1, max_size=5))
def test_words_of_the_list_count_in_every_passage(
    tmp_path_factory: pytest.TempPathFactory, articles: list[tuple[list[list[str]], list[str]]]
) -> None:
    folder = tmp_path_factory.mktemp("lexical")
    added, whole = LexicalWriter(), LexicalWriter()
    for passages, also in articles:
        added.add(postings_of(passages), also)
        whole.add(postings_of([[*passage, *also] for passage in passages]))
    for name, writer in (("added", added), ("whole", whole)):
        (folder / name).mkdir()
        writer.write(folder / name)
    for name in FILES:
        assert (folder / "added" / name).read_bytes() == (folder / "whole" / name).read_bytes(), name


def test_a_text_without_terms_has_no_postings() -> None:
    assert len(postings_of([terms("the of"), []]).places) == 0
    assert postings_of([]).lengths.tolist() == []
