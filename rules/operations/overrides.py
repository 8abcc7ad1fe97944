"""Manual overrides: one item pushed up or kept out, by a rule of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from catalog.core.faults import refuse
from catalog.core.text import is_id
from catalog.models import Namespace
from catalog.models.runs import new_id
from rules.core.content import Content
from rules.core.rule import (
    OVERRIDE_PRIORITY,
    Action,
    Kind,
    Rule,
    Target,
    TargetType,
    Window,
)
from rules.models import (
    ChangeSet,
    ChangeSetItem,
    ManualOverride,
    OverrideAction,
    OverrideStatus,
    Verb,
)

from .change_sets import Purpose
from .direct import Done, Edit, make, retire_rule, with_defaults
from .drafts import draft_end, draft_new_rule
from .locking import lock_rules
from .override_states import expire_overrides

DEFAULT_BOOST = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideDraft:
    """What somebody wants of one item."""

    surface: str
    item_id: str
    action: str
    boost_value: float | None = None
    notes: str = ""
    expires_at: datetime | None = None
    priority: int = OVERRIDE_PRIORITY


@dataclass(frozen=True, slots=True)
class Overridden:
    """The override, and what came of the call."""

    override: ManualOverride
    done: Done
    superseded: ManualOverride | None = None


def create_override(
    namespace: Namespace, draft: OverrideDraft, *, edit: Edit
) -> Overridden:
    """Put an override in force; the one that the item had there is superseded."""
    _require_valid(draft, at=edit.at)
    lock_rules(namespace)
    expire_overrides(namespace, at=edit.at)
    override_id = new_id()
    content = with_defaults(_content(draft, str(override_id), edit=edit), edit=edit)
    before = _active(namespace, draft)
    made: list[ManualOverride] = []

    def put(change_set: ChangeSet) -> ChangeSetItem:
        actor, at = edit.actor, edit.at
        if before is not None:
            verb = Verb.SUPERSEDE
            draft_end(change_set, before.rule, actor=actor, at=at, verb=verb)
        item = draft_new_rule(change_set, content, actor=actor, at=at)
        made.append(_row(namespace, draft, item=item, edit=edit, pk=override_id))
        return item

    reason = edit.reason or draft.notes or f"Manual override: {content.rule.name}"
    purpose = Purpose(title=content.rule.name, reason=reason, is_direct=True)
    done = make(namespace, purpose, put, edit=edit)
    override = made[0]
    override.refresh_from_db()
    return Overridden(override, done, before)


def cancel_override(override: ManualOverride, *, edit: Edit) -> ManualOverride:
    """Take an override out of force at once; one that has ended stays as it is."""
    edit.actor.require("publish")
    lock_rules(override.namespace)
    expire_overrides(override.namespace, at=edit.at)
    rows = ManualOverride.objects.select_related("rule__version", "rule__namespace")
    override = rows.get(pk=override.pk)
    if override.status == OverrideStatus.ACTIVE:
        retire_rule(override.rule, edit=edit)
        override.refresh_from_db()
    elif override.status == OverrideStatus.WAITING:
        override.status = OverrideStatus.CANCELLED
        override.cancelled_by, override.ended_at = edit.actor.name, edit.at
        override.save(update_fields=["status", "cancelled_by", "ended_at"])
    return override


def _require_valid(draft: OverrideDraft, *, at: datetime) -> None:
    if draft.action not in OverrideAction.values:
        raise refuse(
            "invalid_action", "action must be boost or suppress.", field="action"
        )
    if not draft.item_id:
        raise refuse("missing_item_id", "Name the item.", field="item_id")
    if not is_id(draft.item_id):
        raise refuse(
            "invalid_item_id",
            "item_id has 1 to 256 bytes and no control characters.",
            field="item_id",
        )
    is_boost = draft.action == OverrideAction.BOOST
    if draft.boost_value is not None and (not is_boost or draft.boost_value <= 0):
        words = "must be above 0" if is_boost else "is taken by a boost only"
        raise refuse(
            "invalid_boost_value", f"boost_value {words}.", field="boost_value"
        )
    if draft.expires_at is not None and draft.expires_at <= at:
        raise refuse(
            "invalid_expires_at", "expires_at must lie ahead.", field="expires_at"
        )


def _content(draft: OverrideDraft, override_id: str, *, edit: Edit) -> Content:
    is_boost = draft.action == OverrideAction.BOOST
    expiry = draft.expires_at
    windows = (
        ()
        if expiry is None
        else (Window(end=expiry.astimezone(UTC).replace(tzinfo=None)),)
    )
    rule = Rule(
        id="",
        name=f"manual_{draft.action}_{draft.item_id}"[:200],
        action=Action.BOOST if is_boost else Action.BLOCK,
        target=Target(type=TargetType.ITEM, values=(draft.item_id,)),
        surface=draft.surface,
        windows=windows,
        priority=draft.priority,
        value=(draft.boost_value or DEFAULT_BOOST) if is_boost else None,
        kind=Kind.OVERRIDE,
        override_id=override_id,
    )
    return Content(rule=rule, description=draft.notes)


def _row(
    namespace: Namespace,
    draft: OverrideDraft,
    *,
    item: ChangeSetItem,
    edit: Edit,
    pk: UUID,
) -> ManualOverride:
    is_boost = draft.action == OverrideAction.BOOST
    return ManualOverride.objects.create(
        id=pk,
        org_id=namespace.org_id,
        namespace=namespace,
        rule=item.rule,
        surface=draft.surface,
        item_id=draft.item_id,
        action=draft.action,
        boost_value=(draft.boost_value or DEFAULT_BOOST) if is_boost else None,
        notes=draft.notes,
        created_by=edit.actor.name,
        created_at=edit.at,
        expires_at=draft.expires_at,
    )


def _active(namespace: Namespace, draft: OverrideDraft) -> ManualOverride | None:
    return (
        ManualOverride.objects.filter(
            namespace=namespace,
            surface=draft.surface,
            item_id=draft.item_id,
            status=OverrideStatus.ACTIVE,
        )
        .select_related("rule__version", "rule__namespace")
        .first()
    )
