"""Experiments over HTTP: written, started, met by requests, replayed, stopped."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ranking.serve.replays import replayed_digest, stored
from tests.ranking.shops import Shop, items

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/v1/admin/experiments"
VARIANTS = [
    {"name": "control"},
    {"name": "bold", "profile": "bold", "knobs": {"mmr_lambda": 0.1}},
]


@pytest.fixture
def trying(shop: Shop) -> Shop:
    shop.sell(*items([f"tea{n}" for n in range(9)], tags=["tea"]))
    shop.ask("/v1/admin/recommendation/config", config={"mmr_lambda": 0.9})
    bold = {"blend_alpha": 0.9, "surfaces": {"home": {"blend_gamma": 0.7}}}
    shop.ask("/v1/admin/profiles", name="bold", config=bold)
    shop.ask(URL, name="x", surface="home", variants=VARIANTS)
    return shop


def refused(shop: Shop, path: str, **fields: Any) -> tuple[int, str]:
    response = shop.post(path, {"namespace": shop.name, **fields})
    return response.status_code, str(response.json()["code"])


def variants_of(shop: Shop, **fields: Any) -> dict[str, dict[str, Any]]:
    """Return an answer of each variant, None for none, by asking for many users."""
    return {
        answer.get("variant"): answer
        for answer in (
            shop.recommend(f"user-{n}", **{"surface": "home", "k": 4, **fields})
            for n in range(10)
        )
    }


class TestExperiment:
    def test_answers_nobody_before_it_starts_and_after_it_stops(self, trying: Shop):
        before = variants_of(trying)
        trying.ask(f"{URL}/x:start")
        started = variants_of(trying)
        elsewhere = variants_of(trying, surface="pdp")
        asked_for = variants_of(trying, profile="bold")
        dry = variants_of(trying, dry_run=True)
        nobody = trying.recommend(None, surface="home")
        trying.ask(f"{URL}/x:stop")

        assert set(started) == {"control", "bold"}
        assert started["bold"]["experiment"] == "x"
        for outside in (before, elsewhere, asked_for, dry, variants_of(trying)):
            assert set(outside) == {None}
        assert "experiment" not in nobody

    def test_gives_a_subject_the_same_variant_every_time(self, trying: Shop):
        trying.ask(f"{URL}/x:start")
        for number in range(4):
            context = {"session_id": f"s{number}"}
            got = {
                trying.recommend(None, surface="home", context=context)["variant"]
                for _ in range(3)
            }
            assert len(got) == 1

    def test_is_replayed_to_the_byte_after_it_stopped(self, trying: Shop):
        trying.ask(f"{URL}/x:start")
        answers = variants_of(trying)
        trying.ask(f"{URL}/x:stop")
        trying.ask("/v1/admin/profiles", name="bold", config={"blend_alpha": 0.2})

        for variant, answer in answers.items():
            kept = stored(trying, answer)
            assert kept.decision.arm == f"x/{variant}"
            assert replayed_digest(trying, kept) == bytes(kept.decision.answer_digest)
        knobs = stored(trying, answers["bold"]).trace.knobs
        assert knobs.items() >= {"mmr_lambda": 0.1, "blend_gamma": 0.7}.items()
        assert stored(trying, answers["bold"]).decision.profile == "bold"
        assert stored(trying, answers["control"]).decision.profile == "default"

    def test_stands_still_while_it_runs_but_for_its_traffic(self, trying: Shop):
        trying.ask(f"{URL}/x:start")
        others = [{"name": "control"}, {"name": "shy"}]
        fields = {"name": "x", "surface": "home"}

        assert refused(trying, URL, **fields, variants=others) == (409, "wrong_state")
        more = trying.ask(URL, **fields, variants=VARIANTS, share=0.5)
        assert (more["share"], more["state"]) == (0.5, "running")
        assert refused(trying, f"{URL}/x:start") == (409, "wrong_state")
        path = f"{URL}/x?namespace={trying.name}"
        headers = {"X-Org-ID": str(trying.org_id)}
        assert trying.client.delete(path, headers=headers).status_code == 409

    def test_that_cannot_be_is_refused(self, trying: Shop):
        good = {"name": "y", "variants": VARIANTS}
        for wrong, code in (
            ({"variants": VARIANTS[:1]}, "invalid_variants"),
            ({"variants": [VARIANTS[0], VARIANTS[0]]}, "invalid_variants"),
            ({"variants": [VARIANTS[0], {"name": "a/b"}]}, "invalid_variants"),
            (
                {"variants": [VARIANTS[0], {"name": "b", "knobs": {"mmr_lambda": 4}}]},
                "invalid_variants",
            ),
            (
                {"variants": [VARIANTS[0], {"name": "b", "knobs": {"mmr_lamda": 1}}]},
                "invalid_variants",
            ),
            (
                {"variants": [VARIANTS[0], {"name": "b", "profile": "no"}]},
                "profile_not_found",
            ),
            ({"share": 0}, "invalid_share"),
            ({"metric": "luck"}, "invalid_metric"),
            ({"smallest_effect": 0}, "invalid_smallest_effect"),
            ({"name": "a:b"}, "invalid_name"),
            ({"name": "bandit"}, "invalid_name"),
        ):
            assert refused(trying, URL, **{**good, **wrong}) == (400, code), wrong
        assert refused(trying, f"{URL}/no:start") == (404, "experiment_not_found")
        listed = trying.get(URL, namespace=trying.name).json()["experiments"]
        assert [each["name"] for each in listed] == ["x"]
        assert trying.get(f"{URL}/x", namespace=trying.name).json() == listed[0]
