"""Readers against hand-made expected text (character 4-gram F1), their CPU beside trafilatura's, and pages of the real web.

Each page of bench/pages is read as the address of its kind says; its .md holds what a person would keep. Prints the F1
of citeback and of trafilatura alone, as written and as clean text; fails below the floors. ../shared/pages, when present,
is reported page by page (what each is, and how long); it is not part of citeback.

    python bench/extraction.py
"""

from __future__ import annotations

import gzip
import re
import sys
import time
from collections import Counter
from pathlib import Path

import trafilatura

from index.readers import read
from index.records import Article, Page
from index.terms import plain

HERE = Path(__file__).parent
SHARED = HERE.parents[1] / "shared" / "pages"
FLOORS = {
    "wechat": 0.98, "zhihu": 0.98, "hexo": 0.98, "jekyll": 0.98, "chinese": 0.95, "english": 0.97, "documentation": 0.97, "homepage": 0.95,
}  # fmt: skip
ADDRESSES = {
    "wechat": "https://mp.weixin.qq.com/s/token", "wechat_dead": "https://mp.weixin.qq.com/s/token", "github": "https://github.com/a/b",
    "zhihu": "https://www.zhihu.com/question/5", "arxiv": "https://arxiv.org/abs/2512.16245",
}  # fmt: skip
KINDS = {".pdf": "application/pdf", ".md": "text/markdown", ".json": "application/json"}


def grams(text: str) -> Counter[str]:
    """Return the character 4-grams of a text without its white space."""
    squeezed = re.sub(r"\s+", "", text)
    return Counter(squeezed[i : i + 4] for i in range(max(len(squeezed) - 3, 1)))


def f1(found: str, expected: str) -> float:
    """Return the F1 of the 4-grams found against those expected."""
    one, two = grams(found), grams(expected)
    return 2 * (one & two).total() / max(one.total() + two.total(), 1)


def page(body: bytes, kind: str, address: str) -> Page:
    """Return a stored response."""
    return Page("k", address, 200, (("content-type", kind),), body, "2026-01-01T00:00:00+00:00")


def fixtures() -> list[str]:
    """Print the table over bench/pages; return what fell below its floor."""
    failed = []
    print(f"{'page':<18} {'F1':>6} {'clean':>6} {'trafilatura':>12}")
    for source in sorted((HERE / "pages").glob("*.html")):
        kind = source.stem.split("-")[0]
        expected = source.with_suffix(".md").read_text(encoding="utf-8")
        found = read(
            page(source.read_bytes(), "text/html", ADDRESSES.get(kind, f"https://{kind}.example.org/2020/a.html"))
        )
        text = found.text if isinstance(found, Article) else ""
        peer = trafilatura.extract(source.read_text(encoding="utf-8"), output_format="markdown") or ""
        score = f1(text, expected)
        print(
            f"{source.stem:<18} {score:6.3f} {f1(plain(text), plain(expected)):6.3f} {f1(plain(peer), plain(expected)):12.3f}"
        )
        if score < FLOORS[kind]:
            failed.append(f"{source.stem}: {score:.3f} is below {FLOORS[kind]}")
    return failed


def cpu() -> list[str]:
    """Print the CPU of reading a 3 MB WeChat page beside trafilatura.extract on it; return it when it costs more."""
    real = SHARED / "wechat" / "normal_03_full.html.gz"
    if real.exists():
        body, what = gzip.decompress(real.read_bytes()), "a real WeChat page of 3 MB"
    else:
        small = (HERE / "pages" / "wechat-article.html").read_text(encoding="utf-8")
        filler = "<script>" + "var x = {a: '水壶', b: [1, 2, 3]};" * 90_000 + "</script>"
        body, what = small.replace("</head>", filler + "</head>").encode(), "a made WeChat page of 3 MB"
    stored, text = page(body, "text/html", ADDRESSES["wechat"]), body.decode("utf-8", "replace")
    ours = peer = 0.0
    for _ in range(6):
        start = time.process_time()
        read(stored)
        ours += (middle := time.process_time()) - start
        trafilatura.extract(text)
        peer += time.process_time() - middle
    print(
        f"\nCPU on {what}: {ours / peer:.2f} of trafilatura.extract ({1000 * ours / 6:.0f} ms, {1000 * peer / 6:.0f} ms)"
    )
    return [f"reading costs {ours / peer:.2f} times trafilatura.extract"] if ours > peer else []


def real_pages() -> list[str]:
    """Print what each page of ../shared/pages is; return dead ones that were read, and live ones that were not."""
    if not SHARED.exists():
        print("\nReal pages: ../shared/pages is not here, so nothing was checked against them.")
        return []
    failed = []
    print()
    for source in sorted(path for path in SHARED.glob("*/*") if path.is_file()):
        body = gzip.decompress(source.read_bytes()) if source.suffix == ".gz" else source.read_bytes()
        folder = source.parent.name
        found = read(
            page(body, KINDS.get(source.suffix, "text/html"), ADDRESSES.get(folder, "https://example.org/a.html"))
        )
        dead = folder in ("spa", "wechat_dead") or source.stem.startswith("syn_")
        dead = dead and "syn_ok" not in source.stem
        if isinstance(found, Article):
            about = f"{found.reader:<9} {len(found.text):>6} {found.published or '-':<10} {found.title[:30]}"
            print(f"{folder}/{source.name:<40} {found.outcome.value:<9} {about}")
        else:
            print(f"{folder}/{source.name:<40} {found.outcome.value}: {found.reason}")
        if isinstance(found, Article) == dead:
            failed.append(f"{folder}/{source.name}: {'read' if dead else 'not read'}")
    return failed


if __name__ == "__main__":
    problems = fixtures() + cpu() + real_pages()
    print("\n" + ("\n".join(problems) if problems else "All floors hold."))
    sys.exit(bool(problems))
