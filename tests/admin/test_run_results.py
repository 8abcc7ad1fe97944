from __future__ import annotations

from pathlib import Path

from catalog.models import Namespace, Run
from catalog.operations import runs
from catalog.tenancy import org_scope
from tests.clock import NOON

from .conftest import LogIn, Shops


def exported(namespace: Namespace, path: Path) -> Run:
    with org_scope(namespace.org_id):
        run = runs.start_run(namespace, kind="export", at=NOON)
        files = {"items": {"file": str(path)}}
        Run.objects.filter(pk=run.pk).update(result={"files": files})
    return run


def test_an_operator_downloads_what_a_run_made(
    shops: Shops, log_in: LogIn, tmp_path: Path
) -> None:
    path = tmp_path / "items.parquet"
    path.write_bytes(b"packed")
    page = f"/admin/catalog/run/{exported(shops.ours, path).pk}/"
    operator = log_in("operator")

    shown = operator.get(f"{page}change/").content.decode()
    answer = operator.get(f"{page}result/")

    assert f'href="{page}result/"' in shown
    assert answer.getvalue() == b"packed"


def test_a_run_tells_who_did_it_and_its_log(shops: Shops, log_in: LogIn) -> None:
    with org_scope(shops.ours.org_id):
        run = runs.start_run(shops.ours, kind="export", at=NOON)
        told = {"worker": "depot:4711", "log": ["12:00:00 INFO <9> rows", "and on"]}
        Run.objects.filter(pk=run.pk).update(**told)

    answer = log_in("viewer").get(f"/admin/catalog/run/{run.pk}/change/")

    shown = answer.content.decode()
    assert "depot:4711" in shown
    assert "12:00:00 INFO &lt;9&gt; rows\nand on\n</pre>" in shown


def test_a_viewer_does_not(shops: Shops, log_in: LogIn, tmp_path: Path) -> None:
    path = tmp_path / "items.parquet"
    path.write_bytes(b"packed")
    page = f"/admin/catalog/run/{exported(shops.ours, path).pk}/"
    viewer = log_in("viewer")

    assert "result/" not in viewer.get(f"{page}change/").content.decode()
    assert viewer.get(f"{page}result/").status_code == 403


def test_nobody_downloads_from_another_shop(
    shops: Shops, log_in: LogIn, tmp_path: Path
) -> None:
    path = tmp_path / "items.parquet"
    path.write_bytes(b"packed")
    run = exported(shops.theirs, path)

    answer = log_in("operator").get(f"/admin/catalog/run/{run.pk}/result/")

    assert answer.status_code == 404


def test_a_file_that_is_gone_is_said_to_be(
    shops: Shops, log_in: LogIn, tmp_path: Path
) -> None:
    run = exported(shops.ours, tmp_path / "gone.parquet")
    page = f"/admin/catalog/run/{run.pk}/result/"

    answer = log_in("operator").get(page, follow=True)

    assert "gone.parquet is not on this machine" in answer.content.decode()
