"""The least a language server on pygls can do: say how many lines a document has.

What it takes is what the protocol, Python and pygls take, whatever a server does besides.
"""

from __future__ import annotations

from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("trivial", "1", text_document_sync_kind=types.TextDocumentSyncKind.Full)


def publish(uri: str) -> None:
    document = server.workspace.get_text_document(uri)
    where = types.Range(types.Position(0, 0), types.Position(0, 1))
    found = types.Diagnostic(where, f"{document.source.count(chr(10))} lines")
    server.text_document_publish_diagnostics(
        types.PublishDiagnosticsParams(uri, [found], version=document.version)
    )


@server.feature(types.TEXT_DOCUMENT_DID_OPEN)
def opened(params: types.DidOpenTextDocumentParams) -> None:
    publish(params.text_document.uri)


@server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
def changed(params: types.DidChangeTextDocumentParams) -> None:
    publish(params.text_document.uri)


@server.feature(types.TEXT_DOCUMENT_HOVER)
def hover(params: types.HoverParams) -> types.Hover:
    return types.Hover(f"line {params.position.line}")


if __name__ == "__main__":
    server.start_io()
