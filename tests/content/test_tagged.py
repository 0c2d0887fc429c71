"""Tagged documents from CSV, Parquet and folders."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultivar.content.entries import Listing
from cultivar.content.limits import Limits
from cultivar.content.locations import Location, list_location
from cultivar.content.tagged import _NO_VALUE, Reading, read_tagged
from cultivar.core.errors import InvalidInput, NotFound, StoreUnavailable
from cultivar.core.projects.labels import Tagged
from cultivar.core.projects.names import Kind, class_form

SINGLE, MULTI = Reading(Kind.SINGLE, "en"), Reading(Kind.MULTI, "en")


def test_a_csv_is_read_with_names_parts_and_classes(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('\ufeffid,text,label,dataset\na,"one, two",A,Train\nb,three,,\n', "utf-8")
    found = read_tagged(str(path), SINGLE, Limits())
    assert found.documents == (
        Tagged("a", ("A",), "en", "train", "one, two"),
        Tagged("b", (), "en", None, "three"),
    )
    assert (found.classes, found.kind) == (("A",), Kind.SINGLE)


def test_several_classes_stand_in_one_cell(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("text,classes\none,A|B\ntwo,B\n", "utf-8")
    found = read_tagged(str(path), MULTI, Limits())
    assert [each.classes for each in found.documents] == [("A", "B"), ("B",)]
    assert found.documents[0].document == "row-000000"


def test_classes_that_differ_by_their_form_alone_are_one_class(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    spelled = ["Café", "Cafe\u0301", "ＡＢ", "AB"]  # noqa: RUF001
    path.write_text("text,class\n" + "".join(f"t,{name}\n" for name in spelled), "utf-8")
    found = read_tagged(str(path), SINGLE, Limits())
    assert set(found.classes) == {"Café", "ＡＢ"}  # noqa: RUF001
    assert [each.classes[0] for each in found.documents] == ["Café", "Café", "ＡＢ", "ＡＢ"]  # noqa: RUF001


def test_a_parquet_holds_lists_of_classes(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    table = pa.table({"text": ["one", "two", None], "label": [["A"], ["A", "B"], []]})
    pq.write_table(table, path)
    found = read_tagged(str(path), MULTI, Limits())
    assert [each.classes for each in found.documents] == [("A",), ("A", "B"), ()]
    assert found.documents[2].text == ""
    with pytest.raises(InvalidInput) as refused:
        read_tagged(str(path), SINGLE, Limits())
    assert refused.value.code == "several-classes"


@given(
    rows=st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20),
            st.text(st.characters(categories=["L"]), min_size=1, max_size=8).filter(
                lambda name: name not in _NO_VALUE and class_form(name) == name
            ),
        ),
        min_size=1,
        max_size=10,
    )
)
def test_what_a_parquet_holds_is_what_is_read(
    rows: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("tagged") / "x.parquet"
    columns = {"text": [row[0] for row in rows], "class": [row[1] for row in rows]}
    pq.write_table(pa.table(columns, schema=_SCHEMA), path)
    found = read_tagged(str(path), SINGLE, Limits())
    assert [(each.text, *each.classes) for each in found.documents] == rows


_SCHEMA = pa.schema([("text", pa.string()), ("class", pa.string())])


def test_a_document_that_is_too_long_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"text,class\n{'x' * 128_001},A\n", "utf-8")
    with pytest.raises(InvalidInput) as refused:
        read_tagged(str(path), SINGLE, Limits())
    assert refused.value.code == "document-too-long"


def test_a_source_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as refused:
        read_tagged(str(tmp_path / "no.csv"), SINGLE, Limits())
    assert refused.value.code == "no-source"
    with pytest.raises(NotFound):
        read_tagged(str(tmp_path / "no folder"), SINGLE, Limits())


def test_a_folder_that_is_listed_in_part_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "A").mkdir()
    (tmp_path / "A" / "x.txt").write_text("one", "utf-8")
    whole = list_location(Location("import", str(tmp_path)))
    part = Listing(whole.entries, ("",))
    monkeypatch.setattr("cultivar.content.tagged.list_location", lambda _location: part)
    with pytest.raises(StoreUnavailable) as refused:
        read_tagged(str(tmp_path), SINGLE, Limits())
    assert refused.value.code == "source-incomplete"


@pytest.mark.parametrize(
    ("lines", "code", "said"),
    [
        ("text,class\nPlease pay, thanks,complaint\n", "bad-table", "Line 2 has 3 cells"),
        ("text,class\nPlease pay\n", "bad-table", "Line 2 has 1 cell,"),
        ("text,class,class\nhello,a,b\n", "repeated-column", "names 'class' more than once"),
        ("text,class,label\nhello,a,b\n", "repeated-column", "columns class and label"),
        ("text,class\nhello,nan\n", "unclear-class", "Leave the cell empty"),
        ("text,class\nhello, None\n", "unclear-class", "Line 2 has the class 'None'"),
        ('text,class\n"two\nlines",a\nhello,b,c\n', "bad-table", "Line 4 has 3 cells"),
        ('text,class\n"two\nlines",a\nhello,nan\n', "unclear-class", "Line 4 has the class"),
        ("text,clas\nhello,a\n", "missing-column", "Did you mean class by 'clas'?"),
        ('text,class\n"one",a\n"never closed,b\n', "bad-table", "begins in line 3 cannot"),
        ("sep=;\ntext;class\nhello;a;b\n", "bad-table", "Line 3 has 3 cells"),
        ("text,class,datset\nhello,a,test\n", "misspelt-name", "Did you mean dataset?"),
        ("text,class,Language\nhello,a,en\n", "misspelt-name", "Did you mean language?"),
        ("text,class\nhello,Invoice\nx,invoice \n", "similar-classes", "'Invoice' and 'invoice'"),
        (f"text,class,language\nhello,a,{'en' * 11}\n", "bad-language", "line 2"),
    ],
)
def test_what_does_not_fit_the_header_is_refused_by_its_line(
    tmp_path: Path, lines: str, code: str, said: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_text(lines, "utf-8")
    with pytest.raises(InvalidInput) as refused:
        read_tagged(str(path), SINGLE, Limits())
    assert refused.value.code == code
    assert said in refused.value.sentence
    assert "hello" not in refused.value.sentence


def test_classes_separated_by_another_sign_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('text,class\none,"a, b"\ntwo,a\nthree,b\nfour,a|b\n', "utf-8")
    with pytest.raises(InvalidInput) as refused:
        read_tagged(str(path), MULTI, Limits())
    assert refused.value.code == "unclear-class"
    assert "--separator ','" in refused.value.sentence
    # a name with a comma is one where its parts are no classes
    path.write_text('text,class\none,"law, civil"\ntwo,a\n', "utf-8")
    assert read_tagged(str(path), MULTI, Limits()).classes == ("a", "law, civil")


def test_columns_that_nothing_reads_are_named(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("text,class,id,remarks,names\none,a,1,good,x\n", "utf-8")
    assert read_tagged(str(path), SINGLE, Limits()).unused == ("remarks", "names")


def test_a_number_that_is_none_is_no_class(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"text": ["one", "two"], "class": [float("nan"), 1.0]}), path)
    assert [each.classes for each in read_tagged(str(path), SINGLE, Limits()).documents] == [
        (), ("1.0",),
    ]  # fmt: skip


@pytest.mark.parametrize("sign", [";", "\t"])
def test_cells_may_be_separated_as_spreadsheets_do(tmp_path: Path, sign: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"text{sign}class\none, two{sign}a\n", "utf-8")
    [found] = read_tagged(str(path), SINGLE, Limits()).documents
    assert (found.text, found.classes) == ("one, two", ("a",))


def test_a_backslash_in_the_name_of_a_file_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x\\y.txt").write_text("a letter")
    (tmp_path / "a" / "z.txt").write_text("another letter")
    found = read_tagged(str(tmp_path), SINGLE, Limits()).documents
    assert [each.document for each in found] == ["a/x%5Cy.txt", "a/z.txt"]


def test_a_table_in_another_charset_is_refused_by_its_line_and_one_with_a_mark_is_read(
    tmp_path: Path,
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes("text,class\nhello,a\nLärm,b\n".encode("cp1252"))
    with pytest.raises(InvalidInput, match="line 3 has bytes of another charset") as refused:
        read_tagged(str(path), SINGLE, Limits())
    assert refused.value.code == "bad-table"
    path.write_bytes("sep=;\r\ntext;class\r\nLärm;b\r\n".encode("utf-16"))
    assert [each.text for each in read_tagged(str(path), SINGLE, Limits()).documents] == ["Lärm"]
