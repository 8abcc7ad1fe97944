from __future__ import annotations

import math

import pytest

from ranking.core.knobs import (
    BLEND_OVERRIDES,
    DEFAULTS,
    KNOBS,
    KNOBS_BY_NAME,
    KnobError,
    parse,
    parse_blend_overrides,
    parse_environment,
    to_document,
)

# Names that clients, scripts and deployments of the reference service use.
REFERENCE_ENV = """
POPULARITY_HALFLIFE_DAYS COVIS_WINDOW_DAYS POPULARITY_FANOUT MMR_LAMBDA MMR_PRESETS
BRAND_CAP CATEGORY_CAP BRAND_TAG_PREFIXES CATEGORY_TAG_PREFIXES RULE_EXCLUDE_EVENTS
EXCLUDE_EVENT_TYPES PURCHASED_WINDOW_DAYS PROFILE_WINDOW_DAYS PROFILE_BOOST
PROFILE_TOP_N PROFILE_MIN_EVENTS_FOR_BOOST PROFILE_COLD_START_MULTIPLIER
PROFILE_STARTER_BLEND_WEIGHT PROFILE_STARTER_DECAY_EVENTS PROFILE_STARTER_PRESETS
NEW_USER_BLEND_ALPHA NEW_USER_BLEND_BETA NEW_USER_BLEND_GAMMA NEW_USER_MMR_LAMBDA
NEW_USER_POP_FANOUT BLEND_ALPHA BLEND_BETA BLEND_GAMMA BANDIT_ALGO
BANDIT_EXPERIMENT_ENABLED BANDIT_EXPERIMENT_HOLDOUT_PERCENT BANDIT_EXPERIMENT_SURFACES
BANDIT_EXPERIMENT_LABEL RULES_ENABLE RULES_MAX_PIN_SLOTS COVERAGE_CACHE_TTL
COVERAGE_LONG_TAIL_HINT_THRESHOLD BLEND_WEIGHTS_OVERRIDES BLEND_SEGMENT_OVERRIDES
"""

REFERENCE_ADMIN = """
half_life_days co_vis_window_days popularity_fanout mmr_lambda brand_cap category_cap
rule_exclude_events exclude_event_types brand_tag_prefixes category_tag_prefixes
purchased_window_days profile_window_days profile_boost profile_top_n_tags
profile_top_n profile_min_events_for_boost profile_cold_start_multiplier
profile_starter_blend_weight mmr_presets blend_alpha blend_beta blend_gamma
new_user_blend_alpha new_user_blend_beta new_user_blend_gamma new_user_mmr_lambda
new_user_pop_fanout rules_enabled coverage_cache_ttl_seconds
coverage_long_tail_hint_threshold
"""

REFERENCE_OVERRIDES = """
popularity_halflife_days covis_window_days popularity_fanout mmr_lambda brand_cap
category_cap rule_exclude_events purchased_window_days profile_window_days
profile_boost profile_top_n profile_starter_blend_weight blend_alpha blend_beta
blend_gamma bandit_algo
"""


class TestKnobs:
    @pytest.mark.parametrize("knob", KNOBS, ids=lambda knob: knob.name)
    def test_takes_its_own_default_and_says_what_it_is(self, knob):
        assert knob.default is None or knob.check(knob.default) == knob.default
        assert knob.help.endswith(".")
        assert knob.group
        assert knob.stage in {"signal", "gather", "arrange"}

    def test_keeps_every_name_of_the_reference(self):
        env = {knob.env for knob in (*KNOBS, *BLEND_OVERRIDES)}
        admin = {name for knob in KNOBS for name in knob.admin_names}
        overrides = {name for knob in KNOBS for name in knob.override_names}

        assert set(REFERENCE_ENV.split()) <= env
        assert set(REFERENCE_ADMIN.split()) <= admin
        assert set(REFERENCE_OVERRIDES.split()) <= overrides

    def test_has_no_name_twice(self):
        for names in ("admin_names", "override_names"):
            every = [name for knob in KNOBS for name in getattr(knob, names)]
            assert len(every) == len(set(every))

    def test_defaults_are_those_of_the_product_pages(self):
        assert DEFAULTS.popularity_halflife_days == 14
        assert DEFAULTS.covis_window_days == 60
        assert DEFAULTS.popularity_fanout == 1000
        assert (DEFAULTS.blend_alpha, DEFAULTS.blend_beta, DEFAULTS.blend_gamma) == (
            0.2,
            0.1,
            0.6,
        )
        assert DEFAULTS.mmr_lambda == 0.85
        assert DEFAULTS.new_user_mmr_lambda is None
        assert (DEFAULTS.profile_boost, DEFAULTS.profile_window_days) == (0.7, 60)
        assert DEFAULTS.exclude_event_types == (3,)
        assert DEFAULTS.purchased_window_days == 180
        assert (DEFAULTS.repeat_weight, DEFAULTS.exploration_slots) == (0.2, 0)


