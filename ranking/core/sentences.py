"""Say reasons in plain English, for people who read no numbers."""

from __future__ import annotations

SENTENCES = {
    "recent_popularity": "Many people have been interested in it lately.",
    "co_visitation": "People who chose this user's recent items chose it as well.",
    "collaborative": "People with a similar history like it.",
    "content_similarity": "It resembles what this user usually looks at.",
    "embedding_similarity": "It resembles an item this user looked at recently.",
    "session_sequence": "It is often looked at right after this user's last items.",
    "personalization": "Its tags match this user's tastes.",
    "diversity": "It was moved so that the page does not repeat itself.",
    "repeat": "This user was interested in it before.",
    "novelty": "It is new, and new items are being favoured.",
    "margin": "It earns more, and earning items are being favoured.",
    "long_tail": "It is rarely shown, and rarely shown items are being favoured.",
    "trend": "It is wanted more than it used to be.",
    "exploration": "It was drawn by chance, to learn whether people like it.",
    "prefetched": "It was among the items to be ranked.",
    "fallback": "A place was left, and it is available.",
}

RULE_SENTENCES = {
    "rule.pin": "A rule pins it to its place.",
    "rule.boost": "A rule raises or lowers its score.",
    "rule.bury": "A rule lowers its score.",
    "rule.block": "A rule blocks it.",
}


def sentence(reason: str) -> str:
    """Return what a reason means.

    A reason without a sentence of its own is shown as it is.

    Examples
    --------
    >>> sentence("collaborative")
    'People with a similar history like it.'
    >>> sentence("rule.boost:+0.25[7]")
    'A rule raises or lowers its score.'
    """
    if reason in SENTENCES:
        return SENTENCES[reason]
    for beginning, words in RULE_SENTENCES.items():
        if reason.startswith(beginning):
            return words
    return reason
