"""The language server: what editors ask and tell, and what they are answered.

Whatever an editor sends is answered from what is known; reviewing is left to another thread.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from dataclasses import dataclass, field

from lsprotocol import types
from pygls.exceptions import JsonRpcException, PyglsError
from pygls.lsp.server import LanguageServer

from themis_lsp import __version__
from themis_lsp.server.analysis import Analysis
from themis_lsp.server.diagnostics import View, diagnose
from themis_lsp.server.hover import describe, unit_at
from themis_lsp.server.review import Opener, Outcome, Reviewer
from themis_lsp.server.schedule import Job, Schedule
from themis_lsp.server.settings import Settings, read_settings

SECTION = "themis"
_PARENT_CHECK_S = 5.0
_LOG = logging.getLogger(__name__)


class ThemisServer(LanguageServer):
    """A language server that keeps what goes wrong inside it to itself, but for its kind."""

    def report_server_error(
        self, error: Exception, source: type[PyglsError] | type[JsonRpcException]
    ) -> None:
        """Log the kind of the error; its message may hold the user's code."""
        _LOG.error("%s while answering (%s)", type(error).__name__, source.__name__)


@dataclass(slots=True)
class _Known:
    """What was last found in an open document."""

    analysis: Analysis
    version: int | None
    result_id: str


@dataclass(slots=True)
class Application:
    """What the server knows; touched only by the thread that speaks with the editor."""

    server: LanguageServer
    reviewer: Reviewer
    schedule: Schedule
    settings: Settings = field(default_factory=Settings)
    pulls: bool = False
    loop: asyncio.AbstractEventLoop | None = None
    known: dict[str, _Known] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    results: int = 0

    def initialize(self, params: types.InitializeParams) -> None:
        """Take the user's settings; offer to be pulled only where the editor can be told when."""
        self.loop = asyncio.get_running_loop()
        self.configure(params.initialization_options, from_user=True)
        workspace = params.capabilities.workspace
        document = params.capabilities.text_document
        refresh = workspace.diagnostics if workspace else None
        can_pull = document is not None and document.diagnostic is not None
        self.pulls = can_pull and refresh is not None and bool(refresh.refresh_support)
        if self.pulls:
            options = types.DiagnosticOptions(
                inter_file_dependencies=False, workspace_diagnostics=False, identifier=SECTION
            )

            @self.server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, options)
            def pull(params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
                return self.pull(params)

    def configure(self, values: object, *, from_user: bool) -> None:
        """Take settings over, name those that cannot be."""
        self.settings, problems = read_settings(values, self.settings, from_user=from_user)
        self.reviewer.settings = self.settings
        for problem in problems:
            self.tell(f"Themis Review: {problem}")

    def tell(self, message: str) -> None:
        """Show a message, once."""
        if message not in self.told:
            self.told.add(message)
            self.server.window_show_message(
                types.ShowMessageParams(types.MessageType.Warning, message)
            )

    def review(self, uri: str, *, delay_s: float = 0.0, reads_base: bool = True) -> None:
        """Have an open document reviewed."""
        document = self.server.workspace.text_documents.get(uri)
        if document is not None:
            due = time.monotonic() + delay_s
            self.schedule.put(Job(uri, document.version, document.source, due, reads_base))

    def close(self, uri: str) -> None:
        """Forget a document."""
        self.schedule.drop(uri)
        self.reviewer.forget(uri)
        if self.known.pop(uri, None) is not None and not self.pulls:
            self._publish(uri, None, [])

    def deliver(self, outcome: Outcome) -> None:
        """Take an outcome from the reviewing thread over to this one."""
        if self.loop is not None and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._take, outcome)

    def pull(self, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        """Answer with what was last found; the editor is told when there is more."""
        known = self.known.get(params.text_document.uri)
        result_id = "0" if known is None else known.result_id
        if params.previous_result_id == result_id:
            return types.RelatedUnchangedDocumentDiagnosticReport(result_id)
        items = [] if known is None else self._diagnose(params.text_document.uri, known.analysis)
        return types.RelatedFullDocumentDiagnosticReport(items=items, result_id=result_id)

    def hover(self, params: types.HoverParams) -> types.Hover | None:
        """Describe the unit under the cursor, if what is known is of this very text."""
        uri = params.text_document.uri
        known, document = self.known.get(uri), self.server.workspace.text_documents.get(uri)
        if known is None or document is None or known.version != document.version:
            return None
        reading = unit_at(known.analysis, params.position.line + 1)
        if reading is None:
            return None
        text = describe(known.analysis, reading)
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text))

    def _take(self, outcome: Outcome) -> None:
        if outcome.message is not None:
            self.tell(f"Themis Review: {outcome.message}")
        uri, version = outcome.job.uri, outcome.job.version
        document = self.server.workspace.text_documents.get(uri)
        if document is None:
            # It was closed while it was reviewed, which may have remembered it again.
            self.reviewer.forget(uri)
            return
        if document.version != version or outcome.analysis is None:
            return
        self.results += 1
        self.known[uri] = _Known(outcome.analysis, version, str(self.results))
        if self.pulls:
            self.server.workspace_diagnostic_refresh(None)
        else:
            self._publish(uri, version, self._diagnose(uri, outcome.analysis))

    def _diagnose(self, uri: str, analysis: Analysis) -> list[types.Diagnostic]:
        encoding = self.server.workspace.position_encoding or types.PositionEncodingKind.Utf16
        view = View(uri, encoding, self.settings.weak_hints)
        return diagnose(analysis, view)

    def _publish(self, uri: str, version: int | None, items: list[types.Diagnostic]) -> None:
        params = types.PublishDiagnosticsParams(uri=uri, diagnostics=items, version=version)
        self.server.text_document_publish_diagnostics(params)