class TestCheck:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("blend_alpha", -0.1),
            ("blend_alpha", True),
            ("blend_alpha", "0.3"),
            ("blend_alpha", math.nan),
            ("blend_alpha", math.inf),
            ("blend_alpha", 10**400),
            ("mmr_lambda", 1.01),
            ("popularity_fanout", 0),
            ("popularity_fanout", 2.5),
            ("popularity_halflife_days", 0),
            ("rule_exclude_events", 1),
            ("normalisation", "zscore"),
            ("exclude_event_types", 3),
            ("exclude_event_types", [3, True]),
            ("brand_tag_prefixes", "brand"),
            ("profile_starter_presets", {"new": {"books": -1}}),
            ("profile_starter_presets", {"new": 3}),
        ],
    )
    def test_refuses_a_value_outside_the_range(self, name, value):
        knob = KNOBS_BY_NAME[name]

        with pytest.raises(KnobError) as caught:
            knob.check(value)

        assert name in str(caught.value)
        assert knob.range in str(caught.value)
        assert caught.value.as_details()["field"] == name

    @pytest.mark.parametrize(
        ("name", "value", "taken"),
        [
            ("blend_alpha", 1, 1.0),
            ("popularity_fanout", 500.0, 500),
            ("mmr_lambda", "off", None),
            ("exclude_event_types", [2, 3], (2, 3)),
        ],
    )
    def test_takes_equal_values_in_other_forms(self, name, value, taken):
        assert KNOBS_BY_NAME[name].check(value) == taken


class TestParse:
    def test_lets_null_set_nothing(self):
        assert parse({"mmr_lambda": None, "brand_cap": None}) == ({}, ())

    def test_reads_nested_names_and_tells_what_it_does_not_know(self):
        values, unknown = parse(
            {"bandit_experiment": {"enabled": True, "size": 1}, "colour": "red"}
        )

        assert values == {"bandit_experiment_enabled": True}
        assert unknown == ("bandit_experiment.size", "colour")

    def test_does_not_let_a_request_switch_rules_off(self):
        assert parse({"rules_enabled": False}, names="overrides") == (
            {},
            ("rules_enabled",),
        )

    def test_reads_back_what_it_wrote(self):
        values = {knob.name: getattr(DEFAULTS, knob.name) for knob in KNOBS}
        values |= {"mmr_lambda": None, "new_user_blend_alpha": 0.5}
        document = to_document(values)

        assert parse(document) == (
            {n: v for n, v in values.items() if v is not None or n == "mmr_lambda"},
            (),
        )


class TestParseEnvironment:
    def test_reads_the_texts_of_the_reference(self):
        values = parse_environment(
            {
                "MMR_PRESETS": "home=0.25, search=0.2",
                "BRAND_TAG_PREFIXES": "brand, marke",
                "RULE_EXCLUDE_EVENTS": "true",
                "PROFILE_STARTER_PRESETS": '{"new_users": {"books": 1}}',
                "BLEND_ALPHA": "",
                "UNRELATED": "x",
            }
        )

        assert values == {
            "mmr_presets": {"home": 0.25, "search": 0.2},
            "brand_tag_prefixes": ("brand", "marke"),
            "rule_exclude_events": True,
            "profile_starter_presets": {"new_users": {"books": 1.0}},
        }

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("BLEND_ALPHA", "many"),
            ("RULE_EXCLUDE_EVENTS", "maybe"),
            ("BRAND_CAP", "-1"),
        ],
    )
    def test_names_the_knob_of_a_wrong_text(self, name, text):
        with pytest.raises(KnobError, match=name.lower()):
            parse_environment({name: text})

    def test_reads_durations_of_the_reference(self):
        found = parse_environment({"COVERAGE_CACHE_TTL": "10m"})

        assert found == {"coverage_cache_ttl_seconds": 600.0}


class TestParseBlendOverrides:
    def test_reads_weights_of_namespaces_and_segments(self):
        found = parse_blend_overrides(
            {
                "BLEND_WEIGHTS_OVERRIDES": "demo=.3|.5|.2, *=1|0|0",
                "BLEND_SEGMENT_OVERRIDES": "new_users=0.4|0.45|0.15",
            }
        )

        weights = {"blend_alpha": 0.3, "blend_beta": 0.5, "blend_gamma": 0.2}
        assert found.of_namespace("demo") == weights
        assert found.of_namespace("other")["blend_alpha"] == 1.0
        assert found.segments["new_users"]["blend_beta"] == 0.45

    def test_sets_nothing_when_nobody_says_anything(self):
        found = parse_blend_overrides({"BLEND_SEGMENT_OVERRIDES": ""})

        assert found.of_namespace("demo") == {}
        assert found.segments == {}

    @pytest.mark.parametrize(
        "entry",
        [
            "vip",
            "vip=1|2",
            "vip=1|2|3|4",
            "vip=1|2|-1",
            "=1|2|3",
            "vip=a|b|c",
            "vip=nan|1|1",
            "vip=1|1|1001",
        ],
    )
    @pytest.mark.parametrize("variable", BLEND_OVERRIDES, ids=lambda each: each.name)
    def test_names_variable_range_and_value_of_a_wrong_entry(self, variable, entry):
        with pytest.raises(KnobError) as caught:
            parse_blend_overrides({variable.env: f"good=1|1|1,{entry}"})

        assert variable.env in str(caught.value)
        assert "alpha|beta|gamma" in str(caught.value)
        assert "from 0 to 1000" in str(caught.value)
        assert repr(entry) in str(caught.value)
