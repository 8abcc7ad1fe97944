"""Choose the segment of a request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from rules.core.conditions import Condition, Facts, compile_rule

from .configuration import DEFAULT_SEGMENT, Segment
from .request import History, Request


class Match(Struct, frozen=True, kw_only=True):
    """The segment that a request belongs to, and why."""

    segment_id: str | None = None
    profile_id: str | None = None
    rule_id: str | None = None
    """The rule that held; None when the segment has no rules."""

    is_hint: bool = False
    """Whether no segment matched and the name is only the user's own trait."""


class CompiledSegment(Struct, frozen=True):
    """A segment whose rules were read."""

    segment: Segment
    conditions: tuple[tuple[str, Condition], ...]

    def matching_rule(self, facts: Facts, at_us: int) -> Match | None:
        """Return the match with its first rule that holds, or None."""
        segment = self.segment
        for rule_id, condition in self.conditions:
            if condition(facts, at_us):
                return Match(
                    segment_id=segment.segment_id,
                    profile_id=segment.profile_id,
                    rule_id=rule_id,
                )
        if self.conditions:
            return None
        return Match(segment_id=segment.segment_id, profile_id=segment.profile_id)


def compile_segments(segments: Iterable[Segment]) -> tuple[CompiledSegment, ...]:
    """Read the rules of segments, and put the segments in order.

    Returns
    -------
    compiled : tuple of CompiledSegment
        By priority descending, then by id in byte order.

    Raises
    ------
    RuleError
        If a rule cannot be read; the message names segment, rule and place.
    """
    ordered = sorted(segments, key=lambda s: (-s.priority, s.segment_id.encode()))
    return tuple(
        CompiledSegment(
            segment,
            tuple(
                (
                    rule.rule_id,
                    compile_rule(
                        rule.rule, place=f"{segment.segment_id}/{rule.rule_id}"
                    ),
                )
                for rule in segment.rules
            ),
        )
        for segment in ordered
    )


def choose_segment(
    segments: tuple[CompiledSegment, ...], *, facts: Facts, at_us: int
) -> Match:
    """Return the first segment that matches.

    If none does, the user's own trait ``segment`` is taken as a hint; without
    it a segment named ``default`` is used, whatever its rules say.

    Examples
    --------
    >>> loyal = Segment(segment_id="loyal", priority=1)
    >>> choose_segment(compile_segments([loyal]), facts={}, at_us=0).segment_id
    'loyal'
    """
    for compiled in segments:
        match = compiled.matching_rule(facts, at_us)
        if match is not None:
            return match
    hint = _trait_segment(facts)
    if hint is not None:
        return Match(segment_id=hint, is_hint=True)
    for compiled in segments:
        if compiled.segment.segment_id == DEFAULT_SEGMENT:
            profile_id = compiled.segment.profile_id
            return Match(segment_id=DEFAULT_SEGMENT, profile_id=profile_id)
    return Match()


def _trait_segment(facts: Facts) -> str | None:
    hint = facts.get("user", {}).get("traits", {}).get("segment")
    return hint if isinstance(hint, str) and hint else None


def facts_of(request: Request, history: History) -> Facts:
    """Return what segment rules may ask about."""
    blend = request.blend
    return {
        "user": {"id": request.user_id, "traits": history.traits},
        "ctx": _context(request),
        "request": {
            "namespace": request.namespace,
            "k": request.k,
            "surface": request.surface,
            "blend": {"pop": blend.pop, "cooc": blend.cooc, "als": blend.als}
            if blend
            else None,
        },
    }


def _context(request: Request) -> Mapping[str, object]:
    if request.surface is None or "surface" in request.context:
        return request.context
    return {**request.context, "surface": request.surface}
