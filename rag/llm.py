"""Any OpenAI-compatible language model server, streamed. Knows messages and words, no passage and no citation.

The only file that speaks to a model. httpx is imported when the first question goes out, so the extractive path never loads it.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from index.errors import ModelError, SettingsError

if TYPE_CHECKING:
    import httpx

    from index.config import Settings

LONGEST_ANSWER = 20_000  # characters; a model that runs on is cut, not waited for
LONGEST_LINE = 1_000_000  # of the stream; one event is a few hundred bytes
_MOST_TOKENS = 800
_WHOLE = 6.0  # times the silence allowed: how long one answer may take in all
_CONNECT_SECONDS = 5.0
_SILENCE = 30.0  # seconds
_SILENCE_HERE = 180.0  # on two cores a model of 1.5 billion weights reads 30 tokens a second, and five passages are 1,500
_THOUGHT_START, _THOUGHT_END = "<think>", "</think>"
_LOOPBACK = re.compile(r"127(?:\.\d+){3}|localhost|::1")

Messages = Sequence[Mapping[str, str]]


class LanguageModel:
    """One model on one server; safe to use from many threads."""

    def __init__(self, base_url: str, *, model: str = "", api_key: str = "", timeout: float = 0.0) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingsError("CITEBACK_LLM_BASE_URL is no web address: give one like http://127.0.0.1:11434/v1.")
        self._base = base_url.rstrip("/")
        self._host = parts.hostname + (f":{parts.port}" if parts.port else "")
        self._local = bool(_LOOPBACK.fullmatch(parts.hostname))
        self._model = model
        self._key = api_key
        self._timeout = timeout or (_SILENCE_HERE if self._local else _SILENCE)
        self._lock = threading.Lock()
        self._client: httpx.Client | None = None

    @classmethod
    def of(cls, settings: Settings) -> LanguageModel | None:
        """Return the model that the settings name, or None: then nothing is ever sent anywhere."""
        if not settings.llm_base_url:
            return None
        return cls(
            settings.llm_base_url,
            model=settings.llm_model,
            api_key=settings.llm_api_key,
            timeout=settings.llm_timeout,
        )

    @property
    def name(self) -> str:
        """The model's name, once known."""
        return self._model or self._host

    def stream(self, messages: Messages, *, most_tokens: int = _MOST_TOKENS) -> Iterator[str]:
        """Yield the pieces of the model's answer as they come, without what it thinks aloud.

        Raises:
            ModelError: the server cannot be reached, fails, stalls, says nothing, or breaks off.
        """
        import httpx

        request = {
            "model": self._named(),
            "messages": list(messages),
            "stream": True,
            "temperature": 0,
            "max_tokens": most_tokens,
        }
        said = 0
        try:
            with self._http().stream("POST", f"{self._base}/chat/completions", json=request) as response:
                self._check(response)
                for piece in _spoken(self._pieces(response)):
                    said += len(piece)
                    yield piece
                    if said > LONGEST_ANSWER:
                        return
        except httpx.TimeoutException as error:
            raise ModelError(f"The language model at {self._host} did not answer in time.") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ModelError(
                f"The language model at {self._host} cannot be reached ({type(error).__name__})."
            ) from error
        if not said:
            raise ModelError(f"The language model at {self._host} gave an empty answer.")

    def complete(self, messages: Messages, *, most_tokens: int) -> str:
        """Return a short answer as a whole. Raises: ModelError."""
        return "".join(self.stream(messages, most_tokens=most_tokens)).strip()

    def _pieces(self, response: httpx.Response) -> Iterator[str]:
        """Yield what a response says, event by event; some servers answer whole although a stream was asked for."""
        heard = time.monotonic()
        deadline = heard + _WHOLE * self._timeout
        if "json" in response.headers.get("content-type", ""):
            yield from _words(_document(b"".join(response.iter_bytes()), self._host), "message")
            return
        rest, finished = b"", False
        for chunk in chain(response.iter_bytes(), [b"\n"]):  # the last line may come without its end
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                field, _, value = line.strip().partition(b":")
                if field == b"error":  # as older llama.cpp servers say it
                    raise ModelError(f"The language model at {self._host} reported an error.")
                if field != b"data" or not value.strip():
                    continue
                if value.strip() == b"[DONE]":
                    return
                event, heard = _document(value, self._host), time.monotonic()
                yield from _words(event, "delta")
                finished = finished or _finished(event)
            # comments that only keep the connection open are no answer
            if time.monotonic() > min(deadline, heard + self._timeout) or len(rest) > LONGEST_LINE:
                raise ModelError(f"The language model at {self._host} took too long.")
        if not finished:
            raise ModelError(f"The language model at {self._host} broke off in mid-answer.")

    def _check(self, response: httpx.Response) -> None:
        if response.status_code != 200:
            advice = {401: ": check CITEBACK_LLM_API_KEY", 403: ": check CITEBACK_LLM_API_KEY",
                      404: ": check CITEBACK_LLM_BASE_URL and CITEBACK_LLM_MODEL", 429: ": it is asked too often"}  # fmt: skip
            raise ModelError(
                f"The language model at {self._host} answered HTTP {response.status_code}"
                f"{advice.get(response.status_code, '')}."
            )

    def _named(self) -> str:
        """Return the model to ask: the one that is set, or the first that the server lists."""
        if not self._model:
            response = self._http().get(f"{self._base}/models")
            self._check(response)
            offered = _document(response.content, self._host).get("data") or []
            names = [entry.get("id") for entry in offered if isinstance(entry, dict)]
            if not names or not isinstance(names[0], str):
                raise ModelError(f"The language model server at {self._host} lists no model: set CITEBACK_LLM_MODEL.")
            self._model = names[0]
        return self._model

    def _http(self) -> httpx.Client:
        import httpx

        with self._lock:
            if self._client is None:
                # No redirects: the key must reach nobody but the server that was named. No proxy to this machine.
                self._client = httpx.Client(
                    headers={"Authorization": f"Bearer {self._key}"} if self._key else {},
                    timeout=httpx.Timeout(self._timeout, connect=min(_CONNECT_SECONDS, self._timeout)),
                    follow_redirects=False,
                    trust_env=not self._local,
                )
            return self._client


