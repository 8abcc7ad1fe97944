"""The verbs of the step language: what each does to a private namespace."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from ranking.api.bodies import RankingBody
from ranking.api.canonical import recommendation
from ranking.core.request import Request
from rules.api.bodies import RuleRequest
from rules.api.reading import content_from
from rules.models import ManualOverride, Rule
from rules.operations.actors import of_job
from rules.operations.direct import Edit, create_rule, replace_rule, retire_rule
from rules.operations.overrides import OverrideDraft, cancel_override, create_override
from simulations.core.scenarios.evidence import Found, Shown
from simulations.core.scenarios.holding import hold, item_at
from simulations.core.scenarios.language import (
    Cancel,
    Expectation,
    Override,
    Recommend,
    RenameUser,
    Upsert,
    UpsertRule,
    Users,
)

from .shop import Rehearsal
from .showing import evidence_of, shown_of

_WHY = "A scenario tries it out."


class CannotPlayError(RuntimeError):
    """A step asks for what the namespace does not have. The message says for what."""


@dataclass(slots=True)
class Scene:
    """What a scenario has kept so far."""

    pages: dict[str, tuple[Shown, ...]] = field(default_factory=dict)
    changes: dict[str, Rule | ManualOverride] = field(default_factory=dict)
    evidence: list[Mapping[str, Any]] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)


def _recommend(rehearsal: Rehearsal, scene: Scene, asked: Recommend) -> None:
    shown: list[Shown] = []
    evidence: list[Mapping[str, Any]] = []
    for user in _users(rehearsal, asked):
        for _ in range(asked.repeat):
            answer = rehearsal.ask(_request(asked, user))
            shown.append(shown_of(answer, rehearsal))
            if not evidence:
                evidence.append(evidence_of(answer))
    scene.pages[asked.name] = tuple(shown)
    scene.evidence.append(
        {
            "recommend": msgspec.to_builtins(asked),
            "answers": [{"user": each.user, "items": each.items} for each in shown],
            "first": evidence[0] if evidence else None,
        }
    )


def _request(asked: Recommend, user: str | None) -> Request:
    body = {
        "user_id": user,
        "k": asked.k,
        "surface": asked.surface,
        "constraints": dict(asked.constraints) or None,
        "overrides": dict(asked.overrides) or None,
        "blend": dict(asked.blend) or None,
        "context": dict(asked.context) or None,
        "profile": asked.profile,
        "include_reasons": asked.include_reasons,
        "explain_level": asked.explain_level,
    }
    return recommendation(msgspec.convert(body, RankingBody))


def _users(rehearsal: Rehearsal, asked: Recommend) -> list[str | None]:
    if asked.users is not None:
        return list(_several(rehearsal, asked.users))
    if asked.user is None:
        return [None]
    return [_nth(asked.user, sorted(rehearsal.users), kind="user")]


def _several(rehearsal: Rehearsal, wanted: Users) -> Sequence[str]:
    known = [
        user
        for user, segment in rehearsal.users.items()
        if wanted.segment is None or segment == wanted.segment
    ]
    if wanted.prefer_relevant:
        known.sort(key=lambda user: (not rehearsal.relevance.get(user), user))
    return known[: wanted.most]


def _nth(reference: str, known: Sequence[str], *, kind: str) -> str:
    """Return the id that ``#3`` means: the third by id, of items that can be shown."""
    if not reference.startswith("#"):
        return reference
    place = reference[1:]
    if not place.isdigit() or not 0 < int(place) <= len(known):
        raise CannotPlayError(
            f"There is no {kind} {reference}: the namespace has {len(known)}."
        )
    return known[int(place) - 1]


def _item(reference: str, rehearsal: Rehearsal, scene: Scene) -> str:
    found = item_at(reference, scene.pages)
    if found is None:
        raise CannotPlayError(f"There is no item in the place {reference}.")
    known = [item for item, facts in rehearsal.items.items() if facts.available]
    return _nth(found, sorted(known), kind="item")


def _edit(rehearsal: Rehearsal) -> Edit:
    return Edit(actor=of_job("scenario"), at=rehearsal.at, reason=_WHY)


