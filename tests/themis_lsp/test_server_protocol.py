from __future__ import annotations

import asyncio
import io
from typing import Any

from planted_server import open_planted

from themis_lsp.server.features import make_server

URI = "untitled:a.py"


def test_keystrokes_leave_nothing_behind() -> None:
    server = make_server(open_planted)
    protocol: Any = server.protocol
    protocol.set_writer(_Writer())

    def tell(method: str, params: Any, **more: Any) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": params, **more}
        protocol.handle_message(protocol.structure_message(message))

    async def type_much() -> None:
        tell("initialize", {"processId": None, "rootUri": None, "capabilities": {}}, id=1)
        document = {"uri": URI, "languageId": "python", "version": 1, "text": "x"}
        tell("textDocument/didOpen", {"textDocument": document})
        for version in range(2, 50):
            changed = {"uri": URI, "version": version}
            changes = [{"text": "x" * version}]
            tell("textDocument/didChange", {"textDocument": changed, "contentChanges": changes})
        await asyncio.sleep(0)

    asyncio.run(type_much())
    assert protocol._request_futures == {}
    assert server.workspace.text_documents[URI].version == 49


class _Writer:
    """Takes what would go to the editor."""

    def __init__(self) -> None:
        self._stream = io.BytesIO()

    def write(self, data: bytes) -> None:
        self._stream.write(data)

    def close(self) -> None:
        self._stream.close()
