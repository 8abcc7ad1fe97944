"""Proposals as clients send them and get them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from catalog.api.bodies import ListBody
from tuning.models import Proposal
from tuning.queries.watches import document_of, watch_of

from .bodies import EXAMPLE_ROW


class Proposed(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which trial shall become a version of the profile: the best where none is named.

    A misspelt name would propose another one than was meant.
    """

    trial: int | None = None


class Noted(Struct, kw_only=True):
    """Why."""

    note: str = ""


class LiftOut(Struct, kw_only=True):
    """A relative change: 0.05 is 5 % more."""

    value: float
    low: float
    high: float


class ForecastOut(LiftOut, kw_only=True):
    """What the evidence promised."""

    metric: Annotated[str, Meta(description="The offline figure that promises it.")]


class ShareOut(Struct, kw_only=True):
    """Clicks or purchases of what was shown."""

    hits: int
    shown: int
    share: float | None


class WatchedOut(Struct, kw_only=True):
    """One live figure beside its forecast."""

    figure: Annotated[str, Meta(description="ctr or conversion.")]
    title: str
    standing: str
    stands: Annotated[str, Meta(description="The same in words.")]
    sentence: str
    days: Annotated[
        int, Meta(description="Days after publication, and as many a week before.")
    ]
    before: ShareOut
    after: ShareOut
    change: Annotated[LiftOut | None, Meta(description="With a 95 % interval.")]
    forecast: ForecastOut | None
    gap: Annotated[
        LiftOut | None,
        Meta(
            description="Of the live ratio to the promised one; the interval holds for"
            " all looks of the week together."
        ),
    ]


class WatchOut(Struct, kw_only=True):
    """What a published proposal brings, for a week."""

    standing: Annotated[
        str,
        Meta(
            description="below_forecast, above_forecast, as_forecast, no_forecast,"
            " not_enough_data or too_early."
        ),
    ]
    sentence: str
    days: int
    figures: list[WatchedOut]


class ProposalRow(Struct, kw_only=True):
    """A proposal in a list."""

    proposal_id: UUID
    sweep_id: UUID
    trial: int
    profile: str
    version: int
    state: Annotated[
        str, Meta(description="draft, approved, rejected, published or rolled_back.")
    ]
    verdict: str
    confidence: str
    note: str
    requested_by: str
    approved_by: str
    published_by: str
    created_at: datetime
    published_at: datetime | None


class ProposalList(ListBody, kw_only=True):
    """Proposals, the newest first."""

    items: list[ProposalRow]


class ProposalOut(ProposalRow, kw_only=True):
    """A trial's values as a version of a profile, with what speaks for it."""

    evidence: dict[str, Any]
    watch: Annotated[WatchOut | None, Meta(description="Absent until it is published.")]


def proposal_row(proposal: Proposal) -> ProposalRow:
    return ProposalRow(**_row(proposal))


def _row(proposal: Proposal) -> dict[str, Any]:
    return {
        "proposal_id": proposal.pk,
        "trial": proposal.trial.number,
        "profile": proposal.sweep.profile,
        "version": proposal.version.number,
        **{name: getattr(proposal, name) for name in _AS_STORED},
    }


_AS_STORED = sorted(
    set(ProposalRow.__struct_fields__) - {"proposal_id", "trial", "profile", "version"}
)


def proposal_out(proposal: Proposal, *, at: datetime) -> ProposalOut:
    watch = watch_of(proposal, at=at)
    return ProposalOut(
        **_row(proposal),
        evidence=proposal.evidence,
        watch=None if watch is None else msgspec.convert(document_of(watch), WatchOut),
    )


EXAMPLE_PROPOSAL_ROW = {
    "proposal_id": "0198c7a1-2b3c-7d4e-8f90-123456789abe",
    "sweep_id": EXAMPLE_ROW["sweep_id"],
    "trial": 41,
    "profile": "default",
    "version": 4,
    "state": "draft",
    "verdict": "pass",
    "confidence": "high",
    "note": "",
    "requested_by": "ana",
    "approved_by": "",
    "published_by": "",
    "created_at": "2026-03-01T12:02:00+00:00",
    "published_at": None,
}
EXAMPLE_PROPOSAL = EXAMPLE_PROPOSAL_ROW | {
    "evidence": {"users": 1000, "is_held_out": True},
    "watch": None,
}
_CHANGE = {"value": 0.031, "low": -0.004, "high": 0.067}
EXAMPLE_WATCH = {
    "standing": "as_forecast",
    "sentence": "Click rate +3.1% (-0.4% to +6.7%) in 5 days, forecast +4.0% (+1.0% to"
    " +7.0%): they do not part.",
    "days": 7,
    "figures": [
        {
            "figure": "ctr",
            "title": "Click rate",
            "standing": "as_forecast",
            "stands": "they do not part",
            "sentence": "Click rate +3.1% (-0.4% to +6.7%) in 5 days, forecast +4.0%"
            " (+1.0% to +7.0%): they do not part.",
            "days": 5,
            "before": {"hits": 6200, "shown": 200000, "share": 0.031},
            "after": {"hits": 6393, "shown": 200000, "share": 0.031965},
            "change": _CHANGE,
            "forecast": {
                "metric": "precision@10",
                "value": 0.04,
                "low": 0.01,
                "high": 0.07,
            },
            "gap": {"value": -0.009, "low": -0.074, "high": 0.06},
        }
    ],
}
