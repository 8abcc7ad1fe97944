"""Codes of a trace as sentences."""

from __future__ import annotations

import re

_REASONS = {
    "recent_popularity": "Popular lately",
    "collaborative": "Liked by people with the same taste",
    "co_visitation": "Often chosen together with what this user chose",
    "content_similarity": "Close to what this user looked at",
    "embedding_similarity": "Close to what this user looked at",
    "session_sequence": "Usually looked at next in a session",
    "personalization": "Fits this user's taste in brands, categories or tags",
    "diversity": "Adds variety to the list",
    "repeat": "This user comes back to it",
    "exploration": "Shown to learn how it does",
    "starter_profile": "Fits what new users like",
    "novelty": "New in the catalog",
    "margin": "Earns well",
    "long_tail": "Rarely shown otherwise",
    "prefetched": "Sent along with the request",
    "fallback": "Filled a place that was left",
    "already_bought": "Bought before, and nothing else is eligible",
}
_BY_RULE = re.compile(r"^rule\.(?P<what>[a-z]+)(?::(?P<value>[+-][\d.e-]+))?\[")
_RULES = {
    "pin": "Pinned here by a rule",
    "boost": "Boosted by {share} by a rule",
    "bury": "Buried by {share} by a rule",
}
LIKENESSES = (
    "collaborative",
    "content_similarity",
    "embedding_similarity",
    "session_sequence",
)
"""Reasons of which the similarity part of a score may be any."""

_DROPS = {
    "unavailable": "Switched off in the catalog.",
    "out_of_stock": "Nothing in stock.",
    "explicit_exclude": "The request excludes it.",
    "already_bought": "This user bought it already.",
    "include_tags": "The request asks for tags that it lacks.",
    "price_below_min": "Cheaper than the request allows.",
    "price_above_max": "Dearer than the request allows.",
    "price_missing": "The request asks for a price, it has none.",
    "stale_item": "Older than the request allows.",
    "brand_cap": "Enough of its brand is in the list.",
    "category_cap": "Enough of its category is in the list.",
    "incompatible": "Does not go with what the request is about.",
    "unlisted": "Deleted from the catalog.",
    "rule_block": "Blocked by a rule.",
    "rule_filter": "A rule shows nothing but others.",
}
_DROPS_IN_SHORT = {
    "unavailable": "switched off",
    "out_of_stock": "sold out",
    "explicit_exclude": "excluded by the request",
    "already_bought": "bought already",
    "include_tags": "without the tags asked for",
    "price_below_min": "too cheap",
    "price_above_max": "too dear",
    "price_missing": "without a price",
    "stale_item": "too old",
    "unlisted": "deleted",
    "rule_block": "blocked by a rule",
    "rule_filter": "not among what a rule shows",
}
_SOURCES = {
    "popularity": "Popularity",
    "category_popularity": "Popularity in the user's categories",
    "category": "Popularity in the user's categories",
    "covisitation": "Chosen together",
    "co_visitation": "Chosen together",
    "factors": "Shared taste",
    "collaborative": "Shared taste",
    "ease": "Shared taste, item to item",
    "embedding": "Similar by supplied vectors",
    "content": "Similar content",
    "session": "Session",
    "repeat": "Own history",
    "segment": "Popularity in the segment",
    "segment_popularity": "Popularity in the segment",
    "starter": "Starter profile",
    "prefetched": "Sent along",
    "fallback": "Filling",
    "exploration": "Exploration",
    "similarity": "Similarity",
}
_PARTS = {
    "popularity": "How popular it is among these candidates.",
    "co_visitation": "How often others chose it together with what this user chose.",
    "similarity": "How close it is to this user's taste, looks or session.",
    "repeat": "How often this user came back to it.",
    "novelty": "How new it is.",
    "margin": "How much it earns.",
    "long_tail": "It is rarely shown otherwise.",
}
_STAGES = {
    "history": "History read",
    "exclusions": "Not excluded",
    "eligibility": "Eligible",
    "score": "Scored",
    "rules": "After rules",
    "diversify": "In the list",
}
_RUNGS = {
    "without_history": "the user's history, which could not be read in time",
    "snapshot_only": "the newest changes, which could not be read",
    "popularity": "everything but popularity, the deadline had passed",
    "no_build": "signals, of which none is live",
}


def plain(code: str) -> str:
    """Return a code as words when nobody wrote better ones."""
    return code.replace("_", " ").replace(".", ": ").capitalize()


def reason(code: str) -> str:
    """Return a reason of an answer, also one that names a rule, in words."""
    ruled = _BY_RULE.match(code)
    if ruled is None or ruled["what"] not in _RULES:
        return _REASONS.get(code, plain(code))
    share = f"{100 * abs(float(ruled['value'] or 0)):.4g} %"
    return _RULES[ruled["what"]].format(share=share)


def stage(name: str) -> str:
    return _STAGES.get(name, plain(name))


def drop(code: str) -> str:
    return _DROPS.get(code, f"{plain(code)}.")


def drop_in_short(code: str) -> str:
    """Return why an item was dropped, as two or three words."""
    return _DROPS_IN_SHORT.get(code, plain(code).lower())


def source(name: str) -> str:
    return _SOURCES.get(name, plain(name))


def part(name: str) -> str:
    return _PARTS.get(name, "Its weight times its value here.")


def degradation(code: str) -> str:
    return _RUNGS.get(code, plain(code).lower())


def milliseconds(microseconds: float) -> str:
    return f"{microseconds / 1000:.1f}\N{NO-BREAK SPACE}ms"
