"""One document of each kind, for /openapi.json: what an answer, a list or an error looks like. Makes no real one."""

from __future__ import annotations

from typing import Any

_CITATION = {
    "number": 1, "reference": 12, "url": "https://example.org/dann", "title": "Domain-adversarial training", "topic": ["Transfer learning"],
    "site": "example.org", "author": "L. Chen", "published": "2023-03-01", "fetched_at": "2026-01-05T02:10:00Z", "outcome": "read",
    "quote": "DANN trains features that a domain classifier cannot tell apart.", "start": 310, "end": 374,
    "passage_url": "https://example.org/dann#:~:text=DANN%20trains", "stored_url": "/api/references/12", "score": 0.61,
}  # fmt: skip
_UNREAD = {
    "reference": 40, "url": "https://mp.weixin.qq.com/s/x", "title": "域自适应综述", "reason": "robots.txt of the host forbids it",
    "hint": "save the page in your browser and add it: citeback add FILE --url URL",
}  # fmt: skip
_REFERENCE = {
    "number": 12, "url": "https://example.org/dann", "title": "Domain-adversarial training", "topic": ["Transfer learning"], "note": None,
    "outcome": "read", "reason": None, "hint": None, "final_url": "https://example.org/dann", "http_status": 200, "reader": "general",
    "characters": 5120, "passages": 7, "fetched_at": "2026-01-05T02:10:00Z", "site": "example.org", "author": "L. Chen",
    "published": "2023-03-01", "language": "en", "duplicate_of": None, "stored_url": "/api/references/12",
}  # fmt: skip
_SNAPSHOT = "20260105T021000.000000Z"
_ANSWER = {
    "answer": "DANN trains features that a domain classifier cannot tell apart. [1]", "refused": False, "mode": "extractive", "model": None,
    "citations": [_CITATION], "unread": [_UNREAD], "snapshot": _SNAPSHOT, "milliseconds": {"retrieve": 9.1, "answer": 3.2, "total": 12.6},
}  # fmt: skip
_COUNTS = {"added": 2, "changed": 1, "removed": 0, "unchanged": 87}
EXAMPLES: dict[str, dict[str, Any]] = {
    "Answer": _ANSWER,
    "References": {"snapshot": _SNAPSHOT, "references": [_REFERENCE]},
    "StoredReference": {**_REFERENCE, "text": "# Domain-adversarial training\n\nDANN trains features …"},
    "Status": {
        "snapshot": _SNAPSHOT, "lists": ["references/transfer_learning.md"], "references": 90, "outcomes": {"read": 41, "blocked": 36, "gone": 13},
        "items": [_REFERENCE], "changes": _COUNTS, "embedded_passages": 14, "reused_passages": 830, "seconds": {"fetch": 61.2, "total": 70.5},
    },
    "Health": {"status": "ok", "ready": True, "snapshot": _SNAPSHOT, "snapshot_age_seconds": 3600.5},
    "Error": {"error": {
        "type": "invalid_request", "message": "body.question: it is blank; say what is asked",
        "hint": "The fields and their limits are in /openapi.json.",
    }},
    "WireError": {"error": {
        "message": "The model 'gpt-5' does not exist.", "type": "invalid_request_error", "param": "model", "code": "model_not_found",
    }},
    "Models": {"object": "list", "data": [{"id": "citeback", "object": "model", "created": 1767578400, "owned_by": "citeback"}]},
    "Model": {"id": "citeback", "object": "model", "created": 1767578400, "owned_by": "citeback"},
    "Completion": {
        "id": "chatcmpl-5d1f", "object": "chat.completion", "created": 1767578400, "model": "citeback", "system_fingerprint": _SNAPSHOT,
        "choices": [{
            "index": 0, "finish_reason": "stop", "logprobs": None,
            "message": {
                "role": "assistant", "refusal": None, "annotations": [], "citations": [_CITATION],
                "content": "DANN trains features that a domain classifier cannot tell apart. [1]\n\n---\n[1] Domain-adversarial training https://example.org/dann",
            },
        }],
        "usage": {"prompt_tokens": 5, "completion_tokens": 34, "total_tokens": 39}, "citations": [_CITATION], "citeback": _ANSWER,
    },
    "Build": {
        "running": True, "stage": "fetch", "done": 31, "total": 90, "detail": "example.org",
        "hosts": [{"host": "example.org", "done": 3, "total": 5, "waiting": 2}],
        "started_at": "2026-01-05T02:09:00Z", "seconds_left": 42.0, "report": None, "error": None,
    },
    "Taken": {
        "added": [{"path": "page.html", "url": "https://example.org/dann", "reference": 12, "accepted": True, "reason": "read"}], "report": None,
    },
    "WentBack": {"snapshot": _SNAPSHOT},
}  # fmt: skip


def exemplify(document: dict[str, Any]) -> None:
    """Put an example beside every response of /openapi.json whose document is one of these."""
    for path in document["paths"].values():
        for operation in path.values():
            for response in operation["responses"].values():
                content = response.get("content", {}).get("application/json", {})
                name = content.get("schema", {}).get("$ref", "").rsplit("/", 1)[-1]
                if name in EXAMPLES:
                    content["example"] = EXAMPLES[name]
