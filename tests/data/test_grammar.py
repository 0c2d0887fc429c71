"""The material's little language: what each mark does, and what is refused."""

from collections.abc import Mapping
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.sample.document import read_blocks
from data.sample.grammar import Draw, Fact, Grammar, MaterialError, parse, read_grammar
from data.sample.material import kind_names, load_kind


def _written(text: str, rules: str = "", facts: Mapping[str, Fact] | None = None) -> str:
    return read_grammar(rules).write(parse(text), Draw(Random(3), dict(facts or {})))


def _possible(text: str) -> set[str]:
    grammar = Grammar({})
    return {grammar.write(parse(text), Draw(Random(seed), {})) for seed in range(60)}


def test_braces_take_one_alternative_and_nest() -> None:
    assert _possible("{a|b {c|d}|}") == {"a", "b c", "b d", ""}


def test_brackets_are_there_or_not() -> None:
    assert _possible("x[ y]") == {"x", "x y"}


def test_a_range_is_a_number_with_both_ends() -> None:
    assert _possible("<2..4>") == {"2", "3", "4"}


def test_facts_come_before_rules() -> None:
    assert _written("<name>", "== name\nrule", {"name": "fact"}) == "fact"


def test_a_fact_may_be_drawn_anew_each_time() -> None:
    drawn = _written("<n> <n>", facts={"n": lambda random: str(random.random())}).split()
    assert drawn[0] != drawn[1]


def test_an_at_sign_repeats_the_first_draw() -> None:
    rules = "== word\n" + "\n".join(f"w{number}" for number in range(50))
    assert len(set(_written("<@word> <@word> <^@word>", rules).lower().split())) == 1


def test_several_alternatives_differ_and_start_with_capitals() -> None:
    rules = "== word\none\ntwo\nthree"
    assert sorted(_written("<word*3>", rules).split()) == ["One", "Three", "Two"]
    assert _written("<word#1>", rules).startswith("- ")
    assert _written("<word~1>", rules).startswith("%%. ")
    assert "\n\n" in _written("<word+2>", rules)


def test_other_kinds_are_quoted_by_name() -> None:
    other = read_grammar("== word\nborrowed")
    grammar = read_grammar("== word\nown", others=lambda _: other)
    assert grammar.write(parse("<word> <other:word>"), Draw(Random(0), {})) == "own borrowed"


@pytest.mark.parametrize("text", ["{a|b", "[a", "a}", "a]", "{a]"])
def test_open_brackets_are_refused(text: str) -> None:
    with pytest.raises(MaterialError):
        parse(text)


def test_a_missing_rule_is_named() -> None:
    with pytest.raises(MaterialError, match="nobody"):
        _written("<nobody>")


def test_text_before_the_first_rule_is_refused() -> None:
    with pytest.raises(MaterialError, match="before the first rule"):
        read_grammar("stray\n== rule\na")


@given(st.text(alphabet="ab{}[]|<>.*@^: 19\n", max_size=40))
def test_any_text_parses_or_is_refused(text: str) -> None:
    try:
        parse(text)
    except MaterialError:
        return


@given(st.text(alphabet=st.characters(exclude_characters="{}[]<|"), max_size=60))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert _written(text) == text


@pytest.mark.parametrize("name", kind_names())
def test_every_rule_that_material_names_exists(name: str) -> None:
    kind = load_kind(name)
    for form in kind.forms:
        for number in range(12):
            draw = Draw(Random(f"{name}/{form.name}/{number}"), _AnyFact())
            text = kind.grammar.write(form.body.body, draw)
            title, blocks = read_blocks(text, kind.language)
            assert title
            assert blocks


class _AnyFact(dict[str, Fact]):
    """Facts that every document has, drawn by nobody."""

    def __init__(self) -> None:
        names = "org supplier supplier_word year last_year next_year he him his mr first_alike date"
        times = "short_date iso_date month weekday clock recent earlier long_ago soon later far"
        people = [
            f"{role}{part}"
            for role in ("staff", "outside")
            for part in ("", "_first", "_last", "_mail")
        ]
        super().__init__({name: name for name in [*names.split(), *times.split(), *people]})


def test_numbered_clauses_count_within_their_sections() -> None:
    _, blocks = read_blocks("%. One\n%%. a\n%%. b\n%. Two\n%%. c", "en")
    assert [block.text for block in blocks] == ["1. One", "1.1 a", "1.2 b", "2. Two", "2.1 c"]


def test_quotes_are_marked_and_articles_fit() -> None:
    title, blocks = read_blocks("! A apple\n>>>\na unit\na old one of a 80-year-old\n<<<", "en")
    assert title == "An apple"
    assert [block.text for block in blocks] == ["> a unit", "> an old one of an 80-year-old"]
