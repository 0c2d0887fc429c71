"""Every deed of a life is on record in one whole chain, and whoever may can prove it."""

import json
from itertools import cycle

import pytest
import sqlalchemy as sa
from fsspec.core import url_to_fs

from cultivar.core.audit_actions import AuditAction
from cultivar.core.audit_chain import Anchor, anchor_name, anchor_named, verify_lines
from cultivar.core.errors import CultivarError, Damaged, InvalidInput
from cultivar.core.lifecycle import Event
from cultivar.core.roles import Role
from cultivar.operations.audit.audit import Wanted, audit_entries, export_audit, verify_audit
from cultivar.operations.audit.verification import verify, verify_everything
from cultivar.operations.content.items import open_item
from cultivar.operations.publishing.drawn_samples import draw_release_sample
from cultivar.operations.publishing.overrides import override_gate
from cultivar.operations.publishing.publishing import publish
from cultivar.operations.publishing.release_samples import next_sampled
from cultivar.operations.retraining.decisions import point_back, republish
from cultivar.operations.tenant.people import grant_role
from cultivar.store.workspace import Workspace
from tests.operations.mail import give, listed, retrain
from tests.operations.organisation import ADMINISTRATOR, Organisation


def actions(workspace: Workspace) -> set[str]:
    return {each.action for each in audit_entries(workspace, ADMINISTRATOR, limit=1000)}


def test_transitions_verdicts_openings_and_pointer_moves_are_in_one_whole_chain(
    used: Organisation,
) -> None:
    workspace = used.workspace
    give(used, listed(used)[:30])
    retrain(used)
    republish(workspace, ADMINISTRATOR, "contracts", reason="the second one is wanted")
    point_back(workspace, ADMINISTRATOR, "contracts")
    open_item(workspace, ADMINISTRATOR, "inbox/20000.txt")
    wanted = {
        "set up", "opt-in started", "baseline taken", "created", "seeds attached", "candidate",
        "batch presented", "verdict", "published", "labelled", "policy created", "feedback given",
        "republished", "pointed back", "content opened", "role granted",
    }  # fmt: skip
    assert wanted - actions(workspace) == set()
    assert actions(workspace) <= {*AuditAction, *Event}
    assert verify_audit(workspace, ADMINISTRATOR).sound


def test_an_override_is_on_record_with_who_and_why(reviewable: Organisation) -> None:
    workspace = reviewable.workspace
    reviewable.review_batch("contracts", wrong=25)
    reviewable.settle("contracts", ["accuracy-moving"])
    override_gate(workspace, ADMINISTRATOR, "contracts", "accuracy", "the board decided so")
    publish(workspace, ADMINISTRATOR, "contracts")
    told = [
        each
        for each in audit_entries(workspace, ADMINISTRATOR, limit=1000)
        if "the board decided so" in json.dumps(each.details)
    ]
    assert [(each.actor, each.subject) for each in told] == [(ADMINISTRATOR, "contracts")]


def test_the_export_is_verified_without_a_registry(used: Organisation) -> None:
    lines = list(export_audit(used.workspace, ADMINISTRATOR))
    found = verify_lines(lines)
    assert found.sound
    assert found.anchor.count == len(lines)
    assert found.anchor == verify_audit(used.workspace, ADMINISTRATOR).anchor
    assert not verify_lines([*lines[:4], *lines[5:]]).sound


def test_the_anchor_of_an_earlier_day_is_still_reached_and_another_is_not(
    used: Organisation,
) -> None:
    kept = verify_audit(used.workspace, ADMINISTRATOR).anchor
    open_item(used.workspace, ADMINISTRATOR, "inbox/20000.txt")
    assert verify_audit(used.workspace, ADMINISTRATOR, kept).sound
    other = Anchor(kept.count, "f" * 64)
    assert verify_audit(used.workspace, ADMINISTRATOR, other).code == "audit-rewritten"
    beyond = Anchor(kept.count + 50, kept.head)
    assert verify_audit(used.workspace, ADMINISTRATOR, beyond).code == "audit-shortened"


def test_an_anchor_is_written_and_read_as_one_word() -> None:
    anchor = Anchor(42, "0a" * 32)
    assert anchor_named(anchor_name(anchor)) == anchor
    for wrong in ("", "42", "42:zz", f"x:{'0' * 64}", f"-1:{'0' * 64}"):
        with pytest.raises(InvalidInput) as caught:
            anchor_named(wrong)
        assert caught.value.code == "bad-anchor"


def test_entries_are_found_by_subject_person_and_deed_and_in_pages(used: Organisation) -> None:
    workspace = used.workspace
    every = audit_entries(workspace, ADMINISTRATOR, limit=1000)
    assert [each.number for each in every] == list(range(len(every), 0, -1))
    wanted = Wanted(subject="contracts", action="published", actor=ADMINISTRATOR)
    [found] = audit_entries(workspace, ADMINISTRATOR, wanted)
    assert found in every
    after = audit_entries(workspace, ADMINISTRATOR, before=every[4].number, limit=3)
    assert after == every[5:8]
    assert not audit_entries(workspace, ADMINISTRATOR, Wanted(actor="nobody"))


