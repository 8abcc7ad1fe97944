"""Keep the computed vectors in the database in step with what items say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.models import Item, ItemVector, Namespace, VectorSource
from catalog.tenancy import org_scope
from ranking.core.embedding import EMBEDDING_MODEL, ItemText, content_hash, embed
from ranking.core.projection import PROJECTED_DIMENSIONS

BATCH = 2_000


@dataclass(frozen=True, kw_only=True)
class Refreshed:
    seen: int
    changed: int
    """Written, or in a dry run to be written."""


def refresh_embeddings(
    namespace: Namespace,
    *,
    at: datetime,
    since: datetime | None = None,
    batch: int = BATCH,
    dry_run: bool = False,
) -> Refreshed:
    """Compute the vectors of items whose words have changed, one transaction a batch.

    `since` looks only at items that were updated from then on.
    """
    seen = changed = after = 0
    while True:
        with org_scope(namespace.org_id):
            items = _next_items(namespace, after=after, since=since, batch=batch)
            stale = list(_stale(namespace, items))
            if not dry_run:
                _store(namespace, stale, at=at)
        if not items:
            return Refreshed(seen=seen, changed=changed)
        seen, changed, after = seen + len(items), changed + len(stale), items[-1].pk


def text_of(item: Item) -> ItemText:
    path = tuple(item.category_path) or ((item.category,) if item.category else ())
    return ItemText(item.title, item.brand, path, tuple(item.tags), item.description)


def _next_items(
    namespace: Namespace, *, after: int, since: datetime | None, batch: int
) -> list[Item]:
    items = Item.objects.filter(namespace=namespace, listed=True, pk__gt=after)
    if since is not None:
        items = items.filter(updated_at__gte=since)
    return list(items.order_by("pk")[:batch])


def _stale(
    namespace: Namespace, items: Sequence[Item]
) -> Iterator[tuple[Item, ItemText, bytes]]:
    vectors = ItemVector.objects.filter(
        namespace=namespace, item__in=items, source=VectorSource.COMPUTED
    )
    known = dict(vectors.values_list("item_id", "content_sha256"))
    for item in items:
        text = text_of(item)
        digest = content_hash(text)
        if bytes(known.get(item.pk) or b"") != digest:
            yield item, text, digest


def _store(
    namespace: Namespace,
    stale: Sequence[tuple[Item, ItemText, bytes]],
    *,
    at: datetime,
) -> None:
    vectors = embed([text for _, text, _ in stale])
    ItemVector.objects.bulk_create(
        [
            ItemVector(
                org_id=namespace.org_id,
                namespace=namespace,
                item=item,
                source=VectorSource.COMPUTED,
                model=EMBEDDING_MODEL,
                dimension=PROJECTED_DIMENSIONS,
                vector=vector.tolist(),
                content_sha256=digest,
                updated_at=at,
            )
            for (item, _, digest), vector in zip(stale, vectors, strict=True)
        ],
        update_conflicts=True,
        unique_fields=["org", "namespace", "item", "source"],
        update_fields=["model", "dimension", "vector", "content_sha256", "updated_at"],
    )
