"""Artifacts by command: listed, found for other programs, described."""

import json
import math
import re
import shutil
import warnings
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cultivar.core.schemas import SCHEMAS, DeclaredSchema
from cultivar.operations.artifacts.catalogue import kinds
from cultivar.settings import Settings, read_settings
from cultivar.store.workspace import Workspace, open_workspace
from tests.cli.conftest import Answer, Command
from tests.operations.organisation import Organisation
from tests.operations.policing import publish_and_label

ROOT = Path(__file__).parents[2]
CLASSIFIER = "contracts"


@pytest.fixture(scope="module")
def _labelled(_reviewable: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose content is labelled, made once and copied."""
    home = tmp_path_factory.mktemp("labelled") / "home"
    shutil.copytree(_reviewable, home)
    with open_workspace(_settings(home)) as workspace:
        made = Organisation(workspace)
        made.agree()
        publish_and_label(made)
    return home


@pytest.fixture
def labelled(_labelled: Path, tmp_path: Path) -> Iterator[Workspace]:
    """The test's own copy of it."""
    shutil.copytree(_labelled, tmp_path / "home")
    with open_workspace(_settings(tmp_path / "home")) as workspace:
        yield workspace


def _settings(home: Path) -> Settings:
    return read_settings({"CULTIVAR_HOME": str(home), "CULTIVAR_USER": "alex"})


def _path(cultivar: Command, *arguments: str) -> str:
    answer = cultivar("artifacts", "path", *arguments)
    assert answer.code == 0, answer.err
    assert answer.out.count("\n") == 1
    return answer.out.strip()


def _blocks(page: str, language: str) -> list[str]:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def test_the_path_of_the_newest_rows_is_one_line_that_opens(
    cultivar: Command, labelled: Workspace
) -> None:
    found = {
        kind: _path(cultivar, kind, *arguments)
        for kind, arguments in {
            "items": ("--location", "intranet"),
            "assignments": ("--location", "intranet"),
            "baseline": (),
            "unlabelled": (),
            "document_frequencies": (),
            "seed_set": ("--classifier", CLASSIFIER),
            "test_set": (),
            "predictions": (),
        }.items()
    }
    for kind, path in found.items():
        schema = pq.read_schema(path)
        assert schema.field(0).metadata[b"description"], kind
    model = _path(cultivar, "model", "--classifier", CLASSIFIER)
    assert model.endswith(".safetensors")
    assert Path(model).is_file()


def test_a_version_is_named_by_its_number_or_its_id(cultivar: Command, labelled: Workspace) -> None:
    live = cultivar("status", CLASSIFIER, "--json").json["classifier"]["published_version"]
    by_id = _path(cultivar, "model", "--classifier", CLASSIFIER, "--version", live)
    assert by_id == _path(cultivar, "model")
    numbers = {
        each["id"]: each["number"]
        for each in cultivar("status", CLASSIFIER, "--json").json["classifier"]["versions"]
    }
    by_number = ("--classifier", CLASSIFIER, "--version", str(numbers[live]))
    assert _path(cultivar, "model", *by_number) == by_id


def test_the_list_is_newest_first_and_follows_what_is_asked_for(
    cultivar: Command, labelled: Workspace
) -> None:
    def listed(*arguments: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = cultivar("artifacts", "list", "--json", *arguments).json[
            "artifacts"
        ]
        return found

    every = listed("--limit", "1000")
    assert [each["created_at"] for each in every] == sorted(
        (each["created_at"] for each in every), reverse=True
    )
    assert {each["kind"] for each in listed("--kind", "seed_set")} == {"seed_set"}
    of_place = listed("--location", "intranet", "--limit", "1000")
    assert {"items", "assignments"} == {each["kind"] for each in of_place}
    assert all("intranet" in " ".join(each["about"]) for each in of_place)
    assert len(listed("--limit", "1")) == 1
    in_use = [each for each in every if each["kind"] == "assignments" and each["newest"]]
    assert [each["path"] for each in in_use] == [_path(cultivar, "assignments")]


def test_an_artifact_is_described_by_its_hash_or_path(
    cultivar: Command, labelled: Workspace
) -> None:
    path = _path(cultivar, "assignments")
    sha256 = Path(path).stem
    described = cultivar("artifacts", "describe", sha256[:8], "--json").json
    assert described == cultivar("artifacts", "describe", sha256, "--json").json
    assert described == cultivar("artifacts", "describe", path, "--json").json
    assert described["artifact"]["sha256"] == sha256
    assert {each["name"] for each in described["columns"]} == set(pq.read_schema(path).names)
    assert all(each["description"].endswith(".") for each in described["columns"])
    assert {each["kind"] for each in described["inputs"]} == {"items", "model"}
    items = cultivar("artifacts", "describe", _path(cultivar, "items", "--location", "intranet"))
    assert "Used by:" in items.out
    assert "score (float)" in cultivar("artifacts", "describe", path).out


REFUSED = [
    (("path", "item"), "unknown-kind", "assignments"),
    (("path", "items"), "ambiguous-artifact", "--location"),
    (("path", "items", "--location", "nowhere"), "unknown-location", "intranet"),
    (("path", "labels"), "no-artifact", "cultivar artifacts list"),
    (("path", "model", "--classifier", "contract"), "unknown-classifier", "Did you mean"),
    (("path", "model", "--project", "news"), "unknown-project", "none yet"),
    (("path", "model", "--version", "999"), "no-artifact", "model"),
    (("list", "--kind", "item"), "unknown-kind", "assignments"),
    (("describe", "ffffffffff"), "no-artifact", "ffffffffff"),
    (("describe", "letters.docx"), "not-an-artifact", "artifacts list"),
    (("describe", ""), "not-an-artifact", "artifacts list"),
]


def test_what_cannot_be_found_is_refused_with_what_there_is(
    cultivar: Command, labelled: Workspace
) -> None:
    for arguments, code, said in REFUSED:
        answer: Answer = cultivar("artifacts", *arguments)
        assert answer.code == 1, arguments
        assert answer.err.startswith(f"{code}: "), answer.err
        assert said in answer.err
        assert answer.out == ""


def test_a_file_that_is_gone_is_no_path(cultivar: Command, labelled: Workspace) -> None:
    Path(_path(cultivar, "assignments")).unlink()
    answer = cultivar("artifacts", "path", "assignments")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("artifact-damaged: ")


def test_who_may_not_read_classifiers_is_told_no_path(
    cultivar: Command, labelled: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CULTIVAR_USER", "stranger")
    for arguments in (("list",), ("path", "baseline"), ("describe", "ffffff")):
        assert cultivar("artifacts", *arguments, "--json").error == "wrong-role"


def test_kinds_are_completed(cultivar: Command) -> None:
    from cli.artifacts import _known_kinds

    assert _known_kinds(None, None, "it") == ["items"]  # type: ignore[arg-type]
    assert _known_kinds(None, None, "") == kinds()  # type: ignore[arg-type]


def test_the_examples_of_the_page_run(cultivar: Command, labelled: Workspace) -> None:
    paths = {
        "ASSIGNMENTS": _path(cultivar, "assignments", "--location", "intranet"),
        "ITEMS": _path(cultivar, "items", "--location", "intranet"),
    }
    found: list[dict[str, Any]] = []
    for block in _blocks("artifacts.md", "python")[:3]:
        found.append(dict(paths))
        exec(block, found[-1])  # noqa: S102 - what the page shows
    in_sql, in_pandas, in_polars = found
    assert len(in_sql["found"]) == len(in_pandas["matches"]) == len(in_polars["matches"]) > 0


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=lambda each: each.name)
def test_every_kind_opens_from_outside_with_the_tools_of_the_page(
    schema: DeclaredSchema, tmp_path: Path
) -> None:
    written = _rows_of_all_types(schema)
    with (
        open_workspace(_settings(tmp_path / "home")) as workspace,
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")  # those of other people's libraries
        made = workspace.artifacts.write(schema.name, written, producer="crawl")
        read: list[Any] = []
        for block in _blocks("artifacts.md", "python")[3:6]:
            names: dict[str, Any] = {"ARTIFACT": made.url.removeprefix("file://")}
            exec(block, names)  # noqa: S102
            read.append(names["rows"])
    in_sql, in_pandas, in_polars = read
    assert in_sql.column_names == list(in_pandas.columns) == in_polars.columns
    for name in written.column_names:
        values = _plain(written[name].to_pylist())
        assert _plain(in_sql[name].to_pylist()) == values, name
        assert _plain(in_polars[name].to_list()) == values, name
        assert _plain(in_pandas[name].tolist()) == values, name


def _rows_of_all_types(schema: DeclaredSchema) -> pa.Table:
    """Return rows of a schema: values that tell, and a null wherever there may be one."""
    columns = []
    for field in schema.arrow:
        values = [_value(field.type, number) for number in range(3)]
        columns.append(pa.array([*values, None if field.nullable else values[0]], field.type))
    return pa.Table.from_arrays(columns, schema=schema.arrow)


def _value(kind: pa.DataType, number: int) -> Any:
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return [_value(kind.value_type, number), _value(kind.value_type, number + 1)]
    if pa.types.is_timestamp(kind):
        return datetime(2026, 1, 1 + number, 12, 30, 5, 7, tzinfo=UTC)
    if pa.types.is_boolean(kind):
        return number % 2 == 0
    if pa.types.is_floating(kind):
        return 0.25 * number
    if pa.types.is_integer(kind):
        return number
    return f"größer \u0301 {number}"


def _plain(values: list[Any]) -> list[Any]:
    """Return values as Python has them: what is missing as None, moments in UTC."""
    return [_plain_value(value) for value in values]


def _plain_value(value: Any) -> Any:
    if isinstance(value, Sequence | np.ndarray) and not isinstance(value, str):
        return _plain(list(value))
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def test_a_model_opens_from_outside_as_the_page_shows(
    cultivar: Command, labelled: Workspace
) -> None:
    names: dict[str, Any] = {"MODEL": _path(cultivar, "model", "--classifier", CLASSIFIER)}
    exec(_blocks("artifacts.md", "python")[6], names)  # noqa: S102
    assert sum(each.size for each in names["numbers"].values()) > 1_000
    assert json.loads(names["header"])["lineage"]["schema"] == "model"
