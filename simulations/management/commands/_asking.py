"""Asking a namespace as it is served, without leaving a trace."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from uuid import UUID

from catalog.core.moments import microseconds
from catalog.management import tenants
from catalog.models import Namespace
from ranking.core.request import Request
from ranking.serve import Answer, preview


def add_arguments(parser: ArgumentParser) -> None:
    tenants.add_arguments(parser)
    parser.add_argument("--surface", default="home")
    parser.add_argument("--k", type=int, default=20)
    parser.add_argument("--json", action="store_true", help="Print JSON.")
    parser.add_argument("--base-url", help="Ignored: nothing goes over HTTP.")
    parser.add_argument("--insecure", action="store_true", help="Ignored.")


def namespace_in(org_id: UUID, name: str) -> Namespace:
    return tenants.find(org_id, name)


def ask(
    namespace: Namespace, user_id: str, *, surface: str, k: int, at: datetime
) -> Answer:
    request = Request(namespace=namespace.name, user_id=user_id, surface=surface, k=k)
    return preview(namespace, request, wall_us=microseconds(at))
