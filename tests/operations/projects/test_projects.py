"""Projects, documents, imports and exports."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cultivar.core.errors import Conflict, CultivarError, InvalidInput, NotFound, NotPermitted
from cultivar.core.identity.matching import id_of
from cultivar.core.projects.jobs import JobKind, Status
from cultivar.core.projects.names import Kind
from cultivar.operations.audit.audit import audit_entries
from cultivar.operations.content.locations import add_location
from cultivar.operations.projects import labels_files
from cultivar.operations.projects.documents import (
    exported,
    guidance_of,
    list_documents,
    stated_evaluation,
    submit_export,
)
from cultivar.operations.projects.importing import run_import, submit_import
from cultivar.operations.projects.job_claim import require_going
from cultivar.operations.projects.jobs import cancel_job, job, list_jobs
from cultivar.operations.projects.projects import (
    Definition,
    delete_project,
    list_projects,
    project_named,
    put_project,
)
from cultivar.operations.tenant.people import grant_role
from cultivar.operations.tenant.tenant import bootstrap
from cultivar.settings import read_settings
from cultivar.store.tables import ArtifactRow
from cultivar.store.workspace import Workspace, open_workspace
from tests.content.test_ocr import PAGES, needs_tesseract, tiff
from tests.operations.projects.material import ACTOR, imported, labels_file

SINGLE = Definition(kind=Kind.SINGLE, language="en")


def test_a_project_is_made_changed_and_listed(desk: Workspace) -> None:
    made, is_new = put_project(desk, ACTOR, "P", SINGLE)
    assert is_new
    assert (made.kind, made.owner, made.documents) == (Kind.SINGLE, ACTOR, 0)
    changed, again = put_project(desk, ACTOR, "P", Definition(description="new"))
    assert not again
    assert (changed.description, changed.language) == ("new", "en")
    assert [each.name for each in list_projects(desk, ACTOR)] == ["P"]


@pytest.mark.requirement("CT-40")
def test_two_projects_may_differ_by_case_alone(desk: Workspace) -> None:
    for name in ("News", "news"):
        put_project(desk, ACTOR, name, Definition(kind=Kind.SINGLE, description=name))
    assert project_named(desk, ACTOR, "News").description == "News"
    with pytest.raises(NotFound) as refused:
        project_named(desk, ACTOR, "NEWS")
    assert refused.value.code == "unknown-project"


@pytest.mark.parametrize(
    ("name", "stated", "code"),
    [
        ("bad name", SINGLE, "bad-name"),
        ("P", Definition(), "unknown-project-kind"),
        ("P", Definition(kind=Kind.SINGLE, language="x" * 21), "too-long"),
        ("known", Definition(kind=Kind.MULTI), "kind-is-fixed"),
        ("P", Definition(kind=Kind.SINGLE, description="\udcff"), "half-character"),
        *(
            ("P", Definition(kind=Kind.SINGLE, settings=settings), code)
            for settings, code in (
                ({"a": float("nan")}, "bad-settings"),
                ({"\ud800": 1}, "bad-settings"),
                ({"confidenceThreshold": 1.5}, "bad-settings"),
                ({"confidenceThreshold": "high"}, "bad-settings"),
                ({"confidenceThreshold": True}, "bad-settings"),
                ({"a": "x" * 10_001}, "too-long"),
            )
        ),
    ],
)
def test_a_bad_definition_is_refused(
    desk: Workspace, name: str, stated: Definition, code: str
) -> None:
    put_project(desk, ACTOR, "known", SINGLE)
    with pytest.raises(InvalidInput) as refused:
        put_project(desk, ACTOR, name, stated)
    assert refused.value.code == code
    assert [each.name for each in list_projects(desk, ACTOR)] == ["known"]


def test_the_501st_project_is_refused(desk: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cultivar.operations.projects.projects.PROJECTS_AT_MOST", 1)
    put_project(desk, ACTOR, "one", SINGLE)
    with pytest.raises(InvalidInput) as refused:
        put_project(desk, ACTOR, "two", SINGLE)
    assert refused.value.code == "too-many-projects"


@pytest.mark.parametrize("call", [
    lambda ws: put_project(ws, "nobody", "P", SINGLE),
    lambda ws: submit_import(ws, "nobody", "P", labels_file()),
    lambda ws: list_projects(ws, "nobody"),
    lambda ws: delete_project(ws, "nobody", "known"),
])  # fmt: skip
def test_somebody_without_a_role_is_refused(
    desk: Workspace, call: Callable[[Workspace], object]
) -> None:
    put_project(desk, ACTOR, "known", SINGLE)
    with pytest.raises(NotPermitted):
        call(desk)


def test_an_import_makes_the_project_with_its_documents(desk: Workspace) -> None:
    done = imported(desk, count=40)
    assert done.status is Status.SUCCEEDED
    assert done.result == {"documents": 40, "tagged": 40}
    found = project_named(desk, ACTOR, "news")
    assert (found.documents, found.tagged, found.kind) == (40, 40, Kind.SINGLE)
    assert list_documents(desk, ACTOR, "news")[1].classes == ("everyday",)
    codes = {each.code for each in guidance_of(desk, ACTOR, "news")}
    assert codes == {"few-documents-a-class"}


def test_documents_are_read_from_the_container(desk: Workspace, tmp_path: Path) -> None:
    root = tmp_path / "box"
    (root / "sub").mkdir(parents=True)
    (root / "one.txt").write_text("the first document of all", encoding="utf-8")
    (root / "sub" / "two.html").write_text("<p>the second document</p>", encoding="utf-8")
    (root / "empty.txt").write_text(" ", encoding="utf-8")
    (root / "again.txt").write_text("the first document of all", encoding="utf-8")
    (root / "long.txt").write_text("word " * 30_000, encoding="utf-8")
    (tmp_path / "secret.txt").write_text("outside", encoding="utf-8")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    add_location(desk, ACTOR, "box", str(root))
    names = ["one.txt", "sub/two.html", "empty.txt", "again.txt", "long.txt", "link.txt", "no.txt"]
    file = labels_file(0)
    file["metadata"]["storageInputContainerName"] = "box"
    file["assets"]["documents"] = [
        {"location": name, "class": {"category": "harvest"}} for name in names
    ]
    done = run_import(desk, submit_import(desk, ACTOR, "P", file, in_this_process=True).id)
    assert done.result == {"documents": 7, "tagged": 3}
    assert [each["code"] for each in done.warnings] == ["unreadable"]
    found = {each.document: each.status for each in list_documents(desk, ACTOR, "P")}
    assert found == {
        "one.txt": "ok", "sub/two.html": "ok", "empty.txt": "empty", "again.txt": "ok",
        "long.txt": "too large", "link.txt": "failed", "no.txt": "not found",
    }  # fmt: skip
    assert "duplicates" in {each.code for each in guidance_of(desk, ACTOR, "P")}


@needs_tesseract
def test_a_scan_is_read_as_a_crawl_reads_it(tmp_path: Path) -> None:
    (tmp_path / "box").mkdir()
    (tmp_path / "box" / "scan.tiff").write_bytes(tiff(PAGES[0]))
    file = labels_file(0)
    file["metadata"]["storageInputContainerName"] = "box"
    file["assets"]["documents"] = [{"location": "scan.tiff", "class": {"category": "harvest"}}]
    for ocr, status in (("false", "unsupported"), ("true", "ok")):
        home = {"CULTIVAR_HOME": str(tmp_path / "home"), "CULTIVAR_OCR": ocr}
        with open_workspace(read_settings(home)) as desk:
            bootstrap(desk, ACTOR)
            if ocr == "false":
                add_location(desk, ACTOR, "box", str(tmp_path / "box"))
            run_import(desk, submit_import(desk, ACTOR, "P", file, in_this_process=True).id)
            assert [each.status for each in list_documents(desk, ACTOR, "P")] == [status]


def test_a_labels_file_in_a_container_may_be_larger_than_a_request(tmp_path: Path) -> None:
    (tmp_path / "box").mkdir()
    (tmp_path / "box" / "labels.json").write_text("x" * 2_000)
    home = {"CULTIVAR_HOME": str(tmp_path / "home"), "CULTIVAR_WEB_BODY_BYTES": "1000"}
    with open_workspace(read_settings(home)) as desk:
        bootstrap(desk, ACTOR)
        add_location(desk, ACTOR, "box", str(tmp_path / "box"))
        found = labels_files.labels_file(desk, ACTOR, "box", "labels.json")
        assert found == b"x" * 2_000


def artifacts(workspace: Workspace) -> int:
    with workspace.registry.reading() as session:
        return session.query(ArtifactRow).count()


BAD: list[tuple[str, Callable[[dict[str, Any]], Any]]] = [
    ("bad-json", lambda file: json.dumps(file)[:-9]),
    ("unknown-class", lambda file: file | {"assets": file["assets"] | {"classes": []}}),
    ("bad-document-name", lambda file: json.dumps(file).replace("folder/000", "../../000")),
    ("repeated-document", lambda file: json.dumps(file).replace("folder/000", "folder/001")),
    ("unknown-container", lambda file: json.dumps(file).replace('"text"', '"elsewhere"')),
]


@pytest.mark.parametrize(("code", "spoil"), BAD, ids=[code for code, _ in BAD])
def test_a_bad_labels_file_leaves_nothing_behind(
    desk: Workspace, code: str, spoil: Callable[[dict[str, Any]], Any]
) -> None:
    with pytest.raises(CultivarError) as refused:
        submit_import(desk, ACTOR, "P", spoil(labels_file()))
    assert refused.value.code == code
    assert list_projects(desk, ACTOR) == []
    assert artifacts(desk) == 0


def test_an_import_replaces_all_documents_and_a_failed_one_none(
    desk: Workspace, tmp_path: Path
) -> None:
    imported(desk, count=40)
    assert imported(desk, count=12).result == {"documents": 12, "tagged": 12}
    add_location(desk, ACTOR, "gone", str(tmp_path / "gone"))
    file = labels_file(15)
    file["metadata"]["storageInputContainerName"] = "gone"
    del file["assets"]["documents"][0]["text"]
    opened = submit_import(desk, ACTOR, "news", file)
    with pytest.raises(NotFound):
        run_import(desk, opened.id)
    failed = job(desk, ACTOR, "news", opened.id)
    assert failed.status is Status.FAILED
    assert failed.errors[0]["code"] == "location-not-found"
    assert project_named(desk, ACTOR, "news").documents == 12


def test_while_an_import_is_open_the_project_is_busy(desk: Workspace) -> None:
    opened = submit_import(desk, ACTOR, "news", labels_file())
    for call in (
        lambda: submit_import(desk, ACTOR, "news", labels_file(20)),
        lambda: delete_project(desk, ACTOR, "news"),
        lambda: put_project(desk, ACTOR, "news", Definition(description="x")),
    ):
        with pytest.raises(Conflict) as refused:
            call()
        assert refused.value.code == "project-busy"
    assert cancel_job(desk, ACTOR, "news", opened.id).status is Status.CANCELLED
    with pytest.raises(Conflict, match="cancelled"), desk.registry.transaction() as session:
        require_going(session, opened.id)
    assert imported(desk).status is Status.SUCCEEDED


def test_an_export_is_the_labels_file_that_was_imported(desk: Workspace) -> None:
    imported(desk)
    first = submit_export(desk, ACTOR, "news")
    assert first.status is Status.SUCCEEDED
    file = exported(desk, ACTOR, "news", first.id, with_texts=True)
    run_import(desk, submit_import(desk, ACTOR, "copy", file, in_this_process=True).id)
    second = exported(desk, ACTOR, "copy", submit_export(desk, ACTOR, "copy").id, with_texts=True)
    assert second["assets"] == file["assets"]
    # no container holds these texts, so an export without them could not be imported
    assert exported(desk, ACTOR, "news", first.id) == file


def test_an_export_of_documents_in_a_container_names_them_alone(
    desk: Workspace, tmp_path: Path
) -> None:
    box = tmp_path / "box"
    box.mkdir()
    (box / "a.txt").write_text("an invoice")
    (box / "b.txt").write_text("a complaint")
    add_location(desk, ACTOR, "box", str(box))
    file = labels_file(0)
    file["metadata"]["storageInputContainerName"] = "box"
    file["assets"]["documents"] = [
        {"location": name, "class": file["assets"]["classes"][0]} for name in ("a.txt", "b.txt")
    ]
    run_import(desk, submit_import(desk, ACTOR, "P", file, in_this_process=True).id)
    made = exported(desk, ACTOR, "P", submit_export(desk, ACTOR, "P").id)
    assert all("text" not in each for each in made["assets"]["documents"])
    run_import(desk, submit_import(desk, ACTOR, "again", made, in_this_process=True).id)
    assert [each.status for each in list_documents(desk, ACTOR, "again")] == ["ok", "ok"]


def test_texts_of_a_container_are_content_for_whoever_exports_them(
    desk: Workspace, tmp_path: Path
) -> None:
    """Who may not open content does not have it through a project, and who may is on record."""
    box = tmp_path / "box"
    box.mkdir()
    (box / "a.txt").write_text("the words of a letter")
    add_location(desk, ACTOR, "box", str(box))
    file = labels_file(1)
    file["metadata"]["storageInputContainerName"] = "box"
    tagged = {"location": "a.txt", "class": file["assets"]["classes"][0]}
    file["assets"]["documents"].append(tagged)
    grant_role(desk, ACTOR, "dan", "compliance data administrator")
    run_import(desk, submit_import(desk, "dan", "P", file, in_this_process=True).id)

    def refused(job_id: str, **how: bool) -> None:
        with pytest.raises(NotPermitted) as told:
            exported(desk, "dan", "P", job_id, **how)
        assert told.value.code == "wrong-role"

    first = submit_export(desk, "dan", "P").id
    refused(first, with_texts=True)
    assert all(
        "text" not in each for each in exported(desk, "dan", "P", first)["assets"]["documents"]
    )
    # without its container every export has texts, wherever they came from
    put_project(desk, "dan", "P", Definition(container=""))
    second = submit_export(desk, "dan", "P").id
    refused(second)
    assert not [each for each in audit_entries(desk, ACTOR) if each.action == "content opened"]
    whole = exported(desk, ACTOR, "P", second)
    assert whole["assets"]["documents"][-1]["text"] == "the words of a letter"
    row = next(each for each in audit_entries(desk, ACTOR) if each.action == "content opened")
    assert row.details["items"] == [id_of("box", "a.txt")]
    assert (row.details["location"], row.actor, row.subject) == ("box", ACTOR, "project:P")


def test_keys_that_nothing_reads_are_told_of(desk: Workspace) -> None:
    file = labels_file(12)
    for each in file["assets"]["documents"]:
        each["langauge"] = "de"
    done = run_import(desk, submit_import(desk, ACTOR, "news", file, in_this_process=True).id)
    assert [each["code"] for each in done.warnings] == ["unused-input"]
    assert "langauge" in done.warnings[0]["sentence"]


def test_documents_marked_for_testing_are_what_a_model_is_tested_on(desk: Workspace) -> None:
    imported(desk, count=40)
    assert stated_evaluation(desk, ACTOR, "news").kind == "percentage"
    file = labels_file(40)
    for each in file["assets"]["documents"][:10]:
        each["dataset"] = "Test"
    run_import(desk, submit_import(desk, ACTOR, "news", file, in_this_process=True).id)
    assert stated_evaluation(desk, ACTOR, "news").kind == "manual"


def test_an_export_stays_what_it_was_when_documents_are_replaced(desk: Workspace) -> None:
    imported(desk, count=40)
    first = submit_export(desk, ACTOR, "news")
    imported(desk, count=12)
    assert len(exported(desk, ACTOR, "news", first.id)["assets"]["documents"]) == 40


def test_a_deleted_project_is_gone_and_its_job_remains(news: Workspace) -> None:
    done = delete_project(news, ACTOR, "news")
    assert list_projects(news, ACTOR) == []
    assert job(news, ACTOR, None, done.id).kind is JobKind.DELETE
    with pytest.raises(NotFound):
        list_jobs(news, ACTOR, "news")
