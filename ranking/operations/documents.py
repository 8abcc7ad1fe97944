"""The flat object of the configuration API: checked when it comes, whole when it goes.

What comes may hold any subset of the knobs; absent ones keep their default. What goes
holds all of them, so that a script can read a knob, change it and send all of it back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.core.faults import refuse
from ranking.core.knobs import DEFAULTS, KNOBS, parse, to_document

BUNDLES = ("surfaces", "segment_profiles")
_MOST_BUNDLES = 500


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A document without what nobody reads, and a warning for each key left out."""

    config: dict[str, Any]
    warnings: tuple[str, ...] = ()


def clean(config: Mapping[str, Any]) -> Cleaned:
    """Check every knob of a profile's document.

    Raises
    ------
    KnobError
        For the first value outside its knob's range.
    BadInputError
        For bundles that are no maps of maps.
    """
    apart = {name: config[name] for name in BUNDLES if config.get(name) is not None}
    flat = {key: value for key, value in config.items() if key not in BUNDLES}
    cleaned = clean_knobs(flat)
    warnings = list(cleaned.warnings)
    document = dict(cleaned.config)
    for name, bundles in apart.items():
        inner = {key: clean_knobs(bundle) for key, bundle in _bundles(name, bundles)}
        warnings += [
            f"{name}.{key}.{warning}"
            for key, each in inner.items()
            for warning in each.warnings
        ]
        document[name] = {key: each.config for key, each in inner.items()}
    return Cleaned(document, tuple(warnings))


def clean_knobs(bundle: Mapping[str, Any]) -> Cleaned:
    """Check the knobs of one bundle; see :func:`clean`."""
    values, unknown = parse(bundle)
    warnings = tuple(f"{key} is not a knob and was ignored." for key in unknown)
    return Cleaned(to_document(values), warnings)


def whole(config: Mapping[str, Any], environment: Mapping[str, Any]) -> dict[str, Any]:
    """Return every knob as a profile sets it, else the environment, else the default.

    A knob that nobody sets and that has no default is null, which sets nothing.
    """
    defaults = {knob.name: getattr(DEFAULTS, knob.name) for knob in KNOBS}
    flat = {key: value for key, value in config.items() if key not in BUNDLES}
    values = defaults | parse(environment)[0] | parse(flat)[0]
    document = to_document(values)
    document |= {
        knob.admin_names[0]: None
        for knob in KNOBS
        if values[knob.name] is None and not knob.may_be_off
    }
    return document | {name: config.get(name, {}) for name in BUNDLES}


def _bundles(name: str, bundles: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if not isinstance(bundles, Mapping) or len(bundles) > _MOST_BUNDLES:
        raise refuse(
            "invalid_config",
            f"{name} must be an object of at most {_MOST_BUNDLES} objects of knobs.",
            field=name,
        )
    for key, bundle in bundles.items():
        if not isinstance(bundle, Mapping):
            raise refuse(
                "invalid_config",
                f"{name}.{key} must be an object of knobs.",
                field=f"{name}.{key}",
            )
        yield key, bundle
