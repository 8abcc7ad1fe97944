"""What a stored decision was made from, read back from what was kept."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.db.models import Max

from audit.core.codec import UnknownFormatError
from audit.core.record import Private, Trace
from audit.models import Decision
from audit.queries import get_private, get_privates, open_trace_of
from catalog.models import Change, ChangeKind
from ranking.core.configuration import Configuration, content_hash, decode
from ranking.core.request import History, Request
from ranking.core.snapshot import Snapshot
from ranking.models import ServingConfig
from ranking.signals.layout import snapshot_path
from ranking.signals.open import open_snapshot

from .configurations import built_in_configuration
from .serving_state import NAMELESS_DELETION

# Replays come in runs of decisions that one snapshot answered.
_OPEN_SNAPSHOTS = 8


class GoneError(LookupError):
    """Something that the answer depended on is not kept any more."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision, with the question and the history that it answered."""

    decision: Decision
    trace: Trace
    private: Private | None
    """What was read about the user; None for nobody."""

    request: Request
    history: History


def decided(decision: Decision) -> Decided:
    """Read a decision back.

    Raises
    ------
    GoneError
        ``trace_not_kept`` when sampling left the trace out, ``user_erased`` when
        what was read about the user is gone.
    """
    return _decided(decision, get_private(decision))


def decided_in_bulk(decisions: Sequence[Decision]) -> list[Decided]:
    """Read many decisions back, but for those of which something is gone.

    Also without those that another version of this program kept otherwise.
    """
    privates = get_privates(decisions)
    found = []
    for decision in decisions:
        with suppress(GoneError, UnknownFormatError, msgspec.ValidationError):
            found.append(_decided(decision, privates.get(decision.decision_id)))
    return found


def _decided(decision: Decision, private: Private | None) -> Decided:
    trace = open_trace_of(decision)
    if trace is None:
        raise GoneError(
            "trace_not_kept",
            "Of this decision only ids and digest were kept: its namespace keeps"
            " full traces of a sample.",
        )
    if private is None and trace.extras.get("is_personal"):
        raise GoneError(
            "user_erased", "What was known of the user was erased, as it was asked."
        )
    return Decided(
        decision=decision,
        trace=trace,
        private=private,
        request=_request(trace, private or Private()),
        history=_history(private),
    )


def _request(trace: Trace, private: Private) -> Request:
    personal = {"user_id": private.user_id, "context": private.context}
    sent: Mapping[str, Any] = trace.request
    return msgspec.convert({**sent, **personal}, Request)


def _history(private: Private | None) -> History:
    if private is None:
        return History.anonymous()
    read = private.history
    return History(
        event_ids=read["event_id"],
        numbers=read["number"],
        types=read["type"],
        values=read["value"],
        ts_us=read["ts_us"],
        user_number=private.user_number,
        known=private.known,
        traits=private.traits,
    )


def snapshot_then(decision: Decision) -> Snapshot | None:
    """Return the snapshot that a decision was answered from; None if it had none.

    Raises
    ------
    GoneError
        ``snapshot_expired`` when its file is not kept any more.
    """
    digest = bytes(decision.snapshot_hash)
    if not digest:
        return None
    root = Path(settings.FILES_ROOT)
    path = snapshot_path(root, decision.namespace_id, digest)
    try:
        return _opened(path)
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise GoneError(
            "snapshot_expired",
            "The snapshot that answered is not kept any more, so that this answer"
            " cannot be given again as it was. Replay it now instead.",
        ) from error


@functools.lru_cache(maxsize=_OPEN_SNAPSHOTS)
def _opened(path: Path) -> Snapshot:
    return open_snapshot(path)


def base_number_then(decision: Decision) -> int:
    """Return the change from which on items were folded in, without a snapshot."""
    nameless = Change.objects.filter(
        namespace=decision.namespace_id,
        kind=ChangeKind.DELETED,
        number__lte=decision.change_number,
        count__gt=NAMELESS_DELETION,
        ids=[],
    )
    number = nameless.aggregate(last=Max("number"))["last"]
    return int(number or 0)


def item_changes_then(decision: Decision, *, after: int) -> list[bytes | None]:
    """Return the packed item states of each change up to a decision, oldest first.

    Raises
    ------
    GoneError
        ``changes_expired`` when the feed does not reach back so far any more.
    """
    of_namespace = Change.objects.filter(namespace=decision.namespace_id)
    changes = list(
        of_namespace.filter(number__gt=after, number__lte=decision.change_number)
        .order_by("number")
        .values_list("number", "kind", "rows")
    )
    if len(changes) < decision.change_number - after:
        raise GoneError(
            "changes_expired",
            "The changes of items between the snapshot and this answer are not kept"
            " any more. Replay it now instead.",
        )
    return [
        None if rows is None else bytes(rows)
        for _, kind, rows in changes
        if kind == ChangeKind.ITEMS
    ]


def configuration_then(decision: Decision) -> Configuration:
    """Return the serving configuration that a decision obeyed.

    Raises
    ------
    GoneError
        ``configuration_expired`` when it is not kept any more.
    """
    digest = bytes(decision.configuration_hash)
    document = _document(decision.namespace_id, digest)
    if document is None:
        built_in = built_in_configuration(decision.namespace.name)
        if content_hash(built_in) == digest:
            return built_in
        raise GoneError(
            "configuration_expired",
            "The configuration that was in force then is not kept any more.",
        )
    return decode(document)


def _document(namespace_id: int, digest: bytes) -> bytes | None:
    rows = ServingConfig.objects.filter(namespace=namespace_id, content_hash=digest)
    found = rows.values_list("document", flat=True).first()
    return None if found is None else bytes(found)
