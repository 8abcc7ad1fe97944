"""Webhooks: signed, tried again, and never a way into our own network."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network
from typing import Any

import pytest

from catalog.core.faults import BadInputError
from catalog.models import Namespace
from catalog.permissions import NotAllowedError
from catalog.tenancy import org_scope
from rules import outgoing
from rules.models import Delivery, Webhook
from rules.operations.actors import Actor
from rules.operations.webhooks import (
    WAITS,
    create_webhook,
    purge_deliveries,
    queue_messages,
    queue_test,
    renew_secret,
    secret_of,
    send_due,
)
from tests.rules.desks import ORG

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ADMIN = Actor(
    identity="staff:1", name="Ada", source="ui", verbs=frozenset({"administer"})
)


@dataclass
class Receiver:
    """A server that answers with a status and remembers what it was sent."""

    url: str = ""
    status: int = 204
    taken: list[tuple[dict[str, str], str]] = field(default_factory=list)


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOK_NETWORKS = (ip_network("127.0.0.1/32"),)
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length).decode()
            found.taken.append((dict(self.headers), body))
            self.send_response(found.status)
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}
    )
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_address[1]}/alerts?team=1"
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def hook(namespace: Namespace, receiver: Receiver) -> Webhook:
    return make(namespace, receiver.url)


def make(namespace: Namespace, url: str, *, name: str = "team") -> Webhook:
    with org_scope(ORG):
        return create_webhook(namespace, name=name, url=url, actor=ADMIN, at=NOW)


def tell(namespace: Namespace) -> None:
    with org_scope(ORG):
        queue_messages(namespace, {"type": "alerts"}, at=NOW)


class TestAMessage:
    def test_is_signed_with_the_secret(
        self, namespace: Namespace, hook: Webhook, receiver: Receiver
    ) -> None:
        tell(namespace)

        assert send_due(at=NOW) == 1
        [(headers, body)] = receiver.taken
        seconds, _, seal = headers["X-RecSys-Signature"].partition(",v1=")
        signed = f"{seconds.removeprefix('t=')}.{body}".encode()
        secret = secret_of(hook).encode()
        assert hmac.new(secret, signed, hashlib.sha256).hexdigest() == seal
        assert json.loads(body)["type"] == "alerts"

    def test_is_sent_once(
        self, namespace: Namespace, hook: Webhook, receiver: Receiver
    ) -> None:
        tell(namespace)
        send_due(at=NOW)
        send_due(at=NOW + timedelta(days=1))

        assert len(receiver.taken) == 1
        assert Delivery.unscoped.get().state == "delivered"

    @pytest.mark.parametrize("status", [500, 404, 302])
    def test_is_tried_again_later_each_time_and_given_up(
        self, namespace: Namespace, hook: Webhook, receiver: Receiver, status: int
    ) -> None:
        receiver.status = status
        tell(namespace)
        at = NOW
        for wait in WAITS:
            send_due(at=at)
            assert send_due(at=at + wait - timedelta(seconds=1)) == 0
            at += wait
        send_due(at=at)

        delivery = Delivery.unscoped.get()
        assert (delivery.state, delivery.attempts) == ("failed", len(WAITS) + 1)
        assert delivery.error == f"It answered {status}."
        assert len(receiver.taken) == len(WAITS) + 1

    def test_that_nobody_takes_says_why(
        self, namespace: Namespace, hook: Webhook, receiver: Receiver
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        Webhook.unscoped.update(url=f"http://127.0.0.1:{port}/")
        tell(namespace)
        send_due(at=NOW)

        delivery = Delivery.unscoped.get()
        assert (delivery.state, delivery.status) == ("waiting", None)
        assert "refused" in delivery.error

    def test_is_not_queued_while_it_is_switched_off(
        self, namespace: Namespace, hook: Webhook
    ) -> None:
        Webhook.unscoped.update(is_active=False)
        tell(namespace)

        assert not Delivery.unscoped.exists()

    def test_of_long_ago_is_dropped(
        self, namespace: Namespace, hook: Webhook, receiver: Receiver
    ) -> None:
        tell(namespace)
        send_due(at=NOW)
        purge_deliveries(at=NOW + timedelta(days=31))

        assert not Delivery.unscoped.exists()


class TestATest:
    def test_is_sent_like_any_message(
        self, namespace: Namespace, hook: Webhook, receiver: Receiver
    ) -> None:
        with org_scope(ORG):
            queue_test(hook, actor=ADMIN, at=NOW)
        send_due(at=NOW)

        assert json.loads(receiver.taken[0][1])["type"] == "test"


class TestASecret:
    def test_is_another_one_after_it_was_renewed(
        self, namespace: Namespace, hook: Webhook
    ) -> None:
        before = secret_of(hook)

        assert renew_secret(hook, actor=ADMIN) != before

    def test_is_stored_nowhere(self, namespace: Namespace, hook: Webhook) -> None:
        stored = " ".join(map(str, Webhook.unscoped.values_list()))

        assert secret_of(hook) not in stored


class TestAnAddress:
    @pytest.mark.parametrize(
        "url",
        [
            "https://127.0.0.1/",
            "https://10.0.0.8/",
            "https://192.168.1.1/",
            "https://169.254.169.254/latest/meta-data",
            "https://[::1]/",
            "https://[fd00::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[2002:7f00:1::]/",
            "https://0.0.0.0/",
            "https://224.0.0.1/",
            "https://2130706433/",
            "https://localhost/",
        ],
    )
    def test_of_our_own_network_is_refused(
        self, namespace: Namespace, settings: Any, url: str
    ) -> None:
        settings.WEBHOOK_NETWORKS = ()

        with pytest.raises(BadInputError, match=r"not a public address|cannot be"):
            make(namespace, url)

    @pytest.mark.parametrize(
        ("url", "why"),
        [
            ("ftp://8.8.8.8/", "whole address"),
            ("8.8.8.8", "whole address"),
            ("https://ada:pw@8.8.8.8/", "user and password"),
            ("http://8.8.8.8/", "https"),
            ("https://8.8.8.8:99999/", "no address"),
        ],
    )
    def test_of_another_kind_is_refused(
        self, namespace: Namespace, url: str, why: str
    ) -> None:
        with pytest.raises(BadInputError, match=why):
            make(namespace, url)

    def test_is_looked_at_again_before_each_call(
        self, namespace: Namespace, hook: Webhook, receiver: Receiver, settings: Any
    ) -> None:
        settings.WEBHOOK_NETWORKS = ()
        tell(namespace)
        send_due(at=NOW)

        assert receiver.taken == []
        assert "not a public address" in Delivery.unscoped.get().error

    def test_is_the_one_that_was_looked_at(
        self, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[str] = []
        resolve = socket.getaddrinfo

        def once(host: Any, *rest: Any, **named: Any) -> Any:
            if host == "rebind.example":
                asked.append(host)
                # A name server that lies the second time.
                host = "127.0.0.1" if len(asked) == 1 else "10.9.9.9"
            return resolve(host, *rest, **named)

        monkeypatch.setattr(socket, "getaddrinfo", once)
        port = receiver.url.rpartition(":")[2].partition("/")[0]
        status = outgoing.post(f"http://rebind.example:{port}/", "{}", headers={})

        assert (status, asked) == (204, ["rebind.example"])
        assert receiver.taken[0][0]["Host"] == f"rebind.example:{port}"


class TestMakingOne:
    def test_needs_an_admin(self, namespace: Namespace, receiver: Receiver) -> None:
        nobody = Actor(identity="staff:2", name="Bo", source="ui", verbs=frozenset())
        with org_scope(ORG), pytest.raises(NotAllowedError):
            create_webhook(namespace, name="x", url=receiver.url, actor=nobody, at=NOW)

    def test_needs_a_name_of_its_own(
        self, namespace: Namespace, hook: Webhook, receiver: Receiver
    ) -> None:
        with pytest.raises(BadInputError, match="already"):
            make(namespace, receiver.url)
        with pytest.raises(BadInputError, match="name"):
            make(namespace, receiver.url, name=" ")
