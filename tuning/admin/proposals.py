from __future__ import annotations

from collections.abc import Callable, Sequence

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalog.admin.newest import NewestAdmin
from catalog.admin.page import Chip, namespace_of
from catalog.core.faults import BadInputError
from catalog.permissions import can
from ranking.admin.differences import differences
from rules.operations.actors import Actor, of_staff
from tuning.core.spec import spec_of
from tuning.core.watching import Standing
from tuning.models import Proposal, ProposalState
from tuning.operations.proposals import (
    ProposalError,
    approve,
    publish,
    reject,
    take_back,
)
from tuning.queries.sweeps import evidence_of
from tuning.queries.watches import document_of, watch_of

STATE_CHIPS = {
    ProposalState.DRAFT: Chip(words="Waits for approval", icon="clock", kind="warn"),
    ProposalState.APPROVED: Chip(words="Approved", icon="check", kind="accent"),
    ProposalState.REJECTED: Chip(words="Rejected", icon="close"),
    ProposalState.PUBLISHED: Chip(words="Published", icon="play", kind="good"),
    ProposalState.ROLLED_BACK: Chip(words="Rolled back", icon="back"),
}
VERDICT_CHIPS = {
    "pass": Chip(words="Guardrails kept", icon="check", kind="good"),
    "stop": Chip(words="A guardrail is broken", icon="warning", kind="bad"),
    "not_computed": Chip(words="Not verified", icon="warning", kind="warn"),
}
WATCH_CHIPS = {
    Standing.TOO_EARLY: Chip(words="Too early to tell", icon="clock"),
    Standing.NOT_ENOUGH: Chip(words="Not enough data", icon="clock"),
    Standing.NO_FORECAST: Chip(words="No forecast", icon="clock"),
    Standing.TOGETHER: Chip(words="As forecast", icon="check", kind="good"),
    Standing.BELOW: Chip(words="Below its forecast", icon="warning", kind="bad"),
    Standing.ABOVE: Chip(words="Above its forecast", icon="warning", kind="warn"),
}


@admin.register(Proposal)
class ProposalAdmin(NewestAdmin[Proposal]):
    list_title = "Proposals"
    list_template = "recsys/proposals.html"
    joined = ("sweep", "version", "trial")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "<uuid:key>/<str:step>/step/",
                view(require_POST(self.step)),
                name="tuning_proposal_step",
            ),
            *super().get_urls(),
        ]

    def chip_of(self, row: Proposal) -> Chip:
        return STATE_CHIPS[ProposalState(row.state)]

    def chips_of(self, row: Proposal) -> Sequence[Chip]:
        return [self.chip_of(row), VERDICT_CHIPS[row.verdict]]

    def row_page(self, request: HttpRequest, row: Proposal) -> HttpResponse:
        row = (
            self.get_queryset(request)
            .select_related("sweep", "version", "trial", "namespace")
            .get(pk=row.pk)
        )
        watch = watch_of(row, at=timezone.now())
        return self.page(
            request,
            "recsys/proposal_page.html",
            title=f"Proposal for {row.sweep.profile}",
            crumbs=self.lists(),
            proposal=row,
            state_chip=STATE_CHIPS[ProposalState(row.state)],
            verdict_chip=VERDICT_CHIPS[row.verdict],
            evidence=evidence_of(row.evidence, spec_of(row.sweep.spec)),
            differences=differences(row.sweep.document, row.version.config),
            watch=watch and document_of(watch),
            watch_chip=watch and WATCH_CHIPS[watch.standing],
            may_publish=can(request.user, "publish", namespace_of(request)),
        )

    def step(self, request: HttpRequest, key: str, step: str) -> HttpResponse:
        """Approve, reject, publish, or take back."""
        proposal = self.find(request, key)
        actor = of_staff(request.user, namespace_of(request))
        try:
            words = _STEPS[step](proposal, actor)
        except KeyError:
            messages.error(request, f"There is no step {step}.")
        except (ProposalError, BadInputError) as error:
            messages.error(request, str(error))
        else:
            messages.success(request, words)
        page = reverse("admin:tuning_proposal_change", args=[key])
        return HttpResponseRedirect(page)


def _approve(proposal: Proposal, actor: Actor) -> str:
    approve(proposal, actor=actor)
    return "Approved. It ranks nothing until it is published."


def _reject(proposal: Proposal, actor: Actor) -> str:
    reject(proposal, actor=actor)
    return "Rejected. The draft stays among the profile's versions."


def _publish(proposal: Proposal, actor: Actor) -> str:
    publish(proposal, actor=actor, at=timezone.now())
    return "Published. Signals are built anew where its knobs need that."


def _take_back(proposal: Proposal, actor: Actor) -> str:
    take_back(proposal, actor=actor, at=timezone.now())
    return "Taken back: what was in force before it ranks again."


_STEPS: dict[str, Callable[[Proposal, Actor], str]] = {
    "approve": _approve,
    "reject": _reject,
    "publish": _publish,
    "rollback": _take_back,
}
