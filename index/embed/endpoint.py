"""An OpenAI-compatible embeddings server (vLLM, TEI, llama.cpp, Ollama, OpenAI ...): batches, retries, a few at a time.

Named ``openai:MODEL@BASE_URL``, so that a snapshot says by itself where its questions must be embedded. The key comes from the
environment only and goes to that server alone; redirects are not followed.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from index.errors import EmbedderError

PREFIX = "openai:"
_BATCH = 64
_AT_ONCE = 4
_TRIES = 4
_LONGEST_WAIT = 20.0
_SECONDS = 60.0
_LIMIT = 8000  # characters of one text; servers refuse what is longer than their context


class RemoteEmbedder:
    """Safe to use from many threads."""

    def __init__(self, name: str, *, api_key: str = "") -> None:
        import httpx

        model, _, base = name.removeprefix(PREFIX).partition("@")
        if not model or urlsplit(base).scheme not in ("http", "https") or not urlsplit(base).hostname:
            raise EmbedderError(f"Embedder {name!r} is not of the form openai:MODEL@http://HOST/v1: correct it.")
        self.name = name
        self._model = model
        self._url = f"{base.rstrip('/')}/embeddings"
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._client = httpx.Client(
            timeout=httpx.Timeout(_SECONDS, connect=5.0), headers=headers, follow_redirects=False
        )
        self.dimension = len(self._ask(["dimension"])[0])

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, dimension) unit rows; a blank text gives a zero row and is not sent."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        filled = [(row, text.strip()[:_LIMIT]) for row, text in enumerate(texts) if text.strip()]
        batches = [filled[start : start + _BATCH] for start in range(0, len(filled), _BATCH)]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for batch, rows in zip(
                batches, pool.map(self._ask, ([text for _, text in b] for b in batches)), strict=True
            ):
                if any(len(row) != self.dimension for row in rows):
                    raise EmbedderError(
                        f"{self._url} gave vectors of different lengths: name one model that stays the same."
                    )
                vectors[[row for row, _ in batch]] = rows
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(lengths, 1e-9), np.float32)

    def queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, dimension) unit rows; such servers make no difference between questions and passages."""
        return self.passages(texts)

    def _ask(self, texts: list[str]) -> list[list[float]]:
        """Embed one batch; a fault that may pass is tried again, ever more slowly."""
        import httpx

        said = ""
        for attempt in range(_TRIES):
            if attempt:
                time.sleep(min(0.5 * 2.0**attempt, _LONGEST_WAIT))
            try:
                response = self._client.post(
                    self._url, json={"model": self._model, "input": texts, "encoding_format": "float"}
                )
            except httpx.HTTPError as error:
                said = str(error) or type(error).__name__
                continue
            if response.status_code == 200:
                return _vectors(response, len(texts), self._url)
            said = f"HTTP {response.status_code} {_message(response)}".strip()
            if response.status_code != 429 and response.status_code < 500:
                break
            wait = response.headers.get("retry-after", "")
            time.sleep(min(float(wait), _LONGEST_WAIT) if wait.isdigit() else 0.0)
        raise EmbedderError(
            f"{self._url} could not embed ({said[:200]}): check the server, the model's name and CITEBACK_EMBEDDER_API_KEY."
        )


def _vectors(response: Any, count: int, url: str) -> list[list[float]]:
    try:
        rows = sorted(response.json()["data"], key=lambda row: row["index"])
        vectors = [[float(value) for value in row["embedding"]] for row in rows]
    except (ValueError, KeyError, TypeError) as error:
        raise EmbedderError(f"{url} answered, but with no embeddings: is it an OpenAI-compatible server?") from error
    if len(vectors) != count or not all(vectors):
        raise EmbedderError(f"{url} gave {len(vectors)} vectors for {count} texts: is it an OpenAI-compatible server?")
    return vectors


def _message(response: Any) -> str:
    try:
        found = response.json()["error"]
        return str(found.get("message", found) if isinstance(found, dict) else found)
    except (ValueError, KeyError, TypeError):
        return ""
