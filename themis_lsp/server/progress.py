"""Telling the editor what takes its time; what is done soon is not worth telling."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from themis_lsp.server.review import Stage

_TITLE = "Themis Review"
_PATIENCE_S = 1.0


@dataclass(slots=True)
class Progress:
    """Shows what the reviewer is at; touched only by the thread that speaks with the editor."""

    server: LanguageServer
    is_shown: bool = False
    _stage: Stage | None = None
    _waiting: asyncio.TimerHandle | None = None
    _token: str | None = None
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def tell(self, stage: Stage | None) -> None:
        """Take what the reviewer is at now; None if it is done."""
        self._stage = stage
        if not self.is_shown:
            return
        if stage is None:
            self._end()
        elif self._token is not None:
            self.server.work_done_progress.report(self._token, _report(stage))
        elif self._waiting is None:
            loop = asyncio.get_running_loop()
            self._waiting = loop.call_later(_PATIENCE_S, self._create)

    def _create(self) -> None:
        token = f"themis-{next(self._numbers)}"
        # With a callback: what awaits it may be cancelled, and pygls fails on the answer then.
        self.server.work_done_progress.create(token, lambda _: self._begin(token))

    def _begin(self, token: str) -> None:
        if self._stage is None or self._token is not None:
            return
        self._token = token
        percentage = None if self._stage.share is None else _percent(self._stage.share)
        begin = types.WorkDoneProgressBegin(
            _TITLE, message=self._stage.what, percentage=percentage, cancellable=False
        )
        self.server.work_done_progress.begin(token, begin)

    def _end(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        if self._token is not None:
            self.server.work_done_progress.end(self._token, types.WorkDoneProgressEnd())
            self._token = None


def _report(stage: Stage) -> types.WorkDoneProgressReport:
    share = None if stage.share is None else _percent(stage.share)
    return types.WorkDoneProgressReport(message=stage.what, percentage=share)


def _percent(share: float) -> int:
    return round(100 * share)
