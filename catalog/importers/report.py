"""The report of an import: what came in, what did not, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .request import ImportRequest
from .storing import Place


def report_of(place: Place, *, request: ImportRequest) -> dict[str, Any]:
    tally = place.tally.to_json()
    return {
        "format": request.format,
        "file": request.file,
        "sha256": request.sha256,
        "items": place.items,
        "users": place.users,
        "events": place.events,
        "rows_read": tally["rows"],
        "rows_accepted": tally["accepted"],
        "rows_rejected": tally["rows"] - tally["accepted"],
        "findings": _by_weight(tally["findings"]),
        "notes": tally["notes"],
    }


def _by_weight(findings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the findings as rows, those that cost the most lines first."""
    rows = [{"reason": reason, **one} for reason, one in findings.items()]
    return sorted(
        rows, key=lambda row: (-row["rejected"], -row["found"], row["reason"])
    )


def as_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield the report as a table for the terminal."""
    yield (
        f"{report['rows_read']:,} rows read, {report['rows_accepted']:,} accepted: "
        f"{report['events']:,} events, {report['items']:,} items, "
        f"{report['users']:,} users."
    )
    findings = [one for one in report["findings"] if one["found"] > 0]
    if findings:
        yield f"{'reason':<18}{'found':>10}{'rejected':>10}  meaning, and an example"
    for one in findings:
        counts = f"{one['found']:>10,}{one['rejected']:>10,}"
        yield f"{one['reason']:<18}{counts}  {one['meaning']}"
        for example in one["examples"][:1]:
            yield f"{'':<38}  row {example['row']:,}: {example['text'][:90]}"
    for name, count in report["notes"].items():
        yield f"{name.replace('_', ' ')}: {count:,}"
