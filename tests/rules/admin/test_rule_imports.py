"""CSV files of rules: tried line by line, then put into a change set, all or none."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import Run
from catalog.operations import runs
from catalog.tenancy import org_scope
from rules.models import ChangeSet, ChangeSetItem, Rule
from rules.operations.csv_rows import COLUMNS, plain_text, row_of, safe_cell
from rules.operations.csv_trials import FoundLine
from rules.operations.importing import page_of
from rules.queries.contents import content_of
from tests.admin.conftest import Shops
from tests.rules.admin.conftest import Publish
from tests.rules.admin.forms import say

HEAD = "name,action,target_type,targets,value,surface\n"
GOOD = "Sale up,BOOST,TAG,sale,0.5,home\n"


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path


def tried(shops: Shops, client: Client, text: str | bytes) -> Run:
    """Upload a file and have it tried as a worker would."""
    content = text.encode() if isinstance(text, str) else text
    file = SimpleUploadedFile("rules.csv", content, content_type="text/csv")
    answer = client.post(say("rules_rule_import"), {"file": file})
    assert answer.status_code == 302
    return worked(shops)


def worked(shops: Shops) -> Run:
    with org_scope(shops.ours.org_id):
        run = Run.objects.order_by("-created_at", "-pk")[0]
    runs.execute(run.pk, org_id=shops.ours.org_id, clock=timezone.now)
    with org_scope(shops.ours.org_id):
        run.refresh_from_db()
    return run


def found(run: Run) -> list[FoundLine]:
    return list(page_of(run, 1))


class TestDryRun:
    def test_says_what_each_line_would_do(
        self, shops: Shops, ana: Client, publish: Publish
    ) -> None:
        same, other = publish(), publish(name="Sofa", target=["sofa"], place=["2"])
        with org_scope(shops.ours.org_id):
            rules = Rule.objects.select_related("version").order_by("created_at")
            cells = [row_of(str(rule.pk), content_of(rule)) for rule in rules]
        cells[1][COLUMNS.index("priority")] = "99"
        text = _text([COLUMNS, *cells, ["", "New", "BLOCK", "ITEM", "rug"]])

        lines = found(tried(shops, ana, text))

        assert [(each.verdict, each.rule_id) for each in lines] == [
            ("same", str(same.pk)),
            ("changed", str(other.pk)),
            ("new", ""),
        ]
        assert lines[1].changes == ("priority: 10 → 99",)

    def test_names_items_by_their_titles(self, shops: Shops, ana: Client) -> None:
        run = tried(shops, ana, HEAD + "Up,BOOST,ITEM,lamp,0.5,home\n")

        page = ana.get(say("rules_rule_import_page", run.pk)).content.decode()

        assert "boost Oak lamp (lamp) by 50 %" in page

    def test_changes_nothing(self, shops: Shops, ana: Client) -> None:
        tried(shops, ana, HEAD + GOOD)

        with org_scope(shops.ours.org_id):
            assert not Rule.objects.exists()
            assert not ChangeSet.objects.exists()

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            ("A,SHOUT,TAG,sale,,home", "action must be one of"),
            ("A,BOOST,TAG,sale,much,home", "value must be a number"),
            ("A,BOOST,TAG,sale,0,home", "must not be 0"),
            ("A,BOOST,TAG,sale,nan,home", "finite"),
            ("A,BOOST,TAG,,0.5,home", "must name"),
            (",BOOST,TAG,sale,0.5,home", "Give the rule a name"),
            ("A,BOOST,TAG,sale,0.5,home,more", "7 cells"),
            ('A,"BOOST"x,TAG,sale,0.5,home', "cannot be read as CSV"),
        ],
    )
    def test_names_a_broken_line_and_goes_on(
        self, shops: Shops, ana: Client, line: str, words: str
    ) -> None:
        lines = found(tried(shops, ana, f"{HEAD}{line}\n{GOOD}"))

        assert [(each.line, each.verdict) for each in lines] == [
            (2, "faulty"),
            (3, "new"),
        ]
        assert words in lines[0].faults[0]

    def test_takes_a_rule_once(
        self, shops: Shops, ana: Client, publish: Publish
    ) -> None:
        rule = publish(name="Old")
        line = f"{rule.pk},Twice,BOOST,TAG,sale,0.5,home\n"

        run = tried(shops, ana, f"rule_id,{HEAD}{line}{line}")

        first, second = found(run)
        assert (first.verdict, second.verdict) == ("changed", "faulty")
        assert "stands in an earlier line" in second.faults[0]

    def test_does_not_know_another_tenants_rule(
        self, shops: Shops, ana: Client
    ) -> None:
        text = f"rule_id,{HEAD}0198c0de-0000-7000-8000-000000000000,{GOOD}"

        [line] = found(tried(shops, ana, text))

        assert "has no published rule" in line.faults[0]

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("a,b\n1,2\n", "has no column name, action, target_type"),
            (HEAD.replace("value", "valeu"), "does not know the column valeu"),
            (b"name\xff", "not UTF-8"),
        ],
    )
    def test_fails_with_a_sentence(
        self, shops: Shops, ana: Client, text: str | bytes, words: str
    ) -> None:
        run = tried(shops, ana, text)

        assert run.state == "failed"
        assert words in run.error

    def test_shows_a_page_of_very_many(self, shops: Shops, ana: Client) -> None:
        run = tried(shops, ana, HEAD + GOOD * 120 + "A,SHOUT,TAG,sale,,home\n")
        place = say("rules_rule_import_page", run.pk)

        third = ana.get(place, {"p": "3"}).context
        faulty = ana.get(place, {"only": "faulty"}).context

        assert [each.line for each in third["lines"]][:2] == [102, 103]
        assert (len(third["lines"]), third["pages"]) == (21, 3)
        assert [each.line for each in faulty["lines"]] == [122]

    def test_reads_semicolons_and_a_byte_order_mark(
        self, shops: Shops, ana: Client
    ) -> None:
        text = "\ufeff" + (HEAD + GOOD).replace(",", ";")

        assert [each.verdict for each in found(tried(shops, ana, text))] == ["new"]

    def test_is_closed_to_viewers(self, shops: Shops, chloe: Client) -> None:
        file = SimpleUploadedFile("rules.csv", HEAD.encode())

        answer = chloe.post(say("rules_rule_import"), {"file": file})

        assert answer.status_code == 403


class TestApplying:
    def test_puts_every_change_into_one_change_set(
        self, shops: Shops, ana: Client
    ) -> None:
        run = tried(shops, ana, HEAD + GOOD + "Bad,SHOUT,TAG,sale,,home\n" + GOOD)

        place = say("rules_rule_import_apply", run.pk)
        ana.post(place, {"reason": "From the spring sheet."})
        done = worked(shops)

        assert (done.state, done.result["changes"]) == ("succeeded", 2)
        with org_scope(shops.ours.org_id):
            change_set = ChangeSet.objects.get()
            assert (change_set.source, change_set.state) == ("import", "draft")
            assert ChangeSetItem.objects.count() == 2

    def test_needs_a_reason(self, shops: Shops, ana: Client) -> None:
        run = tried(shops, ana, HEAD + GOOD)

        answer = ana.post(say("rules_rule_import_apply", run.pk), follow=True)

        assert "Say why" in answer.content.decode()


@given(st.text())
def test_a_safe_cell_starts_no_formula_and_reads_back(text: str) -> None:
    cell = safe_cell(text.strip())

    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    if not text.strip().startswith("'"):
        assert plain_text(cell) == text.strip()


def _text(rows: list[Any]) -> str:
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
