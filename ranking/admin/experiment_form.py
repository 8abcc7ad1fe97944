"""What staff write of an experiment, read into a draft."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ranking.core.experiments import Variant
from ranking.models import Experiment
from ranking.operations.experiments import ExperimentDraft

ROWS = 4
"""Variants that the form has room for."""


class FormError(ValueError):
    """A field cannot be read. Says which, and what it should hold."""


@dataclass(frozen=True, kw_only=True)
class VariantRow:
    """A line of the form."""

    place: int
    name: str = ""
    weight: str = "1"
    profile: str = ""
    knobs: str = ""


def draft_of(sent: Mapping[str, str], *, name: str) -> ExperimentDraft:
    """Return the draft; raise `FormError` where a field cannot be read."""
    return ExperimentDraft(
        name=name,
        variants=[_variant(row) for row in rows_sent(sent) if row.name],
        hypothesis=sent.get("hypothesis", ""),
        surface=sent.get("surface", "").strip(),
        share=_number(sent, "share", "Traffic") / 100,
        metric=sent.get("metric", ""),
        smallest_effect=_number(sent, "smallest_effect", "Smallest change") / 100,
        starts_at=_moment(sent, "starts_at", "Starts"),
        ends_at=_moment(sent, "ends_at", "Ends"),
    )


def rows_sent(sent: Mapping[str, str]) -> list[VariantRow]:
    """Return the variants as they were sent."""
    return [
        VariantRow(
            place=place,
            name=sent.get(f"variant-{place}", "").strip(),
            weight=sent.get(f"weight-{place}", "1"),
            profile=sent.get(f"profile-{place}", ""),
            knobs=sent.get(f"knobs-{place}", ""),
        )
        for place in range(ROWS)
    ]


def rows_of(row: Experiment | None) -> list[VariantRow]:
    """Return the variants as they are stored."""
    stored: list[dict[str, Any]] = list(row.variants) if row else [{"name": "control"}]
    found = [
        VariantRow(
            place=place,
            name=each["name"],
            weight=f"{each.get('weight', 1):g}",
            profile=each.get("profile") or "",
            knobs=json.dumps(each["knobs"]) if each.get("knobs") else "",
        )
        for place, each in enumerate(stored)
    ]
    return found + [VariantRow(place=place) for place in range(len(found), ROWS)]


def values_of(row: Experiment | None) -> dict[str, str]:
    """Return the other fields as they are stored."""
    if row is None:
        return {"share": "100", "smallest_effect": "2", "metric": "conversion"}
    return {
        "name": row.name,
        "hypothesis": row.hypothesis,
        "surface": row.surface,
        "share": f"{row.share * 100:g}",
        "metric": row.metric,
        "smallest_effect": f"{row.smallest_effect * 100:g}",
        "starts_at": _local(row.starts_at),
        "ends_at": _local(row.ends_at),
    }


def _variant(row: VariantRow) -> Variant:
    try:
        knobs = json.loads(row.knobs) if row.knobs.strip() else {}
        weight = float(row.weight or 1)
    except ValueError:
        knobs = weight = None
    if not isinstance(knobs, dict) or weight is None:
        raise FormError(
            f"{row.name}: the weight is a number and knobs are a JSON object such as"
            ' {"mmr_lambda": 0.3}.'
        )
    return Variant(
        name=row.name, weight=weight, profile=row.profile or None, knobs=knobs
    )


def _number(sent: Mapping[str, str], name: str, title: str) -> float:
    try:
        return float(sent.get(name, ""))
    except ValueError:
        raise FormError(f"{title} is a number of per cent.") from None


def _moment(sent: Mapping[str, str], name: str, title: str) -> datetime | None:
    text = sent.get(name, "").strip()
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise FormError(f"{title} is a moment such as 2026-03-02T12:00.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _local(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")
