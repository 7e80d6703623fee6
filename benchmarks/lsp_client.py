"""A language client for measuring: what it sends and gets carries the time."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_PATIENCE_S = 120.0
Message = dict[str, Any]
CAPABILITIES = {
    "workspace": {"configuration": True, "workspaceFolders": True},
    "textDocument": {"publishDiagnostics": {"relatedInformation": True}, "hover": {}},
    "general": {"positionEncodings": ["utf-16"]},
}


@dataclass(frozen=True, slots=True)
class Received:
    """A message and when it came, on the clock of ``time.perf_counter``."""

    message: Message
    at: float


@dataclass(slots=True)
class Client:
    """A session with a server that was just started; ``started`` is when."""

    process: subprocess.Popen[bytes]
    started: float
    _incoming: queue.Queue[Received | None] = field(default_factory=queue.Queue)
    _kept: list[Received] = field(default_factory=list)
    _numbers: int = 0

    def initialize(self, folder: Path, options: Mapping[str, Any] | None = None) -> float:
        """Initialize; return the seconds since the process was started."""
        params = {
            "processId": os.getpid(),
            "rootUri": folder.as_uri(),
            "workspaceFolders": [{"uri": folder.as_uri(), "name": folder.name}],
            "capabilities": CAPABILITIES,
            "initializationOptions": options,
        }
        _, answered = self.ask("initialize", params)
        self.tell("initialized", {})
        return answered.at - self.started

    def open(self, uri: str, text: str) -> float:
        """Open a Python document; return when."""
        document = {"uri": uri, "languageId": "python", "version": 1, "text": text}
        return self.tell("textDocument/didOpen", {"textDocument": document})

    def change(self, uri: str, text: str, version: int) -> float:
        """Replace the text of a document; return when."""
        params = {
            "textDocument": {"uri": uri, "version": version},
            "contentChanges": [{"text": text}],
        }
        return self.tell("textDocument/didChange", params)

    def ask(self, method: str, params: object) -> tuple[float, Received]:
        """Return when a request was sent, and its answer."""
        sent = time.perf_counter()
        number = self.request(method, params)
        return sent, self.wait(lambda m: m.get("id") == number and "method" not in m)

    def request(self, method: str, params: object) -> int:
        """Send a request; return its id."""
        self._numbers += 1
        self._send({"id": self._numbers, "method": method, "params": params})
        return self._numbers

    def tell(self, method: str, params: object) -> float:
        """Send a notification; return when."""
        sent = time.perf_counter()
        self._send({"method": method, "params": params})
        return sent

    def diagnostics(self, uri: str, version: int) -> Received:
        """Wait for what is published for a version of a document."""

        def is_wanted(message: Message) -> bool:
            params = message.get("params") or {}
            return (
                message.get("method") == "textDocument/publishDiagnostics"
                and params["uri"] == uri
                and params.get("version") == version
            )

        return self.wait(is_wanted)

    def wait(self, wanted: Callable[[Message], bool]) -> Received:
        """Return the first message that is ``wanted``."""
        for received in self._kept:
            if wanted(received.message):
                self._kept.remove(received)
                return received
        while True:
            incoming = self._incoming.get(timeout=_PATIENCE_S)
            if incoming is None:
                raise RuntimeError(f"{self.process.args!r} has ended")
            if wanted(incoming.message):
                return incoming
            self._kept.append(incoming)

    def forget(self) -> None:
        """Drop what came and was not waited for."""
        self._kept.clear()
        while not self._incoming.empty():
            self._incoming.get()

    def end(self) -> None:
        """End the session, and the process."""
        self.ask("shutdown", None)
        self.tell("exit", None)
        self.process.wait(_PATIENCE_S)

    def read(self) -> None:
        """Take what comes until there is no more; for a thread of its own."""
        stream, length = self.process.stdout, 0
        assert stream is not None
        while head := stream.readline():
            if head.lower().startswith(b"content-length:"):
                length = int(head.split(b":")[1])
            elif not head.strip():
                message = json.loads(stream.read(length))
                if "method" in message and "id" in message:
                    is_settings = message["method"] == "workspace/configuration"
                    items = message["params"]["items"] if is_settings else []
                    result = [None] * len(items) if is_settings else None
                    self._send({"id": message["id"], "result": result})
                self._incoming.put(Received(message, time.perf_counter()))
        self._incoming.put(None)

    def _send(self, message: Message) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()


def start(command: Sequence[str], environment: Mapping[str, str]) -> Client:
    """Start a server."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )
    client = Client(process, started)
    threading.Thread(target=client.read, daemon=True).start()
    return client
