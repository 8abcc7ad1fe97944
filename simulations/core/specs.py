"""What an evaluation was asked for in words, and what two of them have in common."""

from __future__ import annotations

from .evaluation import EvaluationSpec, Report
from .splits import Split

MEASURED_BY = ("split", "task", "relevance", "k", "ks")
"""What has to be equal for figures to be compared."""

_IN_WORDS = {
    "split": "the split",
    "task": "what may be shown",
    "relevance": "what counts as relevant",
    "k": "the length of lists",
    "ks": "where lists are cut",
}


def measured_differently(one: EvaluationSpec, other: EvaluationSpec) -> list[str]:
    """Return what keeps two evaluations from being compared, by name.

    >>> measured_differently(EvaluationSpec(), EvaluationSpec(task="new", k=50))
    ['task', 'k']
    """
    return [name for name in MEASURED_BY if getattr(one, name) != getattr(other, name)]


def in_words(name: str) -> str:
    """Return the name of one of `MEASURED_BY` as people say it."""
    return _IN_WORDS[name]


def configuration_words(spec: EvaluationSpec) -> str:
    """Say what was evaluated.

    >>> configuration_words(EvaluationSpec())
    'what was in force, without rules'
    >>> spring = EvaluationSpec(profile="spring", overrides={"mmr_lambda": 0.2})
    >>> configuration_words(spring)
    'profile spring, mmr_lambda 0.2, without rules'
    """
    told = [f"profile {spec.profile}" if spec.profile else "what was in force"]
    told += [f"{knob} {value}" for knob, value in spec.overrides.items()]
    if spec.surface:
        told.append(f"on {spec.surface}")
    told.append("with the rules of that day" if spec.with_rules else "without rules")
    return ", ".join(told)


_SPLITS = {
    "time": "by time",
    "leave_last_out": "each user's last event",
    "user_folds": "parts of the users",
}


def split_words(report: Report) -> str:
    """Say how a report tells before from after, and when."""
    kind = _SPLITS[Split(kind=report.split["kind"]).kind]
    cuts = ", ".join(fold.cut[:16].replace("T", " ") for fold in report.folds)
    return f"{kind}, {cuts}"
