"""How long an honest evaluation takes: every user of three cuts, all baselines."""

from __future__ import annotations

import time

from django.utils import timezone

from simulations.core.evaluation import EvaluationSpec
from simulations.core.splits import Split
from simulations.operations.evaluating import evaluate

from .report import Figure
from .shops import Shop, namespace_of

SPEC = EvaluationSpec(task="all", relevance="binary", split=Split(folds=3))
GOALS = {"retail": "≤ 20"}


def measure(shop: Shop) -> list[Figure]:
    """Evaluate in this process: the builds as of each cut and the baselines count."""
    started, busy = time.perf_counter(), time.process_time()
    evaluated = evaluate(namespace_of(shop), SPEC, at=timezone.now())
    seconds, busy = time.perf_counter() - started, time.process_time() - busy
    questions = evaluated.report.counts["questions"]
    rows = [
        (
            f"evaluation, {questions:,} questions, {len(SPEC.baselines)} baselines",
            seconds,
        ),
        ("of which processor time", busy),
        *(
            (f"of which {name}", spent)
            for name, spent in evaluated.report.seconds.items()
        ),
    ]
    return [
        Figure(
            section=shop.name,
            name=name,
            value=value,
            unit="s",
            goal=GOALS.get(shop.name, "") if place == 0 else "",
        )
        for place, (name, value) in enumerate(rows)
    ]
