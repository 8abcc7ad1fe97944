"""What rules did: against users held out, before and after, or not enough to say."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from audit.models import FeedbackHour, RuleHour
from catalog.models import Namespace
from catalog.tenancy import org_scope
from rules.models import Rule
from rules.queries.dead_rules import dead_rules, effect_findings
from rules.queries.effects import busiest_rules, effects_of
from rules.queries.measured import Effect
from tests.rules.desks import ORG, RULES, Desk

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def rule(desk: Desk, namespace: Namespace) -> Rule:
    return find(desk.make()["rule_id"])


def find(rule_id: str) -> Rule:
    return Rule.unscoped.select_related("version", "namespace").get(pk=UUID(rule_id))


def published(rule: Rule) -> datetime:
    assert rule.version is not None
    return rule.version.at.replace(minute=0, second=0, microsecond=0)


def met(rule: Rule, *, after: timedelta = HOUR, **counts: Any) -> None:
    """Say what a rule did in an hour after its publication."""
    columns = {"answers": 100, "traced": 100, "served": 2_000, "matched": 100, **counts}
    with org_scope(ORG):
        RuleHour.objects.create(
            org_id=ORG,
            namespace=rule.namespace,
            hour=published(rule) + after,
            rule_id=rule.pk,
            held=columns.pop("held", False),
            **columns,
        )


def answered(
    rule: Rule, *, after: timedelta, value: str = "home", **counts: int
) -> None:
    """Say what was answered in an hour after a rule's publication, or before it."""
    with org_scope(ORG):
        FeedbackHour.objects.create(
            org_id=ORG,
            namespace=rule.namespace,
            hour=published(rule) + after,
            dimension="surface" if value else "all",
            value=value,
            **counts,
        )


def effect(rule: Rule, *, after: timedelta = 10 * DAY) -> Effect:
    with org_scope(ORG):
        at = published(rule) + after
        return effects_of(rule.namespace, [rule], at=at)[rule.pk]


class TestCounting:
    def test_adds_up_what_it_did_since_it_was_published(self, rule: Rule) -> None:
        met(rule, exposed=80, moved=40, without_effect=5, item_clicks=7)
        met(rule, after=2 * DAY, exposed=20, moved=10, item_purchases=2)
        met(rule, after=-DAY, exposed=1_000)

        found = effect(rule)

        assert (found.matches, found.exposures, found.moved) == (200, 100, 50)
        assert (found.clicks, found.conversions) == (7, 2)
        assert found.moves_per_1000 == 250
        assert found.zero_share == pytest.approx(0.025)

    def test_tells_hits_of_seven_days_alone(self, rule: Rule) -> None:
        met(rule, after=HOUR)
        met(rule, after=5 * DAY)

        assert effect(rule).hits_7d == 100
        assert effect(rule).matches == 200

    def test_tells_no_positions_of_rules_that_hide(
        self, desk: Desk, namespace: Namespace
    ) -> None:
        hiding = find(desk.make(action="BLOCK", boost_value=None)["rule_id"])
        met(hiding, moved=0)

        assert effect(hiding).moves_per_1000 is None
        assert effect(hiding).zero_share is None

    def test_needs_no_more_questions_for_more_rules(
        self, desk: Desk, namespace: Namespace, django_assert_num_queries: Any
    ) -> None:
        rules = [find(desk.make(name=f"r{each}")["rule_id"]) for each in range(5)]
        with org_scope(ORG), django_assert_num_queries(2):
            effects_of(namespace, rules, at=published(rules[0]) + DAY)

    def test_puts_the_busiest_first(self, desk: Desk, namespace: Namespace) -> None:
        quiet, busy = (find(desk.make(name=name)["rule_id"]) for name in "qb")
        met(quiet, answers=1)
        met(busy, answers=9)
        met(quiet, answers=99, held=True)
        with org_scope(ORG):
            found = busiest_rules(namespace, since=published(quiet))

        assert found == [busy.pk, quiet.pk]


