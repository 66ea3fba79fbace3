"""The same thing read twice: by link, by what the page says it is, by its text; different things stay apart."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.duplicates import Duplicates, Same, own_link, resemblance, sketch_of
from index.records import Article, Reference
from index.urls import identity

WORDS = (
    "水壶的底是铜做的，导热很快，所以两分钟就能把水烧开；把手用榉木做成，握着不烫，壶盖上有一个小孔，水开的时候会响。"
)
HAN = [chr(code) for code in range(0x4E00, 0x9000)]
LONG = "".join(f"{n}号实验里，{WORDS[n % 20 :]}一共用了{n * 7}秒。" for n in range(40))
WECHAT = "https://mp.weixin.qq.com/s?__biz=MzA=&mid=265&idx=2"


def reference(number: int, url: str) -> Reference:
    return Reference(number, url, f"title {number}")


def found(seen: Duplicates, number: int, url: str, read: Article, final_url: str = "") -> Same | None:
    return seen.by_content(reference(number, url), sketch_of(read.text), final_url, own_link(read))


def article(text: str, reader: str = "web", canonical: str | None = None) -> Article:
    return Article("t", text, reader, canonical_url=canonical)


def test_links_that_differ_in_tracking_scheme_or_fragment_are_one() -> None:
    seen = Duplicates()
    assert seen.by_link(reference(1, "https://www.example.org/a?utm_source=x")) is None
    same = seen.by_link(reference(2, "http://example.org/a/#top"))
    assert same is not None
    assert same.number == 1


def test_a_short_wechat_link_is_the_long_one_in_either_order() -> None:
    for first, second in (
        (f"{WECHAT}&sn=x", "https://mp.weixin.qq.com/s/ShortToken"),
        ("https://mp.weixin.qq.com/s/ShortToken", f"{WECHAT}&sn=x"),
    ):
        seen = Duplicates()
        assert seen.by_link(reference(1, first)) is None
        assert found(seen, 1, first, article("短文。", "wechat", WECHAT)) is None
        same = seen.by_link(reference(2, second)) or found(seen, 2, second, article("短文。", "wechat", WECHAT))
        assert same is not None
        assert same.reason == "the same page as reference 1"


def test_a_repost_on_another_site_is_the_same_text_and_says_where_it_stands() -> None:
    seen = Duplicates()
    repost = "转载自某处。" + LONG.replace("40号", "四十号") + "\n\n欢迎关注我们。"
    assert found(seen, 1, "https://a.example.org/1", article(LONG)) is None
    same = found(seen, 2, "https://b.example.org/2", article(repost))
    assert same is not None
    assert (same.number, same.reason) == (1, "the same text as reference 1, on a.example.org")


def test_a_wrong_canonical_link_makes_no_duplicate() -> None:
    seen = Duplicates()
    one, two = "https://a.example.org/1", "https://a.example.org/2"
    assert seen.by_link(reference(1, one)) is None
    assert found(seen, 1, one, article(LONG, canonical=two)) is None
    assert seen.by_link(reference(2, two)) is None


def test_articles_on_one_topic_and_short_texts_stay_apart() -> None:
    seen = Duplicates()
    texts = [
        LONG,
        LONG[: len(LONG) // 2] + WORDS[::-1] * 20,
        "短讯一。",
        "短讯一。",
        WORDS,
        WORDS[:30] + "换了一个把手，烧水要五分钟，壶身是铁做的。",
    ]
    for number, text in enumerate(texts, start=1):
        assert found(seen, number, f"https://s{number}.example.org/", article(text)) is None, number


@given(st.text(max_size=300))
@settings(max_examples=100, deadline=None)
def test_a_text_is_always_like_itself(text: str) -> None:
    assert sketch_of(text) == sketch_of(text + " \n")


@given(st.floats(0, 1), st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_sketches_estimate_how_much_two_texts_share(share: float, seed: int) -> None:
    chance = random.Random(seed)
    same, one, other = ("".join(chance.choices(HAN, k=6000)) for _ in range(3))
    cut = int(6000 * share)
    first, second = same[:cut] + one[cut:], same[:cut] + other[cut:]
    exact = cut / (2 * 6000 - cut)  # shingles of random characters repeat nowhere
    estimate = resemblance(sketch_of(first), sketch_of(second))
    assert abs(estimate - exact) < 0.12


def test_a_thousand_articles_of_one_template_cost_no_comparison_each() -> None:
    seen = Duplicates()
    frame = WORDS * 6
    chance = random.Random(1)
    for number in range(1, 1001):
        text = frame + "".join(chance.choices(HAN, k=1500))
        assert found(seen, number, f"https://a.example.org/{number}", article(text)) is None
    assert max(map(len, seen._holders.values())) < 50


def test_what_is_known_of_the_sketches_before_changes_no_verdict() -> None:
    chance = random.Random(3)
    texts = ["".join(chance.choices(HAN, k=900)) for _ in range(12)]
    texts += [texts[chance.randrange(12)][:850] + "".join(chance.choices(HAN, k=chance.choice((0, 20, 50)))) for _ in range(12)] + texts[:3]
    texts += [texts[0][:400] + texts[1][400:], "短讯一。", ""]
    sketches = [sketch_of(text) for text in texts]
    for known in ((), sketches, *(chance.sample(sketches, chance.randrange(len(sketches))) for _ in range(40))):
        order = chance.sample(range(len(texts)), len(texts))
        verdicts = [
            [seen.by_content(reference(number, "https://a.example.org/"), sketches[place]) for number, place in enumerate(order, 1)]
            for seen in (Duplicates(), Duplicates(known))
        ]
        assert verdicts[0] == verdicts[1]
        assert sum(same is not None for same in verdicts[0]) > 10


@pytest.mark.parametrize(
    "twin",
    [
        "https://m.example.org/a",
        "http://amp.example.org/a",
        "https://www.example.org/a/amp",
        "https://example.org/a?amp=1",
        "https://example.org/a/?outputType=amp",
    ],
)
def test_mobile_and_amp_twins_are_one_page(twin: str) -> None:
    assert identity(twin) == identity("https://example.org/a")
    assert identity("https://m.org/a") != identity("https://org/a")
    assert identity("https://example.org/camp") != identity("https://example.org/c")


def test_two_links_that_end_at_one_address_are_one_page() -> None:
    seen = Duplicates()
    assert found(seen, 1, "https://t.example/x", article("短文。"), "https://a.example.org/1") is None
    same = found(seen, 2, "https://s.example/y", article("短文。"), "http://www.a.example.org/1#top")
    assert same is not None
    assert same.number == 1
