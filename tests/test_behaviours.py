"""Every behaviour of the small web ends in the outcome that docs/crawling.md says, within the limits of time and memory."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.sites.behaviours import BEHAVIOURS, World

ROOT = Path(__file__).parents[1]
DOCS = (ROOT / "docs" / "crawling.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], World, int]:
    """The outcome of each behaviour, after one build of a list that links them all, and its peak memory in MB."""
    folder = tmp_path_factory.mktemp("behaviours")
    with World() as world:
        links = "".join(f"- [{b.name}]({world.addresses[b.name]}{b.path})\n" for b in BEHAVIOURS)
        (folder / "list.md").write_text(links, encoding="utf-8")
        code = (
            "import json, sys\nfrom pathlib import Path\nfrom index.build import BuildOptions, build\nfrom index.config import Settings\n"
            "settings = Settings(data=Path('data'), delay=0, timeout=4, max_megabytes=1)\n"
            "report = build(settings, BuildOptions(lists=('list.md',), allow_private=True), lambda *_: None)\n"
            "[peak] = [int(line.split()[1]) for line in open('/proc/self/status') if line.startswith('VmHWM')]\n"
            "json.dump([{i['title']: (i['outcome'], i['reason'], i['hint']) for i in report['items']}, peak // 1024], sys.stdout)\n"
        )
        done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=120, check=False,
                              env={"PYTHONPATH": str(ROOT), "PATH": ""})  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        items, peak = json.loads(done.stdout)
        for name, (outcome, reason, hint) in items.items():
            assert outcome == "read" or (reason and hint), name
        return {name: outcome for name, (outcome, _, _) in items.items()}, world, peak


@pytest.mark.parametrize("name", [behaviour.name for behaviour in BEHAVIOURS])
def test_a_behaviour_ends_in_its_outcome(crawled: tuple[dict[str, str], World, int], name: str) -> None:
    [behaviour] = [b for b in BEHAVIOURS if b.name == name]
    outcome = "read" if crawled[0][name] == "duplicate" else crawled[0][name]  # many of them serve the same article
    assert outcome == behaviour.outcome


def test_bombs_and_endless_bodies_stay_within_memory(crawled: tuple[dict[str, str], World, int]) -> None:
    assert (
        crawled[2] < 380
    )  # measured 277, of which 180 are the embedder's; five bombs of 120 MB each were sent side by side


def test_no_page_is_asked_for_more_often_than_the_retries_allow(crawled: tuple[dict[str, str], World, int]) -> None:
    asked = Counter({key: times for key, times in crawled[1].asked.items() if key[1] == "/page"})
    assert (
        asked.most_common(1)[0][1] <= 6
    )  # three tries; the HTTP client itself asks once more where a connection was dropped
    assert ("robots", "/page") not in asked
    assert ("robots-moved", "/closed") not in crawled[1].asked


def test_the_table_of_the_docs_is_this_table() -> None:
    assert len(BEHAVIOURS) >= 60
    rows = re.findall(r"^\| `([\w-]+)` \| (.+?) \| `(\w+)` \|$", DOCS, re.M)
    assert rows == [(b.name, b.what, b.outcome) for b in BEHAVIOURS]
