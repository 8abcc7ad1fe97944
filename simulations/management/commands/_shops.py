"""Arguments that scenarios and simulations share."""

from __future__ import annotations

import csv
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import CommandError, OutputWrapper

from simulations.core.scenarios.shops import ShopRequest

CANNOT_TELL = 2
_IGNORED = ("--base-url", "--sleep-ms", "--request-timeout")


def add_shop_arguments(parser: ArgumentParser) -> None:
    default = ShopRequest()
    parser.add_argument("--item-count", "--items", type=int, default=default.items)
    parser.add_argument("--user-count", "--users", type=int, default=default.users)
    parser.add_argument("--min-events", "--events", type=int, default=default.events)
    parser.add_argument("--seed", type=int, default=default.seed)
    parser.add_argument(
        "--fixture-path", help="A file, or the name of a shipped template."
    )
    parser.add_argument(
        "--given",
        nargs="+",
        default=[],
        metavar="WORD=NAME",
        help="What words of the scenarios are called in this shop.",
    )


def add_ignored_arguments(parser: ArgumentParser) -> None:
    for name in _IGNORED:
        parser.add_argument(name, help="Ignored: nothing goes over HTTP.")
    parser.add_argument("--insecure", action="store_true", help="Ignored.")


def note_ignored(options: Mapping[str, Any], err: OutputWrapper) -> None:
    """Say which arguments were given in vain."""
    names = [*_IGNORED, "--insecure"]
    vain = [name for name in names if options[name.strip("-").replace("-", "_")]]
    if vain:
        err.write(f"{', '.join(vain)}: ignored, nothing goes over HTTP.")


def shop_in(options: Mapping[str, Any]) -> ShopRequest:
    document = {
        "items": options["item_count"],
        "users": options["user_count"],
        "events": options["min_events"],
        "seed": options["seed"],
        "fixture": options["fixture_path"],
    }
    try:
        return msgspec.convert(document, ShopRequest)
    except msgspec.ValidationError as error:
        raise refused(f"Such a shop cannot be made: {error}.") from error


def given_in(pairs: Sequence[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        word, sign, name = pair.partition("=")
        if not sign or not word or not name:
            raise refused(f"--given takes WORD=NAME, not {pair}.")
        found[word] = name
    return found


def refused(words: str) -> CommandError:
    """Return the error for what cannot be done, which is neither a pass nor a fail."""
    return CommandError(words, returncode=CANNOT_TELL)


def write_scenarios_csv(path: Path, results: Sequence[Mapping[str, Any]]) -> None:
    """Write one line for each scenario, as the reference's file has them."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "name", "input", "expected", "observed", "result"])
        for each in results:
            result = "pass" if each["passed"] else "fail"
            told = [
                each[key] for key in ("id", "name", "input", "expected", "observed")
            ]
            writer.writerow([*told, result])
