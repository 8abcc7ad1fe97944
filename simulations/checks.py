"""What is wrong with guardrails.yml is said when the platform starts."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error

from simulations.core.guardrails import GuardrailsError
from simulations.queries.guardrails_file import guardrails


def check_guardrails_file(**_ignored: Any) -> list[CheckMessage]:
    """Read the file, and tell of each line that cannot be obeyed."""
    try:
        guardrails()
    except GuardrailsError as error:
        return [
            Error(line, hint="See docs/reference/guardrails.md.", id="simulations.E001")
            for line in str(error).splitlines()
        ]
    return []
