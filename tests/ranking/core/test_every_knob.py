"""Each knob, in each layer that may set it, changes what it should and no other."""

from __future__ import annotations

import pytest

from ranking.core.configuration import Configuration, Profile
from ranking.core.knobs import DEFAULTS, KNOBS, to_document
from ranking.core.layers import Plan
from ranking.core.request import Request
from ranking.core.request_layers import NEW_USER_KNOBS, resolve
from ranking.core.segments import Match

MATCH = Match(segment_id="vip", profile_id="vip-profile")
TARGETS_OF_NEW_USERS = set(NEW_USER_KNOBS)


OTHERS = {
    "words": ("other",),
    "wholes": (7,),
    "weights": {"other": 1.0},
    "presets": {"other": {"thing": 1.0}},
    "blends": {"other": {"thing": 1.0}},
}


def other_value(knob):
    """Return a value that the knob takes and that is not its default."""
    if knob.kind in OTHERS:
        return OTHERS[knob.kind]
    low = knob.low or 0
    tried = {
        "flag": (True, False),
        "choice": knob.choices,
        "text": ("other",),
        "whole": (low + 1, low + 2),
        "number": (low + 1, low + 0.5),
    }
    return knob.check(next(each for each in tried[knob.kind] if each != knob.default))


def configured(layer, bundle):
    """Return a configuration that says something in one layer only."""
    profile = Profile(name="live")
    settings = {
        "environment": {"environment": bundle},
        "environment:vip": {"environment_segments": {"vip": bundle}},
        "profile:live": {"profiles": {"live": Profile(name="live", knobs=bundle)}},
        "surface:home": {
            "profiles": {"live": Profile(name="live", surfaces={"home": bundle})}
        },
        "segment:vip": {
            "profiles": {"live": Profile(name="live", segments={"vip": bundle})}
        },
        "segment_profile:vip-profile": {"segment_profiles": {"vip-profile": bundle}},
    }
    usual = {"profiles": {"live": profile}, "profile_in_force": "live"}
    return Configuration(**{**usual, **settings[layer]})


@pytest.mark.parametrize("knob", KNOBS, ids=lambda knob: knob.name)
@pytest.mark.parametrize(
    "layer",
    [
        "environment",
        "environment:vip",
        "profile:live",
        "surface:home",
        "segment:vip",
        "segment_profile:vip-profile",
    ],
)
def test_a_configured_layer_changes_one_knob_where_it_applies(knob, layer):
    value = other_value(knob)
    plan = Plan.of(configured(layer, to_document({knob.name: value})))
    here = plan.base(Request(surface="home"), MATCH)
    elsewhere = plan.base(Request(surface="cart"), Match(segment_id="others"))

    changed = {
        each.name
        for each in KNOBS
        if getattr(here.knobs, each.name) != getattr(DEFAULTS, each.name)
    }

    assert changed == {knob.name}
    assert getattr(here.knobs, knob.name) == value
    assert here.value_layers()[knob.name]["source"] == layer
    everywhere = layer in ("environment", "profile:live")
    assert (getattr(elsewhere.knobs, knob.name) == value) == everywhere


@pytest.mark.parametrize(
    "knob",
    [each for each in KNOBS if each.override_names],
    ids=lambda knob: knob.name,
)
def test_an_override_changes_one_knob_of_one_request(knob):
    value = other_value(knob)
    base = Plan.of(Configuration()).base(Request(), Match())
    document = to_document({knob.name: value})
    sent = document.get(knob.admin_names[0], value)

    found = resolve(
        base, request=Request(overrides={knob.override_names[0]: sent}), is_new=False
    )
    untouched = resolve(base, request=Request(), is_new=False)

    assert {
        name for name, source in found.sources.items() if source == "overrides"
    } == {knob.name}
    assert getattr(found.knobs, knob.name) == value
    assert untouched.knobs == DEFAULTS


@pytest.mark.parametrize("name", sorted(TARGETS_OF_NEW_USERS))
def test_the_block_for_new_users_changes_its_knob_for_them_alone(name):
    knob = next(each for each in KNOBS if each.name == name)
    value = other_value(knob)
    plan = Plan.of(configured("profile:live", to_document({name: value})))
    base = plan.base(Request(), Match())
    target = NEW_USER_KNOBS[name]

    new = resolve(base, request=Request(), is_new=True)
    known = resolve(base, request=Request(), is_new=False)

    assert getattr(new.knobs, target) == value
    assert new.sources[target] == "new_user"
    assert getattr(known.knobs, target) == getattr(DEFAULTS, target)
