"""How much documents of one kind share, and what a plain model makes of the kinds."""

import statistics
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.sample_difficulty import held_out_scores, read_samples
from data.sample.generator import organisation as compose_organisation
from data.sample.originality import Collection, five_grams
from data.sample.plan import TARGETS
from tests.data.conftest import Organisation

_WORDS = st.lists(st.sampled_from("ab"), min_size=1, max_size=30).map(" ".join)


def test_no_two_documents_of_a_kind_share_a_third_of_their_five_grams() -> None:
    texts: dict[str, list[str]] = defaultdict(list)
    for item in compose_organisation():
        if item.entry.unique:
            texts[item.entry.kind].append(item.document.whole_text)
    for kind, found in texts.items():
        collection = Collection()
        for text in found:
            grams = five_grams(text)
            assert collection.closest(grams)[0] <= 1 / 3, kind
            collection.add(grams)


@given(st.lists(_WORDS, min_size=1, max_size=6), _WORDS)
def test_closest_finds_the_largest_containment(held: list[str], text: str) -> None:
    collection = Collection()
    for other in held:
        collection.add(five_grams(other))
    grams = five_grams(text)
    expected = max(
        len(grams & five_grams(other)) / min(len(grams), len(five_grams(other))) for other in held
    )
    assert collection.closest(grams)[0] == expected


@given(_WORDS)
def test_a_text_contains_itself(text: str) -> None:
    collection = Collection()
    collection.add(five_grams(text))
    assert collection.closest(five_grams(text.upper() + " ."))[0] == 1


@pytest.mark.slow
def test_a_supervised_model_finds_three_kinds_neither_trivial_nor_hopeless(
    organisation: Organisation,
) -> None:
    samples = list(read_samples(organisation.folder, organisation.manifest))
    for goal in TARGETS:
        scores = held_out_scores(samples, goal.kind)
        assert 0.80 <= statistics.mean(scores) <= 0.97, goal.kind
