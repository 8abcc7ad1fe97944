"""CSV files of rules: tried by a Run, looked at page by page, then a change set.

A dry run reads the file and says of each line what it would do: add a rule, change one,
leave one as it is, or nothing, because of a fault. Its findings stand in a file beside
the upload. Only then does somebody put them into a change set, all or none.
"""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import batched
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.utils import timezone

from catalog.core.faults import refuse
from catalog.models import Namespace, Run
from catalog.operations.runs import (
    LeasedHandle,
    Outcome,
    RunFailedError,
    start_run,
)
from catalog.tenancy import org_scope
from rules.models import Rule, Source

from .actors import Actor, recorded
from .change_sets import Purpose, create_change_set
from .csv_lines import decoded, lines_of
from .csv_rows import PLACEHOLDER_ID
from .csv_trials import FoundLine, tried_lines
from .drafts import Proposal
from .many_drafts import Line, draft_many

TRY_KIND = "rules-import"
APPLY_KIND = "rules-import-apply"
PAGE_SIZE = 50
_BATCH = 500
_UPLOAD = "rules.csv"
_FOUND = "found.ndjson"


_decoder = msgspec.json.Decoder(FoundLine)


def start_dry_run(
    namespace: Namespace, upload: bytes, *, filename: str, actor: Actor, at: datetime
) -> Run:
    """Keep a file and have a worker try it. Nothing of it is in force."""
    actor.require("edit")
    if not upload.strip():
        raise refuse("empty_file", "The file is empty.", field="file")
    run = start_run(
        namespace,
        kind=TRY_KIND,
        at=at,
        requested_by=actor.name,
        parameters={"filename": filename[:200], "bytes": len(upload)},
    )
    folder = folder_of(run)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _UPLOAD).write_bytes(upload)
    return run


def start_applying(
    namespace: Namespace,
    tried: Run,
    *,
    purpose: Purpose,
    actor: Actor,
    at: datetime,
) -> Run:
    """Have a worker put what a dry run found into a change set."""
    actor.require("edit")
    counts = tried.result.get("counts", {})
    if not counts.get("new") and not counts.get("changed"):
        raise refuse("nothing_to_import", "No line of it changes anything.")
    if not purpose.reason.strip():
        raise refuse("missing_reason", "Say why: a reason is kept.", field="reason")
    return start_run(
        namespace,
        kind=APPLY_KIND,
        at=at,
        requested_by=actor.name,
        parameters={
            "tried": str(tried.pk),
            "title": purpose.title,
            "reason": purpose.reason,
            "identity": actor.identity,
        },
    )


def folder_of(run: Run) -> Path:
    return Path(settings.FILES_ROOT) / "imports" / str(run.pk)


def execute_dry_run(handle: LeasedHandle) -> Outcome:
    """Read the whole file, and write down what each line would do."""
    namespace, folder = handle.namespace, folder_of(handle.run)
    upload = folder / _UPLOAD
    if not upload.exists():
        raise RunFailedError(
            f"The uploaded file is not on {socket.gethostname()}, whose worker was to "
            f"read it. Upload it again; if workers run on several machines, those of "
            f"the queue bulk must share the folder RECSYS_FILES_ROOT with the desk."
        )
    text = decoded(upload.read_bytes())
    total = max(text.count("\n"), 1)
    counts: Counter[str] = Counter()
    places: list[int] = []
    seen: set[str] = set()
    with (folder / _FOUND).open("wb") as found:
        for lines in batched(lines_of(text), _BATCH, strict=False):
            handle.check_cancelled()
            with org_scope(namespace.org_id):
                for each in tried_lines(namespace, lines, seen=seen):
                    if sum(counts.values()) % PAGE_SIZE == 0:
                        places.append(found.tell())
                    counts[each.verdict] += 1
                    found.write(msgspec.json.encode(each) + b"\n")
            done = sum(counts.values())
            handle.progress(min(done / total, 1.0), f"line {done:,}")
    return Outcome(
        result={
            "counts": {
                name: counts[name] for name in ("new", "changed", "same", "faulty")
            },
            "pages": places,
        }
    )


def execute_applying(handle: LeasedHandle) -> Outcome:
    """Put every line that would change something into one change set, or none."""
    namespace, asked = handle.namespace, handle.parameters
    actor = Actor(
        identity=asked["identity"],
        name=handle.run.requested_by,
        source=Source.IMPORT,
        verbs=frozenset({"view", "edit"}),
    )
    at = timezone.now()
    with org_scope(namespace.org_id):
        tried = Run.objects.get(pk=UUID(asked["tried"]))
        purpose = Purpose(title=asked["title"], reason=asked["reason"])
        change_set = create_change_set(namespace, purpose, actor=actor, at=at)
        total = sum(tried.result["counts"].values())
        n_put = 0
        with recorded(actor, reason=purpose.reason):
            for found in batched(_found_lines(tried), _BATCH, strict=False):
                lines = _changing(namespace, found)
                n_put += draft_many(change_set, lines, actor=actor, at=at)
                last = found[-1].line
                handle.progress(last / max(total, 1), f"line {last:,}")
                handle.check_cancelled()
    return Outcome(
        result={"change_set": str(change_set.pk), "changes": n_put},
        url=f"/admin/rules/changeset/{change_set.pk}/change/",
    )


def page_of(run: Run, number: int, *, only: str = "") -> Sequence[FoundLine]:
    """Return one page of what a dry run found; `only` those of one verdict."""
    path = folder_of(run) / _FOUND
    if not path.exists():
        return []
    if only:
        chosen = [each for each in _found_lines(run) if each.verdict == only]
        first = (number - 1) * PAGE_SIZE
        return chosen[first : first + PAGE_SIZE]
    places = run.result.get("pages", [])
    if not 1 <= number <= len(places):
        return []
    with path.open("rb") as found:
        found.seek(places[number - 1])
        return [
            _decoder.decode(line)
            for line, _ in zip(found, range(PAGE_SIZE), strict=False)
        ]


def _found_lines(run: Run) -> Iterator[FoundLine]:
    with (folder_of(run) / _FOUND).open("rb") as found:
        for line in found:
            yield _decoder.decode(line)


def _changing(namespace: Namespace, found: Sequence[FoundLine]) -> list[Line]:
    """Return what the lines that change something would make of which rule."""
    wanted = [each.rule_id for each in found if each.rule_id]
    rules = Rule.objects.filter(namespace=namespace, pk__in=wanted)
    known = {str(rule.pk): rule for rule in rules.select_related("namespace")}
    lines = []
    for each in found:
        if each.content is None:
            continue
        if each.content.rule.id == PLACEHOLDER_ID:
            lines.append(Line(Proposal(each.content)))
        else:
            proposal = Proposal(each.content, base_number=each.base_number)
            lines.append(Line(proposal, known[each.rule_id]))
    return lines


def counts_of(run: Run) -> Mapping[str, Any]:
    counts: Mapping[str, Any] = run.result.get("counts", {})
    return counts
