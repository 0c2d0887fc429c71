"""The check of a seed set finds what was planted in it, and leaves good seeds alone."""

from dataclasses import replace

import pytest

from cultivar.content.locations import Source
from cultivar.core.errors import InvalidInput
from cultivar.core.identity.families import Relative
from cultivar.core.seeds.check import Seed, _lacking
from cultivar.operations.training.seed_checks import CheckedSeeds, check_seeds, source_of
from tests.operations.organisation import (
    ADMINISTRATOR,
    CONTRACT,
    NOISE,
    Document,
    Organisation,
    documents,
    items_table,
)

FORM = "This page is made by the records office and must stay with its file.\n"
UNKNOWN = " ".join(f"zq{number}xv{number * 7}" for number in range(120))
# numbers that no other document of the organisation has
GOOD, PLANTED, FORMS = 50_000, 60_000, 70_000


def _checked(organisation: Organisation, seeds: list[Document]) -> CheckedSeeds:
    organisation.add("kept", seeds, "seed")
    return check_seeds(organisation.workspace, ADMINISTRATOR, Source("kept"))


def _good(count: int = 60) -> list[Document]:
    return documents(CONTRACT, count, "seeds", GOOD)


def test_planted_faults_are_named_and_good_seeds_are_not(reviewable: Organisation) -> None:
    ordinary = documents(NOISE, 3, "seeds", PLANTED)
    unknown = Document("seeds/unknown.txt", UNKNOWN)
    forms = [
        replace(each, text=f"{FORM * 40}\n{each.text}")
        for each in documents(CONTRACT, 22, "seeds", FORMS)
    ]
    good = _good()
    checked = _checked(reviewable, [*good, *ordinary, unknown, *forms])
    found, paths = checked.found, checked.paths
    assert {paths[each] for each in found.ordinary} >= {each.path for each in ordinary}
    assert not {paths[each] for each in found.ordinary} & {each.path for each in good}
    assert [paths[each] for each in found.unknown] == ["seeds/unknown.txt"]
    assert {paths[each] for each in found.pages} == {each.path for each in forms}
    assert found.seeds == 86


def test_good_seeds_are_left_alone(reviewable: Organisation) -> None:
    found = _checked(reviewable, _good()).found
    assert (found.ordinary, found.unknown, found.pages, found.copies) == ((), (), (), ())
    assert len(found.groups) == 1
    assert not found.apart
    assert found.f1 is not None
    assert 0.0 < found.f1[0] < found.f1[1] < 1.0
    assert not found.lacking


def test_languages_of_the_content_that_no_seed_is_in_are_named() -> None:
    said = {"en": 80, "de": 15, "nl": 5, "fr": 2, "und": 60}
    spoken = [None, *(name for name, count in said.items() for _ in range(count))]
    english = Seed("text", "en", Relative("one"))
    assert list(_lacking([english], spoken)) == ["de"]
    german = Seed("text", "de", Relative("two"))
    assert not _lacking([english, german], spoken)
    assert not _lacking([english], [])


def test_the_model_of_a_classifier_is_taken_where_just_these_seeds_taught_it(
    reviewable: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = (reviewable.workspace, ADMINISTRATOR)
    source = source_of(*who, "contracts")
    trained_again = check_seeds(*who, source).found
    trainings: list[object] = []
    monkeypatch.setattr("cultivar.core.seeds.check.train", trainings.append)
    assert check_seeds(*who, source, "contracts").found == trained_again
    assert trainings == []


def test_seeds_that_repeat_one_another_are_named(reviewable: Organisation) -> None:
    good = _good()
    first = items_table("kept", good[:1])["item_id"][0].as_py()
    twins = [replace(each, near_duplicate_of=first) for each in good[1:3]]
    checked = _checked(reviewable, [good[0], *twins, *good[3:]])
    [family] = checked.found.copies
    assert {checked.paths[each] for each in family} == {each.path for each in good[:3]}


def test_too_few_to_compare_are_refused(reviewable: Organisation) -> None:
    with pytest.raises(InvalidInput, match="from 10 on; 9 of 9 items"):
        _checked(reviewable, _good(9))
