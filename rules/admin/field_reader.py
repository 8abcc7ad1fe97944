"""Single fields of a form, read one by one, with what cannot be read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

_NUMBER = re.compile(r"^-?\d+$")


class FieldReader:
    """Reads single fields, and notes what cannot be read."""

    def __init__(self, text: Mapping[str, str], errors: dict[str, str]) -> None:
        self._text = text
        self._errors = errors

    def choice(self, name: str, known: Any) -> str:
        sent = self._text.get(name, "")
        values = [each.value for each in known]
        if sent in values:
            return sent
        self._errors[name] = "Choose one."
        return str(values[0])

    def document(self, name: str) -> dict[str, Any] | None:
        sent = self._text.get(name, "")
        if not sent:
            return None
        try:
            return msgspec.json.decode(sent, type=dict[str, Any])
        except msgspec.DecodeError:
            self._errors[name] = 'Not JSON. Such as {"lt": ["price", 20]}.'
        return None

    def whole(self, name: str) -> int | None:
        sent = self._text.get(name, "")
        if not sent:
            return None
        if _NUMBER.match(sent) and len(sent) < 10:
            return int(sent)
        self._errors[name] = "Must be a whole number."
        return None

    def number(self, name: str) -> float | None:
        sent = self._text.get(name, "").replace(",", ".")
        if not sent:
            return None
        try:
            return float(sent)
        except ValueError:
            self._errors[name] = "Must be a number."
        return None

    def day(self, name: str) -> date | None:
        sent = self._text.get(name, "")
        if not sent:
            return None
        try:
            return date.fromisoformat(sent)
        except ValueError:
            self._errors[name] = "Must be a day, such as 2027-01-31."
        return None

    def place(self, text: str) -> int | None:
        if not text:
            return None
        if _NUMBER.match(text) and len(text) < 6:
            return int(text)
        self._errors["positions"] = "Positions are whole numbers from 1."
        return None
