"""The two searches over all passages, in Milvus instead of in files of the snapshot. The only file that imports pymilvus.

A snapshot has a collection of its own, filled before it becomes current and dropped when it is pruned:

    id          passage id, as in the snapshot
    reference   number of its reference, which filters go by
    vector      its centred vector (inner product)
    terms       its lexical terms, each as the hash of ``index.lexical``, so that every tokenizer leaves them as they are
    sparse      what Milvus itself makes of the terms (BM25)

Scores of two engines do not compare, so only ranks are taken from here; all that is scored is scored by our own code. Texts,
sentences and how often a term stands in all passages are read from the snapshot, by passage id.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import SettingsError, StoreError
from index.lexical import Lexical, term_key

_ROWS = 500  # a request; a row of 1,024 numbers and 700 terms is 20 kB, and Milvus takes 64 MB at a time
_LONGEST = 65_000  # bytes of a VARCHAR
_NUMBERS = 16_384  # references in one filter, beyond which Milvus is asked for more than it is meant for

Progress = Callable[[str, int, int, str], None]


def _connected(uri: str, token: str) -> Any:
    if not uri:
        raise SettingsError(
            "--store milvus needs an address: --milvus-uri http://HOST:19530, or a folder for milvus-lite."
        )
    try:
        from pymilvus import MilvusClient
    except ImportError as error:
        raise StoreError("--store milvus needs pymilvus: run `pip install -c constraints.txt -e '.[milvus]'`.") from error
    with _said(uri):
        return MilvusClient(uri, token=token, timeout=30)


@contextlib.contextmanager
def _said(uri: str) -> Iterator[None]:
    """Turn what pymilvus raises into one line that says what to do."""
    try:
        yield
    except StoreError:
        raise
    except Exception as error:  # pymilvus raises its own, grpc's and plain ValueErrors; each ends this one step
        about = re.sub(r"\s+", " ", str(getattr(error, "message", error)))[:200]
        raise StoreError(
            f"Milvus at {uri} did not do what was asked ({about}): check that it runs there, or use `--store local`."
        ) from error


class Milvus:
    """The collections of one data folder; several folders may share one Milvus."""

    def __init__(self, data: Path, uri: str, token: str) -> None:
        """Connect.

        Raises:
            SettingsError: no address is set.
            StoreError: pymilvus is not installed, or nothing answers there.
        """
        # milvus-lite is a file of the data folder, wherever the next command is started
        self._uri = uri if "://" in uri or not uri else str(Path(uri).absolute())
        self._client = _connected(self._uri, token)
        self._prefix = f"citeback_{hashlib.blake2b(str(data.resolve()).encode(), digest_size=4).hexdigest()}_"

    def _collection(self, snapshot: str) -> str:
        return self._prefix + re.sub(r"\W", "_", snapshot)

    def fill(
        self, snapshot: str, folder: Path, vectors: Iterator[NDArray[np.float32]], progress: Progress
    ) -> dict[str, str]:
        """Put every passage of a snapshot folder into a new collection; return what the manifest says of it.

        ``vectors`` come in blocks, in passage order.

        Raises:
            StoreError: it could not be filled; what there was of it is dropped again.
        """
        collection, client = self._collection(snapshot), self._client
        references = np.load(folder / "rows.npy", mmap_mode="r")["reference"]
        with _said(self._uri):
            try:
                passage, terms = 0, Lexical(folder).passages()
                for block in vectors:
                    if not passage:
                        _create(client, collection, int(block.shape[1]))
                    for at in range(0, len(block), _ROWS):
                        rows = [
                            {
                                "id": id_,
                                "reference": int(references[id_]),
                                "vector": vector,
                                "terms": _tokens(*next(terms)),
                            }
                            for id_, vector in enumerate(block[at : at + _ROWS].tolist(), start=passage)
                        ]
                        client.insert(collection, rows)
                        passage += len(rows)
                        progress("publish", passage, len(references), "to Milvus")
                if passage:
                    client.flush(collection)
            except BaseException:
                if client.has_collection(collection):
                    client.drop_collection(collection)
                raise
        return {"uri": self._uri, "collection": collection}

    def keep(self, snapshots: Collection[str]) -> None:
        """Drop the collections whose snapshots are gone, those of builds that were killed too."""
        kept = {self._collection(name) for name in snapshots}
        with _said(self._uri):
            for name in self._client.list_collections():
                if name.startswith(self._prefix) and name not in kept:
                    self._client.drop_collection(name)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()


def _create(client: Any, collection: str, dimension: int) -> None:
    from pymilvus import DataType, Function, FunctionType

    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("reference", DataType.INT64)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
    analyzer = {"tokenizer": "standard"}
    schema.add_field("terms", DataType.VARCHAR, max_length=65_535, enable_analyzer=True, analyzer_params=analyzer)
    schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
    bm25 = Function(
        name="bm25", function_type=FunctionType.BM25, input_field_names=["terms"], output_field_names=["sparse"]
    )
    schema.add_function(bm25)
    indexes = client.prepare_index_params()
    indexes.add_index("vector", index_type="AUTOINDEX", metric_type="IP")
    parameters = {"bm25_k1": 1.2, "bm25_b": 0.75}
    indexes.add_index("sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25", params=parameters)
    client.create_collection(collection, schema=schema, index_params=indexes, consistency_level="Strong")


def _token(key: int) -> str:
    return f"t{key:016x}"


def _tokens(keys: NDArray[np.uint64], counts: NDArray[np.uint8]) -> str:
    words = [_token(key) for key in np.repeat(keys, counts).tolist()]
    if len(words) * 18 > _LONGEST:  # a passage of thousands of terms: how often each stands is given up first
        words = [_token(key) for key in keys.tolist()][: _LONGEST // 18]
    return " ".join(words) or "t"


class MilvusSearch:
    """Searches the passages of one collection; safe to use from many threads."""

    def __init__(self, uri: str, token: str, collection: str, references: NDArray[Any]) -> None:
        self._uri, self._collection, self._references = uri, collection, references
        self._client = _connected(uri, token)
        with _said(uri):
            if len(references) and not self._client.has_collection(collection):
                raise StoreError(
                    f"Milvus at {uri} has no collection {collection}: run `citeback rebuild`, or `citeback rollback`."
                )
            if len(references):
                self._client.load_collection(collection)

    def nearest(
        self, vector: NDArray[np.float32], k: int, allowed: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Return up to ``k`` (passage id, inner product), best first."""
        return self._search(vector.astype(np.float32).tolist(), "vector", "IP", k, allowed)

    def lexical(
        self, terms: Sequence[str], k: int, allowed: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Return up to ``k`` (passage id, BM25), best first."""
        wanted = " ".join(_token(term_key(term)) for term in sorted(set(terms)))
        found = self._search(wanted, "sparse", "BM25", k, allowed) if wanted else []
        return [(passage, abs(score)) for passage, score in found]  # milvus-lite gives BM25 as negative distances

    def _search(
        self, asked: Any, field: str, metric: str, k: int, allowed: NDArray[np.int64] | None
    ) -> list[tuple[int, float]]:
        if k <= 0 or not len(self._references) or (allowed is not None and not len(allowed)):
            return []
        with _said(self._uri):
            found = self._client.search(
                self._collection,
                data=[asked],
                anns_field=field,
                limit=min(k, len(self._references)),
                filter=self._filter(allowed),
                search_params={"metric_type": metric},
                output_fields=["id"],
            )[0]
        return [(int(hit["id"]), float(hit["distance"])) for hit in found]

    def _filter(self, allowed: NDArray[np.int64] | None) -> str:
        if allowed is None:
            return ""
        numbers = np.unique(self._references[allowed]).tolist()
        if len(numbers) > _NUMBERS:
            raise StoreError(
                f"The filter lets {len(numbers)} references through, more than one question to Milvus may name: narrow it."
            )
        return f"reference in {numbers}"

    def close(self) -> None:
        """Close the connection."""
        self._client.close()
