"""A stretch of network before a server that can be cut, or fall silent."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Mapping
from typing import Any


class Proxy:
    """Listens on a free port of 127.0.0.1 and passes everything on.

    To the database of these parameters, or to a server that listens at `SOCKET`.
    """

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self._target = parameters
        self._open: list[socket.socket] = []
        self._is_cut = False
        self._flows = threading.Event()
        self._flows.set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """End every connection and accept no other."""
        with self._lock:
            self._is_cut = True
            for end in self._open:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
            self._open.clear()

    def mend(self) -> None:
        with self._lock:
            self._is_cut = False

    def freeze(self) -> None:
        """Accept everything and pass nothing on, as a server that was stopped does."""
        self._flows.clear()

    def thaw(self) -> None:
        self._flows.set()

    def close(self) -> None:
        self.cut()
        self.thaw()
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._pass_on(self._listener.accept()[0])

    def _pass_on(self, client: socket.socket) -> None:
        try:
            with self._lock:
                if self._is_cut:
                    client.close()
                    return
                server = self._connect()
                self._open += [client, server]
        except OSError:
            # The server is busy. The next one who calls may have more luck.
            client.close()
            return
        for source, sink in ((client, server), (server, client)):
            threading.Thread(
                target=self._pump, args=(source, sink), daemon=True
            ).start()

    def _connect(self) -> socket.socket:
        if path := self._target.get("SOCKET"):
            at_socket = socket.socket(socket.AF_UNIX)
            at_socket.connect(str(path))
            return at_socket
        host, port = str(self._target["HOST"]), self._target["PORT"] or "5432"
        if not host.startswith("/"):
            return socket.create_connection((host, int(port)))
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{host}/.s.PGSQL.{port}")
        return server

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                self._flows.wait()
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