@pytest.mark.parametrize("role", Role)
def test_only_the_roles_of_the_area_read_the_log(used: Organisation, role: Role) -> None:
    workspace = used.workspace
    grant_role(workspace, ADMINISTRATOR, "kim", str(role))
    area = {
        Role.COMPLIANCE_ADMINISTRATOR,
        Role.COMPLIANCE_DATA_ADMINISTRATOR,
        Role.SECURITY_ADMINISTRATOR,
    }
    for call in (verify_audit, audit_entries, verify_everything):
        assert (_refusal(call, workspace) is None) is (role in area)
    assert (_refusal(lambda w, a: list(export_audit(w, a)), workspace) is None) is (role in area)


def _refusal(call: object, workspace: Workspace) -> str | None:
    try:
        call(workspace, "kim")  # type: ignore[operator]
    except CultivarError as error:
        return error.code
    return None


def test_a_changed_row_fails_verification_and_is_named(used: Organisation) -> None:
    workspace = used.workspace
    engine = sa.create_engine(workspace.registry.url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER audit_no_update")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        connection.exec_driver_sql("UPDATE audit SET actor = 'kim' WHERE id = 7")
    found = verify_audit(workspace, ADMINISTRATOR)
    assert (found.sound, found.broken, found.code) == (False, 7, "audit-changed")
    with pytest.raises(Damaged, match="Row 7") as caught:
        verify_everything(workspace, ADMINISTRATOR).require()
    assert caught.value.code == "audit-changed"


def artifacts(workspace: Workspace) -> list[tuple[str, str]]:
    """Return schema and path below the store of every artifact."""
    with workspace.registry.reading() as session:
        rows = session.execute(sa.text("SELECT schema_name, path FROM artifact ORDER BY path"))
        return [(schema, path) for schema, path in rows]


def test_one_flipped_byte_in_any_file_fails_verification_and_the_file_is_named(
    used: Organisation,
) -> None:
    workspace = used.workspace
    whole = verify_everything(workspace, ADMINISTRATOR).require()
    found = artifacts(workspace)
    assert whole.files == len(found)
    assert {"model", "items", "assignments", "predictions", "reviews"} <= {
        each[0] for each in found
    }
    # near the start, in the middle and near the end, in turn
    for (schema, path), place in zip(_one_of_each(found), cycle((10, 0.5, -10)), strict=False):
        flip(workspace, path, place)
        told = verify_everything(workspace, ADMINISTRATOR)
        assert [each.schema for each in told.problems] == [schema], (path, place)
        with pytest.raises(Damaged) as caught:
            told.require()
        assert caught.value.code == "artifact-damaged"
        assert told.problems[0].sha256[:12] in caught.value.sentence
        flip(workspace, path, place)
    verify_everything(workspace, ADMINISTRATOR).require()


def _one_of_each(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return list({schema: (schema, path) for schema, path in found}.values())


def flip(workspace: Workspace, path: str, place: float) -> None:
    """Flip one bit of a file of the artifact store: at a place, or that share of its length."""
    files, name = url_to_fs(workspace.artifacts.files.url(path))
    data = bytearray(files.cat_file(name))
    at = int(place * len(data)) if 0 < abs(place) < 1 else int(place)
    data[at] ^= 1
    files.rm_file(name)
    files.pipe_file(name, bytes(data))


def test_one_flipped_byte_behind_a_version_fails_its_verification(used: Organisation) -> None:
    workspace = used.workspace
    behind = {
        each.sha256: each.schema
        for each in verify(workspace, ADMINISTRATOR, "contracts").files.ancestors
    }
    assert {"model", "seed_set", "items", "unlabelled"} <= set(behind.values())
    paths = {path: schema for schema, path in artifacts(workspace)}
    named = [path for path in paths if any(sha256 in path for sha256 in behind)]
    assert len(named) == len(behind)
    for path in named:
        flip(workspace, path, 0.5)
        with pytest.raises(Damaged) as caught:
            verify(workspace, ADMINISTRATOR, "contracts")
        assert caught.value.code == "artifact-damaged", paths[path]
        damaged = str(caught.value.facts["damaged"]).strip("[']")
        assert damaged in path
        flip(workspace, path, 0.5)


def test_a_missing_file_is_named_too(used: Organisation) -> None:
    workspace = used.workspace
    [(_, path)] = [each for each in artifacts(workspace) if each[0] == "model"][:1]
    files, name = url_to_fs(workspace.artifacts.files.url(path))
    files.rm_file(name)
    told = verify_everything(workspace, ADMINISTRATOR)
    assert [each.schema for each in told.problems] == ["model"]
    assert "missing" in told.problems[0].sentence


def test_reading_the_release_sample_is_an_opening_of_each_item(stable: Organisation) -> None:
    workspace = stable.workspace
    draw_release_sample(workspace, ADMINISTRATOR, "contracts")
    shown = next_sampled(workspace, ADMINISTRATOR, "contracts", limit=4)
    [row] = audit_entries(workspace, ADMINISTRATOR, Wanted(action="content opened"))
    assert row.details["items"] == [each.item_id for each in shown]
    assert row.actor == ADMINISTRATOR
