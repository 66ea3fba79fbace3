"""The contract that every store keeps: the same build, retrieval and answers from files and from Milvus (milvus-lite here)."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from index.build import BuildOptions, build
from index.config import Settings
from index.errors import SettingsError, StoreError
from index.manifest import current_name, read_manifest, snapshot_names
from index.milvus import Milvus
from index.pages import PageStore
from index.publish import rollback
from index.records import Page
from index.store import Snapshot
from index.urls import identity
from rag import Assistant
from rag.filters import Filters
from rag.questions import understand
from tests.small_library import CHINESE, ENGLISH

pytest.importorskip("pymilvus")
pytest.importorskip("milvus_lite")
# what milvus-lite leaves to the garbage collector when a client is closed
pytestmark = pytest.mark.filterwarnings("ignore")
QUESTIONS = ("迁移学习是什么？", "What is zero-shot learning?", "常用的度量是什么？", "striped attributes")


def built(settings: Settings, *extra: str) -> str:
    """Build two stored pages and as many unread links as there are ``extra`` titles; return the snapshot's name."""
    folder = settings.data.parent
    folder.mkdir(parents=True, exist_ok=True)
    links = [("迁移学习简介", CHINESE), ("Zero-shot learning in brief", ENGLISH)]
    with PageStore(settings.data / "pages.sqlite") as pages:
        for number, (_, text) in enumerate(links):
            url = f"https://example.org/{number}"
            kind = (("content-type", "text/plain"),)
            pages.put(Page(identity(url), url, 200, kind, text.encode(), "2026-01-01T00:00:00+00:00", (), "saved"))
    titles = [title for title, _ in links] + list(extra)
    rows = "".join(f"- [{title}](https://example.org/{number})\n" for number, title in enumerate(titles))
    (folder / "list.md").write_text(f"# Learning\n\n{rows}", encoding="utf-8")
    report = build(settings, BuildOptions(lists=(str(folder / "list.md"),), offline=True), lambda *_: None)
    return str(report["snapshot"])


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Settings]]:
    made = {}
    for store in ("local", "milvus"):
        folder = tmp_path_factory.mktemp(store)
        settings = Settings(data=folder / "data", store=store, milvus_uri=str(folder / "milvus.db"))
        settings.data.mkdir()
        built(settings, "联邦学习入门", "A page that is gone")
        made[store] = settings
    yield made
    gc.collect()


def test_retrieval_finds_the_same_passages_with_the_same_scores(folders: dict[str, Settings]) -> None:
    hits = {}
    for store, settings in folders.items():
        retriever = Assistant.open(settings.data, settings=settings)._opened.retriever
        hits[store] = [
            [(hit.passage.id, hit.passage.text, round(hit.score, 4)) for hit in retriever.retrieve(understand(q), 6)]
            for q in QUESTIONS
        ]
    assert hits["milvus"] == hits["local"]
    assert all(hits["local"])


def test_answers_are_the_same(folders: dict[str, Settings]) -> None:
    answers = {}
    for store, settings in folders.items():
        assistant = Assistant.open(settings.data, settings=settings)
        answers[store] = [(a.text, [c.quote for c in a.citations]) for q in QUESTIONS for a in [assistant.ask(q)]]
    assert answers["milvus"] == answers["local"]
    assert any(quotes for _, quotes in answers["local"])


@pytest.mark.parametrize("store", ["local", "milvus"])
def test_both_searches_keep_to_the_contract(folders: dict[str, Settings], store: str) -> None:
    """Best first, no more than asked for, filters before ranking, nothing for unknown words, punctuation in terms."""
    snapshot = Snapshot.open(folders[store].data)
    total = snapshot.manifest.passages
    question = snapshot.passage_vectors([0])[0]
    near = snapshot.nearest(question, total)
    assert near[0][0] == 0
    assert [score for _, score in near] == sorted((score for _, score in near), reverse=True)
    assert len(snapshot.nearest(question, 2)) == 2
    of_english = snapshot.passages_of([2])
    assert {passage for passage, _ in snapshot.nearest(question, total, of_english)} == set(of_english.tolist())
    found = snapshot.lexical(["zero-shot", "learn"], total)
    assert found[0][0] in of_english
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    assert all(score > 0 for _, score in found)
    assert snapshot.lexical(["zero-shot"], total, snapshot.passages_of([1])) == []
    assert snapshot.lexical(["nowhere"], total) == []
    assert snapshot.lexical([], total) == []
    assert snapshot.nearest(question, 3, np.zeros(0, np.int64)) == []


def test_filters_narrow_what_milvus_finds(folders: dict[str, Settings]) -> None:
    settings = folders["milvus"]
    retriever = Assistant.open(settings.data, settings=settings)._opened.retriever
    hits = retriever.retrieve(understand("learning"), 6, filters=Filters(language="en"))
    assert hits
    assert all(retriever.languages[hit.passage.reference] == "en" for hit in hits)


def test_nothing_of_the_passages_is_searched_in_files(folders: dict[str, Settings]) -> None:
    directory = folders["milvus"].data / "snapshots" / str(current_name(folders["milvus"].data))
    manifest, report = read_manifest(directory, whole=True)
    assert not (directory / "passages.faiss").exists()
    assert set(manifest.store) == {"uri", "collection"}
    assert report["vectors"]["kind"] == "elsewhere"


def test_collections_go_with_their_snapshots_and_rollback_finds_its_own(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", store="milvus", milvus_uri=str(tmp_path / "m.db"))
    settings.data.mkdir()
    names = [built(settings, *(f"Kettle {n}" for n in range(count))) for count in range(1, 5)]
    client = Milvus(settings.data, settings.milvus_uri, "")
    client._client.create_collection("somebody_elses", dimension=4)
    client.keep(snapshot_names(settings.data))
    kept = client._client.list_collections()
    assert len(kept) == 4
    assert "somebody_elses" in kept
    assert rollback(settings.data) == names[-2]
    before = Snapshot.open(settings.data)
    assert len(before.nearest(before.passage_vectors([0])[0], 100)) == before.manifest.passages


def test_a_build_that_milvus_refuses_leaves_the_snapshot_and_no_collection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data=tmp_path / "data", store="milvus", milvus_uri=str(tmp_path / "m.db"))
    settings.data.mkdir()
    name = built(settings)
    client = Milvus(settings.data, settings.milvus_uri, "")
    before = client._client.list_collections()
    monkeypatch.setattr("index.milvus._tokens", lambda *_: "t" * 70_000)  # longer than a VARCHAR may be
    with pytest.raises(StoreError, match="use `--store local`"):
        built(settings, "A new link")
    assert current_name(settings.data) == name
    assert client._client.list_collections() == before


def test_what_is_missing_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="--milvus-uri"):
        built(Settings(data=tmp_path / "data", store="milvus"))
    with pytest.raises(StoreError, match=r"Milvus at http://127\.0\.0\.1:9 did not"):
        Milvus(tmp_path, "http://127.0.0.1:9", "")
