"""What an experiment shows: statistics of subjects, and a verdict with its reasons."""

from .balance import Balance, balance_of
from .comparing import Compared, Sample, compare
from .correction import benjamini_hochberg, holm
from .cuped import adjusted
from .power import days_needed, detectable_effect, subjects_needed
from .report import Plan, Report, report_of
from .verdicts import Verdict, Verdicts, judge

__all__ = [
    "Balance",
    "Compared",
    "Plan",
    "Report",
    "Sample",
    "Verdict",
    "Verdicts",
    "adjusted",
    "balance_of",
    "benjamini_hochberg",
    "compare",
    "days_needed",
    "detectable_effect",
    "holm",
    "judge",
    "report_of",
    "subjects_needed",
]
