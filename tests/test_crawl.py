"""The crawl over real sockets: every behaviour of the small web ends in one stored page or one stored reason."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.crawl import CrawlSettings, Progress, Target, crawl
from index.crawl.addresses import is_public
from index.pages import PageStore
from index.records import Outcome, Page, Unread
from tests.sites.server import ARTICLE, Site

QUICK = CrawlSettings(delay=0.02, timeout=2, max_bytes=1_000_000, allow_private=True, contact="me@example.org")


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PageStore]:
    with PageStore(tmp_path / "pages.sqlite") as store:
        yield store


def visit(site: Site, store: PageStore, *paths: str, **changes: object) -> list[Progress]:
    from dataclasses import replace

    seen: list[Progress] = []
    crawl([Target(path, site.url + path) for path in paths], store, replace(QUICK, **changes), seen.append)  # type: ignore[arg-type]
    assert [event.done for event in seen] == list(range(1, len(paths) + 1))
    return seen


def outcome(store: PageStore, key: str) -> Outcome | int:
    page = store.page(key)
    if page is not None:
        return page.status
    failure = store.unread(key)
    assert failure is not None, f"{key} was lost"
    assert failure[0].reason
    assert failure[0].hint
    return failure[0].outcome


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/article", 200),
        ("/missing", 404),
        ("/broken", 500),
        ("/shaky", 200),
        ("/busy", 200),
        ("/forbidden", 403),
        ("/packed", 200),
        ("/film", 200),
        ("/moved", 200),
        ("/closed/a", Outcome.ROBOTS),
        ("/to-closed", Outcome.ROBOTS),
        ("/slow", Outcome.TIMEOUT),
        ("/circle", Outcome.FAILED),
        ("/away/1", Outcome.FAILED),
        ("/bomb", Outcome.TOO_LARGE),
        ("/large", Outcome.TOO_LARGE),
        ("/endless", Outcome.TOO_LARGE),
        ("/cut", Outcome.NETWORK),
    ],
)
def test_each_behaviour_ends_in_one_outcome(site: Site, store: PageStore, path: str, expected: Outcome | int) -> None:
    visit(site, store, path)
    assert outcome(store, path) == expected


def test_a_page_is_stored_as_it_came_with_its_way(site: Site, store: PageStore) -> None:
    visit(site, store, "/moved", "/packed")
    moved, packed = store.page("/moved"), store.page("/packed")
    assert moved is not None
    assert packed is not None
    assert moved.body == packed.body == ARTICLE.encode()
    assert (moved.redirects, moved.final_url) == (
        (f"{site.url}/moved", f"{site.url}/moved-on"),
        f"{site.url}/article?from=moved",
    )
    assert moved.header("content-type") == "text/html; charset=utf-8"


def test_robots_are_asked_once_and_what_they_close_is_never_requested(site: Site, store: PageStore) -> None:
    visit(site, store, "/closed/a", "/closed/b", "/article")
    assert site.hits["/robots.txt"] == 1
    assert not any(path.startswith("/closed") for path in site.hits)


def test_a_host_may_be_read_against_its_robots_only_by_name(site: Site, store: PageStore) -> None:
    visit(site, store, "/closed/a", ignore_robots=frozenset({"127.0.0.1"}))
    assert outcome(store, "/closed/a") == 200
    assert site.hits["/robots.txt"] == 0


@pytest.mark.parametrize(("status", "expected"), [(500, Outcome.ROBOTS), (404, 200), (403, 200)])
def test_robots_that_cannot_be_read_close_the_site_and_missing_ones_open_it(
    store: PageStore, status: int, expected: Outcome | int
) -> None:
    with Site(robots="", robots_status=status) as site:
        visit(site, store, "/article")
    assert outcome(store, "/article") == expected


def test_the_crawler_says_who_it_is_and_who_runs_it(site: Site, store: PageStore) -> None:
    visit(site, store, "/article")
    assert all(agent.startswith("citeback/") and "me@example.org" in agent for agent in site.agents)


def test_requests_to_one_host_keep_their_distance(site: Site, store: PageStore) -> None:
    visit(site, store, "/1", "/2", "/3", "/4", delay=0.2)
    starts = sorted(site.starts)
    assert all(later - earlier >= 0.18 for earlier, later in pairwise(starts))


def test_a_private_address_is_refused_before_a_socket_is_made(site: Site, store: PageStore) -> None:
    from dataclasses import replace

    port = site.url.rsplit(":", 1)[1]
    hosts = (
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "169.254.169.254",
        "10.0.0.1",
    )
    targets = [Target(host, f"http://{host}:{port}/article") for host in hosts]
    crawl(targets, store, replace(QUICK, allow_private=False), lambda _: None)
    assert {host: outcome(store, host) for host in hosts} == dict.fromkeys(hosts, Outcome.REFUSED_ADDRESS)
    assert not site.hits


def test_a_host_is_left_alone_after_its_first_block(site: Site, store: PageStore) -> None:
    crawl(
        [Target(path, site.url + path) for path in ("/forbidden", "/1", "/2", "/3", "/4", "/5")],
        store,
        QUICK,
        lambda _: None,
    )
    assert outcome(store, "/forbidden") == 403
    assert [outcome(store, path) for path in ("/4", "/5")] == [Outcome.BLOCKED] * 2


def test_a_wall_that_the_recogniser_sees_stops_the_host(site: Site, store: PageStore) -> None:
    def judge(page: Page) -> Unread | None:
        return Unread(Outcome.BLOCKED, "a wall") if page.final_url.endswith("/wall") else None

    targets = [Target(path, site.url + path) for path in ("/wall", "/1", "/2", "/3", "/4")]
    crawl(targets, store, QUICK, lambda _: None, judge=judge)
    assert outcome(store, "/4") == Outcome.BLOCKED


def test_without_any_network_everything_is_offline_at_once(store: PageStore) -> None:
    targets = [Target(f"{host}{n}", f"https://{host}.invalid/{n}") for host in "abc" for n in range(30)]
    report = crawl(targets, store, CrawlSettings(), lambda _: None)
    assert report.unread == {Outcome.OFFLINE: 90}


def test_one_host_that_does_not_resolve_is_its_own_fault(site: Site, store: PageStore) -> None:
    crawl([Target("a", f"{site.url}/article"), Target("b", "https://b.invalid/")], store, QUICK, lambda _: None)
    assert outcome(store, "b") == Outcome.NETWORK


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_addresses_of_the_open_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255",
     "::", "::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "localhost", ""],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@given(st.ip_addresses())
@settings(max_examples=200, deadline=None)
def test_no_address_in_a_private_range_is_ever_public(address: object) -> None:
    if getattr(address, "is_private", False) or getattr(address, "is_loopback", False):
        assert not is_public(str(address)) or getattr(address, "ipv4_mapped", None) or ":" in str(address)
