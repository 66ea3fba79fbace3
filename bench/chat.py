"""Twenty browsers ask the chat at once: how long until the first words, until the whole answer, and whether anything fails.

Real Chromium pages, one process of ``python app.py`` over the project's own set of articles, all on this machine.

    python bench/chat.py [--browsers 20] [--seconds 120]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.answers import QUESTIONS, indexed
from tests.browsing import CHROMIUM, FLAGS
from tests.small_library import serving

# In the page, so that the browser's own delays count and those of the driver do not.
ASK = """question => new Promise((done) => {
    const area = document.querySelector('#cb-question'), began = performance.now();
    let first = null;
    area.value = question;
    area.dispatchEvent(new Event('input', {bubbles: true}));
    document.querySelector('.cb-clear').click();
    document.querySelector('.cb-send').click();
    const look = () => {
        const live = document.querySelector('#cb-live'), asked = live.querySelector('.cb-question');
        const mine = asked && asked.textContent === question;
        if (mine && first === null && live.querySelector('.cb-answer')) first = performance.now() - began;
        if (live.querySelector('.cb-problem')) done({failed: live.querySelector('.cb-problem').textContent});
        else if (mine && !document.body.dataset.busy && live.querySelector('.cb-tools')) done({first, whole: performance.now() - began});
        else if (performance.now() - began > 30000) done({failed: 'no answer in 30 s'});
        else setTimeout(look, 10);
    };
    look();
})"""


async def one_reader(
    page: object, questions: list[str], until: float, seed: int, results: list[dict[str, float]]
) -> None:
    """Ask, read for one to three seconds, ask again."""
    chance = random.Random(seed)
    await asyncio.sleep(chance.random() * 2)
    while time.monotonic() < until:
        results.append(await page.evaluate(ASK, chance.choice(questions)))  # type: ignore[attr-defined]
        await asyncio.sleep(1 + 2 * chance.random())


async def measured(address: str, browsers: int, seconds: float, questions: list[str]) -> list[dict[str, float]]:
    """Return one record a question."""
    from playwright.async_api import async_playwright

    results: list[dict[str, float]] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        pages = []
        for _ in range(browsers):
            page = await (await browser.new_context(locale="en-US")).new_page()
            await page.goto(address)
            await page.wait_for_selector("#cb-question", timeout=60_000)
            pages.append(page)
        until = time.monotonic() + seconds
        await asyncio.gather(*(one_reader(page, questions, until, seed, results) for seed, page in enumerate(pages)))
        await browser.close()
    return results


def main() -> int:
    """Print the figures; return 1 where a question failed or the 95th of a hundred answers took 2 seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--browsers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=120)
    given = parser.parse_args()
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()
    questions = [entry["question"] for entry in map(json.loads, lines) if not entry.get("history")]
    with tempfile.TemporaryDirectory() as folder:
        indexed(Path(folder))
        with serving(Path(folder)) as address:
            results = asyncio.run(measured(address, given.browsers, given.seconds, questions))
    failed = [record["failed"] for record in results if "failed" in record]
    print(
        f"{given.browsers} browsers, {given.seconds:.0f} s, {len(results)} questions, {len(failed)} failed {failed[:3]}"
    )
    late = 0.0
    for name in ("first", "whole"):
        spans = sorted(record[name] for record in results if record.get(name) is not None)
        late = spans[int(0.95 * len(spans))]
        print(f"{name:6} median {statistics.median(spans):6.0f} ms   p95 {late:6.0f} ms   longest {spans[-1]:6.0f} ms")
    return 1 if failed or late >= 2000 else 0


if __name__ == "__main__":
    sys.exit(main())
