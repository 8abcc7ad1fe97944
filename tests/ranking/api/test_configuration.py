"""The profile in force, over HTTP."""

from __future__ import annotations

from django.db import connection

from catalog.tenancy import org_scope
from ranking.models import ProfileVersion, Publication, ServingConfig
from tests.ranking.shops import Shop

CONFIG = "/v1/admin/recommendation/config"


def publish(shop: Shop, **config):
    return shop.ask(CONFIG, config=config)


class TestConfiguration:
    def test_is_the_defaults_before_anyone_published(self, shop: Shop):
        answer = shop.get(CONFIG, namespace="shop").json()

        assert answer["metadata"]["source"] == "default"
        assert answer["metadata"]["version"] == 0
        assert answer["config"]["half_life_days"] == 14
        assert answer["config"]["new_user_blend_alpha"] is None

    def test_keeps_what_was_published_and_answers_the_stored_document(self, shop):
        answer = publish(shop, half_life_days=7, blend_alpha=1)

        assert answer == shop.get(CONFIG, namespace="shop").json()
        assert answer["config"]["half_life_days"] == 7
        assert answer["metadata"]["version"] == 1
        assert answer["metadata"]["source"] == "api"

    def test_takes_back_unchanged_what_it_answered(self, shop):
        first = publish(
            shop,
            mmr_lambda=0.3,
            surfaces={"home": {"mmr_lambda": 0.1}},
            segment_profiles={"VIP": {"blend_alpha": 1, "popularity_fanout": 50}},
        )

        second = shop.post(CONFIG, first).json()

        assert second["config"] == first["config"]
        assert "warnings" not in second
        assert second["metadata"]["version"] == 2

    def test_leaves_absent_knobs_at_their_default(self, shop):
        publish(shop, half_life_days=7)

        assert publish(shop, brand_cap=2)["config"]["half_life_days"] == 14

    def test_refuses_a_wrong_value_and_names_knob_range_and_value(self, shop):
        response = shop.post(CONFIG, {"namespace": "shop", "config": {"mmr_lambda": 2}})

        assert response.status_code == 400
        details = response.json()["details"]
        assert details["field"] == "mmr_lambda"
        assert details["value"] == 2
        assert "0 to 1" in details["range"]

    def test_refuses_a_wrong_value_inside_a_bundle(self, shop):
        config = {"segment_profiles": {"vip": {"blend_alpha": -1}}}

        response = shop.post(CONFIG, {"namespace": "shop", "config": config})

        assert response.status_code == 400

    def test_names_what_it_does_not_know(self, shop):
        answer = publish(shop, colour="red")

        assert any("colour" in warning for warning in answer["warnings"])
        assert "colour" not in answer["config"]

    def test_needs_a_config(self, shop):
        response = shop.post(CONFIG, {"namespace": "shop"})

        assert response.json()["error"] == "missing_config"

    def test_loses_a_race_only_with_if_match(self, shop):
        publish(shop, brand_cap=1)
        publish(shop, brand_cap=2)
        body = {"namespace": "shop", "config": {"brand_cap": 3}}

        lost = shop.post(CONFIG, body, **{"If-Match": '"1"'})
        won = shop.post(CONFIG, body, **{"If-Match": '"2"'})

        assert lost.status_code == 412
        assert lost.json()["details"]["current_version"] == 2
        assert won.status_code == 200
        assert won["ETag"] == '"3"'

    def test_is_stored_whole_with_every_publication(self, shop):
        publish(shop, brand_cap=1)
        publish(shop, brand_cap=2)

        with org_scope(shop.org_id):
            assert Publication.objects.count() == 2
            assert ServingConfig.objects.count() == 2
            assert ProfileVersion.objects.count() == 2

    def test_advises_on_diversity(self, shop):
        answer = shop.get("/v1/admin/recommendation/presets").json()

        assert answer["mmr_presets"]["home"] == 0.25


class TestProfiles:
    URL = "/v1/admin/profiles"

    def test_keeps_a_draft_out_of_force(self, shop):
        shop.ask(self.URL, name="summer", config={"brand_cap": 4}, publish=False)

        profiles = shop.get(self.URL, namespace="shop").json()["profiles"]

        assert profiles == [
            {
                "name": "summer",
                "in_force": False,
                "version": 0,
                "updated_at": None,
                "updated_by": "",
            }
        ]
        assert shop.get(CONFIG, namespace="shop").json()["metadata"]["version"] == 0

    def test_puts_another_profile_in_force(self, shop):
        publish(shop, brand_cap=1)
        shop.ask(self.URL, name="summer", config={"brand_cap": 4})

        shop.ask(f"{self.URL}/summer:apply")

        answer = shop.get(CONFIG, namespace="shop").json()
        assert answer["config"]["brand_cap"] == 4
        assert answer["metadata"]["profile"] == "summer"

    def test_rolls_back_to_the_version_before(self, shop):
        publish(shop, brand_cap=1)
        publish(shop, brand_cap=2)

        answer = shop.ask(f"{self.URL}/default:rollback")

        assert answer["config"]["brand_cap"] == 1
        assert answer["metadata"]["version"] == 3
        versions = shop.get(f"{self.URL}/default/versions", namespace="shop").json()
        assert [each["version"] for each in versions["versions"]] == [3, 2, 1]

    def test_says_what_differs(self, shop):
        publish(shop, brand_cap=1, mmr_lambda=0.2)
        publish(shop, brand_cap=2, mmr_lambda=0.2)

        answer = shop.ask(f"{self.URL}/default:diff")

        assert answer["differences"] == [{"knob": "brand_cap", "before": 1, "after": 2}]

    def test_does_not_know_what_nobody_made(self, shop):
        publish(shop, brand_cap=1)

        for path in ("/nosuch", "/nosuch/versions"):
            assert shop.get(self.URL + path, namespace="shop").status_code == 404
        gone = shop.post(f"{self.URL}/default:rollback", {"namespace": "shop"})
        assert gone.status_code == 404


class TestEdits:
    def test_are_recorded_whoever_made_them(self, shop):
        publish(shop, brand_cap=1)
        publish(shop, brand_cap=2)
        shop.ask(
            "/v1/event-types:upsert",
            types=[{"type": 1, "name": "tap", "weight": 0.5}],
        )

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT array_agg(published_number ORDER BY pgh_id)"
                " FROM ranking_profileevent WHERE org_id = %s",
                [shop.org_id],
            )
            (numbers,) = cursor.fetchone()
            cursor.execute(
                "SELECT name FROM catalog_eventtypeevent WHERE org_id = %s",
                [shop.org_id],
            )
            (name,) = cursor.fetchone()

        assert numbers == [0, 1, 2]
        assert name == "tap"
