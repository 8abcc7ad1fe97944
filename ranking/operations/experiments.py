"""Experiments: written as drafts, started, given more traffic, stopped."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from catalog.core.faults import refuse
from catalog.core.nearest import hint
from catalog.core.text import is_id
from catalog.models import Namespace
from ranking.core.experiments import BANDITS, METRICS, Variant
from ranking.core.knobs import KNOBS, parse, to_document
from ranking.models import Experiment, ExperimentState, Profile

from .publishing import publish_configuration

MOST_VARIANTS = 10
LONGEST_NAME = 100
_FROZEN = ("surface", "variants", "metric", "starts_at")


class WrongStateError(RuntimeError):
    """An experiment is not in a state in which this can be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentDraft:
    """An experiment as it shall be. It replaces the one stored."""

    name: str
    variants: Sequence[Variant]
    hypothesis: str = ""
    surface: str = ""
    share: float = 1.0
    metric: str = "conversion"
    smallest_effect: float = 0.02
    starts_at: datetime | None = None
    ends_at: datetime | None = None


def store_experiment(
    namespace: Namespace, draft: ExperimentDraft, *, at: datetime, author: str = ""
) -> Experiment:
    """Store a draft, or give a running experiment other traffic or another end.

    Raises
    ------
    BadInputError, KnobError
        If something cannot be.
    WrongStateError
        If it has stopped, or runs and more than share and end would change: who was
        given what would not be comparable any more.
    """
    values = _checked(namespace, draft)
    found = _locked(namespace, draft.name)
    if found is None:
        return Experiment.objects.create(
            org_id=namespace.org_id,
            namespace=namespace,
            name=draft.name,
            salt=secrets.token_hex(16),
            owner=author[:150],
            created_at=at,
            updated_at=at,
            **values,
        )
    if found.state == ExperimentState.STOPPED:
        raise WrongStateError(f"{found.name} has stopped; make a new experiment.")
    is_running = found.state == ExperimentState.RUNNING
    changed = [name for name in _FROZEN if getattr(found, name) != values[name]]
    if is_running and changed:
        raise WrongStateError(
            f"{found.name} runs: {', '.join(changed)} cannot change any more. Stop it"
            " and start another."
        )
    for name, value in values.items():
        setattr(found, name, value)
    found.updated_at = at
    found.save(update_fields=[*values, "updated_at"])
    if is_running:
        _publish(found, verb="changed", at=at, author=author)
    return found


def start_experiment(
    experiment: Experiment, *, at: datetime, author: str = ""
) -> Experiment:
    """Let it answer requests. Raises `WrongStateError` unless it is a draft."""
    found = _again(experiment)
    if found.state != ExperimentState.DRAFT:
        raise WrongStateError(f"{found.name} is {found.state} and cannot be started.")
    if found.ends_at is not None and found.ends_at <= at:
        raise WrongStateError(f"{found.name} would have ended already.")
    _check_profiles(found.namespace, msgspec.convert(found.variants, list[Variant]))
    found.state, found.started_at = ExperimentState.RUNNING, at
    found.save(update_fields=["state", "started_at"])
    _publish(found, verb="started", at=at, author=author)
    return found


def stop_experiment(
    experiment: Experiment, *, at: datetime, author: str = ""
) -> Experiment:
    """Give everybody the profile in force again. Stopping twice is fine."""
    found = _again(experiment)
    if found.state == ExperimentState.DRAFT:
        raise WrongStateError(f"{found.name} does not run.")
    if found.state == ExperimentState.RUNNING:
        found.state, found.stopped_at = ExperimentState.STOPPED, at
        found.save(update_fields=["state", "stopped_at"])
        _publish(found, verb="stopped", at=at, author=author)
    return found


def delete_draft(experiment: Experiment) -> None:
    """Remove a draft. What ran stays: decisions name it."""
    found = _again(experiment)
    if found.state != ExperimentState.DRAFT:
        raise WrongStateError(f"{found.name} has run and stays as it is.")
    found.delete()


