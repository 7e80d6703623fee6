"""An editor for tests: speaks with a language server over its standard input and output."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).parent.parent
PLANTED = [sys.executable, str(Path(__file__).parent / "planted_server.py"), "--stdio"]
_PATIENCE_S = 60.0
Message = dict[str, Any]


class Editor:
    """One session; ``settings`` is what it answers when asked for its configuration.

    Of a folder it is what ``folder_settings`` has under the folder's URI, if that has something.
    """

    def __init__(
        self,
        command: Sequence[str] = PLANTED,
        settings: Message | None = None,
        variables: dict[str, str] | None = None,
    ) -> None:
        self.settings = settings
        self.folder_settings: dict[str | None, Message] = {}
        self.received: list[Message] = []
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # The folder of the script comes first, and has a folder of the package's name.
            env={**os.environ, "PYTHONPATH": str(ROOT), **(variables or {})},
        )
        self._incoming: queue.Queue[Message | None] = queue.Queue()
        self._ids = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Editor:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def end(self) -> str:
        """Close the server's input, return what it wrote to standard error."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        if not self.process.stdin.closed:
            self.process.stdin.close()
        said = "" if self.process.stderr.closed else self.process.stderr.read().decode()
        self.process.wait(_PATIENCE_S)
        self._reader.join()
        self.process.stdout.close()
        self.process.stderr.close()
        return said

    def start(
        self, capabilities: Message | None = None, options: object = None, **more: object
    ) -> Message:
        """Initialize, with ``more`` parameters; return the server's capabilities."""
        params = {
            "processId": None,
            "rootUri": None,
            "capabilities": capabilities or {},
            "initializationOptions": options,
            **more,
        }
        answer = self.ask("initialize", params)
        self.tell("initialized", {})
        return dict(answer["capabilities"])

    def ask(self, method: str, params: object) -> Any:
        """Return the result of a request."""
        self._ids += 1
        number = self._ids
        self._send({"id": number, "method": method, "params": params})
        answer = self.wait(lambda m: m.get("id") == number and "method" not in m)
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def tell(self, method: str, params: object) -> None:
        self._send({"method": method, "params": params})

    def run(self, command: str, *arguments: object) -> Any:
        """Return the result of a command."""
        params = {"command": command, "arguments": list(arguments)}
        return self.ask("workspace/executeCommand", params)

    def open(self, uri: str, text: str, version: int = 1, language: str = "python") -> None:
        document = {"uri": uri, "languageId": language, "version": version, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})

    def change(self, uri: str, text: str, version: int) -> None:
        document = {"uri": uri, "version": version}
        params = {"textDocument": document, "contentChanges": [{"text": text}]}
        self.tell("textDocument/didChange", params)

    def diagnostics(self, uri: str, version: int = 1) -> list[Message]:
        """Wait for what is pushed for a version of a document."""
        message = self.wait(
            lambda m: (
                m.get("method") == "textDocument/publishDiagnostics"
                and m["params"]["uri"] == uri
                and m["params"].get("version") == version
            )
        )
        return list(message["params"]["diagnostics"])

    def actions(self, uri: str, line: int) -> list[Message]:
        """Return what can be done about the line, which counts from 0."""
        place = {"line": line, "character": 0}
        params = {
            "textDocument": {"uri": uri},
            "range": {"start": place, "end": place},
            "context": {"diagnostics": []},
        }
        return list(self.ask("textDocument/codeAction", params))

    def wait(self, wanted: Callable[[Message], bool]) -> Message:
        """Return the first message not waited for before that is ``wanted``."""
        for message in self.received:
            if wanted(message):
                self.received.remove(message)
                return message
        while True:
            incoming = self._incoming.get(timeout=_PATIENCE_S)
            assert incoming is not None, "the server has ended"
            if "method" in incoming and "id" in incoming:
                self._send({"id": incoming["id"], "result": self._answer(incoming)})
            if wanted(incoming):
                return incoming
            self.received.append(incoming)

    def _answer(self, request: Message) -> object:
        if request["method"] == "workspace/configuration":
            places = [item.get("scopeUri") for item in request["params"]["items"]]
            return [self.folder_settings.get(place, self.settings) for place in places]
        return {"success": True} if request["method"] == "window/showDocument" else None

    def _send(self, message: Message) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        length = 0
        while head := stream.readline():
            if head.lower().startswith(b"content-length:"):
                length = int(head.split(b":")[1])
            elif not head.strip():
                self._incoming.put(json.loads(stream.read(length)))
        self._incoming.put(None)
