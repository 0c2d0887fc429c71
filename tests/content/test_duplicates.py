"""Exact and near duplicates: found where they are, and only there."""

import hashlib
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultivar.content.crawl.duplicates import (
    Fingerprint,
    bands_of,
    first_of_each,
    nearest_earlier,
    overlaps_with,
    shingles,
    similarity,
)
from cultivar.content.documents.parsing import normalised

WORDS = [f"word{number}" for number in range(3_000)]


def letters(count: int, words: int = 120, seed: int = 1) -> list[str]:
    generator = random.Random(seed)
    return [" ".join(generator.choices(WORDS, k=words)) for _ in range(count)]


def altered(text: str, changes: int, seed: int = 2) -> str:
    generator = random.Random(seed)
    words = text.split()
    for at in generator.sample(range(len(words)), changes):
        words[at] = "altered"
    return " ".join(words)


def fingerprint(text: str, data: bytes | None = None) -> Fingerprint:
    same = hashlib.sha256(normalised(text).encode()).hexdigest()
    return Fingerprint(hashlib.sha256(data or text.encode()).hexdigest(), same, text)


def test_shingles_are_runs_of_five_words() -> None:
    assert shingles("One two  THREE\nfour five six") == {
        "one two three four five",
        "two three four five six",
    }
    assert shingles("too short") == {"too short"}


@given(st.text(), st.text())
def test_similarity_is_a_share(left: str, right: str) -> None:
    assert 0.0 <= similarity(shingles(left), shingles(right)) <= 1.0
    assert similarity(shingles(left), shingles(left)) == 1.0


@given(st.lists(st.integers(0, 5), max_size=30), st.data())
def test_the_first_that_shares_a_key_is_the_original(keys: list[int], data: st.DataObject) -> None:
    others = data.draw(st.lists(st.integers(0, 5), min_size=len(keys), max_size=len(keys)))
    found = first_of_each(np.array(keys, np.uint64), np.array(others, np.uint64))
    for row, original in enumerate(found.tolist()):
        shares = [
            earlier
            for earlier in range(row)
            if (keys[row] and keys[row] == keys[earlier])
            or (others[row] and others[row] == others[earlier])
        ]
        assert (original >= 0) == bool(shares)
        if shares:
            assert original <= min(shares)
            assert found[original] == -1


def test_every_near_duplicate_is_found_and_nothing_else() -> None:
    originals = letters(400)
    copies = [altered(text, 2, seed) for seed, text in enumerate(originals)]
    texts = originals + copies
    near = [
        similarity(shingles(one), shingles(other)) >= 0.8
        for one, other in zip(originals, copies, strict=True)
    ]
    assert sum(near) > 300
    found = nearest_earlier(bands_of(texts), np.arange(len(texts)), texts.__getitem__)
    assert found == {400 + row: row for row, is_near in enumerate(near) if is_near}


def test_a_text_just_below_the_bound_is_not_a_duplicate() -> None:
    text = letters(1, words=100)[0]
    words = text.split()
    below = " ".join([*words[:86], *(f"new{number}" for number in range(14))])
    above = " ".join([*words[:91], *(f"new{number}" for number in range(9))])
    assert (
        similarity(shingles(text), shingles(below))
        < 0.8
        <= similarity(shingles(text), shingles(above))
    )
    texts = [text, below, above]
    found = nearest_earlier(bands_of(texts), np.arange(3), texts.__getitem__)
    assert 1 not in found
    assert found[2] == 0


def test_a_cluster_has_one_original() -> None:
    text = letters(1, words=400)[0]
    texts = [text, *(altered(text, 3, seed) for seed in range(50))]
    found = nearest_earlier(bands_of(texts), np.arange(51), texts.__getitem__)
    assert found == dict.fromkeys(range(1, 51), 0)


def test_any_form_of_a_text_may_be_the_similar_one() -> None:
    text, other = letters(2)
    head = " ".join(WORDS[:60])
    lines = [f"{head} {text}", text, f"{head} {other}", other, text, f"{other} new"]
    rows = np.array([0, 0, 1, 1, 2, 3])  # 0 and 1 have two forms
    found = nearest_earlier(bands_of(lines), rows, lines.__getitem__)
    assert found == {2: 0, 3: 1}
    alone = nearest_earlier(bands_of(lines[:2]), rows[:2], lambda _: pytest.fail("asked for"))
    assert alone == {}


def test_texts_are_asked_for_only_where_something_is_alike() -> None:
    texts = letters(500)

    def never(row: int) -> str:
        raise AssertionError(row)

    assert nearest_earlier(bands_of(texts), np.arange(500), never) == {}


def test_bands_are_the_same_in_every_process() -> None:
    """Guards against a salted hash: the figures stand in artifacts' marks."""
    assert bands_of(["one two three four five six"])[0, :3].tolist() == BANDS_OF_SIX_WORDS


BANDS_OF_SIX_WORDS = [2210877989, 4245498950, 3580313449]


@pytest.mark.requirement("TC-22")
def test_the_leak_guard_finds_what_equals_or_nearly_equals_a_seed() -> None:
    seeds = letters(60)
    others = letters(60, seed=9)
    candidates = [
        *(fingerprint(text) for text in others),
        fingerprint("other words", data=seeds[0].encode()),
        fingerprint(seeds[1].upper(), data=b"another file"),
        fingerprint(altered(seeds[2], 2)),
        Fingerprint("", None, None),
    ]
    found = overlaps_with([fingerprint(text) for text in seeds], candidates)
    assert found == [None] * 60 + ["same", "same", "near", None]


@pytest.mark.requirement("TC-22")
def test_items_without_content_overlap_with_nothing() -> None:
    nothing = Fingerprint("", None, None)
    assert overlaps_with([nothing], [nothing, fingerprint("a text")]) == [None, None]
    assert overlaps_with([], [fingerprint("a text")]) == [None]
    assert overlaps_with([fingerprint("a text")], []) == []
