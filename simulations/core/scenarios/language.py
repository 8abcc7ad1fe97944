"""The step language: what a scenario file may say.

A scenario is a list of steps, each a mapping with one key, the verb. ``recommend`` asks
and keeps what came under a name; the verbs that change something change it for this
scenario alone; ``expect`` states what must hold of what was kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

type Name = Annotated[str, Meta(min_length=1, max_length=60)]

ONE_PAGE = "page"
"""The name of what was asked for last, where a step gives none."""

MOST_USERS = 200


class Users(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Several users, chosen alike in every run: those named first by id."""

    segment: str | None = None
    """Those with this value of ``traits.segment``."""

    most: Annotated[int, Meta(ge=1, le=MOST_USERS)] = 10
    prefer_relevant: bool = True
    """Those who did something after the split come first."""


class Recommend(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ask for one user, for several, or for nobody in particular."""

    user: str | None = None
    """An id, or ``#3`` for the third user by id."""

    users: Users | None = None
    k: Annotated[int, Meta(ge=1, le=200)] = 20
    surface: str = "home"
    constraints: Mapping[str, Any] = {}
    overrides: Mapping[str, Any] = {}
    blend: Mapping[str, float] = {}
    context: Mapping[str, Any] = {}
    profile: str | None = None
    include_reasons: bool = False
    explain_level: str = "tags"
    repeat: Annotated[int, Meta(ge=1, le=1000)] = 1
    """Ask this often; every answer is kept."""

    name: str = msgspec.field(default=ONE_PAGE, name="as")


class UpsertRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Publish a rule, or another content of one this scenario published before."""

    name: Name = msgspec.field(name="as")
    action: str
    target_type: str
    target_key: str | None = None
    item_ids: list[str] = []
    boost_value: float | None = None
    priority: int = 0
    max_pins: int | None = None
    position: int | None = None
    surface: str = "home"
    segment_id: str | None = None
    enabled: bool = True


class Override(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Push one item up or keep it out by hand."""

    action: str
    item: str
    value: float | None = None
    surface: str = "home"
    name: str = msgspec.field(default="override", name="as")


class Cancel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take a rule or an override of this scenario out of force."""

    name: Name = msgspec.field(name="as")


class Upsert(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Store items, users or events, in the shapes of the API."""

    items: list[Mapping[str, Any]] = []
    users: list[Mapping[str, Any]] = []
    events: list[Mapping[str, Any]] = []


class RenameUser(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give a user another id; all else of the user stays."""

    user: str
    to: Annotated[str, Meta(min_length=1, max_length=200)]


type Operand = float | Compared


class Measure(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One figure of what was kept."""

    figure: str
    """Its name: one of :data:`~simulations.core.scenarios.measures.MEASURES`."""

    page: str = msgspec.field(default=ONE_PAGE, name="of")
    against: str | None = None
    """Another page, for figures that compare two."""

    item: str | None = None
    tag: str | None = None
    prop: str | None = None
    count: str | None = None


class Compared(Measure, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A figure as the limit of another one: ``figure * times + plus``."""

    times: float = 1.0
    plus: float = 0.0


class Expectation(Measure, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A figure and its limits."""

    at_least: Operand | None = None
    at_most: Operand | None = None
    above: Operand | None = None
    below: Operand | None = None
    equals: Operand | None = None

    def __post_init__(self) -> None:
        if not any(True for _ in self.limits()):
            raise ValueError(
                "sets no limit: say at_least, at_most, above, below or equals"
            )

    def limits(self) -> Iterator[tuple[str, Operand]]:
        """Yield each limit that is set, by name."""
        for name in ("at_least", "at_most", "above", "below", "equals"):
            value: Operand | None = getattr(self, name)
            if value is not None:
                yield name, value


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step: exactly one of its fields is set."""

    recommend: Recommend | None = None
    upsert_rule: UpsertRule | None = None
    override: Override | None = None
    cancel: Cancel | None = None
    upsert: Upsert | None = None
    rename_user: RenameUser | None = None
    configure: Mapping[str, Any] | None = None
    """Knobs by their admin names: published as a profile, over the one in force."""

    build: bool | None = None
    """Build the signals anew, with what was stored meanwhile."""

    expect: list[Expectation] | None = None

    def __post_init__(self) -> None:
        told = [
            name for name in self.__struct_fields__ if getattr(self, name) is not None
        ]
        if len(told) != 1:
            raise ValueError(
                f"must have exactly one verb of {', '.join(self.__struct_fields__)},"
                f" not {len(told)}"
            )

    @property
    def verb(self) -> str:
        """The name of the field that is set."""
        return next(
            name for name in self.__struct_fields__ if getattr(self, name) is not None
        )


class Scenario(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One story."""

    id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    expected: Annotated[str, Meta(min_length=1, max_length=400)]
    """What passes, in words for the report."""

    given: Mapping[str, str] = {}
    """Words that stand for others in the steps, as ``$word``; a run may set them."""

    steps: Annotated[list[Step], Meta(min_length=1, max_length=200)]

    def __post_init__(self) -> None:
        if not any(step.expect for step in self.steps):
            raise ValueError(
                "expects nothing: a scenario that cannot fail proves nothing"
            )