def _document(body: bytes, host: str) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError as error:
        raise ModelError(f"The language model at {host} answered something that is not JSON.") from error
    if not isinstance(document, dict) or document.get("error"):
        raise ModelError(f"The language model at {host} reported an error.")
    return document


def _words(event: Mapping[str, Any], part: str) -> Iterator[str]:
    for choice in event.get("choices") or []:
        content = ((choice or {}).get(part) or {}).get("content")
        for piece in content if isinstance(content, list) else [content]:
            words = piece.get("text") if isinstance(piece, dict) and piece.get("type") == "text" else piece
            if isinstance(words, str) and words:
                yield words


def _finished(event: Mapping[str, Any]) -> bool:
    return any((choice or {}).get("finish_reason") for choice in event.get("choices") or [])


def _spoken(pieces: Iterator[str]) -> Iterator[str]:
    """Leave out what a reasoning model thinks aloud between <think> and </think>; the marks may be cut anywhere."""
    held, thinking = "", False
    for piece in pieces:
        held += piece
        while True:
            mark = _THOUGHT_END if thinking else _THOUGHT_START
            place = held.find(mark)
            if place < 0:
                break
            if not thinking and held[:place]:
                yield held[:place]
            held, thinking = held[place + len(mark) :], not thinking
        keep = max((n for n in range(1, len(mark)) if held.endswith(mark[:n])), default=0)
        if not thinking and held[: len(held) - keep]:
            yield held[: len(held) - keep]
        held = held[len(held) - keep :] if keep else ""
    if held and not thinking:
        yield held


def offered_locally(*, port: int = 11434, timeout: float = 0.3) -> list[str]:
    """Return the models of an Ollama on this machine, [] when none answers. It is only ever offered, never used unasked."""
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", "/api/tags")
        response = connection.getresponse()
        document = json.loads(response.read(LONGEST_LINE)) if response.status == 200 else {}
        models = document.get("models") if isinstance(document, dict) else None
        names = [entry.get("name") for entry in models or [] if isinstance(entry, dict)]
        return [name for name in names if isinstance(name, str)]
    except (OSError, ValueError, http.client.HTTPException):
        return []
    finally:
        connection.close()
