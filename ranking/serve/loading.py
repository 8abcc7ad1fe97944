"""From a state as read to the values that ranking takes."""

from __future__ import annotations

from pathlib import Path

import structlog
from django.conf import settings
from django.db import Error as DatabaseError

from catalog.core.feed import ItemState
from catalog.models import Item, Namespace
from catalog.queries.states import item_states
from catalog.tenancy import org_scope
from ranking.core.configuration import content_hash, decode
from ranking.core.empty import empty_snapshot
from ranking.core.layers import Plan
from ranking.core.overlay import MAX_ITEMS
from ranking.core.snapshot import Snapshot
from ranking.core.world import World
from ranking.queries.configurations import built_in_configuration
from ranking.queries.serving_state import ServingState
from ranking.signals.layout import snapshot_path
from ranking.signals.open import open_snapshot

from .overlays import bring_up
from .read_items import world_of_items

log = structlog.get_logger(__name__)


def plan_of(namespace: Namespace, state: ServingState) -> tuple[Plan, bytes]:
    """Return the configuration made ready, and its hash.

    Where none was published it is the built-in one.
    """
    if state.document is not None:
        return Plan.of(decode(state.document)), state.configuration_hash
    built_in = built_in_configuration(namespace.name)
    return Plan.of(built_in), content_hash(built_in)


def world_of(
    namespace: Namespace, state: ServingState, *, continued: World | None
) -> World:
    """Return the snapshot with the changes that lie over it.

    `continued` is the world in hand if the state only adds changes to it. Without a
    snapshot the feed says what there is; where it does not, the tables do.
    """
    if continued is not None:
        world = continued
    else:
        snapshot = _snapshot(namespace, state)
        world = World.of(snapshot or empty_snapshot(change_number=state.base_number))
    is_bare = len(world.snapshot) == 0
    is_told_all = None not in state.item_changes and (
        state.snapshot_hash == world.snapshot.content_hash
    )
    if is_bare and not is_told_all and len(world) < MAX_ITEMS:
        states = _some_items(namespace)
        return world_of_items(namespace.pk, states, number=state.change_number)
    return bring_up(world, state.item_changes, number=state.change_number)


def _snapshot(namespace: Namespace, state: ServingState) -> Snapshot | None:
    if not state.snapshot_hash:
        return None
    path = snapshot_path(Path(settings.FILES_ROOT), namespace.pk, state.snapshot_hash)
    try:
        return open_snapshot(path)
    except (OSError, ValueError, LookupError, TypeError) as error:
        # Also one that another version of this program laid out.
        log.error("snapshot_not_opened", path=str(path), exc_info=error)
        return None


def _some_items(namespace: Namespace) -> list[ItemState]:
    """Return as many items as an overlay holds, the same ones every time."""
    try:
        with org_scope(namespace.org_id):
            items = Item.objects.filter(
                namespace=namespace, listed=True, available=True
            )
            numbers = items.order_by("id").values_list("id", flat=True)[:MAX_ITEMS]
            return item_states(namespace, list(numbers))
    except DatabaseError as error:
        log.warning("items_not_read", exc_info=error)
        return []
