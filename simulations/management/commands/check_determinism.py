from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from ranking.serve import NothingToServeError

from . import _asking

SAME, DIFFERENT, NOT_ASKED = 0, 1, 2


class Command(BaseCommand):
    # The checks load every page and route.
    requires_system_checks = ()

    help = (
        "Ask a namespace the same question again and again. Ends with 0 when all"
        " answers agree, 1 when a place differs more often than allowed, 2 when there"
        " is nothing to ask."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        _asking.add_arguments(parser)
        parser.add_argument("--user-id", default="user_0005")
        parser.add_argument("--repeats", type=int, default=100)
        parser.add_argument(
            "--max-rank-delta",
            type=float,
            default=0.0,
            help="How large a share of the answers may differ in one place.",
        )

    def handle(self, **options: Any) -> None:
        namespace = _asking.namespace_in(options["org_id"], options["namespace"])
        # Of one moment: what is older counts less, so that scores move with the clock.
        at = timezone.now()
        try:
            answers = [
                _asking.ask(
                    namespace,
                    options["user_id"],
                    surface=options["surface"],
                    k=options["k"],
                    at=at,
                )
                for _ in range(max(options["repeats"], 2))
            ]
        except NothingToServeError as error:
            self.stderr.write(str(error))
            sys.exit(NOT_ASKED)
        lists = [each.ranking.item_ids for each in answers]
        if not lists[0]:
            self.stderr.write("Nothing is shown: there is nothing to compare.")
            sys.exit(NOT_ASKED)
        worst = worst_disagreement(lists)
        digests = len({each.digest for each in answers})
        told = {
            "repeats": len(lists),
            "items": len(lists[0]),
            "different_answers": digests - 1,
            "worst_rank_disagreement": worst,
        }
        self.stdout.write(
            json.dumps(told, indent=2)
            if options["json"]
            else f"{len(lists)} answers of {len(lists[0])} items: {digests - 1} differ"
            f" from the first, in the worst place {worst:.1%}."
        )
        is_same = digests == 1 if not options["max_rank_delta"] else True
        agrees = worst <= options["max_rank_delta"] and is_same
        sys.exit(SAME if agrees else DIFFERENT)


def worst_disagreement(lists: list[tuple[str, ...]]) -> float:
    """Return in what share of the lists the least agreed place shows another item.

    >>> worst_disagreement([("a", "b"), ("a", "c"), ("a", "b"), ("a", "b")])
    0.25
    """
    longest = max(map(len, lists))
    worst = 0.0
    for place in range(longest):
        shown = [each[place] if place < len(each) else None for each in lists]
        most = max(shown.count(item) for item in set(shown))
        worst = max(worst, 1 - most / len(shown))
    return worst
