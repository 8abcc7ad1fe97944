from __future__ import annotations

import pytest

from ranking.core.configuration import (
    Configuration,
    Profile,
    Segment,
    content_hash,
    decode,
    encode,
    read_profile,
)
from ranking.core.knobs import DEFAULTS, KnobError
from ranking.core.layers import Plan, UnknownProfileError
from ranking.core.request import Blend, Request
from ranking.core.request_layers import resolve
from ranking.core.segments import Match

LAYERS = {
    "environment": {"brand_cap": 1},
    "profiles": {
        "live": Profile(
            name="live",
            knobs={"brand_cap": 2, "category_cap": 9, "new_user_blend_alpha": 0.9},
            surfaces={"home": {"brand_cap": 3}},
            segments={"VIP": {"brand_cap": 4, "mmr_lambda": "off"}},
        ),
        "draft": Profile(name="draft", knobs={"brand_cap": 7}),
    },
    "profile_in_force": "live",
    "segment_profiles": {"vip-profile": {"brand_cap": 5}},
}


def resolved(request, *, match=None, is_new=False, **changes):
    plan = Plan.of(Configuration(**LAYERS | changes))
    base = plan.base(request, match or Match())
    return resolve(base, request=request, is_new=is_new)


class TestResolve:
    @pytest.mark.parametrize(
        ("request_", "match", "cap", "layer"),
        [
            (Request(), Match(), 2, "profile:live"),
            (Request(profile="draft"), Match(), 7, "profile:draft"),
            (Request(surface="HOME"), Match(), 3, "surface:home"),
            (Request(surface="home"), Match(segment_id="vip"), 4, "segment:VIP"),
            (
                Request(),
                Match(segment_id="vip", profile_id="vip-profile"),
                5,
                "segment_profile:vip-profile",
            ),
            (Request(overrides={"brand_cap": 6}), Match(), 6, "overrides"),
        ],
    )
    def test_lets_the_higher_layer_win(self, request_, match, cap, layer):
        found = resolved(request_, match=match)

        assert found.knobs.brand_cap == cap
        assert found.sources["brand_cap"] == layer

    def test_falls_back_on_the_environment_and_the_defaults(self):
        found = resolved(Request(), profile_in_force=None)

        assert found.value_layers()["brand_cap"] == {
            "value": 1,
            "source": "environment",
        }
        assert found.value_layers()["category_cap"] == {"value": 0, "source": "default"}

    @pytest.mark.parametrize(
        ("segment", "alpha", "layer"),
        [
            (None, 0.3, "environment"),
            ("VIP", 0.7, "environment:vip"),
            ("others", 0.3, "environment"),
        ],
    )
    def test_lets_the_environment_say_more_of_a_segment(self, segment, alpha, layer):
        found = resolved(
            Request(),
            match=Match(segment_id=segment),
            environment={"blend_alpha": 0.3},
            environment_segments={"vip": {"blend_alpha": 0.7}},
        )

        assert found.knobs.blend_alpha == alpha
        assert found.sources["blend_alpha"] == layer

    def test_lets_a_profile_win_over_all_that_the_environment_says(self):
        found = resolved(
            Request(),
            match=Match(segment_id="vip"),
            environment_segments={"vip": {"brand_cap": 8, "mmr_lambda": 1}},
        )

        assert found.sources["brand_cap"] == "segment:VIP"

    def test_changes_only_what_a_layer_contains(self):
        found = resolved(Request(surface="home"), match=Match(segment_id="vip"))

        assert found.knobs.category_cap == 9
        assert found.knobs.mmr_lambda is None
        assert found.sources["mmr_lambda"] == "segment:VIP"

    def test_puts_the_block_for_new_users_below_the_request(self):
        quiet = resolved(Request(), is_new=True)
        loud = resolved(Request(overrides={"blend_alpha": 0.1}), is_new=True)

        assert (quiet.knobs.blend_alpha, quiet.sources["blend_alpha"]) == (
            0.9,
            "new_user",
        )
        assert loud.knobs.blend_alpha == 0.1

    def test_lets_the_blend_of_a_call_win_over_its_overrides(self):
        request = Request(overrides={"blend_alpha": 0.1}, blend=Blend(pop=0, als=2))

        found = resolved(request)

        assert (found.knobs.blend_alpha, found.knobs.blend_gamma) == (0.0, 2.0)
        assert found.knobs.blend_beta == DEFAULTS.blend_beta
        assert found.sources["blend_alpha"] == "blend"

    def test_refuses_a_negative_blend(self):
        with pytest.raises(KnobError, match="blend_beta"):
            resolved(Request(blend=Blend(cooc=-1)))

    def test_warns_of_what_a_request_cannot_change(self):
        request = Request(overrides={"covis_window_days": 3, "colour": "red"})

        first, second = resolved(request).warnings

        assert "colour" in first
        assert "covis_window_days" in second

    def test_refuses_a_profile_that_does_not_exist(self):
        with pytest.raises(UnknownProfileError):
            resolved(Request(profile="nobody's"))


class TestConfiguration:
    def test_reads_back_what_it_wrote(self):
        configuration = Configuration(**LAYERS, segments=(Segment(segment_id="a"),))

        assert decode(encode(configuration)) == configuration

    def test_has_one_hash_whatever_the_order_of_keys(self):
        turned = {**LAYERS, "profiles": dict(reversed(LAYERS["profiles"].items()))}

        assert content_hash(Configuration(**LAYERS)) == content_hash(
            Configuration(**turned)
        )

    def test_parts_a_flat_document_into_knobs_and_bundles(self):
        document = {
            "blend_alpha": 1,
            "surfaces": {"home": {"brand_cap": 1}},
            "segment_profiles": {"vip": {"brand_cap": 2}},
        }

        profile = read_profile("live", document, version=3)

        assert profile.knobs == {"blend_alpha": 1}
        assert profile.surfaces == {"home": {"brand_cap": 1}}
        assert profile.segments == {"vip": {"brand_cap": 2}}
