"""Read the environment once, loudly. Used by settings.py and by nothing else."""

from __future__ import annotations

import os
from ipaddress import IPv4Network, IPv6Network, ip_network

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str | None = None) -> str:
    """Return a variable, or raise at start if it is missing and has no default."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set the environment variable {name}.")
    return value


def flag(name: str, *, default: bool) -> bool:
    """Return an on/off variable. Any other spelling is an error."""
    value = text(name, "on" if default else "off").lower()
    if value not in ("on", "off", "true", "false"):
        raise ImproperlyConfigured(f'{name} must be "on" or "off", not "{value}".')
    return value in ("on", "true")


def number(name: str, *, default: float) -> float:
    """Return a number, or raise naming the variable that is not one."""
    value = text(name, str(default))
    try:
        return float(value)
    except ValueError as error:
        raise ImproperlyConfigured(
            f'{name} must be a number, not "{value}".'
        ) from error


def networks(name: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Return the networks of a variable, separated by commas."""
    try:
        return tuple(
            ip_network(part.strip())
            for part in text(name, "").split(",")
            if part.strip()
        )
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is a list of networks: {error}.") from error
