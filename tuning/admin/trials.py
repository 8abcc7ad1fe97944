"""The page of one trial, and trials side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse

from catalog.admin.page import Crumb, namespace_of
from catalog.models import Item
from catalog.permissions import can
from tuning.core.spec import SweepSpec, spec_of
from tuning.models import Sweep, Trial, TrialState
from tuning.queries.sweeps import figure_of

from .suggestions import SuggestionPages
from .trial_table import STATE_CHIPS, said

_MOST_COMPARED = 6
_WORDS_OF_GUARDRAILS = {True: "kept", False: "broken"}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of trials side by side."""

    name: str
    values: Sequence[Any]
    best: Any = None
    """The value that is meant to stand out."""


class TrialPages(SuggestionPages):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "<uuid:key>/compare/", view(self.compare), name="tuning_sweep_compare"
            ),
            path(
                "<uuid:key>/trials/<int:number>/",
                view(self.trial),
                name="tuning_sweep_trial",
            ),
            *super().get_urls(),
        ]

    def trial(self, request: HttpRequest, key: str, number: int) -> HttpResponse:
        sweep = self.find(request, key)
        trial = Trial.objects.filter(sweep=sweep, number=number).first()
        if trial is None:
            raise Http404(f"The sweep has no trial {number}.")
        first = Trial.objects.filter(sweep=sweep, number=0).first()
        spec = spec_of(sweep.spec)
        return self.page(
            request,
            "recsys/sweep_trial.html",
            title=f"Trial {number}",
            crumbs=self._crumbs(sweep),
            sweep=sweep,
            trial=trial,
            is_first=number == 0,
            chip=STATE_CHIPS[TrialState(trial.state)],
            values=[
                (
                    each.name,
                    said((first.values if first else {}).get(each.name)),
                    said(trial.values.get(each.name)),
                )
                for each in spec.parameters
            ],
            figures=[
                (name, first.metrics.get(name) if first else None, value)
                for name, value in sorted(trial.metrics.items())
                if not name.startswith("segments.")
            ],
            objectives=[figure_of(trial, each) for each in spec.objectives],
            segments=_segments_of(first, trial),
            examples=_examples_of(first if number else None, trial),
            may_edit=can(request.user, "edit", namespace_of(request))
            and trial.state == TrialState.DONE
            and number > 0
            and sweep.finished_at is not None,
        )

    def compare(self, request: HttpRequest, key: str) -> HttpResponse:
        """Show some trials side by side: knobs, figures, segments."""
        sweep = self.find(request, key)
        wanted = [int(each) for each in request.GET.getlist("trial") if each.isdigit()]
        rows = Trial.objects.filter(sweep=sweep, number__in=wanted or [0])
        chosen = list(rows.order_by("number")[:_MOST_COMPARED])
        spec = spec_of(sweep.spec)
        return self.page(
            request,
            "recsys/sweep_compare.html",
            title="Trials compared",
            crumbs=self._crumbs(sweep),
            sweep=sweep,
            trials=chosen,
            left_out=max(0, len(set(wanted)) - len(chosen)),
            tables=[
                ("Knobs", _knob_lines(chosen, spec)),
                ("Figures", _figure_lines(chosen, spec)),
            ],
        )

    def _crumbs(self, sweep: Sweep) -> Sequence[Crumb]:
        url = reverse("admin:tuning_sweep_change", args=[sweep.pk])
        return [*self.lists(), Crumb(title=str(sweep), url=url)]


def _knob_lines(trials: Sequence[Trial], spec: SweepSpec) -> list[Line]:
    return [
        Line(name=each.name, values=[said(row.values.get(each.name)) for row in trials])
        for each in spec.parameters
    ]


def _figure_lines(trials: Sequence[Trial], spec: SweepSpec) -> list[Line]:
    """Return the objectives, what guardrails say, then everything else by name."""
    aims = {each.metric: each for each in spec.objectives}
    names = {
        name
        for each in trials
        for name in each.metrics
        if not name.startswith("segments.") or name.endswith("ndcg@10")
    }
    lines = []
    for name in [*aims, *sorted(names - set(aims))]:
        values = [row.metrics.get(name) for row in trials]
        known = [each for each in values if each is not None]
        best = None
        if name in aims and len(set(known)) > 1:
            best = max(known) if aims[name].sign > 0 else min(known)
        lines.append(Line(name=name, values=values, best=best))
    states = [STATE_CHIPS[TrialState(each.state)].words for each in trials]
    verdicts = [
        None if each.violation is None else _WORDS_OF_GUARDRAILS[each.violation <= 0]
        for each in trials
    ]
    said = [Line(name="State", values=states), Line(name="Guardrails", values=verdicts)]
    return [*lines[: len(aims)], *said, *lines[len(aims) :]]


def _segments_of(first: Trial | None, trial: Trial) -> list[dict[str, Any]]:
    before = first.segments if first else {}
    return [
        {
            "name": name,
            "users": figures.get("users"),
            "before": before.get(name, {}).get("ndcg@10"),
            "after": figures.get("ndcg@10"),
            "lift": figures.get("lift_ndcg"),
        }
        for name, figures in trial.segments.items()
    ]


def _examples_of(first: Trial | None, trial: Trial) -> list[dict[str, Any]]:
    """Return what some users would be shown, beside what they were shown as it was."""
    before = {} if first is None else {e["user_id"]: e for e in first.examples}
    both = [*trial.examples, *before.values()]
    items = Item.objects.in_bulk({item for each in both for item in each["items"]})
    told = []
    for each in trial.examples:
        known = before.get(each["user_id"])
        lists = [("Here" if first else "", _list_of(each, items))]
        if known is not None:
            lists.insert(0, ("As it was", _list_of(known, items)))
        told.append({**each, "lists": lists})
    return told


def _list_of(
    example: Mapping[str, Any], items: Mapping[int, Item]
) -> list[tuple[Item | None, bool]]:
    return [
        (items.get(item), place in example["hits"])
        for place, item in enumerate(example["items"])
    ]
