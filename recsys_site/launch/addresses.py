"""Where the web processes listen and what they are called from outside."""

from __future__ import annotations

import http.client
import os
import socket
from dataclasses import dataclass

import psutil

from . import ports

_EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104


@dataclass(frozen=True, kw_only=True)
class Listening:
    host: str
    port: int
    serve_port: int

    @property
    def base(self) -> str:
        """Return the address to open on this machine."""
        local = (*_EVERY_ADDRESS, "127.0.0.1", "::1")
        name = "localhost" if self.host in local else self.host
        return f"http://{name}:{self.port}"

    def ready(self) -> tuple[bool, str]:
        """Return whether the web is ready, and what it says if it is not."""
        local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104
        status, body = get(local, port=self.port, path="/readyz")
        if status != 200:
            return False, f"{status} {body}" if status else "it does not answer"
        if get(local, port=self.serve_port, path="/livez")[0] == 0:
            return False, "it is ready, but the hot routes do not answer"
        return True, ""


def get(host: str, *, port: int, path: str) -> tuple[int, str]:
    """Return status and beginning of an answer, or 0 if there is none.

    Straight to the port: the proxy of the environment does not know this machine.
    """
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read(300).decode(errors="replace")
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        connection.close()


def listening() -> Listening:
    return Listening(
        host=ports.host(), port=ports.port("PORT"), serve_port=ports.port("SERVE_PORT")
    )


def authentication() -> bool:
    return os.environ.get("RECSYS_AUTH", "off").lower() in ("on", "true")


def open_deliberately() -> None:
    """Turn authentication on where HOST opens the platform, and name its own hosts."""
    if os.environ.get("HOST"):
        os.environ.setdefault("RECSYS_AUTH", "on")
        os.environ.setdefault("ALLOWED_HOSTS", " ".join(sorted(_own_names())))


def _own_names() -> set[str]:
    families = (socket.AF_INET, socket.AF_INET6)
    found = {
        address.address.split("%")[0]
        for interface in psutil.net_if_addrs().values()
        for address in interface
        if address.family in families
    }
    bracketed = {f"[{name}]" if ":" in name else name for name in found}
    return bracketed | {"localhost", socket.gethostname(), socket.getfqdn()}
