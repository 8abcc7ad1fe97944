"""Profiles that are removed and copied, over HTTP."""

from __future__ import annotations

PROFILES = "/v1/admin/profiles"


def add(shop, name, **config):
    return shop.ask(PROFILES, name=name, config=config)


def delete(shop, name):
    return shop.client.delete(
        f"{PROFILES}/{name}?namespace=shop", headers={"X-Org-ID": str(shop.org_id)}
    )


def test_a_profile_is_deleted_unless_it_is_in_force(shop):
    add(shop, "usual")
    add(shop, "summer", brand_cap=2)

    refused, done = delete(shop, "usual"), delete(shop, "summer")

    assert (refused.status_code, refused.json()["code"]) == (409, "profile_in_use")
    assert done.json()["message"] == "1 deleted, with 1 version"
    left = shop.get(PROFILES, namespace="shop").json()["profiles"]
    assert [each["name"] for each in left] == ["usual"]


def test_a_copy_is_a_draft_in_the_other_namespace(shop):
    add(shop, "summer", brand_cap=2)

    copied = shop.ask(f"{PROFILES}/summer:copy", to="staging", author="ana")

    assert (copied["namespace"], copied["config"]["brand_cap"]) == ("staging", 2)
    (there,) = shop.get(PROFILES, namespace="staging").json()["profiles"]
    assert (there["name"], there["version"], there["in_force"]) == ("summer", 0, False)