def _upsert_rule(rehearsal: Rehearsal, scene: Scene, wanted: UpsertRule) -> None:
    body = msgspec.to_builtins(wanted)
    body["name"] = body.pop("as")
    body["item_ids"] = [_item(each, rehearsal, scene) for each in wanted.item_ids]
    content = content_from(msgspec.convert(body, RuleRequest))
    known = scene.changes.get(wanted.name)
    if isinstance(known, Rule):
        done = replace_rule(known, content, edit=_edit(rehearsal))
    else:
        done = create_rule(rehearsal.namespace, content, edit=_edit(rehearsal))
    scene.changes[wanted.name] = done.rule
    scene.evidence.append({"upsert_rule": body, "rule_id": str(done.rule.pk)})
    rehearsal.changed()


def _override(rehearsal: Rehearsal, scene: Scene, wanted: Override) -> None:
    draft = OverrideDraft(
        surface=wanted.surface,
        item_id=_item(wanted.item, rehearsal, scene),
        action=wanted.action,
        boost_value=wanted.value,
    )
    made = create_override(rehearsal.namespace, draft, edit=_edit(rehearsal))
    scene.changes[wanted.name] = made.override
    told = {**msgspec.to_builtins(wanted), "item_id": draft.item_id}
    scene.evidence.append({"override": told, "override_id": str(made.override.pk)})
    rehearsal.changed()


def _cancel(rehearsal: Rehearsal, scene: Scene, wanted: Cancel) -> None:
    known = scene.changes.pop(wanted.name)
    if isinstance(known, Rule):
        retire_rule(known, edit=_edit(rehearsal))
    else:
        cancel_override(known, edit=_edit(rehearsal))
    scene.evidence.append({"cancel": wanted.name})
    rehearsal.changed()


def _upsert(rehearsal: Rehearsal, scene: Scene, rows: Upsert) -> None:
    events = [
        {**each, "item_id": _item(str(each.get("item_id", "")), rehearsal, scene)}
        for each in rows.events
    ]
    named = msgspec.structs.replace(rows, events=events)
    rehearsal.upsert(items=named.items, users=named.users, events=named.events)
    scene.evidence.append({"upsert": msgspec.to_builtins(named)})


def _rename_user(rehearsal: Rehearsal, scene: Scene, wanted: RenameUser) -> None:
    user = _nth(wanted.user, sorted(rehearsal.users), kind="user")
    rehearsal.rename_user(user, to=wanted.to)
    scene.evidence.append({"rename_user": {"user": user, "to": wanted.to}})


def _configure(rehearsal: Rehearsal, scene: Scene, knobs: Mapping[str, Any]) -> None:
    rehearsal.configure(knobs)
    scene.evidence.append({"configure": dict(knobs)})


def _build(rehearsal: Rehearsal, scene: Scene, _wanted: bool) -> None:  # noqa: FBT001
    rehearsal.build()
    scene.evidence.append({"build": True})


def _expect(
    rehearsal: Rehearsal, scene: Scene, expectations: list[Expectation]
) -> None:
    for expectation in expectations:
        scene.found.append(hold(_named(expectation, rehearsal, scene), scene.pages))


def _named(expectation: Expectation, rehearsal: Rehearsal, scene: Scene) -> Expectation:
    """Return an expectation with the items that it means in place of references."""

    def named(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: named(each) for key, each in value.items()}
        return value

    document = named(msgspec.to_builtins(expectation))
    for part in (
        document,
        *(each for each in document.values() if isinstance(each, dict)),
    ):
        if part.get("item"):
            part["item"] = _item(part["item"], rehearsal, scene)
    return msgspec.convert(document, Expectation)


PLAY: Mapping[str, Callable[[Rehearsal, Scene, Any], None]] = {
    "recommend": _recommend,
    "upsert_rule": _upsert_rule,
    "override": _override,
    "cancel": _cancel,
    "upsert": _upsert,
    "rename_user": _rename_user,
    "configure": _configure,
    "build": _build,
    "expect": _expect,
}
"""How each verb of the step language is played."""
