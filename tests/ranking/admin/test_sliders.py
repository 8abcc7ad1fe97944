"""Sliders beside numbers: long enough for what is set, with the default marked."""

from __future__ import annotations

import pytest

from ranking.admin.knob_form import groups_of
from ranking.admin.sliders import Slider, slider_of
from ranking.core.knobs import KNOBS, KNOBS_BY_NAME


@pytest.mark.parametrize("knob", KNOBS, ids=lambda knob: knob.name)
def test_every_number_has_a_slider_on_which_default_and_value_lie(knob):
    slider = slider_of(knob)

    if knob.kind not in ("number", "whole"):
        assert slider is None
        return
    assert slider is not None
    least, most = float(slider.least), float(slider.most)
    assert knob.high is None or least < most <= knob.high
    if knob.default is not None:
        assert least <= knob.default <= most
        place = least + (most - least) * float(slider.mark) / 100
        assert place == pytest.approx(knob.default, abs=0.001 * (most - least))


def test_a_slider_reaches_beyond_what_is_set_and_not_beyond_what_is_taken():
    fanout = KNOBS_BY_NAME["popularity_fanout"]

    assert slider_of(fanout, 2_000) == Slider(
        least="0", most="4000", stride="10", mark="25.0"
    )
    assert slider_of(fanout, 4_000).most == "5000"


@pytest.mark.parametrize(
    ("bundle", "at", "is_changed"),
    [
        ({}, "0.85", False),
        ({"mmr_lambda": 0.85}, "0.85", False),
        ({"mmr_lambda": 0.2}, "0.2", True),
        ({"mmr_lambda": "off"}, "0.85", True),
    ],
)
def test_a_field_tells_where_its_slider_stands_and_whether_it_was_changed(
    bundle, at, is_changed
):
    fields = [field for group in groups_of(bundle) for field in group.fields]
    field = next(each for each in fields if each.knob.name == "mmr_lambda")

    assert (field.slides_at, field.is_changed) == (at, is_changed)
