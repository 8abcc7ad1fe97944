"""All knobs together: as a value with attributes, and as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from .blend import BlendKnobs
from .candidates import CandidateKnobs
from .definition import OFF, Knob
from .diversity import DiversityKnobs
from .fields import named
from .shopper import ShopperKnobs
from .signals import SignalKnobs


@dataclass(frozen=True, kw_only=True)
class Knobs(SignalKnobs, ShopperKnobs, DiversityKnobs, CandidateKnobs, BlendKnobs):
    """The value of every knob for one request.

    >>> Knobs().blend_alpha
    0.2
    """


KNOBS: tuple[Knob, ...] = tuple(
    named(field.name, field.metadata) for field in fields(Knobs)
)
"""Every knob with its name, default, range, unit and meaning."""

DEFAULTS = Knobs()


def to_document(values: Mapping[str, Any]) -> dict[str, Any]:
    """Write knobs under the names of the configuration API.

    Parameters
    ----------
    values : mapping
        Knob name to value; any subset of the knobs.

    Returns
    -------
    document : dict
        What :func:`~ranking.core.knobs.parse` reads back to the same values.

    Examples
    --------
    >>> to_document({"covis_window_days": 30, "bandit_experiment_enabled": True})
    {'co_vis_window_days': 30, 'bandit_experiment': {'enabled': True}}
    """
    document: dict[str, Any] = {}
    for knob in KNOBS:
        if knob.name in values and (values[knob.name] is not None or knob.may_be_off):
            *path, last = knob.admin_names[0].split(".")
            place = document
            for step in path:
                place = place.setdefault(step, {})
            value = values[knob.name]
            place[last] = OFF if knob.may_be_off and value is None else value
    return document
