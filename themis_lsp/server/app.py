"""What the language server knows and tells.

Whatever an editor sends is answered from what is known; reviewing is left to another thread.
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path
from pygls.workspace import TextDocument

from themis_lsp.server.actions import Place, offer
from themis_lsp.server.analysis import Analysis
from themis_lsp.server.client import Client
from themis_lsp.server.comparison import change_at
from themis_lsp.server.diagnostics import View, diagnose
from themis_lsp.server.drift import Drift, carry, find_drift
from themis_lsp.server.explain import write_page
from themis_lsp.server.folders import FolderSettings
from themis_lsp.server.hover import describe, unit_at
from themis_lsp.server.lens import find_lenses
from themis_lsp.server.positions import normalize_newlines
from themis_lsp.server.progress import Progress
from themis_lsp.server.review import Outcome, Reviewer, Stage, find_language
from themis_lsp.server.schedule import IsStale, Job, Schedule
from themis_lsp.server.terms import accept

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Known:
    """What was last found in an open document, how that is shown, and where it can be accepted."""

    analysis: Analysis
    version: int | None
    diagnostics: tuple[types.Diagnostic, ...]
    baseline: Path | None = None


@dataclass(slots=True)
class Application:
    """What the server knows; touched only by the thread that speaks with the editor.

    Documents go by their URIs without percent signs: editors differ in what they encode.
    """

    server: LanguageServer
    reviewer: Reviewer
    schedule: Schedule
    progress: Progress
    client: Client = field(default_factory=Client)
    settings: FolderSettings = field(default_factory=FolderSettings)
    loop: asyncio.AbstractEventLoop | None = None
    known: dict[str, Known] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    _folder: tempfile.TemporaryDirectory[str] | None = None
    _links: dict[str, str] = field(default_factory=dict)

    def start(self, client: Client) -> None:
        """Begin to work for an editor."""
        self.client = client
        self.loop = asyncio.get_running_loop()
        self.progress.is_shown = client.shows_progress
        if client.shows_links:
            try:
                self._links = dict(write_page(self.folder()))
            except OSError:
                self._links = {}  # a link less is no reason to fail

    def folder(self) -> Path:
        """Return a folder for pages to show, which goes with the server."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="themis-lsp-")
        return Path(self._folder.name)

    def clean_up(self) -> None:
        """Take the folder away."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def apply_settings(self) -> None:
        """Let settings that have changed take effect."""
        self.reviewer.settings = self.settings.user
        self.schedule.idle.after_s = 60.0 * self.settings.user.unload_minutes

    def tell(self, message: str) -> None:
        """Show a message, once."""
        if message not in self.told:
            self.told.add(message)
            self.show(f"Themis Review: {message}", types.MessageType.Warning)

    def show(self, message: str, kind: types.MessageType = types.MessageType.Info) -> None:
        """Show a message."""
        self.server.window_show_message(types.ShowMessageParams(kind, message))

    def document(self, uri: str) -> TextDocument | None:
        """Return an open document."""
        found: TextDocument | None = self.server.workspace.text_documents.get(unquote(uri))
        return found

    def review(self, uri: str, *, delay_s: float = 0.0, reads_base: bool = True) -> None:
        """Have an open document reviewed."""
        document = self.document(uri)
        if document is not None:
            job = Job(
                document.uri,
                document.version,
                document.source,
                time.monotonic() + delay_s,
                reads_base,
                self.settings.of(uri).base,
                document.language_id,
                self._place(document.uri),
            )
            self.schedule.put(job)

    def typed(self, uri: str) -> None:
        """Have a document reviewed once typing pauses."""
        self.review(uri, delay_s=self.settings.of(uri).debounce_ms / 1000, reads_base=False)

    def review_all(self) -> None:
        """Have every open document reviewed anew, the one in view first."""
        self.reviewer.projects.forget_rules()
        for document in list(self.server.workspace.text_documents.values()):
            self.review(document.uri)

    def close(self, uri: str) -> None:
        """Forget a document."""
        self.schedule.drop(uri)
        self.reviewer.forget(uri)
        if self.known.pop(unquote(uri), None) is not None and not self.client.pulls:
            self._publish(uri, None, ())

    def deliver(self, outcome: Outcome) -> None:
        """Take an outcome from the reviewing thread over to this one."""
        self._call(lambda: self._take(outcome))

    def tell_stage(self, stage: Stage | None) -> None:
        """Take what the reviewing thread is at over to this one."""
        self._call(lambda: self.progress.tell(stage))

    async def ask(self, question: Callable[[IsStale], Answer]) -> Answer:
        """Return what the reviewing thread answers. Raises what it raises."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def settle(settle_with: Callable[[Any], None], value: object) -> None:
            if not future.done():
                settle_with(value)

        def errand(is_stale: IsStale) -> None:
            try:
                answer = question(is_stale)
            except Exception as error:
                self._call(partial(settle, future.set_exception, error))
            else:
                self._call(partial(settle, future.set_result, answer))
            finally:
                self.tell_stage(None)

        self.schedule.do(errand)
        return await future

    def pull(self, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        """Answer with what was last found; the editor is told when there is more."""
        items = self.diagnostics(params.text_document.uri)
        result_id = hashlib.sha256(repr(items).encode("utf-8", "backslashreplace")).hexdigest()
        if params.previous_result_id == result_id:
            return types.RelatedUnchangedDocumentDiagnosticReport(result_id)
        return types.RelatedFullDocumentDiagnosticReport(items=items, result_id=result_id)

    def diagnostics(self, uri: str) -> list[types.Diagnostic]:
        """Return what was last found, where it is by now."""
        known, drift = self.known.get(unquote(uri)), self.drift(uri)
        return [] if known is None or drift is None else carry(known.diagnostics, drift)

    def drift(self, uri: str) -> Drift | None:
        """Return what became of the lines that were last reviewed; None if there are none."""
        known, document = self.known.get(unquote(uri)), self.document(uri)
        if known is None or document is None:
            return None
        if known.version == document.version:
            return Drift(0, 0, 0)
        new = normalize_newlines(document.source).split("\n")
        return find_drift(known.analysis.text.split("\n"), new)

    def hover(self, params: types.HoverParams) -> types.Hover | None:
        """Describe the unit under the cursor, as it was when it was last reviewed."""
        uri = params.text_document.uri
        self.schedule.look(uri)
        found = self._reviewed_line(uri, params.position.line)
        if found is None:
            return None
        analysis, line = found
        reading = unit_at(analysis, line)
        if reading is None:
            return None
        text = describe(reading, change_at(analysis, line))
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text))

    def lenses(self, uri: str) -> list[types.CodeLens]:
        """Return the lenses of a document."""
        known, drift, settings = (
            self.known.get(unquote(uri)),
            self.drift(uri),
            self.settings.of(uri),
        )
        if known is None or drift is None or not settings.code_lens:
            return []
        return list(find_lenses(known.analysis, uri, base=settings.base, drift=drift))

    def actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """Return what can be done about the diagnostics that a range touches."""
        uri = params.text_document.uri
        document, drift, known = self.document(uri), self.drift(uri), self.known.get(unquote(uri))
        only = params.context.only
        if document is None or drift is None or known is None:
            return []
        if only is not None and not any(types.CodeActionKind.QuickFix.startswith(k) for k in only):
            return []
        self.schedule.look(uri)
        language = find_language(uri, document.source, document.language_id)
        touched = [d for d in self.diagnostics(uri) if _touch(d.range, params.range)]
        if language is None:
            return []
        place = Place(
            uri,
            document.source,
            language,
            self.settings.of(uri).base,
            drift,
            self._encoding(),
            self.client.shows_documents,
            known.baseline,
        )
        return list(offer(touched, place))

    def analysis_at(self, uri: str, line: int) -> tuple[Analysis, int] | None:
        """Return what is known of the 1-based ``line``, and where it was when it was reviewed."""
        return self._reviewed_line(uri, line - 1)

    def accept(self, uri: str, key: str) -> str | None:
        """Add to the project's baseline what a diagnostic with the fingerprint ``key`` tells.

        Return the name of its unit, None if there is no such diagnostic, or no baseline. Raises
        what ``accept`` raises.
        """
        known, path = self.known.get(unquote(uri)), to_fs_path(uri)
        if known is None or known.baseline is None or path is None:
            return None
        found = known.analysis
        unit = accept(found.changes, found.readings, key, path=path, baseline=known.baseline)
        if unit is None:
            return None
        self.review_all()
        return unit.name

    def _reviewed_line(self, uri: str, line: int) -> tuple[Analysis, int] | None:
        """Return the 1-based line that the 0-based ``line`` was when it was reviewed."""
        known, drift = self.known.get(unquote(uri)), self.drift(uri)
        if known is None or drift is None:
            return None
        was = Drift(drift.first, drift.new_end, drift.old_end).line(line)
        return None if was is None else (known.analysis, was + 1)

    def _place(self, uri: str) -> str:
        """Return a document's path from the innermost folder of the workspace around it."""
        path = to_fs_path(uri)
        if path is None:
            return ""
        folders = [to_fs_path(folder.uri) for folder in self.server.workspace.folders.values()]
        around = [f for f in folders if f is not None and Path(path).is_relative_to(f)]
        root = max(around, key=len, default=self.server.workspace.root_path)
        inside = root is not None and Path(path).is_relative_to(root)
        return str(Path(path).relative_to(root)) if inside and root is not None else path

    def _call(self, what: Callable[[], Any]) -> None:
        if self.loop is not None and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(what)

    def _take(self, outcome: Outcome) -> None:
        if outcome.message is not None:
            self.tell(outcome.message)
        uri, version, analysis = outcome.job.uri, outcome.job.version, outcome.analysis
        document = self.document(uri)
        if document is None:
            # It was closed while it was reviewed, which may have remembered it again.
            self.reviewer.forget(uri)
            return
        earlier = self.known.get(unquote(uri))
        if document.version != version or analysis is None:
            return
        if analysis.is_partial and earlier is not None:
            return  # better to show what was known a little longer than to take hints away
        diagnostics = tuple(diagnose(analysis, self._view(uri)))
        self.known[unquote(uri)] = Known(analysis, version, diagnostics, outcome.baseline)
        if not self.client.pulls:
            self._publish(uri, version, diagnostics)
        elif earlier is None or earlier.diagnostics != diagnostics:
            self.server.workspace_diagnostic_refresh(None)
        if self.client.refreshes_lenses and self.settings.of(uri).code_lens and analysis.changes:
            self.server.workspace_code_lens_refresh(None)

    def _view(self, uri: str) -> View:
        settings = self.settings.of(uri)
        return View(
            uri,
            self._encoding(),
            settings.weak_hints,
            self.client.shows_related,
            self._links,
            settings.base,
        )

    def _encoding(self) -> types.PositionEncodingKind | str:
        return self.server.workspace.position_encoding or types.PositionEncodingKind.Utf16

    def _publish(self, uri: str, version: int | None, items: tuple[types.Diagnostic, ...]) -> None:
        params = types.PublishDiagnosticsParams(uri=uri, diagnostics=items, version=version)
        self.server.text_document_publish_diagnostics(params)


def _touch(one: types.Range, other: types.Range) -> bool:
    """Whether two ranges share a line: a cursor beside a squiggle is close enough."""
    return one.start.line <= other.end.line and other.start.line <= one.end.line
