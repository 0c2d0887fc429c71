"""Labels files of both generations: read, refused with a code, written and read again."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultivar.core.errors import InvalidInput
from cultivar.core.projects.labels import Labels, Tagged, read_labels, write_labels
from cultivar.core.projects.names import (
    Kind,
    checked_document,
    checked_name,
    class_form,
    kind_named,
)


def ga(kind: str = "CustomSingleLabelClassification", **assets: Any) -> dict[str, Any]:
    multi = "Multi" in kind
    document = {"location": "one.txt", "language": "en-us", "dataset": "Train"}
    tag = (
        {"classes": [{"category": "A"}, {"category": "B"}]}
        if multi
        else {"class": {"category": "A"}}
    )
    return {
        "projectFileVersion": "2022-05-01",
        "stringIndexType": "Utf16CodeUnit",
        "metadata": {
            "projectKind": kind,
            "storageInputContainerName": "box",
            "projectName": "P",
            "multilingual": False,
            "description": "d",
            "language": "en-us",
            "settings": {"confidenceThreshold": 0.5},
        },
        "assets": {
            "projectKind": kind,
            "classes": [{"category": "A"}, {"category": "B"}],
            "documents": [document | tag],
        }
        | assets,
    }


PREVIEW = {
    "classifiers": [{"name": "A"}, {"name": "B"}],
    "documents": [
        {
            "location": "folder/one.txt",
            "culture": "en-us",
            "classifiers": [{"classifierName": "B"}, {"classifierName": "A"}],
        },
        {"location": "two.txt", "culture": "en-us", "classifiers": []},
    ],
}


def test_a_single_label_file_is_read() -> None:
    found = read_labels(json.dumps(ga()))
    assert found.kind is Kind.SINGLE
    assert found.classes == ("A", "B")
    assert found.documents == (Tagged("one.txt", ("A",), "en-us", "train"),)
    assert (found.container, found.language, found.multilingual) == ("box", "en-us", False)
    assert found.settings == {"confidenceThreshold": 0.5}


def test_a_multi_label_file_is_read() -> None:
    found = read_labels(json.dumps(ga("CustomMultiLabelClassification")).encode())
    assert found.kind is Kind.MULTI
    assert found.documents[0].classes == ("A", "B")


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_preview_file_is_read(wrapped: bool) -> None:
    file: dict[str, Any] = PREVIEW
    if wrapped:
        file = {"metadata": {"modelType": "multiClassification"}, "assets": PREVIEW}
    found = read_labels(file, None if wrapped else Kind.MULTI)
    assert found.kind is Kind.MULTI
    assert found.documents[0] == Tagged("folder/one.txt", ("B", "A"), "en-us")
    assert found.documents[1].classes == ()


REFUSED: list[tuple[str, Any]] = [
    ("bad-json", "{"),
    ("bad-json", b"\xff\xfe"),
    ("bad-json", "[" * 100_000),
    ("bad-labels-file", "[]"),
    ("unknown-project-kind", {}),
    ("unknown-project-kind", ga("CustomEntityRecognition")),
    ("bad-class", ga(classes=[{"category": ""}])),
    ("bad-class", ga(classes=[{"category": "x" * 51}])),
    ("bad-class", ga(classes=[7])),
    ("repeated-class", ga(classes=["A", "A"])),
    ("too-many-classes", ga(classes=[f"c{n}" for n in range(201)])),
    ("unknown-class", ga(documents=[{"location": "a", "class": {"category": "Z"}}])),
    ("several-classes", ga(documents=[{"location": "a", "classes": ["A", "B"]}])),
    ("repeated-document", ga(documents=[{"location": "a"}, {"location": "a"}])),
    ("bad-document-name", ga(documents=[{"location": "../a"}])),
    ("bad-document-name", ga(documents=[{}])),
    ("bad-dataset", ga(documents=[{"location": "a", "dataset": "Hidden"}])),
    ("document-too-long", ga(documents=[{"location": "a", "text": "x" * 128_001}])),
    ("bad-labels-file", ga(documents={"location": "a"})),
    ("bad-labels-file", ga(documents=["a"])),
    ("bad-labels-file", ga(documents=[{"location": "a", "text": "\ud800"}])),
    ("too-many-documents", ga(documents=[{}] * 100_001)),
    ("too-large", " " * 100_000_001),
]


@pytest.mark.parametrize(("code", "file"), REFUSED, ids=[code for code, _ in REFUSED])
def test_a_bad_file_is_refused_with_a_code(code: str, file: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_labels(file)
    assert refused.value.code == code


def test_a_file_of_another_kind_than_the_project_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_labels(ga(), Kind.MULTI)
    assert refused.value.code == "wrong-project-kind"


ESCAPES = [
    "../a",
    "a/../b",
    "/etc/passwd",
    "a//b",
    ".",
    "c:\\x",
    "C:/x",
    "https://x/y",
    "a\0b",
    "a\\b",
    "",
]


@pytest.mark.parametrize("name", ESCAPES)
def test_a_name_that_leads_out_of_the_container_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_document(name)
    assert refused.value.code == "bad-document-name"


def test_a_refused_name_is_told_by_its_place() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_labels(ga(documents=[{"location": "../a"}]))
    assert refused.value.sentence.startswith("assets.documents[0].location has no empty part")


@pytest.mark.requirement("CT-40")
def test_names_differ_by_case_alone() -> None:
    assert checked_name("model", "MyModel") != checked_name("model", "mymodel")


@pytest.mark.parametrize("name", ["", "a b", "a/b", "ä", "x" * 51, "..", None, 7])
def test_a_bad_name_is_refused(name: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_name("project", name)
    assert refused.value.code == "bad-name"


@pytest.mark.parametrize(
    ("spelling", "kind"),
    [
        ("CustomSingleLabelClassification", Kind.SINGLE),
        ("customMultiLabelClassification", Kind.MULTI),
        ("SingleClassification", Kind.SINGLE),
        ("multiClassification", Kind.MULTI),
        ("single-label", Kind.SINGLE),
    ],
)
def test_each_generations_spelling_of_a_kind_is_known(spelling: str, kind: Kind) -> None:
    assert kind_named(spelling) is kind


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(
            ["metadata", "assets", "classes", "documents", "location", "class", "projectKind",
             "category", "text", "dataset", "language", "classifiers"]
        ), inner, max_size=4,
    ),
    max_leaves=20,
)  # fmt: skip


@given(json_values)
def test_whatever_the_json_it_is_read_or_refused_by_name(value: Any) -> None:
    with suppress(InvalidInput):
        assert isinstance(read_labels(json.dumps(value), Kind.MULTI), Labels)


names = st.text(st.characters(categories=["L", "N"], codec="utf-8"), min_size=1, max_size=20)
contents = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)


@st.composite
def labelled(draw: st.DrawFn) -> Labels:
    kind = draw(st.sampled_from(Kind))
    classes = draw(st.lists(names, min_size=1, max_size=4, unique_by=class_form))
    tag = st.lists(st.sampled_from(classes), max_size=1 if kind is Kind.SINGLE else 3, unique=True)
    documents = [
        Tagged(name, tuple(draw(tag)), draw(names), draw(st.sampled_from([None, "train", "test"])),
               draw(contents | st.none()))
        for name in draw(st.lists(names, max_size=5, unique=True))
    ]  # fmt: skip
    return Labels(tuple(classes), tuple(documents), kind, "en", True, "d", "box", {"a": 1})


@given(labelled())
def test_what_is_written_is_read_again(labels: Labels) -> None:
    written = json.dumps(write_labels(labels, "P", with_texts=True))
    assert read_labels(written) == labels


def test_classes_that_differ_by_their_form_alone_are_one_class() -> None:
    assets: dict[str, Any] = {
        "classes": [{"category": "Café"}, {"category": "Cafe\u0301"}, {"category": "한국"}],
        "documents": [
            {"location": "a.txt", "class": {"category": "Cafe\u0301"}},
            {"location": "b.txt", "class": {"category": "\u1112\u1161\u11ab\u1100\u116e\u11a8"}},
            {"location": "c.txt", "class": {"category": "Ca\u00adfé\u200b"}},
        ],
    }
    found = read_labels(ga(**assets))
    assert found.classes == ("Café", "한국")
    assert [each.classes for each in found.documents] == [("Café",), ("한국",), ("Café",)]


@pytest.mark.parametrize(
    ("names", "both"),
    [
        (("Invoice", "invoice"), ("'Invoice'", "'invoice'")),
        (("New York", "letter", "new  york"), ("'New York'", "'new  york'")),
        (("Straße", "STRASSE"), ("'Straße'", "'STRASSE'")),
        (("CAFÉ", "Cafe\u0301"), ("'CAFÉ'", "'Cafe\u0301'")),
    ],
)
def test_classes_that_differ_in_capitals_or_blanks_alone_are_refused_with_both_names(
    names: tuple[str, ...], both: tuple[str, str]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_labels(ga(classes=[{"category": each} for each in names], documents=[]))
    assert refused.value.code == "similar-classes"
    assert all(each in refused.value.sentence for each in both)


@pytest.mark.parametrize(
    ("file", "code", "said"),
    [
        ('{"assets": {"classes": [], "classes": [{"category": "A"}]}}', "repeated-key", "classes"),
        ('{"metadata": {"settings": {"a": 1, "a": 1}}}', "repeated-key", "'a'"),
        ('{"metadata": {"langauge": "de"}, "classes": []}', "misspelt-name", "language"),
        ('{"clases": [], "documents": []}', "misspelt-name", "classes"),
        ('{"metadata": {"language": "de", "culture": "en"}}', "conflicting-keys", "culture"),
        (
            '{"classes": [{"category": "A"}, {"category": "B"}], "documents": [{"location": "a", '
            '"class": {"category": "A"}, "classes": [{"category": "B"}]}]}',
            "conflicting-keys", "class and classes",
        ),
    ],
)  # fmt: skip
def test_what_a_file_says_twice_or_misspelt_is_refused_by_its_name(
    file: str, code: str, said: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_labels(file, Kind.SINGLE)
    assert refused.value.code == code
    assert said in refused.value.sentence


def test_keys_that_nothing_reads_are_named_by_their_place() -> None:
    file = ga() | {"colour": 1}
    file["metadata"]["owner"] = "kim"
    assert read_labels(file).unused == ("colour", "metadata.owner")
    both = {"location": "a", "class": {"category": "A"}, "classes": [{"name": "A"}]}
    assert read_labels(ga(documents=[both])).documents[0].classes == ("A",)
