"""The commands: what a user asks for by name."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams
from pygls.uris import to_fs_path

from themis_lsp.errors import ThemisError
from themis_lsp.server.actions import ACCEPT, EXPLAIN, SELECT
from themis_lsp.server.app import Application
from themis_lsp.server.comparison import COMPARE, change_at, describe_change
from themis_lsp.server.explain import explain
from themis_lsp.server.questions import (
    Version,
    rank_versions,
    review_staged,
    review_text,
    summarize_file,
    summarize_ranking,
    summarize_staged,
)
from themis_lsp.server.review import find_language
from themis_lsp.sources.read import NAMED_LIMIT_BYTES, Refusal, read_source

REVIEW_FILE, REVIEW_STAGED, RANK = "themis.reviewFile", "themis.reviewStaged", "themis.rankVersions"

Answer = TypeVar("Answer")


def connect_commands(app: Application) -> None:
    """Offer the commands. Each shows what came of it in a message, and returns it as JSON."""
    server = app.server

    @server.command(REVIEW_FILE)
    async def review_file(uri: str) -> Any:
        version, base = _version(app, uri), app.settings.of(uri).base
        found = await _ask(
            app, app.ask(lambda is_stale: review_text(app.reviewer, version, base, is_stale))
        )
        app.show(summarize_file(found))
        return found

    @server.command(REVIEW_STAGED)
    async def staged(uri: str) -> Any:
        folder = _folder(uri)
        found = await _ask(
            app, app.ask(lambda is_stale: review_staged(app.reviewer, folder, is_stale))
        )
        app.show(summarize_staged(found))
        return found

    @server.command(RANK)
    async def rank(first: str, second: str) -> Any:
        versions = _version(app, first), _version(app, second)
        found = await _ask(
            app, app.ask(lambda is_stale: rank_versions(app.reviewer, versions, is_stale))
        )
        app.show(summarize_ranking(found))
        return found

    @server.command(EXPLAIN)
    def explain_code(code: str) -> str:
        text = explain(code)
        if text is None:
            raise JsonRpcInvalidParams(message=f"{code!r} is no code of Themis Review")
        app.show(text)
        return text

    @server.command(ACCEPT)
    def add_to_baseline(uri: str, key: str) -> str | None:
        with _telling(app):
            unit = app.accept(uri, key)
        if unit is None:
            app.show("Themis Review: there is no such finding here any more.")
        return unit

    _connect_showing(app)


def _connect_showing(app: Application) -> None:
    server = app.server

    @server.command(COMPARE)
    async def compare(uri: str, line: int) -> str | None:
        found = app.analysis_at(uri, line)
        reading = None if found is None else change_at(*found)
        if reading is None:
            app.show("Themis Review: nothing that is compared has changed here.")
            return None
        text = describe_change(reading, app.settings.of(uri).base)
        if app.client.shows_documents:
            name = re.sub(r"\W+", "-", reading.change.unit.name).strip("-")[:60] or "unit"
            page = app.folder() / f"{name}.diff"
            page.write_text(text, encoding="utf-8", errors="replace")
            await server.window_show_document_async(types.ShowDocumentParams(page.as_uri()))
        return text

    @server.command(SELECT)
    async def select(uri: str, where: types.Range) -> None:
        if app.client.shows_documents:
            params = types.ShowDocumentParams(uri, take_focus=True, selection=where)
            await server.window_show_document_async(params)


async def _ask(app: Application, answer: Awaitable[Answer]) -> Answer:
    with _telling(app):
        return await answer


@contextmanager
def _telling(app: Application) -> Iterator[None]:
    """Show what a user can mend; it is the error of the command, too."""
    try:
        yield
    except ThemisError as error:
        app.show(f"Themis Review: {error}", types.MessageType.Error)
        raise JsonRpcInvalidParams(message=str(error)) from error


def _version(app: Application, uri: str) -> Version:
    """Return the text behind a URI, of an open document as it is in the editor."""
    document = app.document(uri)
    if document is not None:
        text: str | Refusal = document.source
        language_id = document.language_id
    else:
        path = to_fs_path(uri)
        if path is None or not Path(path).is_file():
            raise JsonRpcInvalidParams(message=f"{unquote(uri)}: neither open nor a file")
        text, language_id = read_source(Path(path), limit_bytes=NAMED_LIMIT_BYTES), None
    if isinstance(text, Refusal):
        raise JsonRpcInvalidParams(message=f"{unquote(uri)}: {text.message}")
    language = find_language(uri, text, language_id)
    if language is None:
        raise JsonRpcInvalidParams(message=f"{unquote(uri)}: its language is not one of the eight")
    return Version(uri, language, text)


def _folder(uri: str) -> Path:
    path = to_fs_path(uri)
    if path is None:
        raise JsonRpcInvalidParams(message=f"{unquote(uri)}: not a folder")
    return Path(path) if Path(path).is_dir() else Path(path).parent
