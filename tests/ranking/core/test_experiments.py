"""Experiments: who takes part, and who gets what."""

from __future__ import annotations

import pytest

from ranking.core.experiments import Experiment, Variant, assign, subject_of

SUBJECTS = [f"user:{n}" for n in range(6_000)]


def experiment(**fields) -> Experiment:
    variants = (Variant(name="a"), Variant(name="b"))
    return Experiment(**{"name": "x", "salt": "s", "variants": variants, **fields})


def given_to(running: Experiment) -> dict[str, str]:
    """Return the variant of every subject that takes part."""
    got = {subject: running.variant_of(subject) for subject in SUBJECTS}
    return {subject: variant.name for subject, variant in got.items() if variant}


class TestAssignment:
    def test_is_the_same_at_every_request(self):
        assert given_to(experiment()) == given_to(experiment())

    def test_follows_the_weights(self):
        weighted = (Variant(name="a", weight=3), Variant(name="b", weight=1))
        got = list(given_to(experiment(variants=weighted)).values())

        assert got.count("a") / len(SUBJECTS) == pytest.approx(0.75, abs=0.02)

    def test_moves_nobody_to_another_variant_when_traffic_grows(self):
        few, many = given_to(experiment(share=0.2)), given_to(experiment(share=0.6))

        assert len(few) / len(SUBJECTS) == pytest.approx(0.2, abs=0.02)
        assert few.items() <= many.items()

    def test_has_nothing_to_do_with_another_experiments(self):
        one, other = given_to(experiment()), given_to(experiment(salt="t"))
        same = sum(one[subject] == other[subject] for subject in SUBJECTS)

        assert same / len(SUBJECTS) == pytest.approx(0.5, abs=0.03)

    def test_gives_nobody_two_experiments_at_once(self):
        first, second = experiment(share=0.5), experiment(name="y", salt="t")
        got = [
            assign([first, second], surface="home", subject=subject, at_us=1)
            for subject in SUBJECTS
        ]

        names = [each.experiment.name for each in got if each]
        assert len(names) == len(SUBJECTS)
        assert names.count("x") / len(SUBJECTS) == pytest.approx(0.5, abs=0.03)

    @pytest.mark.parametrize(
        ("surface", "at_us", "is_met"),
        [
            ("home", 10, True),
            ("home", 9, False),
            ("home", 20, False),
            ("pdp", 10, False),
        ],
    )
    def test_holds_on_its_surface_in_its_time_alone(self, surface, at_us, is_met):
        running = experiment(surface="home", starts_us=10, ends_us=20)
        got = assign([running], surface=surface, subject="user:1", at_us=at_us)

        assert (got is not None) is is_met

    def test_needs_somebody(self):
        assert assign([experiment()], surface=None, subject=None, at_us=1) is None


class TestSubject:
    def test_is_the_user_before_the_session(self):
        context = {"anonymous_id": "z", "session_id": "s"}

        assert subject_of("ana", context) == "user:ana"
        assert subject_of(None, context) == "session_id:s"
        assert subject_of(None, {"session_id": ""}) is None
