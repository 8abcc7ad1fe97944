"""Rules from a terminal: written out, read in, switched off."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Namespace
from tests.rules.desks import ORG, Desk

pytestmark = pytest.mark.django_db


def manage(command: str, *arguments: str, **options: Any) -> str:
    said = StringIO()
    call_command(
        command, *arguments, namespace="shop", org_id=ORG, stdout=said, **options
    )
    return said.getvalue()


@pytest.fixture
def sheet(desk: Desk, tmp_path: Path, settings: Any) -> Path:
    """Two rules as a file; the first one's boost is changed, and a third is added."""
    settings.FILES_ROOT = tmp_path / "files"
    for name in ("one", "two"):
        desk.make(name=name)
    path = tmp_path / "rules.csv"
    manage("export_rules", output=path)
    first, *rest = path.read_text().splitlines()
    rest[0] = rest[0].replace("0.5", "0.75")
    rest.append(rest[1].replace(rest[1].split(",")[0], "", 1).replace("two", "three"))
    path.write_text("\n".join([first, *rest, "what is this"]) + "\n")
    return path


def test_a_file_is_tried_before_anything_is_stored(desk: Desk, sheet: Path) -> None:
    told = manage("import_rules", str(sheet))

    assert "1 new, 1 changed, 1 same, 1 faulty." in told
    assert "line 5:" in told
    assert (
        desk.get("/v1/admin/change-sets", namespace="shop", state="draft").json()[
            "items"
        ]
        == []
    )


def test_with_a_reason_it_becomes_a_change_set(desk: Desk, sheet: Path) -> None:
    told = manage("import_rules", str(sheet), reason="From the spring sheet.")

    [draft] = desk.get("/v1/admin/change-sets", namespace="shop", state="draft").json()[
        "items"
    ]
    assert draft["change_set_id"] in told
    assert (draft["change_count"], draft["source"]) == (2, "import")


def test_a_missing_file_is_said(namespace: Namespace) -> None:
    with pytest.raises(CommandError, match="no file"):
        manage("import_rules", "/nowhere/rules.csv")


def test_rules_are_switched_off_and_on(desk: Desk) -> None:
    desk.make()

    assert "are off" in manage("switch_rules", "off", reason="Wrong prices.")
    assert Namespace.objects.get(org_id=ORG, name="shop").switches == {
        "rules_enabled": False
    }
    assert "are on" in manage("switch_rules", "on", reason="Mended.")


def test_an_unknown_namespace_is_said(desk: Desk) -> None:
    with pytest.raises(CommandError, match="no namespace"):
        manage("switch_rules", "off", reason="!")
