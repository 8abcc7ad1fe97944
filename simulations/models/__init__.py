"""What evidence is kept: evaluations."""

from .evaluations import Evaluation

__all__ = ["Evaluation"]
