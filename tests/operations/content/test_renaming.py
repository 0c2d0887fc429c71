"""A location that is renamed: what referred to it still does, and nothing is done anew for it."""

import pytest
from sqlalchemy import select

from cultivar.core.errors import Conflict, NotFound
from cultivar.core.projects.names import Kind
from cultivar.operations.audit.audit import audit_entries
from cultivar.operations.content.aggregation import aggregate
from cultivar.operations.content.explorer import Filters, explore
from cultivar.operations.content.item_history import item_on
from cultivar.operations.content.items import open_item
from cultivar.operations.content.locations import add_location, items_of, resolve_source
from cultivar.operations.content.removal import location_uses, remove_location
from cultivar.operations.content.renaming import rename_location
from cultivar.operations.policies.manual_labels import set_label
from cultivar.operations.policies.policies import create_policy, policy_named
from cultivar.operations.policies.undo import begin_undo
from cultivar.operations.projects.projects import Definition, project_named, put_project
from cultivar.operations.retraining.feedback_views import feedback_status
from cultivar.operations.runs import claim
from cultivar.operations.scoring.labelling import labelling_due
from cultivar.store.tables import LocationRow, all_tables
from cultivar.store.workspace import Workspace
from tests.operations.mail import POLICY, give, label, listed
from tests.operations.organisation import ADMINISTRATOR, Organisation
from tests.operations.policing import apply, empower, labels_in_force

IN_MAIL = {**POLICY, "name": "Mail", "priority": 9, "condition": {"and": [
    {"not": {"location": ["elsewhere", "mail"]}}, {"classifier": "contracts", "at_least": "match"},
]}}  # fmt: skip


def names_in(workspace: Workspace, name: str) -> set[str]:
    """Return the columns that hold a location's name as a reference."""
    with workspace.registry.reading() as session:
        return {
            str(column)
            for table in all_tables().sorted_tables
            for column in table.columns
            if any(key.column.table.name == "location" for key in column.foreign_keys)
            and session.execute(select(table).where(column == name)).first()
        }


def test_what_referred_to_a_renamed_location_still_does(used: Organisation) -> None:
    workspace = used.workspace
    empower(workspace)
    add_location(workspace, ADMINISTRATOR, "elsewhere", "memory://elsewhere")
    create_policy(workspace, ADMINISTRATOR, IN_MAIL)
    put_project(workspace, ADMINISTRATOR, "news", Definition(kind=Kind.SINGLE, container="mail"))
    give(used, listed(used)[:3])
    item = listed(used)[5].item_id
    set_label(workspace, ADMINISTRATOR, item, "retention label", "Legal hold")
    apply(workspace, location="mail")
    begin_undo(workspace, ADMINISTRATOR, policy="mail")
    before = item_on(workspace, ADMINISTRATOR, item)
    referring = names_in(workspace, "mail")
    labels = labels_in_force(workspace, "mail")
    uses = location_uses(workspace, ADMINISTRATOR, "mail")
    assert "the policies mail" in uses.referring

    aggregate(workspace, ADMINISTRATOR)

    made = rename_location(workspace, ADMINISTRATOR, "mail", "post [2026]")

    shown = explore(workspace, ADMINISTRATOR, Filters(location="post [2026]"))
    assert shown.rows
    assert not shown.stale
    assert made.policies == ("mail",)
    assert not names_in(workspace, "mail")
    assert names_in(workspace, "post [2026]") == referring
    assert {"labelling.location", "application.location", "feedback.location"} <= referring
    assert policy_named(workspace, ADMINISTRATOR, "mail").version == 2
    assert "post [2026]" in policy_named(workspace, ADMINISTRATOR, "mail").sentence
    assert project_named(workspace, ADMINISTRATOR, "news").container == "post [2026]"
    assert feedback_status(workspace, ADMINISTRATOR, "contracts").counted == 3
    assert open_item(workspace, ADMINISTRATOR, item, location="post [2026]").text
    after = item_on(workspace, ADMINISTRATOR, item)
    assert (after.location, after.predictions) == ("post [2026]", before.predictions)
    assert (after.labels, after.history) == (before.labels, before.history)
    # nothing is classified again, and the same labels follow from the same grounds
    assert not labelling_due(workspace, ADMINISTRATOR)
    label(workspace)
    found = apply(workspace, location="post [2026]")
    assert {name: found.counts[name] for name in ("added", "removed", "changed", "renewed")} == {
        "added": 0, "removed": 0, "changed": 0, "renewed": 0,
    }  # fmt: skip
    after_all = labels_in_force(workspace, "post [2026]")
    assert {row["location"] for row in after_all} == {"post [2026]"}
    assert [row["item_id"] for row in after_all] == [row["item_id"] for row in labels]
    give(used, listed(used)[3:5])
    assert feedback_status(workspace, ADMINISTRATOR, "contracts").counted == 5
    [entry] = [
        each
        for each in audit_entries(workspace, ADMINISTRATOR)
        if each.action == "location renamed"
    ]
    assert entry.subject == "location:post [2026]"
    assert entry.details["before"] == "mail"


def test_seeds_and_test_items_are_found_under_the_new_name(stable: Organisation) -> None:
    workspace = stable.workspace
    with workspace.registry.reading() as session:
        seeds = session.scalars(select(LocationRow.name).where(LocationRow.purpose == "seed"))
        name = seeds.first() or "intranet"
    rename_location(workspace, ADMINISTRATOR, name, "samples")
    assert location_uses(workspace, ADMINISTRATOR, "samples").seeds_of == ("contracts",)
    source = resolve_source(workspace, "samples/a")
    table = workspace.artifacts.read(
        workspace.artifacts.reference(items_of(workspace, source).items_sha256), ["location"]
    )
    assert set(table.column("location").to_pylist()) == {"samples"}
    with pytest.raises(NotFound, match="it is named samples now"):
        location_uses(workspace, ADMINISTRATOR, name)


def test_a_name_that_is_or_was_that_of_another_location_is_refused(used: Organisation) -> None:
    workspace = used.workspace
    for name in ("a", "b", "gone"):
        add_location(workspace, ADMINISTRATOR, name, f"memory://{name}")
    remove_location(workspace, ADMINISTRATOR, "gone")
    for taken in ("b", "gone", "a"):
        with pytest.raises(Conflict) as refused:
            rename_location(workspace, ADMINISTRATOR, "a", taken)
        assert refused.value.code == "location-exists"
    with claim(workspace, "crawl", "location:a"), pytest.raises(Conflict) as running:
        rename_location(workspace, ADMINISTRATOR, "a", "c")
    assert running.value.code == "already-running"
    rename_location(workspace, ADMINISTRATOR, "a", "c")
    # ids of items follow from the first name
    with pytest.raises(Conflict, match="c was named a before"):
        add_location(workspace, ADMINISTRATOR, "a", "memory://other")
    with pytest.raises(Conflict, match="c was named a before"):
        rename_location(workspace, ADMINISTRATOR, "b", "a")
    rename_location(workspace, ADMINISTRATOR, "c", "a")
    assert names_in(workspace, "c") == set()
