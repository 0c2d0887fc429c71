import dataclasses
import os
import pwd
import subprocess
from pathlib import Path

import pytest

from cultivar.core.errors import InvalidInput
from cultivar.settings import SETTINGS, Settings, read_settings
from cultivar.store.workspace import open_workspace


def read(home: Path, **variables: str) -> Settings:
    return read_settings({"CULTIVAR_HOME": str(home), "USER": "sam", **variables})


def refused(home: Path, **variables: str) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        read(home, **variables)
    return caught.value


def test_every_row_of_the_table_is_a_field_and_has_help() -> None:
    fields = [field.name for field in dataclasses.fields(Settings)]
    assert [row.key for row in SETTINGS] == fields
    assert all(row.help.endswith(".") and len(row.help) > 20 for row in SETTINGS)


def test_every_default_is_a_value_that_its_own_row_allows(tmp_path: Path) -> None:
    stated = [row for row in SETTINGS if row.default is not None]
    variables = {row.variable: str(row.default) for row in stated}
    found = read(tmp_path, **variables)
    assert all(getattr(found, row.key) == row.default for row in stated)


def test_defaults_lie_in_the_home_and_name_the_account(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert found.registry_url == f"sqlite:///{tmp_path / 'registry.db'}"
    assert found.artifacts_url == str(tmp_path / "artifacts")
    assert found.user == pwd.getpwuid(os.getuid()).pw_name
    assert found.corpora is None


def test_without_a_home_it_is_the_systems_place_for_data(tmp_path: Path) -> None:
    assert read_settings({"XDG_DATA_HOME": str(tmp_path)}).home == tmp_path / "cultivar"
    assert read_settings({}).home == Path("~/.local/share/cultivar").expanduser()


def test_without_variables_it_is_the_systems_account_that_acts(tmp_path: Path) -> None:
    known = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True)
    assert read_settings({"CULTIVAR_HOME": str(tmp_path)}).user == known.stdout.strip()


def test_an_account_without_a_name_still_acts_as_somebody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = max(each.pw_uid for each in pwd.getpwall()) + 4_711
    monkeypatch.setattr(os, "getuid", lambda: nobody)
    assert read_settings({"CULTIVAR_HOME": str(tmp_path)}).user == f"user-{nobody}"
    assert read(tmp_path).user == "sam"


def test_the_environment_goes_before_the_file_and_the_file_before_the_default(
    tmp_path: Path,
) -> None:
    (tmp_path / "config.toml").write_text('seed = 5\nworkers = 3\naccuracy_target = 1\nuser = "x"')
    found = read(tmp_path, CULTIVAR_SEED="7")
    assert (found.seed, found.workers, found.parse_seconds) == (7, 3, 30)
    assert (found.accuracy_target, found.user) == (1.0, "x")


@pytest.mark.parametrize(
    ("stated", "found"), [("true", True), ("ON", True), ("1", True), ("no", False), ("0", False)]
)
def test_a_switch_is_on_or_off_in_the_usual_words(tmp_path: Path, stated: str, found: bool) -> None:
    assert read(tmp_path, CULTIVAR_OCR=stated).ocr is found


def test_a_switch_in_the_file_is_a_truth_value(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("ocr = true")
    assert read(tmp_path).ocr is True
    assert read(tmp_path, CULTIVAR_OCR="false").ocr is False


@pytest.mark.requirement("TC-16", "TC-17", "TC-41", "TC-55")
def test_the_gates_ask_by_default_for_what_the_mission_states(tmp_path: Path) -> None:
    asked = read(tmp_path).thresholds
    assert (asked.seeds_at_least, asked.seeds_at_most) == (50, 500)
    assert (asked.test_items_recommended, asked.test_items_at_most) == (200, 10_000)
    assert (asked.reviews_at_least, asked.accuracy_target, asked.movement_at_most) == (
        200, 0.80, 0.02,
    )  # fmt: skip
    assert asked.minority_share_at_least == 0.40


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    assert read(tmp_path, CULTIVAR_SEED="", CULTIVAR_REGISTRY_URL="").seed == 0


def test_paths_are_made_absolute_and_the_tilde_is_the_persons_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = read(Path("here"), CULTIVAR_CORPORA="~/corpora")
    assert found.home == tmp_path / "here"
    assert found.registry_url == f"sqlite:///{tmp_path / 'here' / 'registry.db'}"
    assert found.corpora == Path.home() / "corpora"


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("CULTIVAR_SEED", "seven", "a whole number"),
        ("CULTIVAR_SEED", "1.5", "a whole number"),
        ("CULTIVAR_SEED", "-1", "at least 0"),
        ("CULTIVAR_WORKERS", "-1", "at least 0"),
        ("CULTIVAR_PREFECT_PORT", "65536", "at most 65,535"),
        ("CULTIVAR_ACCURACY_TARGET", "80", "at most 1.0"),
        ("CULTIVAR_ACCURACY_TARGET", "nan", "a number"),
        ("CULTIVAR_PARSE_SECONDS", "0", "at least 1"),
        ("CULTIVAR_OCR", "perhaps", "true or false"),
        ("CULTIVAR_OCR", "2", "true or false"),
    ],
)
def test_a_bad_value_is_refused_with_its_name_its_value_and_what_is_allowed(
    tmp_path: Path, variable: str, value: str, allowed: str
) -> None:
    error = refused(tmp_path, **{variable: value})
    assert error.code == "bad-setting"
    assert error.facts["setting"] == variable.removeprefix("CULTIVAR_").lower()
    assert all(part in error.sentence for part in (variable, repr(value), allowed))


