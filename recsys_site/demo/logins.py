from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from django.contrib.auth import get_user_model

from catalog.models import Membership, Namespace, Role


def make_logins(namespace: Namespace, *, file: Path) -> list[str]:
    """Make one staff login for each role, named like it, and return the new ones.

    Their passwords are random and written, once, to a file that only its owner reads.
    """
    staff = get_user_model()
    known = set(
        staff.objects.filter(username__in=Role.values).values_list(
            "username", flat=True
        )
    )
    made: dict[str, dict[str, str]] = {}
    for role in Role:
        if role.value in known:
            continue
        password = secrets.token_urlsafe(12)
        person = staff.objects.create_user(
            role.value,
            password=password,
            is_staff=True,
            is_superuser=role == Role.ADMIN,
        )
        Membership.objects.create(staff=person, org_id=namespace.org_id, role=role)
        made[role.value] = {"password": password, "role": role.value}
    if made:
        _add(made, file=file)
    return list(made)


def _add(made: dict[str, dict[str, str]], *, file: Path) -> None:
    try:
        logins = json.loads(file.read_text())
    except (OSError, ValueError):
        logins = {}
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    # Nobody else may read it, from its first moment on.
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w"
    ) as out:
        json.dump(logins | made, out, indent=2)
    draft.replace(file)