class TestAgainstUsersHeldOut:
    def test_the_change_is_measured(self, rule: Rule) -> None:
        met(rule, served=10_000, clicks=600)
        met(rule, held=True, served=10_000, clicks=400)

        found = effect(rule).comparison

        assert found is not None
        assert found.change is not None
        assert found.change.value == pytest.approx(0.5)
        assert found.change.is_clear
        assert found.words.startswith("measured on answers that it met")

    def test_it_is_said_when_there_is_not_enough(self, rule: Rule) -> None:
        met(rule, served=10_000, clicks=600)
        met(rule, held=True, served=10_000, clicks=3)

        found = effect(rule).comparison

        assert found is not None
        assert found.change is None
        assert found.words == "not enough data: 3 clicks on one side, 10 are needed"

    def test_items_seen_count_where_both_sides_tell_them(self, rule: Rule) -> None:
        met(rule, served=10_000, impressions=1_000, clicks=60)
        met(rule, held=True, served=10_000, impressions=500, clicks=30)

        found = effect(rule).comparison

        assert found is not None
        assert found.change is not None
        assert found.change.value == pytest.approx(0.0)


class TestBeforeAndAfter:
    def test_is_correlation_only(self, rule: Rule) -> None:
        answered(rule, after=-DAY, served=10_000, clicks=500)
        answered(rule, after=DAY, served=10_000, clicks=400)

        found = effect(rule).comparison

        assert found is not None
        assert found.change is not None
        assert found.change.value == pytest.approx(-0.2)
        assert found.words.startswith("correlation only, on all answers on home")

    def test_leaves_out_other_surfaces_the_hour_itself_and_long_ago(
        self, rule: Rule
    ) -> None:
        answered(rule, after=-DAY, served=1_000, clicks=50)
        answered(rule, after=DAY, served=1_000, clicks=50)
        answered(rule, after=0 * DAY, served=5_000, clicks=1)
        answered(rule, after=-20 * DAY, served=5_000, clicks=1)
        answered(rule, after=-DAY, value="cart", served=5_000, clicks=1)

        found = effect(rule).comparison

        assert found is not None
        assert (found.before.clicks, found.after.clicks) == (50, 50)

    def test_is_nothing_without_answers(self, rule: Rule) -> None:
        assert effect(rule).comparison is None


class TestADeadRule:
    def dead(self, rule: Rule, *, after: timedelta) -> set[UUID]:
        with org_scope(ORG):
            return dead_rules(rule.namespace, at=published(rule) + after)

    def test_matched_nothing_in_thirty_days(self, rule: Rule) -> None:
        answered(rule, after=HOUR, value="", answers=1)

        assert self.dead(rule, after=31 * DAY) == {rule.pk}

    def test_is_none_that_matched_lately(self, rule: Rule) -> None:
        answered(rule, after=HOUR, value="", answers=1)
        met(rule, after=20 * DAY, exposed=1)

        assert self.dead(rule, after=31 * DAY) == set()

    def test_is_none_that_is_young(self, rule: Rule) -> None:
        answered(rule, after=-40 * DAY, value="", answers=1)

        assert self.dead(rule, after=29 * DAY) == set()

    def test_is_none_while_answers_were_not_counted(self, rule: Rule) -> None:
        assert self.dead(rule, after=31 * DAY) == set()

    def test_may_be_one_that_shows_nothing_of_what_it_meets(self, rule: Rule) -> None:
        met(rule, after=20 * HOUR, without_effect=100)

        assert self.dead(rule, after=23 * HOUR) == set()
        assert self.dead(rule, after=26 * HOUR) == {rule.pk}
        with org_scope(ORG):
            at = published(rule) + 26 * HOUR
            [finding] = effect_findings(rule.namespace, [rule], at=at)
        assert finding.kind == "zero_effect"
        assert "no effect in 24 hours" in finding.sentence

    def test_is_none_that_shows_something_sometimes(self, rule: Rule) -> None:
        met(rule, after=20 * HOUR, without_effect=99, exposed=1)

        assert self.dead(rule, after=26 * HOUR) == set()


class TestOverHttp:
    def test_a_rule_says_what_it_did(self, desk: Desk, rule: Rule) -> None:
        met(rule, after=0 * HOUR, exposed=80, moved=40, item_clicks=7)

        told = desk.ask("GET", f"{RULES}/{rule.pk}/effect")

        assert (told["matches"], told["exposures"], told["clicks"]) == (100, 80, 7)
        assert told["click_rate_change"] is None
        assert told["said"] == "not enough data: no answers were counted"

    def test_an_unknown_rule_is_not_found(self, desk: Desk, rule: Rule) -> None:
        assert desk.get(f"{RULES}/{UUID(int=1)}/effect").status_code == 404