@pytest.mark.parametrize(
    "line",
    [
        "seed = true",
        "seed = 1.0",
        'seed = "1"',
        "user = 5",
        "user = [1]",
        "accuracy_target = true",
        "ocr = 1",
        'ocr = "true"',
    ],
)
def test_a_value_of_another_type_in_the_file_is_refused_and_not_bent(
    tmp_path: Path, line: str
) -> None:
    (tmp_path / "config.toml").write_text(line)
    error = refused(tmp_path)
    assert error.code == "bad-setting"
    assert "config.toml" in error.sentence


def test_a_bad_secret_is_refused_without_being_shown(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('registry_url = ["hunter2"]')
    assert "hunter2" not in refused(tmp_path).sentence


@pytest.mark.parametrize("line", ["sead = 1", 'home = "/elsewhere"', "[seed]\nx = 1\n[table]"])
def test_a_setting_that_the_file_cannot_set_is_refused_by_name(tmp_path: Path, line: str) -> None:
    (tmp_path / "config.toml").write_text(line)
    error = refused(tmp_path)
    assert error.code == "unknown-setting"
    assert "accuracy_target" in error.sentence


@pytest.mark.parametrize("content", [b"seed = = 1", b"seed = 1\xff"])
def test_a_file_that_is_not_toml_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "config.toml").write_bytes(content)
    assert refused(tmp_path).code == "bad-settings"


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.toml").mkdir()
    assert refused(tmp_path).code == "bad-settings"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://user:hunter2@host/db",
        "postgresql+psycopg://host/db?user=u&password=hunter2",
        "s3://key:hunter2@bucket",
    ],
)
def test_secrets_are_masked_when_settings_are_shown(tmp_path: Path, url: str) -> None:
    shown = read(tmp_path, CULTIVAR_REGISTRY_URL=url, CULTIVAR_ARTIFACTS_URL=url).shown()
    assert "hunter2" not in "".join(shown.values())
    assert shown["registry_url"].endswith("://***")


def test_settings_without_a_secret_are_shown_as_they_are(tmp_path: Path) -> None:
    shown = read(tmp_path).shown()
    assert list(shown) == [row.key for row in SETTINGS]
    assert shown["registry_url"] == f"sqlite:///{tmp_path / 'registry.db'}"
    assert shown["artifacts_url"] == str(tmp_path / "artifacts")
    assert (shown["seed"], shown["dask_address"]) == ("0", "")


@pytest.mark.parametrize(
    ("stated", "meant"),
    [
        ("sqlite:///kept/registry.db", "sqlite:///{here}/kept/registry.db"),
        ("sqlite:////kept/registry.db", "sqlite:////kept/registry.db"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("postgresql+psycopg://db/cultivar", "postgresql+psycopg://db/cultivar"),
    ],
)
def test_a_relative_place_is_meant_from_where_the_command_is_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stated: str, meant: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert read(tmp_path, CULTIVAR_REGISTRY_URL=stated).registry_url == meant.format(here=tmp_path)


def test_a_relative_folder_of_artifacts_is_meant_from_where_the_command_is_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for stated in ("kept", "file://kept"):
        found = read(tmp_path, CULTIVAR_ARTIFACTS_URL=stated).artifacts_url
        assert found.removeprefix("file://") == str(tmp_path / "kept")
    assert read(tmp_path, CULTIVAR_ARTIFACTS_URL="s3://bucket/kept").artifacts_url.startswith("s3:")
    bucket = read(tmp_path, CULTIVAR_ARTIFACTS_URL="s3://bucket/folder").shown()
    assert bucket["artifacts_url"] == "s3://bucket/folder"


def test_a_webhook_is_masked_as_its_path_may_hold_a_token(tmp_path: Path) -> None:
    settings = read(tmp_path, CULTIVAR_WEBHOOK_URL="https://hooks.example/services/T0/hunter2")
    assert settings.shown()["webhook_url"] == "https://***"
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize("name", ["a home? yes", "a%41b", "50% & more #1"])
def test_a_home_keeps_its_registry_in_it_whatever_its_path_holds(tmp_path: Path, name: str) -> None:
    home = tmp_path / name
    with open_workspace(read_settings({"CULTIVAR_HOME": str(home)})) as workspace:
        assert workspace.registry.url.database == str(home / "registry.db")
    assert [each.name for each in tmp_path.iterdir()] == [name]
    assert (home / "registry.db").is_file()
