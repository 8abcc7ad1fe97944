"""What one process holds of each namespace that it serves, and when it looks again."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog
from django.db import Error as DatabaseError
from django.db import connection, connections

from catalog import generation
from catalog.models import Namespace
from catalog.tenancy import org_scope
from ranking.core.layers import Plan
from ranking.core.world import World
from ranking.operations.publishing import publish_if_behind
from ranking.queries import round_trip, serving_state
from ranking.queries.serving_state import GONE, InHand, ServingState
from rules.metrics import PUBLISH_TO_SERVED_SECONDS

from .loading import plan_of, world_of

log = structlog.get_logger(__name__)

# The state is read after changes only, and may carry thousands of items.
_READ_SECONDS = 2.0
# Whoever holds the namespace's row for so long may be waiting for us.
_PATIENCE = "1s"
MOST_NAMESPACES = 256


class NothingToServeError(RuntimeError):
    """The database is away, and this process never served the namespace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A namespace as this process serves it. Never changed, only replaced."""

    token: generation.Token
    namespace_id: int
    clock: str
    newest_event_us: int | None
    change_number: int
    """Small changes up to this one are in `world`."""
    snapshot_hash: bytes
    """Empty without a snapshot."""
    base_number: int
    """Changes from this one on lie over the snapshot."""
    world: World
    plan: Plan
    configuration_hash: bytes
    is_stale: bool = False
    """Whether events wait for a first build, or were deleted since the last one."""
    is_unopened: bool = False
    """Whether there is a build whose snapshot cannot be opened."""
    is_behind: bool = False
    """Whether something changed that could not be read."""


_served: OrderedDict[int, Served] = OrderedDict()
_locks: dict[int, threading.Lock] = {}
# An ordered dictionary cannot be read through while another thread rearranges it.
_rearranging = threading.Lock()
_outdated: set[int] = set()


def current(namespace: Namespace) -> Served:
    """Return the namespace as it stands now; 1 µs when nothing changed.

    Raises
    ------
    NothingToServeError
        If there is nothing in hand and the database cannot be asked.
    """
    held = _served.get(namespace.pk)
    token = generation.token(namespace.pk)
    if held is not None and held.token == token and namespace.pk not in _outdated:
        return held
    with _locks.setdefault(namespace.pk, threading.Lock()):
        held = _served.get(namespace.pk)
        token = generation.token(namespace.pk)
        if held is None or held.token != token or namespace.pk in _outdated:
            held = _reload(namespace, held=held, token=token)
        return held


def look_again(namespace_id: int) -> None:
    """Have the next request read the state anew: another host changed something."""
    _outdated.add(namespace_id)


def held_numbers() -> dict[int, int]:
    """Return each namespace in hand with the change up to which it is served."""
    with _rearranging:
        return {held.namespace_id: held.change_number for held in _served.values()}


def forget_all() -> None:
    """Let go of everything in hand."""
    with _rearranging:
        _served.clear()
    _outdated.clear()


def _reload(
    namespace: Namespace, *, held: Served | None, token: generation.Token
) -> Served:
    try:
        state = _ask(namespace, held=held)
        if state is not None and _is_behind(state) and _publish(namespace):
            token = generation.token(namespace.pk)
            state = _ask(namespace, held=held)
    except round_trip.UnansweredError as error:
        if held is None:
            raise NothingToServeError(str(error)) from error
        return replace(held, is_behind=True)
    _outdated.discard(namespace.pk)
    served = from_state(namespace, state, held=held, token=token)
    _count_publication(namespace, state, held=held, served=served)
    with _rearranging:
        _served[namespace.pk] = served
        _served.move_to_end(namespace.pk)
        while len(_served) > MOST_NAMESPACES:
            _served.popitem(last=False)
    return served


def _count_publication(
    namespace: Namespace,
    state: ServingState | None,
    *,
    held: Served | None,
    served: Served,
) -> None:
    """Count how long it took until this process obeys what was published."""
    if held is None or state is None or state.configured_us is None:
        return
    if served.configuration_hash != held.configuration_hash:
        seconds = time.time() - state.configured_us / 1e6
        PUBLISH_TO_SERVED_SECONDS.labels(namespace.name.lower()).observe(
            max(seconds, 0.0)
        )


def _ask(namespace: Namespace, *, held: Served | None) -> ServingState | None:
    in_hand = InHand()
    if held is not None:
        in_hand = InHand(
            snapshot_hash=held.snapshot_hash,
            base_number=held.base_number,
            change_number=held.change_number,
            configuration_hash=held.configuration_hash,
        )
    (answer,) = round_trip.ask(
        [serving_state.question(namespace.pk, in_hand)],
        org_id=namespace.org_id,
        timeout_seconds=_READ_SECONDS,
    )
    return serving_state.read(answer)


def _is_behind(state: ServingState) -> bool:
    return state.is_unpublished or not state.configuration_hash


def _publish(namespace: Namespace) -> bool:
    """Publish what nobody published yet; serving does not fail when that does."""
    if not connection.in_atomic_block:
        return _publish_here(namespace)
    # A page of the admin is one transaction, and what it writes nobody else sees before
    # it ends; the state is read over another connection.
    with ThreadPoolExecutor(max_workers=1) as apart:
        return apart.submit(_publish_apart, namespace).result()


def _publish_apart(namespace: Namespace) -> bool:
    try:
        return _publish_here(namespace)
    finally:
        connections.close_all()


def _publish_here(namespace: Namespace) -> bool:
    try:
        with org_scope(namespace.org_id):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT set_config('lock_timeout', %s, true)", [_PATIENCE]
                )
            publish_if_behind(namespace, at=datetime.now(UTC))
    except DatabaseError as error:
        log.warning("configuration_not_published", exc_info=error)
        return False
    return True


def from_state(
    namespace: Namespace,
    state: ServingState | None,
    *,
    held: Served | None,
    token: generation.Token,
) -> Served:
    """Return a namespace as a state says; what is in hand already is not read again."""
    state = state or GONE
    plan, configuration_hash = (
        (held.plan, held.configuration_hash)
        if held and state.configuration_hash == held.configuration_hash
        else plan_of(namespace, state)
    )
    has_events = state.newest_event_us is not None
    is_continued = (
        held is not None
        and held.snapshot_hash == state.snapshot_hash
        and held.base_number == state.base_number
    )
    world = world_of(
        namespace, state, continued=held.world if held and is_continued else None
    )
    return Served(
        token=token,
        namespace_id=namespace.pk,
        clock=state.clock,
        newest_event_us=state.newest_event_us,
        change_number=state.change_number,
        snapshot_hash=world.snapshot.content_hash,
        base_number=state.base_number,
        world=world,
        plan=plan,
        configuration_hash=configuration_hash,
        is_unopened=state.snapshot_hash != world.snapshot.content_hash,
        # Also true of the first build's items without events.
        is_stale=has_events and 2 * state.deleted_events >= state.built_events,
    )
