"""Reviewing documents in the thread that owns the model."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from pygls.uris import to_fs_path

from themis_lsp.bundle.manifest import Calibration
from themis_lsp.concerns.head import ConcernHead
from themis_lsp.errors import ThemisError
from themis_lsp.languages import Language
from themis_lsp.scoring.score import Scorer
from themis_lsp.server.analysis import Analysis, Analyst, Document, Meaning
from themis_lsp.server.base import read_base
from themis_lsp.server.positions import normalize_newlines
from themis_lsp.server.remember import RememberingScorer, SupersededError, Watch
from themis_lsp.server.schedule import IsStale, Job
from themis_lsp.server.settings import Settings
from themis_lsp.server.terms import Projects, Terms
from themis_lsp.sources.exclusions import excluded_file, excluded_folder, excluded_text
from themis_lsp.sources.read import WALKED_LIMIT_BYTES
from themis_lsp.sources.source import SkipReason
from themis_lsp.units.detect import detect_language

_LOG = logging.getLogger(__name__)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_FOREIGN = frozenset({SkipReason.VENDORED, SkipReason.GENERATED, SkipReason.MINIFIED})
_LANGUAGE_IDS = {
    "c": Language.C,
    "cpp": Language.CPP,
    "csharp": Language.CSHARP,
    "go": Language.GO,
    "java": Language.JAVA,
    "javascript": Language.JAVASCRIPT,
    "javascriptreact": Language.JAVASCRIPT,
    "python": Language.PYTHON,
    "ruby": Language.RUBY,
}


@dataclass(frozen=True, slots=True)
class OpenModel:
    """A model at work: what scores, what its scores mean, and how to end what it does."""

    scorer: Scorer
    calibration: Calibration
    concerns: ConcernHead | None = None
    interrupt: Callable[[], None] = lambda: None


Opener = Callable[[Settings], OpenModel]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job: an analysis or, where there is none, perhaps a message for the user.

    ``baseline`` is the file that what is found can be accepted in, if the project has one.
    """

    job: Job
    analysis: Analysis | None
    message: str | None = None
    baseline: Path | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """What the reviewer is at: a sentence, and what share of it is done, 0..1, if that is known."""

    what: str
    share: float | None = None


def find_language(uri: str, text: str, language_id: str | None) -> Language | None:
    """Return the language of a document: by its name or ``#!`` line, else what the editor says."""
    found = detect_language(to_fs_path(uri) or uri, text)
    return found or _LANGUAGE_IDS.get(language_id or "")


@dataclass(slots=True)
class Reviewer:
    """Runs jobs one after the other; opens the model when the first one needs it.

    ``deliver`` gets each outcome, and ``tell`` each stage and None once there is none any more, in
    the thread that runs the jobs. No job can end that thread.
    """

    opener: Opener
    deliver: Callable[[Outcome], None] = lambda _: None
    tell: Callable[[Stage | None], None] = lambda _: None
    settings: Settings = field(default_factory=Settings)
    projects: Projects = field(default_factory=Projects)
    _model: OpenModel | None = None
    _analyst: Analyst | None = None
    _bases: dict[str, tuple[str, str | None]] = field(default_factory=dict)

    def run(self, job: Job, is_stale: IsStale) -> bool:
        """Review a document and deliver the outcome; return False if it was superseded."""
        try:
            outcome = self._review(job, is_stale)
        except SupersededError:
            return False
        except ThemisError as error:
            outcome = Outcome(job, None, str(error))
        except Exception as error:
            # Neither the message nor the traceback's lines: they may hold the user's code.
            kind = type(error).__name__
            _LOG.error("a document could not be reviewed: %s", kind)
            outcome = Outcome(job, None, f"a document could not be reviewed ({kind})")
        finally:
            self.tell(None)
        self.deliver(outcome)
        return True

    def interrupt(self) -> None:
        """End what the model does at the moment; any thread may ask for it."""
        model = self._model
        if model is not None:
            model.interrupt()

    def unload(self) -> None:
        """Let go of the model and of what was remembered; the next job opens it again."""
        self._model = self._analyst = None

    def forget(self, uri: str) -> None:
        """Drop what is remembered of a document that was closed; any thread may ask for it."""
        self._bases.pop(uri, None)

    def open(self) -> tuple[OpenModel, Analyst]:
        """Return the model and what reviews with it. Raises what opening it raises."""
        if self._model is None or self._analyst is None:
            self.tell(Stage("loading the model"))
            model = self.opener(self.settings)
            meaning = Meaning(model.calibration, model.concerns)
            self._model, self._analyst = model, Analyst(RememberingScorer(model.scorer), meaning)
        return self._model, self._analyst

    def _review(self, job: Job, is_stale: IsStale) -> Outcome:
        # A parser takes no lone surrogates; what stands for them is as long in every encoding.
        text = _LONE_SURROGATE.sub("\ufffd", normalize_newlines(job.text))
        language = find_language(job.uri, text, job.language_id)
        if language is None or len(text) > WALKED_LIMIT_BYTES:
            return Outcome(job, None)
        name = Path(to_fs_path(job.uri) or job.uri).name
        is_foreign = _is_foreign(job.place, text)
        terms, problem = self.terms_of(job.uri)
        document = Document(name, language, text, self._base(job), is_foreign, terms)
        _, analyst = self.open()
        watch = Watch(is_stale, lambda share: self.tell(Stage(f"reviewing {name}", share)))

        def tell_early(partial: Analysis) -> None:
            self.deliver(Outcome(job, partial, problem, terms.baseline))

        analysis = analyst.analyse(document, watch, tell_early=tell_early)
        return Outcome(job, analysis, problem, terms.baseline)

    def terms_of(self, uri: str) -> tuple[Terms, str | None]:
        """Return what its project says about a document, and what of that is not used, if any."""
        path = to_fs_path(uri) if uri.startswith("file:") else None
        return self.projects.terms_of(path) if path else (Terms(), None)

    def _base(self, job: Job) -> str | None:
        """Return the text to compare with; git is asked on opening and saving, not on typing."""
        if not job.uri.startswith("file:"):
            return None
        known = self._bases.get(job.uri)
        if known is None or job.reads_base or known[0] != job.base:
            path = to_fs_path(job.uri)
            known = (job.base, None if path is None else read_base(Path(path), job.base))
            self._bases[job.uri] = known
        return known[1]


def _is_foreign(place: str, text: str) -> bool:
    """Whether a document is other people's code or a machine's, by its path and what it says."""
    *folders, name = PurePath(place).parts or ("",)
    reasons = {*map(excluded_folder, folders), excluded_file(name), excluded_text(text)}
    return not _FOREIGN.isdisjoint(reasons)
