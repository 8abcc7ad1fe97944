"""Ask a private namespace, and change it, by the operations that the API calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction

from catalog.core.moments import microseconds
from catalog.core.wire import EventIn, ItemIn, UserIn
from catalog.models import Namespace, User
from catalog.operations.events import store_events
from catalog.operations.items import upsert_items
from catalog.operations.runs import RunHandle, Unattended
from catalog.operations.users import upsert_users
from ranking.core.request import Request
from ranking.models import BuildState, SignalBuild
from ranking.operations.builds import build_signals, make_live
from ranking.operations.profiles import Edit as ProfileEdit
from ranking.operations.profiles import profile_in_force, publish_profile
from ranking.serve import Answer, Call
from ranking.serve.here import answer_here, served_here
from ranking.serve.served import Served

from .facts import (
    ItemFacts,
    Relevance,
    item_facts,
    relevance_after,
    split_of,
    users_by_id,
)
from .filling import AUTHOR

_UNATTENDED = Unattended()


@dataclass(slots=True)
class Rehearsal:
    """A private namespace that can be asked.

    Signals are built, and lists are ranked, as of `split`: what users did later decides
    how good the lists are and is known to nothing that makes them.
    """

    namespace: Namespace
    at: datetime
    split: datetime
    relevance: Relevance
    users: Mapping[str, str | None]
    items: dict[str, ItemFacts]
    _served: Served | None = None
    _asked: int = field(default=0)

    @classmethod
    def of(
        cls, namespace: Namespace, *, at: datetime, handle: RunHandle = _UNATTENDED
    ) -> Rehearsal:
        """Build the signals of a namespace that is filled."""
        split = split_of(namespace, at=at)
        rehearsal = cls(
            namespace=namespace,
            at=at,
            split=split,
            relevance=relevance_after(namespace, split),
            users=users_by_id(namespace),
            items=item_facts(namespace),
        )
        rehearsal.build(handle=handle)
        return rehearsal

    def build(self, *, handle: RunHandle = _UNATTENDED) -> None:
        """Build the signals from everything before the split."""
        build = build_signals(self.namespace, as_of=self.split, at=self.at)
        handle.check_cancelled()
        SignalBuild.objects.filter(
            namespace=self.namespace, state=BuildState.LIVE
        ).delete()
        make_live(build, at=self.at)
        self._served = None

    @property
    def served(self) -> Served:
        """What is served now, with everything that was changed."""
        if self._served is None:
            self._served = served_here(self.namespace, at=self.at)
        return self._served

    def ask(self, request: Request) -> Answer:
        """Rank one request by the engine that serves."""
        self._asked += 1
        call = Call(
            namespace=self.namespace,
            request=msgspec.structs.replace(request, namespace=self.namespace.name),
            wall_us=microseconds(self.at),
            at_us=microseconds(self.split),
            route="scenario",
            request_id="scenario",
        )
        return answer_here(call, served=self.served)

    def changed(self) -> None:
        """Have the next question see what was changed."""
        if self._served is not None:
            self._served = served_here(self.namespace, at=self.at, held=self._served)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Undo at the end whatever the block changes, also when it fails."""
        held, items, users = self.served, dict(self.items), self.users
        try:
            with transaction.atomic():
                yield
                transaction.set_rollback(True)
        finally:
            self._served, self.items, self.users = held, items, users

    def upsert(
        self,
        *,
        items: list[Mapping[str, Any]],
        users: list[Mapping[str, Any]],
        events: list[Mapping[str, Any]],
    ) -> None:
        """Store rows in the shapes of the API; events without a time are of the split.

        Raises
        ------
        msgspec.ValidationError
            For a row in another shape.
        """
        upsert_items(self.namespace, msgspec.convert(items, list[ItemIn]), at=self.at)
        upsert_users(self.namespace, msgspec.convert(users, list[UserIn]), at=self.at)
        rows = msgspec.convert(events, list[EventIn])
        if rows:
            just_before = self.split - timedelta(microseconds=1)
            store_events(self.namespace, rows, at=just_before)
        self.items = item_facts(self.namespace)
        self.users = users_by_id(self.namespace)
        self.changed()

    def rename_user(self, user_id: str, *, to: str) -> None:
        """Give a user another id, and nothing else."""
        User.objects.filter(namespace=self.namespace, user_id=user_id).update(
            user_id=to
        )
        self.users = users_by_id(self.namespace)

    def configure(self, knobs: Mapping[str, Any]) -> None:
        """Publish knobs over those in force."""
        profile = profile_in_force(self.namespace)
        before: Mapping[str, Any] = {}
        if profile is not None:
            published = profile.versions.get(number=profile.published_number)
            before = published.config
        edit = ProfileEdit(at=self.at, author=AUTHOR, source="command")
        publish_profile(self.namespace, config={**before, **knobs}, edit=edit)
        self.changed()
