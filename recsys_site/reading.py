"""What readers of the HTTP interface are told first, and in which order it comes."""

from __future__ import annotations

DESCRIPTION = """Ranks items for people, and tells why.

Every call names its organisation in `X-Org-ID`; press *Authorize* to set it once
(the demo's is `00000000-0000-0000-0000-000000000001`) along with your key, if the
platform asks for one. Send items, users and events, then ask for recommendations.
"""

_TAGS = {
    "recommendations": "What a person should see here.",
    "rerank": "The caller's own candidates, in the right order.",
    "items": "What can be shown, and what is similar to it.",
    "users": "For whom items are ranked.",
    "events": "What people did.",
    "event-types": "What counts as interest, and how much.",
    "recommendation": "The configuration in force.",
    "profiles": "Named, versioned bundles of knobs.",
    "builds": "Signals computed anew, and which of them are served.",
    "feedback": "What people did with an answer.",
    "explain": "Why an item is, or is not, in answers, in words.",
    "sweeps": "Searches for a better profile.",
    "simulations": "Whole shops, played through from seed to verdict.",
    "scenario-runs": "What must hold, played step by step with its evidence.",
    "evaluations": "How well a namespace ranks what its users then chose.",
    "experiments": "Ways to rank, compared on real requests.",
    "guardrail-checks": "What is served, held to the guardrails.",
    "proposals": "Better profiles that sweeps found, on their way into force.",
    "off-policy": "What another policy would have earned.",
    "bandit": "Which of several policies answers, learned from rewards.",
    "segments": "Kinds of users.",
    "segment-profiles": "Knobs of a kind of users.",
    "rules": "What merchandisers want of a page.",
    "manual_overrides": "One item pushed up, or kept out, by hand.",
    "change-sets": "Changes of rules that go live together, and come back together.",
    "audit": "What was answered, and how it came about.",
    "runs": "Long work: imports, builds, exports.",
}
TAGS = [{"name": name, "description": told} for name, told in _TAGS.items()]
