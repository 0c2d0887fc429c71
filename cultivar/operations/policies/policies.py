"""Policies as people write them: created, changed as new versions, switched on and off, listed.

It keeps what a policy says; evaluating and applying it have modules of their own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import Conflict, InvalidInput, NotFound, NotReady
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.policies.policy import PERMISSION_FOR, Kind, Policy
from cultivar.core.policies.policy_checks import next_version, require_usable
from cultivar.core.policies.policy_json import policy_as_json, policy_from_json
from cultivar.core.roles import Action, AnyActor, may
from cultivar.core.serialisation import fields_of
from cultivar.operations.classifiers.classifiers import id_from
from cultivar.operations.content.locations import location_names
from cultivar.operations.lookups import find_named, row_named
from cultivar.operations.policies.permitted import allow_some_kind
from cultivar.operations.policies.summaries import PolicyDetails, PolicySummary, PolicyVersion
from cultivar.operations.transactions import (
    Transaction,
    snapshot,
    transaction,
)
from cultivar.store.tables import ClassifierRow, PolicyRow, PolicyVersionRow, UndoRow
from cultivar.store.workspace import Workspace

WRITERS = ("attributes", "tags", "graph", "webhook")


def create_policy(
    workspace: Workspace,
    actor: AnyActor,
    definition: Mapping[str, Any],
    writers: Sequence[str] = (),
) -> Policy:
    """Keep the first version of a policy; its id follows from its name.

    ``definition`` is as ``policy_from_json`` reads it, without id and version; ``writers`` (of
    ``WRITERS``) carry its labels into the content's own store.

    Raises:
        InvalidInput: the definition says too little or too much; codes ``unknown-classifier``,
            ``unknown-location``, ``unknown-writer``, ``unfit-writer``.
        NotReady: code ``unpublished-classifier``.
        Conflict: code ``name-taken``.
        NotPermitted: the actor may not use classifiers in a policy of that kind.
    """
    policy = _drafted(definition)
    with transaction(workspace, actor, PERMISSION_FOR[policy.kind]) as tx:
        _require_free(tx.session, policy)
        require_usable(policy, published_classifiers(tx.session), location_names(tx.session))
        tx.session.add(
            PolicyRow(
                id=policy.policy_id, name=policy.name, kind=str(policy.kind), version=1,
                enabled=policy.enabled, created_by=tx.actor, created_at=tx.at,
            )
        )  # fmt: skip
        tx.session.flush()
        _keep(tx, policy, _fitting(policy, writers))
        tx.audit(
            AuditAction.POLICY_CREATED, _subject(policy), name=policy.name, kind=str(policy.kind)
        )
    return policy


def update_policy(
    workspace: Workspace,
    actor: AnyActor,
    name: str,
    changes: Mapping[str, Any],
    writers: Sequence[str] | None = None,
) -> Policy:
    """Keep the next version of a policy; the versions before it stay as they were.

    ``changes`` replaces parts of the definition: name, condition, action, priority. ``writers``
    None leaves those of the version before. Where that version was undone, the next one may say the
    same: it labels again.

    Raises: as ``create_policy``, and
        InvalidInput: codes ``nothing-changed``, ``fixed`` (a policy keeps its kind and its id).
        NotFound: code ``unknown-policy``.
    """
    with transaction(workspace, actor, None) as tx:
        allow_some_kind(tx)
        row = _row_in_use(tx.session, name)
        before = version_of(tx.session, row)
        tx.allow(PERMISSION_FOR[before.kind])
        kept = writers_of(tx.session, before)
        undone = before.version in undone_versions(tx.session, row.id)
        others = writers is not None and list(writers) != kept
        after = _changed(before, changes, may_say_the_same=others or undone)
        _require_free(tx.session, after)
        require_usable(after, published_classifiers(tx.session), location_names(tx.session))
        _keep(tx, after, kept if writers is None else _fitting(after, writers))
        row.name, row.version = after.name, after.version
        tx.audit(AuditAction.POLICY_CHANGED, _subject(after), version=after.version)
    return after


def switch_policy(workspace: Workspace, actor: AnyActor, name: str, enabled: bool) -> Policy:
    """Enable or disable a policy; its version stays the same.

    What a disabled policy labelled is taken back by the next application, which shows it first.

    Raises:
        NotFound: code ``unknown-policy``.
        NotReady: code ``unpublished-classifier``; it cannot be enabled.
    """
    with transaction(workspace, actor, None) as tx:
        allow_some_kind(tx)
        row = _row_in_use(tx.session, name)
        policy = replace(version_of(tx.session, row), enabled=enabled)
        tx.allow(PERMISSION_FOR[policy.kind])
        if enabled:
            require_usable(policy, published_classifiers(tx.session))
        if row.enabled != enabled:
            row.enabled = enabled
            action = AuditAction.POLICY_ENABLED if enabled else AuditAction.POLICY_DISABLED
            tx.audit(action, _subject(policy))
    return policy


def is_any_enabled(workspace: Workspace) -> bool:
    """Tell whether there is an enabled policy, so that something can be applied."""
    with workspace.registry.reading() as session:
        return bool(enabled_policies(session))


def enabled_policies(session: Session) -> list[Policy]:
    """Return the newest version of each enabled policy, by id."""
    return [policy for policy in every_policy(session) if policy.enabled]


def every_policy(session: Session, *, archived: bool = False) -> list[Policy]:
    """Return the newest version of each policy, by id: of those in use, or of the archived ones."""
    is_archived = PolicyRow.archived_at.is_not(None)
    query = select(PolicyRow).where(is_archived if archived else ~is_archived)
    return [version_of(session, row) for row in session.scalars(query.order_by(PolicyRow.id))]


def list_policies(
    workspace: Workspace, actor: AnyActor, *, archived: bool = False
) -> list[PolicySummary]:
    """Return every policy in words, with its version and its state; or the archived ones.

    Raises:
        NotPermitted: the actor may neither read the area nor write policies of any kind.
    """
    with snapshot(workspace, actor, None) as tx:
        allow_reading(tx)
        found = every_policy(tx.session, archived=archived)
        return [_listed(tx.session, policy) for policy in found]


def policy_details(workspace: Workspace, actor: AnyActor, name: str) -> PolicyDetails:
    """Return a policy with every version of it, newest first.

    Raises:
        NotFound: code ``unknown-policy``; the sentence offers near matches.
    """
    with snapshot(workspace, actor, None) as tx:
        allow_reading(tx)
        row = policy_row(tx.session, name)
        versions = tx.session.scalars(
            select(PolicyVersionRow)
            .where(PolicyVersionRow.policy_id == row.id)
            .order_by(PolicyVersionRow.version.desc())
        )
        listed = _listed(tx.session, version_of(tx.session, row))
        undone = undone_versions(tx.session, row.id)
        told = tuple(_version(each, undone) for each in versions)
        return PolicyDetails(**fields_of(listed), versions=told)


def policy_named(workspace: Workspace, actor: AnyActor, name: str) -> Policy:
    """Return the newest version of the policy of that name or id.

    Raises:
        NotPermitted: the actor may use no kind of policy, and learns of none.
    """
    with snapshot(workspace, actor, None) as tx:
        allow_some_kind(tx)
        return version_of(tx.session, policy_row(tx.session, name))


def policy_row(session: Session, name: str) -> PolicyRow:
    """Return the policy of that name or id; see ``row_named``."""
    return row_named(session, PolicyRow, name, "policy")


def _row_in_use(session: Session, name: str) -> PolicyRow:
    row = policy_row(session, name)
    if row.archived_at is not None:
        raise NotReady(
            "archived",
            f"{row.name} was archived by {row.archived_by}.",
            {"policy": row.id},
            Remedy(NextStep.RESTORE_POLICY, row.id),
        )
    return row


def version_of(session: Session, row: PolicyRow, version: int | None = None) -> Policy:
    """Return a version of a policy, the newest unless another is named.

    Raises:
        NotFound: code ``unknown-policy-version``.
    """
    kept = session.get(PolicyVersionRow, (row.id, version or row.version))
    if kept is None:
        raise NotFound(
            "unknown-policy-version",
            f"{row.name} has no version {version}; "
            + ("its only version is 1." if row.version == 1 else f"it has 1 to {row.version}."),
        )
    return replace(policy_from_json(kept.definition), enabled=row.enabled)


def writers_of(session: Session, policy: Policy) -> list[str]:
    """Return the names of the writers that carry the labels of a policy's version."""
    kept = session.get_one(PolicyVersionRow, (policy.policy_id, policy.version))
    return [str(writer) for writer in kept.writers]


