"""What evidence is kept: evaluations, scenarios, simulations, guardrails."""

from .evaluations import Evaluation
from .guardrails import (
    Acknowledgement,
    GuardrailCause,
    GuardrailCheck,
    GuardrailVerdict,
)
from .scenarios import ScenarioRun
from .simulations import Simulation, Verdict

__all__ = [
    "Acknowledgement",
    "Evaluation",
    "GuardrailCause",
    "GuardrailCheck",
    "GuardrailVerdict",
    "ScenarioRun",
    "Simulation",
    "Verdict",
]
