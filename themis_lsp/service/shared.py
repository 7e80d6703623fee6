"""A scorer that lets the service score and, where that fails for any reason, does it itself."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from themis_lsp.scoring.score import Progress, Score, Scorer, ScorerInfo, Snippet
from themis_lsp.service.client import NoServiceError, read_info, request_scores
from themis_lsp.service.launch import start_later
from themis_lsp.service.place import ServiceFiles, find_folder
from themis_lsp.service.spec import ServiceSpec
from themis_lsp.service.wire import WireError

_SULK_S = 60.0
"""A service that broke off or kept silent is left alone for so long: nobody waits for it twice."""


@dataclass(slots=True)
class SharedScorer:
    """Scores with the service of ``spec``, else with ``local``; either way with the same result.

    Where there is no service, ``local`` scores at once and a service is started afterwards, so
    that the two do not share the cores. ``expected`` is what the scorer is known to be without
    asking anyone, None where that is not known.
    """

    local: Scorer
    spec: ServiceSpec
    expected: ScorerInfo | None
    _broken_at: float | None = field(default=None)

    @property
    def info(self) -> ScorerInfo:
        """Which bundle scores, and on which provider."""
        if self.expected is None:
            files = self._files()
            try:
                self.expected = self.local.info if files is None else read_info(files)
            except WireError:
                self.expected = self.local.info
        return self.expected

    def score(self, snippets: Sequence[Snippet], progress: Progress | None = None) -> list[Score]:
        """Return one score per snippet, in order; errors are those of the local scorer."""
        shown = _Shown(progress)
        is_sulking = self._is_sulking()
        files = None if is_sulking else self._files()
        if files is not None and snippets:
            try:
                return request_scores(files, snippets, shown.add)
            except NoServiceError:
                pass
            except WireError:
                self._broken_at = time.monotonic()
        scores = self.local.score(snippets, shown.catch_up())
        if snippets and not is_sulking:
            start_later(self.spec)  # in vain, if there is one that only keeps silent
        return scores

    def _is_sulking(self) -> bool:
        return self._broken_at is not None and time.monotonic() - self._broken_at < _SULK_S

    def _files(self) -> ServiceFiles | None:
        folder = find_folder()
        return None if folder is None else ServiceFiles(folder, self.spec.key)


@dataclass(slots=True)
class _Shown:
    """Progress that tells of no snippet twice when the work is begun again."""

    progress: Progress | None
    _done: int = 0

    def add(self, finished: int) -> None:
        self._done += finished
        if self.progress is not None:
            self.progress(finished)

    def catch_up(self) -> Progress:
        known, again = self._done, 0

        def tell(finished: int) -> None:
            nonlocal again
            before, again = max(again, known), again + finished
            if self.progress is not None and again > before:
                self.progress(again - before)

        return tell
