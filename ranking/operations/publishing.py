"""Publishing: what staff decided becomes one document that serving obeys."""

from __future__ import annotations

from datetime import datetime

from catalog.models import Change, ChangeKind, Namespace
from catalog.operations import record_change
from ranking.core.configuration import content_hash, encode
from ranking.models import Publication, ServingConfig
from ranking.queries.configurations import compose

FOLLOWED = "settings changed"
"""The cause of a publication that only follows what apps below told by the feed."""


def publish_configuration(
    namespace: Namespace, *, cause: str, at: datetime, author: str = ""
) -> Publication:
    """Put in force what the namespace's tables say now.

    Call it last in the transaction of the change: it takes the namespace's number.
    """
    # Held from before anything is read: who commits a change meanwhile has a lower
    # number than this publication, which would then hide it. Also a row that the caller
    # was given may be a second old.
    namespace = Namespace.objects.select_for_update(no_key=True).get(pk=namespace.pk)
    configuration = compose(namespace)
    document = encode(configuration)
    digest = content_hash(configuration)
    ServingConfig.objects.bulk_create(
        [
            ServingConfig(
                org_id=namespace.org_id,
                namespace=namespace,
                content_hash=digest,
                document=document,
                created_at=at,
            )
        ],
        ignore_conflicts=True,
    )
    # The feed says which configuration it is: checks made under another are not fresh.
    number = record_change(
        namespace, kind=ChangeKind.CONFIGURATION, count=1, at=at, rows=digest
    )
    return Publication.objects.create(
        org_id=namespace.org_id,
        namespace=namespace,
        change_number=number,
        config=ServingConfig.objects.get(namespace=namespace, content_hash=digest),
        cause=cause[:200],
        author=author[:150],
        at=at,
    )


def publish_if_different(namespace: Namespace, *, cause: str, at: datetime) -> bool:
    """Publish unless what would be published is in force; say whether it was done."""
    namespace = Namespace.objects.select_for_update(no_key=True).get(pk=namespace.pk)
    newest = (
        Publication.objects.filter(namespace=namespace)
        .select_related("config")
        .order_by("-change_number")
        .first()
    )
    wanted = content_hash(compose(namespace))
    if newest is not None and bytes(newest.config.content_hash) == wanted:
        return False
    publish_configuration(namespace, cause=cause, at=at)
    return True


def publish_if_behind(namespace: Namespace, *, at: datetime) -> None:
    """Publish unless the newest configuration change is a publication already.

    Apps below this one, event types for instance, tell of their changes by the feed.
    """
    Namespace.objects.select_for_update(no_key=True).get(pk=namespace.pk)
    newest = (
        Change.objects.filter(namespace=namespace, kind=ChangeKind.CONFIGURATION)
        .order_by("-number")
        .values_list("number", flat=True)
        .first()
    )
    published = (
        Publication.objects.filter(namespace=namespace)
        .order_by("-change_number")
        .values_list("change_number", flat=True)
        .first()
    )
    if published is None or (newest is not None and newest > published):
        publish_configuration(namespace, cause=FOLLOWED, at=at)
