"""OpenAI's request and response as documents, and what a request asks the assistant. Knows no route.

The last user message is the question, what stands before it the history. Instructions (system messages) and sampling
parameters are accepted and have no effect: an answer is made of the sources, whoever asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rag import shapes
from rag.footnotes import without_footnotes
from rag.reply import wire_error

if TYPE_CHECKING:
    from index.config import Settings

MODEL, EXTRACTIVE = "citeback", "citeback-extractive"
_TURN_LENGTH = 20_000


class Part(BaseModel):
    """A part of a message; only text can be read."""

    model_config = ConfigDict(extra="allow")
    type: str
    text: str | None = None


class Message(BaseModel):
    """One message of a conversation; fields that OpenAI knows and citeback has no use for are accepted."""

    model_config = ConfigDict(extra="allow")
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    def words(self) -> str:
        """Return the message's text."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.text)
        return self.content or ""


class StreamOptions(BaseModel):
    """What comes with a stream."""

    model_config = ConfigDict(extra="allow")
    include_usage: bool | None = None


class CompletionBody(BaseModel):
    """OpenAI's request; `topic`, `site`, `language`, `fully_read` and `top_k` are citeback's own (`extra_body` in its SDK)."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [{"model": MODEL, "messages": [{"role": "user", "content": "什么是迁移学习？"}]}]
        },
    )
    model: str
    messages: Annotated[list[Message], Field(min_length=1)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: int | None = None
    response_format: dict[str, Any] | None = None
    topic: Annotated[str, Field(max_length=500)] | None = None
    site: Annotated[str, Field(max_length=300)] | None = None
    language: Literal["zh", "en"] | None = None
    fully_read: bool | None = None
    top_k: Annotated[int, Field(ge=1, le=50)] | None = None


def completion_schemas() -> dict[str, Any]:
    """Return the request's schemas by name, as /openapi.json refers to them."""
    whole = CompletionBody.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**whole.pop("$defs"), "CompletionBody": whole}


class Completion(BaseModel):
    """OpenAI's response; `citations` and `citeback` (the rest of the answer) stand beside it."""

    model_config = ConfigDict(extra="allow")
    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[dict[str, Any]]
    usage: dict[str, Any]
    citations: list[shapes.Citation]
    citeback: dict[str, Any]


class Model(BaseModel):
    """One model name."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class Models(BaseModel):
    """The names that may be asked for."""

    object: Literal["list"]
    data: list[Model]


class WireRefusalError(Exception):
    """A request that cannot be answered, in OpenAI's words."""

    def __init__(self, status: int, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.document = wire_error(status, "invalid_value", message, param=param, code=code)


def parsed(body: bytes) -> CompletionBody:
    try:
        return CompletionBody.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"] if not str(part).startswith(("list[", "str"))) or None
        message = f"{place}: {first['msg']}" if place else f"The body is not the JSON expected: {first['msg']}"
        raise WireRefusalError(400, message, param=place) from None


def known(name: str) -> None:
    if name not in (MODEL, EXTRACTIVE):
        raise WireRefusalError(
            404, f"There is no model {name!r} here: ask for {MODEL!r} or {EXTRACTIVE!r}.", param="model", code="model_not_found"
        )  # fmt: skip


def asked_of(body: CompletionBody, settings: Settings) -> tuple[str, dict[str, Any]]:
    """Return the question and the assistant's options."""
    if body.n not in (None, 1):
        raise WireRefusalError(400, "n: there is one answer to a question here.", param="n", code="unsupported_value")
    if body.response_format and body.response_format.get("type", "text") != "text":
        raise WireRefusalError(
            400, "response_format: answers are text; their structure is in `citations`.", param="response_format", code="unsupported_value"
        )  # fmt: skip
    for number, message in enumerate(body.messages):
        for part in message.content if isinstance(message.content, list) else ():
            if part.text is None and message.role == "user":
                raise WireRefusalError(
                    400, f"A message part of type {part.type!r} cannot be read: send text.",
                    param=f"messages.{number}.content", code="unsupported_value",
                )  # fmt: skip
    turns = [message for message in body.messages if message.role in ("user", "assistant")]
    if not turns or turns[-1].role != "user" or not turns[-1].words().strip():
        raise WireRefusalError(400, "The last message must be the user's and hold the question.", param="messages")
    question = turns[-1].words()
    if len(question) > settings.max_question:
        raise WireRefusalError(
            400, f"The question has {len(question):,} characters, of {settings.max_question:,} that are taken.",
            param="messages", code="context_length_exceeded",
        )  # fmt: skip
    # A client sends all that was ever said: the oldest is left out, instead of refusing.
    kept = turns[:-1][-settings.max_history :] if settings.max_history else []
    history = tuple(
        {"role": turn.role, "content": without_footnotes(turn.words())[:_TURN_LENGTH]}
        for turn in kept
        if turn.words().strip()
    )
    return question, {
        "history": history, "topic": body.topic, "site": body.site, "language": body.language,
        "fully_read": bool(body.fully_read), "top_k": body.top_k, "llm": False if body.model == EXTRACTIVE else None,
    }  # fmt: skip
