"""The language server: which message goes where."""

from __future__ import annotations

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from themis_lsp import __version__
from themis_lsp.server.app import Application
from themis_lsp.server.busy import watch_others
from themis_lsp.server.client import read_client
from themis_lsp.server.commands import connect_commands
from themis_lsp.server.lifecycle import fetch_settings, register, take_settings, watch_parent
from themis_lsp.server.progress import Progress
from themis_lsp.server.protocol import ForgetfulProtocol, ThemisServer
from themis_lsp.server.review import Opener, Reviewer
from themis_lsp.server.schedule import Idle, Schedule

_NOTEBOOK_LANGUAGES = ("python", "ruby", "javascript", "java", "csharp", "go", "cpp", "c")


def make_server(opener: Opener) -> LanguageServer:
    """Return a server that opens its model with ``opener`` when it first needs one.

    Documents are synchronized in full: pygls would apply ranges to lines that it also ends at form
    feeds and other characters that end no line for an editor.
    """
    cells = [types.NotebookCellLanguage(language) for language in _NOTEBOOK_LANGUAGES]
    selector = types.NotebookDocumentFilterWithCells(cells=cells, notebook="*")
    server = ThemisServer(
        "themis-lsp",
        __version__,
        protocol_cls=ForgetfulProtocol,
        text_document_sync_kind=types.TextDocumentSyncKind.Full,
        notebook_document_sync=types.NotebookDocumentSyncOptions([selector]),
    )
    reviewer = Reviewer(opener)
    schedule = Schedule(reviewer.run, reviewer.interrupt, watch_others(), Idle(do=reviewer.unload))
    app = Application(server, reviewer, schedule, Progress(server))
    app.settings.tell = app.tell
    reviewer.deliver, reviewer.tell = app.deliver, app.tell_stage
    _connect_lifecycle(app)
    _connect_documents(app)
    _connect_notebooks(app)
    _connect_questions(app)
    connect_commands(app)
    return server


def _connect_lifecycle(app: Application) -> None:
    server = app.server

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        app.settings.take_user(params.initialization_options)
        app.apply_settings()
        app.start(read_client(params.capabilities))
        if app.client.pulls:
            _offer_pulling(app)

    @server.feature(types.INITIALIZED)
    async def initialized(_: types.InitializedParams) -> None:
        app.schedule.start()
        watch_parent(server.process_id, app.clean_up)
        await register(app)
        await fetch_settings(app)

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def configuration_changed(params: types.DidChangeConfigurationParams) -> None:
        if app.client.tells_settings:
            await fetch_settings(app)
        else:
            take_settings(app, params.settings)

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    async def folders_changed(_: types.DidChangeWorkspaceFoldersParams) -> None:
        await fetch_settings(app)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def files_changed(_: types.DidChangeWatchedFilesParams) -> None:
        app.review_all()

    @server.feature(types.SHUTDOWN)
    def shutdown(_: None) -> None:
        app.schedule.stop()
        app.clean_up()


def _offer_pulling(app: Application) -> None:
    options = types.DiagnosticOptions(
        inter_file_dependencies=False, workspace_diagnostics=False, identifier="themis"
    )

    @app.server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, options)
    def pull(params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        return app.pull(params)


def _connect_documents(app: Application) -> None:
    server = app.server

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        app.review(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        app.typed(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        app.review(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        app.close(params.text_document.uri)


def _connect_notebooks(app: Application) -> None:
    """Cells are documents of their own, each with its own URI."""
    server = app.server

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenNotebookDocumentParams) -> None:
        for cell in params.cell_text_documents:
            app.review(cell.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeNotebookDocumentParams) -> None:
        cells = params.change.cells
        if cells is None:
            return
        if cells.structure is not None:
            for cell in cells.structure.did_close or []:
                app.close(cell.uri)
            for opened_cell in cells.structure.did_open or []:
                app.review(opened_cell.uri)
        for content in cells.text_content or []:
            app.typed(content.document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseNotebookDocumentParams) -> None:
        for cell in params.cell_text_documents:
            app.close(cell.uri)


def _connect_questions(app: Application) -> None:
    server = app.server

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        return app.hover(params)

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS)
    def lenses(params: types.CodeLensParams) -> list[types.CodeLens]:
        return app.lenses(params.text_document.uri)

    kinds = types.CodeActionOptions([types.CodeActionKind.QuickFix])

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, kinds)
    def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        return app.actions(params)
