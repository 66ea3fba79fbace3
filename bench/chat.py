"""Twenty readers ask the chat at once: how long until the first words, until the whole answer, and whether anything fails.

Real Chromium pages against one process of ``python app.py`` over the project's own set of articles, all on this machine, so that
twenty browsers share the cores with the server; ``--bare`` speaks the chat's own protocol without drawing, which is the server alone.

    python bench/chat.py [--readers 20] [--seconds 120] [--pause 2] [--bare]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.answers import QUESTIONS, indexed
from tests.browsing import CHROMIUM, FLAGS
from tests.small_library import serving

Ask = Callable[..., Awaitable[dict[str, Any]]]
Results = list[dict[str, Any]]

# In the page, so that the browser's own delays count and those of the driver do not.
ASK = """question => new Promise((done) => {
    const area = document.querySelector('#cb-question'), began = performance.now();
    let first = null;
    const ticket = 1 + Number(document.querySelector('#cb-live [data-ticket]')?.dataset.ticket || 0);
    area.value = question;
    area.dispatchEvent(new Event('input', {bubbles: true}));
    document.querySelector('.cb-send').click();
    const look = () => {
        const live = document.querySelector('#cb-live'), asked = live.querySelector('.cb-question');
        const mine = asked && asked.textContent === question && live.querySelector(`[data-ticket="${ticket}"]`);
        if (mine && first === null && live.querySelector('.cb-answer')) first = performance.now() - began;
        if (live.querySelector('.cb-problem')) done({failed: live.querySelector('.cb-problem').textContent});
        else if (mine && !document.body.dataset.busy && live.querySelector('.cb-tools')) done({first, whole: performance.now() - began});
        else if (performance.now() - began > 30000) done({failed: 'no answer in 30 s'});
        else setTimeout(look, 10);
    };
    look();
})"""


async def one_reader(ask: Ask, questions: list[str], until: float, pause: float, seed: int, results: Results) -> None:
    """Ask, read for a while, ask again; after five questions begin anew."""
    chance = random.Random(seed)
    await asyncio.sleep(chance.random() * pause)
    for turn in count(1):
        if time.monotonic() >= until:
            return
        results.append(await ask(chance.choice(questions), anew=turn % 5 == 1))
        await asyncio.sleep(pause * (0.5 + chance.random()))


async def in_browsers(address: str, readers: int, reading: Callable[..., Awaitable[None]]) -> None:
    """Let each reader ask in a page of its own."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)

        async def opened() -> Ask:
            page = await (await browser.new_context(locale="en-US")).new_page()
            await page.goto(address)
            await page.wait_for_selector("#cb-question", timeout=60_000)

            async def ask(question: str, *, anew: bool) -> dict[str, Any]:
                if anew and await page.is_visible(".cb-clear"):
                    await page.click(".cb-clear")
                    await page.wait_for_function("!document.querySelector('.cb-turn')")
                return dict(await page.evaluate(ASK, question))

            return ask

        asks = [await opened() for _ in range(readers)]
        await asyncio.gather(*(reading(ask, seed) for seed, ask in enumerate(asks)))
        await browser.close()


async def bare(address: str, readers: int, reading: Callable[..., Awaitable[None]]) -> None:
    """Let each reader speak the protocol of the page: join the queue, follow the events."""
    import httpx

    async with httpx.AsyncClient(base_url=address, timeout=30, limits=httpx.Limits(max_connections=None)) as client:
        wiring = (await client.get("/config")).json()["dependencies"]
        acts = {
            target[1]: (each["id"], target[0], len(each["inputs"])) for each in wiring for target in each["targets"]
        }

        async def act(name: str, session: str, detail: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
            number, source, inputs = acts[name]
            body = {
                "data": [None] * inputs, "event_data": detail, "fn_index": number, "trigger_id": source, "session_hash": session,
            }  # fmt: skip
            (await client.post("/gradio_api/queue/join", json=body)).raise_for_status()
            async with client.stream("GET", f"/gradio_api/queue/data?session_hash={session}") as events:
                async for line in events.aiter_lines():
                    if line.startswith("data:"):
                        yield json.loads(line[5:])

        async def opened() -> Ask:
            session = secrets.token_hex(6)
            async for _ in act("hello", session, {"language": "en"}):
                pass

            async def ask(question: str, *, anew: bool) -> dict[str, Any]:
                began, first = time.perf_counter(), None
                detail = {"question": question, "at": 0 if anew else None}
                async for event in act("ask", session, detail):
                    said = json.dumps(event, ensure_ascii=False)
                    if first is None and "cb-answer" in said:
                        first = 1000 * (time.perf_counter() - began)
                    if "cb-problem" in said or event.get("success") is False:
                        return {"failed": said[:300]}
                return {"first": first, "whole": 1000 * (time.perf_counter() - began)}

            return ask

        asks = [await opened() for _ in range(readers)]
        await asyncio.gather(*(reading(ask, seed) for seed, ask in enumerate(asks)))


def main() -> int:
    """Print the figures; return 1 where a question failed or the 95th of a hundred answers took 2 seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument(
        "--pause", type=float, default=2, help="seconds a reader takes between two questions, on average"
    )
    parser.add_argument("--bare", action="store_true")
    given = parser.parse_args()
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()
    questions = [entry["question"] for entry in map(json.loads, lines) if not entry.get("history")]
    results: Results = []

    async def reading(ask: Ask, seed: int) -> None:
        await one_reader(ask, questions, time.monotonic() + given.seconds, given.pause, seed, results)

    with tempfile.TemporaryDirectory() as folder:
        indexed(Path(folder))
        with serving(Path(folder)) as address:
            asyncio.run((bare if given.bare else in_browsers)(address, given.readers, reading))
    failed = [record["failed"] for record in results if "failed" in record]
    print(
        f"{given.readers} readers, {given.seconds:.0f} s, {len(results)} questions, {len(failed)} failed {failed[:3]}"
    )
    late = 0.0
    for name in ("first", "whole"):
        spans = sorted(record[name] for record in results if record.get(name) is not None)
        late = spans[int(0.95 * len(spans))]
        print(f"{name:6} median {statistics.median(spans):6.0f} ms   p95 {late:6.0f} ms   longest {spans[-1]:6.0f} ms")
    return 1 if failed or late >= 2000 else 0


if __name__ == "__main__":
    sys.exit(main())
