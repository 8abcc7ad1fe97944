"""From a trial to a published profile: draft, approval, publication, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from catalog.models import Run
from catalog.operations.runs import start_run
from ranking.models import VersionSource
from ranking.operations.profiles import (
    Edit,
    draft_version,
    find_profile,
    publish_draft,
    publish_profile,
    roll_back,
)
from rules.operations.actors import Actor
from tuning.core.space import placed
from tuning.core.spec import spec_of
from tuning.models import Proposal, ProposalState, Sweep, Trial, TrialState

KIND = "proposal"
QUEUE = "tuning"


class ProposalError(RuntimeError):
    """A proposal cannot go that way. The message says why and what to do."""


def propose(
    sweep: Sweep, trial: Trial, *, actor: Actor, at: datetime
) -> Proposal | Run:
    """Make a proposal of a trial, or start the Run that verifies it first.

    Called inside the org's scope. The best trial is verified when its sweep ends; each
    other one has to be, on the events that no trial saw.
    """
    actor.require("edit")
    if trial.state != TrialState.DONE:
        raise ProposalError(f"Trial {trial.number} did not come to its end.")
    if trial.number == 0:
        raise ProposalError(
            "Trial 0 is the profile as it was: there is nothing to propose of it."
        )
    if open_one := _open_proposal(trial):
        return open_one
    if sweep.outcome.get("best") == trial.number and sweep.outcome.get("evidence"):
        evidence = sweep.outcome["evidence"]
        return write_proposal(
            sweep, trial, evidence, by=actor.identity, name=actor.name, at=at
        )
    return start_run(
        sweep.namespace,
        kind=KIND,
        at=at,
        queue=QUEUE,
        requested_by=actor.name,
        parameters={
            "sweep_id": str(sweep.pk),
            "trial": trial.number,
            "identity": actor.identity,
        },
    )


def _open_proposal(trial: Trial) -> Proposal | None:
    """Return what was proposed of a trial and waits: asked twice is proposed once."""
    waiting = (ProposalState.DRAFT, ProposalState.APPROVED)
    rows = Proposal.objects.filter(trial=trial, state__in=waiting)
    rows = rows.select_related("sweep", "trial", "version", "namespace")
    return rows.order_by("-pk").first()


def write_proposal(
    sweep: Sweep,
    trial: Trial,
    evidence: Mapping[str, Any],
    *,
    by: str,
    name: str,
    at: datetime,
) -> Proposal:
    """Draft a version of a trial's values. Called inside the org's scope."""
    config = placed(sweep.document, spec_of(sweep.spec).space, trial.values)
    edit = Edit(
        at=at,
        author=name,
        notes=f"Trial {trial.number} of {sweep}.",
        source=VersionSource.PROPOSAL,
    )
    stored = draft_version(sweep.namespace, sweep.profile, config=config, edit=edit)
    return Proposal.objects.create(
        org_id=sweep.org_id,
        namespace_id=sweep.namespace_id,
        sweep=sweep,
        trial=trial,
        version=stored.version,
        evidence=evidence,
        verdict=evidence.get("verdict", "not_computed"),
        confidence=evidence.get("confidence", "low"),
        note=evidence.get("why_not", ""),
        requested_by=name[:150],
        proposer=by[:100],
        created_at=at,
    )


def approve(proposal: Proposal, *, actor: Actor) -> Proposal:
    """Approve a proposal; where four eyes are wanted, another's. In the org's scope."""
    actor.require("publish")
    proposal = _locked(proposal, ProposalState.DRAFT)
    if proposal.namespace.four_eyes and actor.identity == proposal.proposer:
        raise ProposalError("Four eyes: somebody else than its author approves it.")
    return _moved(proposal, ProposalState.APPROVED, approved_by=actor.name)


def reject(proposal: Proposal, *, actor: Actor, note: str = "") -> Proposal:
    actor.require("publish")
    proposal = _locked(proposal, ProposalState.DRAFT, ProposalState.APPROVED)
    return _moved(proposal, ProposalState.REJECTED, note=note or proposal.note)


def publish(proposal: Proposal, *, actor: Actor, at: datetime) -> Proposal:
    """Put an approved proposal in force. Called inside the org's scope.

    Raises
    ------
    ProposalError
        If it is not approved, broke a guardrail on the events that no trial saw, could
        not be verified, or starts from a version that is no longer published.
    """
    actor.require("publish")
    proposal = _locked(proposal, ProposalState.APPROVED)
    if proposal.verdict != "pass":
        raise ProposalError(
            "A guardrail is broken on the events that no trial saw, or it was not"
            " verified: it cannot be published. Choose another trial."
        )
    profile = find_profile(proposal.namespace, proposal.sweep.profile)
    if profile.published_number != proposal.sweep.profile_version:
        raise ProposalError(
            f"Version {profile.published_number} of {profile.name} was published since"
            f" the sweep began from version {proposal.sweep.profile_version}: its"
            " figures say nothing of that one. Sweep again."
        )
    edit = Edit(at=at, author=actor.name, notes=f"Proposed by {proposal.requested_by}.")
    publish_draft(profile, proposal.version.number, edit=edit)
    return _moved(
        proposal, ProposalState.PUBLISHED, published_by=actor.name, published_at=at
    )


def take_back(proposal: Proposal, *, actor: Actor, at: datetime) -> Proposal:
    """Publish again what was in force before. Called inside the org's scope."""
    actor.require("publish")
    proposal = _locked(proposal, ProposalState.PUBLISHED)
    profile = find_profile(proposal.namespace, proposal.sweep.profile)
    if profile.published_number != proposal.version.number:
        raise ProposalError(
            f"Version {profile.published_number} was published since; roll the profile"
            " back on its own page."
        )
    edit = Edit(
        at=at,
        author=actor.name,
        notes="Took the proposal back.",
        source=VersionSource.ROLLBACK,
    )
    before = proposal.sweep.profile_version
    if before:
        roll_back(profile, edit=edit, number=before)
    else:
        publish_profile(proposal.namespace, profile.name, config={}, edit=edit)
    return _moved(proposal, ProposalState.ROLLED_BACK)


def _locked(proposal: Proposal, *states: str) -> Proposal:
    rows = Proposal.objects.select_for_update(of=("self",))
    found = rows.select_related("sweep", "version", "namespace", "trial").get(
        pk=proposal.pk
    )
    if found.state not in states:
        words = " or ".join(ProposalState(each).label.lower() for each in states)
        raise ProposalError(
            f"The proposal is {found.get_state_display().lower()}, not {words}."
        )
    return found


def _moved(proposal: Proposal, state: str, **columns: Any) -> Proposal:
    proposal.state = state
    for name, value in columns.items():
        setattr(proposal, name, value)
    proposal.save(update_fields=["state", *columns])
    return proposal