def undone_versions(session: Session, policy_id: str) -> set[int]:
    """Return the versions of a policy that were undone: they label nothing any more."""
    undone = select(UndoRow.policy_version).where(UndoRow.policy_id == policy_id)
    return {version for version in session.scalars(undone) if version is not None}


def allow_reading(tx: Transaction) -> None:
    """Do nothing when the actor may read the area, or write policies of some kind."""
    held = tx.roles
    if not any(may(held, action) for action in PERMISSION_FOR.values()):
        tx.allow(Action.READ)


def _drafted(definition: Mapping[str, Any]) -> Policy:
    name = definition.get("name")
    policy_id = id_from(name) if isinstance(name, str) else ""
    _refuse_fixed(definition, ("policy_id", "version"))
    return policy_from_json({**definition, "policy_id": policy_id, "version": 1})


def _changed(before: Policy, changes: Mapping[str, Any], *, may_say_the_same: bool) -> Policy:
    _refuse_fixed(changes, ("policy_id", "version", "kind", "enabled"))
    after = policy_from_json(policy_as_json(before) | dict(changes))
    if may_say_the_same and after == before:
        return replace(after, version=before.version + 1)
    parts = ("name", "condition", "action", "priority")
    return next_version(before, **{part: getattr(after, part) for part in parts})