def _locked(namespace: Namespace, name: str) -> Experiment | None:
    rows = Experiment.objects.select_for_update().filter(namespace=namespace)
    return rows.filter(name=name).first()


def _again(experiment: Experiment) -> Experiment:
    found = Experiment.objects.select_for_update().get(pk=experiment.pk)
    found.namespace = experiment.namespace
    return found


def _publish(experiment: Experiment, *, verb: str, at: datetime, author: str) -> None:
    publish_configuration(
        experiment.namespace,
        cause=f"experiment {experiment.name} {verb}",
        at=at,
        author=author,
    )


def _checked(namespace: Namespace, draft: ExperimentDraft) -> dict[str, Any]:
    check_name(draft.name)
    if not 0 < draft.share <= 1:
        raise refuse("invalid_share", "share is above 0, at most 1.", field="share")
    if draft.metric not in METRICS:
        names = ", ".join(METRICS)
        raise refuse("invalid_metric", f"metric is one of {names}.", field="metric")
    if not 0 < draft.smallest_effect <= 10:
        raise refuse(
            "invalid_smallest_effect",
            "smallest_effect is a share above 0: 0.02 is 2 %.",
            field="smallest_effect",
        )
    if draft.starts_at and draft.ends_at and draft.ends_at <= draft.starts_at:
        raise refuse("invalid_ends_at", "It ends before it starts.", field="ends_at")
    return {
        "hypothesis": draft.hypothesis,
        "surface": draft.surface,
        "share": draft.share,
        "metric": draft.metric,
        "smallest_effect": draft.smallest_effect,
        "starts_at": draft.starts_at,
        "ends_at": draft.ends_at,
        "variants": _checked_variants(namespace, draft.variants),
    }


def check_name(name: str) -> None:
    """Raise 400 unless an experiment may have this name, in addresses and arms."""
    if not is_id(name) or len(name) > LONGEST_NAME or {":", "/"} & set(name):
        raise refuse(
            "invalid_name",
            f"A name has 1 to {LONGEST_NAME} characters, none of them : or /.",
            field="name",
        )
    if name == BANDITS:
        raise refuse(
            "invalid_name", f"{BANDITS} is what bandits are called.", field="name"
        )


def _checked_variants(namespace: Namespace, variants: Sequence[Variant]) -> list[Any]:
    names = [each.name for each in variants]
    if not 2 <= len(names) <= MOST_VARIANTS or len(set(names)) < len(names):
        raise refuse(
            "invalid_variants",
            f"Name 2 to {MOST_VARIANTS} different variants; the first is the control.",
            field="variants",
        )
    for place, each in enumerate(variants):
        if not each.name or "/" in each.name or not 0 < each.weight <= 1_000_000:
            raise refuse(
                "invalid_variants",
                "A variant has a name without a slash and a weight above 0.",
                field=f"variants[{place}]",
            )
    _check_profiles(namespace, variants)
    return [
        msgspec.to_builtins(
            msgspec.structs.replace(each, knobs=_checked_knobs(place, each))
        )
        for place, each in enumerate(variants)
    ]


def _checked_knobs(place: int, variant: Variant) -> dict[str, Any]:
    """Return a variant's knobs; one left out would compare a thing with itself."""
    values, unknown = parse(variant.knobs)
    for name in unknown:
        meant = hint(name, [each for knob in KNOBS for each in knob.admin_names])
        raise refuse(
            "invalid_variants",
            f"{variant.name} sets {name}, which is no knob. {meant}".rstrip(),
            field=f"variants[{place}].knobs.{name}",
        )
    return to_document(values)


def _check_profiles(namespace: Namespace, variants: Sequence[Variant]) -> None:
    published = set(
        Profile.objects.filter(namespace=namespace, published_number__gt=0).values_list(
            "name", flat=True
        )
    )
    for place, each in enumerate(variants):
        if each.profile is not None and each.profile not in published:
            raise refuse(
                "profile_not_found",
                f"There is no published profile {each.profile}.",
                field=f"variants[{place}].profile",
            )
