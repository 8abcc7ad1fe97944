"""Calls to addresses that somebody typed in: nothing of ours may be reached by them.

The name is resolved once, every address that it has must be public, and the connection
goes to the address that was looked at, so that a second answer of the name server
changes nothing. Redirects are not followed.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import override
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

_TIMEOUT_SECONDS = 5.0
_LONGEST_SECONDS = 15.0
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class RefusedAddressError(ValueError):
    """The address must not be called. Nothing was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a call goes: a name, and the one address of it that is called."""

    url: SplitResult
    host: str
    port: int
    address: Address


def look_at(url: str) -> Target:
    """Return where a URL leads, or raise why it must not be called."""
    parts = _split(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    addresses = _resolve(host, port)
    for address in addresses:
        if not _may_be_called(address):
            raise RefusedAddressError(
                f"{host} leads to {address}, which is not a public address. An operator"
                " may allow a network with RECSYS_WEBHOOK_NETWORKS."
            )
    if parts.scheme == "http" and not _is_allowed(addresses[0]):
        raise RefusedAddressError("Use https: a public address is called encrypted.")
    return Target(url=parts, host=host, port=port, address=addresses[0])


def post(url: str, body: str, *, headers: Mapping[str, str]) -> int:
    """Send a body, and return the status that came back.

    Raises
    ------
    RefusedAddressError
        If the address must not be called.
    OSError, http.client.HTTPException
        If nobody answered as HTTP has it.
    """
    target = look_at(url)
    path = target.url.path or "/"
    if target.url.query:
        path += f"?{target.url.query}"
    connection = _Pinned(target)
    # Each wait is short; who sends byte by byte would still hold us for hours.
    cut = threading.Timer(_LONGEST_SECONDS, connection.cut)
    cut.start()
    try:
        connection.request("POST", path, body.encode(), dict(headers))
        return connection.getresponse().status
    finally:
        cut.cancel()
        connection.close()


class _Pinned(http.client.HTTPConnection):
    """A connection to the address that was looked at, whatever its name says now."""

    def __init__(self, target: Target) -> None:
        super().__init__(target.host, target.port, timeout=_TIMEOUT_SECONDS)
        self._target = target

    @override
    def connect(self) -> None:
        place = (str(self._target.address), self._target.port)
        plain = socket.create_connection(place, timeout=_TIMEOUT_SECONDS)
        if self._target.url.scheme != "https":
            self.sock = plain
            return
        context = ssl.create_default_context()
        # The certificate is that of the name, not of the address.
        self.sock = context.wrap_socket(plain, server_hostname=self._target.host)

    def cut(self) -> None:
        """End the conversation, whoever waits in it."""
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise RefusedAddressError(f"This is no address: {error}.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise RefusedAddressError(
            "Give a whole address, such as https://example.com/x."
        )
    if parts.username or parts.password:
        raise RefusedAddressError("Leave user and password out of the address.")
    return parts


def _resolve(host: str, port: int) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise RefusedAddressError(f"{host} cannot be found: {error}.") from error
    # A zone ("fe80::1%eth0") is no part of what an address is.
    texts = dict.fromkeys(str(each[4][0]).partition("%")[0] for each in found)
    return [_plain(ipaddress.ip_address(text)) for text in texts]


def _plain(address: Address) -> Address:
    """Return an IPv4 address that comes dressed as an IPv6 one as it is."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _may_be_called(address: Address) -> bool:
    if _is_allowed(address):
        return True
    return address.is_global and not address.is_multicast and not address.is_reserved


def _is_allowed(address: Address) -> bool:
    networks = settings.WEBHOOK_NETWORKS
    return any(
        address in network for network in networks if network.version == address.version
    )
