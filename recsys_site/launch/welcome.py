"""What the person at the terminal sees when everything runs."""

from __future__ import annotations

import json
from pathlib import Path

from .addresses import Listening, authentication

ORG = "00000000-0000-0000-0000-000000000001"
NAMESPACE = "demo"


def text(listening: Listening, *, state: Path) -> str:
    """Return where to go, who to be and what to try."""
    base = listening.base
    parts = [
        f"  Open      {base}/admin/   (API documentation: {base}/docs)",
        f"  Org       {ORG}, namespace {NAMESPACE}",
        _logins(state / "credentials.json"),
        _examples(base),
        f"  Logs      {state / 'logs'}",
        "  Stop      Ctrl-C",
    ]
    return "\n".join(["", *(part for part in parts if part), ""])


def _logins(credentials: Path) -> str:
    try:
        staff = json.loads(credentials.read_text())
    except (OSError, ValueError):
        return ""
    width = max((len(name) for name in staff), default=0)
    lines = [
        f"{name:{width}}  {login['password']}   {login['role']}"
        for name, login in staff.items()
    ]
    return "  Sign in   " + "\n            ".join(lines)


def _examples(base: str) -> str:
    headers = f"-H 'X-Org-ID: {ORG}' -H 'Content-Type: application/json'"
    if authentication():
        headers += ' -H "X-API-Key: $KEY"'
    ask = {"namespace": NAMESPACE, "user_id": "user_0001", "k": 5}
    event = {"user_id": "user_0001", "item_id": "item_0001", "type": "click"}
    click = {"namespace": NAMESPACE, "events": [event]}
    similar = f"{base}/v1/items/item_0001/similar?namespace={NAMESPACE}&k=5"
    calls = [
        f"curl {base}/v1/recommendations {headers} -d '{json.dumps(ask)}'",
        f"curl {base}/v1/events:batch {headers} -d '{json.dumps(click)}'",
        f"curl '{similar}' {headers}",
    ]
    return "  Try       " + "\n            ".join(calls)
