"""Projects on the command line, from documents to predictions, as a person types it."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Answer, Command
from tests.core.projects.conftest import texts
from tests.operations.projects.material import labels_file
from tests.orchestration import Orchestrator


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A labels file."""
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(labels_file(40)), encoding="utf-8")
    return path


def refused(answer: Answer) -> str:
    assert answer.code == 1
    return answer.error


@pytest.mark.slow
@pytest.mark.requirement("CT-07", "CT-23", "CT-24", "CT-25")
def test_a_project_from_import_to_prediction(
    cultivar: Command, orchestrator: Orchestrator, file: Path, tmp_path: Path
) -> None:
    assert cultivar("project", "create", "news", "--language", "en").code == 0
    brought = cultivar("project", "import", "news", file, "--json")
    assert brought.json["documents"] == 40
    assert brought.json["next"] == "cultivar project train news MODEL"

    trained = cultivar("project", "train", "news", "first", "--json")
    assert trained.json["job"]["status"] == "succeeded"
    assert trained.json["job"]["percent"] == 100
    # first the evaluation, then what improves the model
    assert trained.json["next"] == "cultivar project evaluate news first"
    evaluated = cultivar("project", "evaluate", "news", "first", "--json")
    assert evaluated.json["evaluation"]["micro"]["f1"] > 0.7
    assert evaluated.json["next"] == "cultivar project errors news first"
    listed = cultivar("project", "errors", "news", "first", "--all", "--json").json["documents"]
    assert len(listed) == 4
    assert "Precision" in cultivar("project", "evaluate", "news", "first").out

    assert refused(cultivar("project", "train", "news", "first", "--json")) == "not-confirmed"
    again = cultivar("project", "train", "news", "first", "--yes", "--json")
    assert again.json["job"]["status"] == "succeeded"
    assert cultivar("project", "train", "news", "second", "--json").json["job"]["id"]

    assert cultivar("project", "deploy", "news", "live", "first").code == 0
    assert refused(cultivar("project", "deploy", "news", "live", "second", "--json")) == (
        "not-confirmed"
    )
    assert refused(cultivar("project", "deploy", "news", "live", "third", "--json")) == (
        "unknown-model"
    )
    assert cultivar("project", "deploy", "news", "live", "second", "--yes").code == 0
    unseen, tags = texts(6, seed=4)
    told = cultivar("project", "predict", "news", "live", *unseen, "--json").json["documents"]
    assert [each[0]["class"] for each in told] == [names[0] for names in tags]
    torn = cultivar("project", "predict", "news", "live", "caf\udce9", "--json")
    assert refused(torn) == "half-character"
    lines = tmp_path / "lines.txt"
    lines.write_text("\n".join(unseen), encoding="utf-8")
    streamed = cultivar("project", "predict", "news", "live", "--file", lines).out.splitlines()
    assert [json.loads(line) for line in streamed] == told
    for blank in ("", " \t", "\u200b"):
        answer = cultivar("project", "predict", "news", "live", unseen[0], blank, "--json")
        assert refused(answer) == "not-readable"
    lines.write_text(f"\n{unseen[0]}\n \n", encoding="utf-8")
    streamed = cultivar("project", "predict", "news", "live", "--file", lines).out.splitlines()
    first, second, third = (json.loads(line) for line in streamed)
    assert (
        first == third == {"error": {"code": "not-readable", "message": "The line holds no text."}}
    )
    assert second == told[0]
    for binary in (b"\0\1\2", b"\x89PNG\r\n\x1a\n\0\0"):
        lines.write_bytes(binary)
        answer = cultivar("project", "predict", "news", "live", "--file", lines, "--json")
        assert refused(answer) == "no-source"

    jobs = cultivar("project", "status", "news", "--json").json["jobs"]
    assert jobs[0]["kind"] == "deploy"
    assert {each["status"] for each in jobs} == {"succeeded"}
    assert "succeeded" in cultivar("project", "status", "news", jobs[0]["id"]).out


def test_documents_are_replaced_only_when_confirmed(cultivar: Command, file: Path) -> None:
    assert cultivar("project", "import", "news", file).code == 0
    assert refused(cultivar("project", "import", "news", file, "--json")) == "not-confirmed"
    assert cultivar("project", "import", "news", file, "--yes").code == 0


@pytest.mark.requirement("CT-24")
def test_nothing_is_deleted_without_a_word(cultivar: Command, file: Path) -> None:
    cultivar("project", "import", "news", file)
    assert refused(cultivar("project", "delete", "news", "--json")) == "not-confirmed"
    alone = ("project", "delete", "news", "--documents")
    assert refused(cultivar(*alone, "--json")) == "not-confirmed"
    assert cultivar("project", "list", "--json").json["projects"][0]["documents"] == 40
    emptied = cultivar(*alone, "--yes")
    assert "40 documents of news deleted; its 0 models and 0 deployments stay." in emptied.out
    listed = cultivar("project", "list", "--json").json["projects"][0]
    assert (listed["documents"], listed["classes"]) == (0, [])
    again = cultivar(*alone, "--yes", "--json")
    assert refused(again) == "no-documents"
    assert cultivar("project", "import", "news", file).code == 0
    assert cultivar("project", "delete", "news", "--yes").code == 0
    assert cultivar("project", "list", "--json").json["projects"] == []


