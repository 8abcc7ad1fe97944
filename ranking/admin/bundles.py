"""The bundles of a profile's document: everywhere, by surface, by segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ranking.operations.documents import BUNDLES

_WORDS = {"surfaces": "On", "segment_profiles": "For"}


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A bundle by its address in the document: "", "surfaces.home"."""

    address: str
    title: str
    set_count: int
    is_chosen: bool


def split(address: str) -> tuple[str, str]:
    """Return a bundle's kind and name, ("", "") for what holds everywhere."""
    kind, _, name = address.partition(".")
    return (kind, name) if kind in BUNDLES and name else ("", "")


def title(address: str) -> str:
    kind, name = split(address)
    return f"{_WORDS[kind]} {name}" if kind else "Everywhere"


def get(document: Mapping[str, Any], address: str) -> Mapping[str, Any]:
    kind, name = split(address)
    if kind:
        return dict((document.get(kind) or {}).get(name) or {})
    return {key: value for key, value in document.items() if key not in BUNDLES}


def replaced(
    document: Mapping[str, Any], address: str, bundle: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the document with one bundle replaced; an empty one goes."""
    kind, name = split(address)
    if not kind:
        return {**bundle, **{key: document[key] for key in BUNDLES if key in document}}
    others = {
        key: each for key, each in (document.get(kind) or {}).items() if key != name
    }
    return {**document, kind: {**others, **({name: bundle} if bundle else {})}}


def all_of(document: Mapping[str, Any], *, chosen: str) -> Sequence[Bundle]:
    """Return the document's bundles as tabs; a chosen new one is among them."""
    addresses = [
        "",
        *(f"{kind}.{name}" for kind in BUNDLES for name in document.get(kind) or {}),
    ]
    if chosen not in addresses and split(chosen)[0]:
        addresses.append(chosen)
    return [
        Bundle(
            address=address,
            title=title(address),
            set_count=len(get(document, address)),
            is_chosen=address == chosen,
        )
        for address in addresses
    ]
