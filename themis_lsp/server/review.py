"""Reviewing documents in the thread that owns the model."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pygls.uris import to_fs_path

from themis_lsp.bundle.manifest import Calibration
from themis_lsp.concerns.head import ConcernHead
from themis_lsp.errors import ThemisError
from themis_lsp.scoring.score import Scorer
from themis_lsp.server.analysis import (
    Analysis,
    Document,
    Meaning,
    RememberingScorer,
    SupersededError,
    analyse,
)
from themis_lsp.server.base import read_base
from themis_lsp.server.positions import normalize_newlines
from themis_lsp.server.schedule import Job
from themis_lsp.server.settings import Settings
from themis_lsp.units.detect import detect_language

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenModel:
    """A model at work: what scores, and what its scores mean."""

    scorer: Scorer
    calibration: Calibration
    concerns: ConcernHead | None = None


Opener = Callable[[Settings], OpenModel]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job: an analysis or, where there is none, perhaps a message for the user."""

    job: Job
    analysis: Analysis | None
    message: str | None = None


@dataclass(slots=True)
class Reviewer:
    """Runs jobs one after the other; opens the model when the first one needs it.

    ``deliver`` gets each outcome, in the thread that runs the jobs. No job can end that thread.
    """

    opener: Opener
    deliver: Callable[[Outcome], None] = lambda _: None
    settings: Settings = field(default_factory=Settings)
    _model: OpenModel | None = None
    _scorer: RememberingScorer | None = None
    _bases: dict[str, tuple[str, str | None]] = field(default_factory=dict)

    def run(self, job: Job, is_stale: Callable[[], bool]) -> None:
        """Review a document and deliver the outcome, unless a newer text of it waits."""
        try:
            outcome = Outcome(job, self._review(job, is_stale))
        except SupersededError:
            return
        except ThemisError as error:
            outcome = Outcome(job, None, str(error))
        except Exception as error:
            # Neither the message nor the traceback's lines: they may hold the user's code.
            kind = type(error).__name__
            _LOG.error("a document could not be reviewed: %s", kind)
            outcome = Outcome(job, None, f"a document could not be reviewed ({kind})")
        self.deliver(outcome)

    def forget(self, uri: str) -> None:
        """Drop what is remembered of a document that was closed; any thread may ask for it."""
        self._bases.pop(uri, None)

    def _review(self, job: Job, is_stale: Callable[[], bool]) -> Analysis | None:
        path = to_fs_path(job.uri) or job.uri
        text = normalize_newlines(job.text)
        language = detect_language(path, text)
        if language is None:
            return None
        document = Document(Path(path).name, language, text, self._base(job))
        if self._model is None or self._scorer is None:
            self._model = self.opener(self.settings)
            self._scorer = RememberingScorer(self._model.scorer)
        meaning = Meaning(self._model.calibration, self._model.concerns)
        return analyse(document, self._scorer, meaning, is_stale=is_stale)

    def _base(self, job: Job) -> str | None:
        """Return the text to compare with; git is asked on opening and saving, not on typing."""
        if not job.uri.startswith("file:"):
            return None
        revision = self.settings.base
        known = self._bases.get(job.uri)
        if known is None or job.reads_base or known[0] != revision:
            path = to_fs_path(job.uri)
            known = (revision, None if path is None else read_base(Path(path), revision))
            self._bases[job.uri] = known
        return known[1]