def test_an_export_is_imported_again(cultivar: Command, file: Path, tmp_path: Path) -> None:
    cultivar("project", "import", "news", file)
    path = tmp_path / "exported.json"
    assert cultivar("project", "export", "news", "--to", path, "--with-texts").code == 0
    assert cultivar("project", "import", "copy", path, "--json").json["documents"] == 40
    before = path.read_text(encoding="utf-8")
    again = cultivar("project", "export", "news", "--to", path, "--json")
    assert refused(again) == "not-confirmed"
    assert path.read_text(encoding="utf-8") == before
    path.write_text("another file", encoding="utf-8")
    assert cultivar("project", "export", "news", "--to", path, "--yes").code == 0
    # no container holds the texts, so they are exported without being asked for
    assert path.read_text(encoding="utf-8") == before
    assert [each.name for each in tmp_path.glob("*exported*")] == ["exported.json"]
    folder = cultivar("project", "export", "news", "--to", tmp_path, "--json")
    assert refused(folder) == "cannot-write"
    assert json.loads(cultivar("project", "export", "news").out) == json.loads(before)


def test_folders_named_by_class_are_imported(cultivar: Command, tmp_path: Path) -> None:
    found, tags = texts(12)
    for place, (text, names) in enumerate(zip(found, tags, strict=True)):
        folder = tmp_path / "box" / names[0]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{place}.txt").write_text(text, encoding="utf-8")
    (tmp_path / "box" / "readme.txt").write_text("not tagged", encoding="utf-8")
    brought = cultivar("project", "import", "news", tmp_path / "box", "--json").json
    assert (brought["documents"], brought["tagged"]) == (13, 12)
    listed = cultivar("project", "list", "--json").json["projects"][0]
    assert listed["classes"] == ["contract", "everyday", "harvest"]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("x.json", "{", "bad-json"),
        ("x.csv", "a,b\n1,2\n", "missing-column"),
        ("x.csv", "", "no-documents"),
        ("x.csv", " \n\n", "no-documents"),
        ("x.csv", 'text,class\n"torn', "bad-table"),
        ("x.parquet", "no parquet", "bad-table"),
        ("x.txt", "a text", "unknown-source-kind"),
        ("x.csv", "text,class\n", "no-documents"),
        ("x.csv", "text,class,dataset\none,A,later\n", "bad-dataset"),
        ("x.csv", "text,class\none,Invoice\ntwo,invoice\n", "similar-classes"),
        ("x.json", '{"assets": {}, "assets": {}}', "repeated-key"),
    ],
)
def test_a_bad_source_is_refused_with_a_code(
    cultivar: Command, tmp_path: Path, name: str, content: str, code: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    cultivar("project", "create", "other")
    assert refused(cultivar("project", "import", "news", tmp_path / name, "--json")) == code
    listed = cultivar("project", "list", "--json").json["projects"]
    assert [each["project"] for each in listed] == ["other"]


def test_an_option_of_an_import_without_effect_is_refused(
    cultivar: Command, file: Path, tmp_path: Path
) -> None:
    (tmp_path / "x.csv").write_text("text,classes\none,a;b\n", encoding="utf-8")
    for source, option in (
        (file, ("--language", "de")), (file, ("--separator", ";")),
        (tmp_path / "x.csv", ("--separator", ";")),
    ):  # fmt: skip
        answer = cultivar("project", "import", "news", source, *option, "--json")
        assert answer.error == "option-without-effect"
    several = ("--kind", "multi-label", "--separator", ";")
    cultivar("project", "import", "news", tmp_path / "x.csv", *several)
    listed = cultivar("project", "list", "--json").json["projects"]
    assert listed[0]["classes"] == ["a", "b"]


def test_a_folder_without_documents_replaces_nothing(
    cultivar: Command, file: Path, tmp_path: Path
) -> None:
    cultivar("project", "import", "news", file)
    (tmp_path / "empty").mkdir()
    for source, code in ((tmp_path / "empty", "no-documents"), (tmp_path / "no", "no-source")):
        answer = cultivar("project", "import", "news", source, "--yes", "--json")
        assert refused(answer) == code
    assert cultivar("project", "list", "--json").json["projects"][0]["documents"] == 40


def test_what_cannot_be_read_is_listed_with_its_reason(cultivar: Command, tmp_path: Path) -> None:
    folder = tmp_path / "box" / "A"
    folder.mkdir(parents=True)
    (folder / "good.txt").write_text("a text that can be read", encoding="utf-8")
    (folder / "torn.pdf").write_bytes(b"%PDF-1.4 torn")
    (folder / "run.exe").write_bytes(b"MZ")
    brought = cultivar("project", "import", "news", tmp_path / "box")
    assert "unreadable: 2 documents" in brought.out
    listed = cultivar("project", "documents", "news", "--json").json["documents"]
    assert {each["document"]: each["status"] for each in listed} == {
        "A/good.txt": "ok", "A/torn.pdf": "corrupt", "A/run.exe": "unsupported",
    }  # fmt: skip
    assert all(each["classes"] == ["A"] and "text" not in each for each in listed)
    unreadable = cultivar("project", "documents", "news", "--unreadable", "--json").json
    assert [each["document"] for each in unreadable["documents"]] == ["A/run.exe", "A/torn.pdf"]
    assert all(each["reason"] for each in unreadable["documents"])


def test_a_cancelled_job_that_does_not_exist_is_named(cultivar: Command, file: Path) -> None:
    cultivar("project", "import", "news", file)
    assert refused(cultivar("project", "cancel", "news", "nothing", "--json")) == "unknown-job"
    assert refused(cultivar("project", "train", "nowhere", "m", "--json")) == "unknown-project"