def make_server(opener: Opener) -> LanguageServer:
    """Return a server that opens its model with ``opener`` when it first needs one.

    Documents are synchronized in full: pygls would apply ranges to lines that it also ends at form
    feeds and other characters that end no line for an editor.
    """
    server = ThemisServer(
        "themis-lsp", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full
    )
    reviewer = Reviewer(opener)
    app = Application(server, reviewer, Schedule(reviewer.run))
    reviewer.deliver = app.deliver
    _connect_lifecycle(app)
    _connect_documents(app)
    return server


def _connect_lifecycle(app: Application) -> None:
    server = app.server

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        app.initialize(params)

    @server.feature(types.INITIALIZED)
    async def initialized(_: types.InitializedParams) -> None:
        app.schedule.start()
        watch = asyncio.create_task(_leave_with_parent(server.process_id))
        await _fetch_settings(app)
        await watch

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def configuration_changed(_: types.DidChangeConfigurationParams) -> None:
        await _fetch_settings(app)
        for uri in list(server.workspace.text_documents):
            app.review(uri)

    @server.feature(types.SHUTDOWN)
    def shutdown(_: None) -> None:
        app.schedule.stop()


def _connect_documents(app: Application) -> None:
    server = app.server

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        app.review(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        delay_s = app.settings.debounce_ms / 1000
        app.review(params.text_document.uri, delay_s=delay_s, reads_base=False)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        app.review(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        app.close(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        return app.hover(params)


async def _fetch_settings(app: Application) -> None:
    """Ask the editor for the project's settings, where it can be asked."""
    workspace = app.server.client_capabilities.workspace
    if workspace is None or not workspace.configuration:
        return
    params = types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
    answers = await app.server.workspace_configuration_async(params)
    app.configure(answers[0] if answers else None, from_user=False)


async def _leave_with_parent(parent: int | None) -> None:
    """End the process once the editor is gone without having said so."""
    # On Windows os.kill ends what it only asks about elsewhere; there the end of input must do.
    while parent is not None and sys.platform != "win32":
        try:
            os.kill(parent, 0)
        except ProcessLookupError:
            os._exit(1)
        except PermissionError:
            pass
        await asyncio.sleep(_PARENT_CHECK_S)