def _refuse_fixed(given: Mapping[str, Any], fixed: Iterable[str]) -> None:
    for part in fixed:
        if part in given:
            raise InvalidInput(
                "fixed",
                f"{part} is not for a person to state here. A policy keeps its kind and its id, "
                "versions count by themselves, and enable and disable are deeds of their own.",
                {"part": part},
            )


def _require_free(session: Session, policy: Policy) -> None:
    taken = (
        session.get(PolicyRow, policy.policy_id),
        find_named(session, PolicyRow, policy.name),
    )
    for row in taken:
        if row is not None and (policy.version == 1 or row.id != policy.policy_id):
            raise Conflict(
                "name-taken",
                f"A policy named {row.name} exists already. Choose another name;",
                {"name": row.name},
                Remedy(NextStep.UPDATE_POLICY, row.id),
            )


def published_classifiers(session: Session) -> dict[str, bool]:
    """Return for the id of each classifier whether a version of it is published."""
    rows = session.execute(select(ClassifierRow.id, ClassifierRow.published_version_id))
    return {name: version is not None for name, version in rows}


def _fitting(policy: Policy, writers: Sequence[str]) -> list[str]:
    unknown = [name for name in writers if name not in WRITERS]
    if unknown:
        raise InvalidInput(
            "unknown-writer",
            f"{unknown[0]!r} is not a writer. There are: {', '.join(WRITERS)}.",
        )
    if "graph" in writers and policy.kind != Kind.RETENTION:
        raise InvalidInput(
            "unfit-writer",
            f"The writer graph sets retention labels; {policy.name} gives a {policy.kind}.",
        )
    return sorted(set(writers))


def _keep(tx: Transaction, policy: Policy, writers: list[str]) -> None:
    tx.session.add(
        PolicyVersionRow(
            policy_id=policy.policy_id, version=policy.version, definition=policy_as_json(policy),
            writers=writers, created_by=tx.actor, created_at=tx.at,
        )
    )  # fmt: skip


def _subject(policy: Policy) -> str:
    return f"policy:{policy.policy_id}"


def _listed(session: Session, policy: Policy) -> PolicySummary:
    return PolicySummary(
        **policy_as_json(policy),
        sentence=policy.sentence,
        writers=tuple(writers_of(session, policy)),
        undone=policy.version in undone_versions(session, policy.policy_id),
    )


def _version(row: PolicyVersionRow, undone: set[int]) -> PolicyVersion:
    return PolicyVersion(
        version=row.version,
        sentence=policy_from_json(row.definition).sentence,
        definition=row.definition,
        writers=tuple(row.writers),
        undone=row.version in undone,
        created_by=row.created_by,
        created_at=row.created_at,
    )
