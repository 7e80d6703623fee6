from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from changed_repository import start
from planted_scorer import STRONG, PlantedScorer
from planted_server import open_planted
from source_tree import git, write

from themis_lsp.concerns import find_concern
from themis_lsp.concerns.features import BUCKETS
from themis_lsp.concerns.head import ConcernHead
from themis_lsp.scoring.score import Progress, Score, Snippet
from themis_lsp.server.diagnostics import View, diagnose
from themis_lsp.server.review import Outcome, Reviewer
from themis_lsp.server.schedule import Job

OLD = STRONG.replace("strong", "total")
WORSE = OLD.replace("c = b", "c = weak(b)")


def test_a_closed_document_is_forgotten_and_its_commit_read_anew(project: Path) -> None:
    job, reviewer, outcomes = _typing(project)
    reviewer.run(job, lambda: False)
    write("a.py", WORSE)
    git("add", "--all")
    git("-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-m", "second")
    reviewer.run(job, lambda: False)
    reviewer.forget(job.uri)
    reviewer.run(job, lambda: False)
    assert [_changes(outcome) for outcome in outcomes] == [1, 1, 0]


def test_a_repository_that_is_deleted_leaves_a_review_without_changes(project: Path) -> None:
    job, reviewer, outcomes = _typing(project)
    reviewer.run(job, lambda: False)
    shutil.rmtree(project / ".git")
    reviewer.run(replace(job, reads_base=True), lambda: False)
    assert [_changes(outcome) for outcome in outcomes] == [1, 0]


def test_a_crash_in_a_review_is_told_by_its_kind_and_the_next_one_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, project: Path
) -> None:
    job, reviewer, outcomes = _typing(project)
    score = PlantedScorer.score

    def fail_on_secrets(
        scorer: PlantedScorer, snippets: Sequence[Snippet], progress: Progress | None = None
    ) -> list[Score]:
        for snippet in snippets:
            if "secret" in snippet.text:
                raise RuntimeError(snippet.text)
        return score(scorer, snippets, progress)

    monkeypatch.setattr(PlantedScorer, "score", fail_on_secrets)
    with caplog.at_level(logging.DEBUG):
        reviewer.run(replace(job, text="def f():\n    return secret\n"), lambda: False)
        reviewer.run(job, lambda: False)
    assert outcomes[0].analysis is None
    assert outcomes[0].message == "a document could not be reviewed (RuntimeError)"
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text
    assert _changes(outcomes[1]) == 1


def test_a_likely_concern_is_the_code_of_a_warning_and_ends_its_message(project: Path) -> None:
    job, reviewer, outcomes = _typing(project)
    weights = np.zeros((2 * BUCKETS, 2), np.int8)
    biases = np.array([9.0, 0.0], np.float32)
    ones = np.ones(2, np.float32)
    head = ConcernHead(("off-by-one",), weights, ones, biases, np.full(1, 0.5, np.float32))
    reviewer.opener = lambda settings: replace(open_planted(settings), concerns=head)
    reviewer.run(job, lambda: False)
    analysis = outcomes[0].analysis
    assert analysis is not None
    (warning,) = diagnose(analysis, View(job.uri, "utf-16", with_hints=False))
    assert warning.code == "off-by-one"
    title = find_concern("off-by-one").title
    assert (
        warning.message
        == f"Functional correctness regressed (98 % likely): {title}; also RT, ME, SH, RM"
    )


def test_what_a_comment_accepts_is_no_warning(project: Path) -> None:
    job, reviewer, outcomes = _typing(project)
    accepted = WORSE.replace("weak(b)", "weak(b)  # themis: ignore as agreed")
    reviewer.run(replace(job, text=accepted), lambda: False)
    analysis = outcomes[0].analysis
    assert analysis is not None
    assert diagnose(analysis, View(job.uri, "utf-16", with_hints=True)) == []
    assert analysis.text == accepted


def _typing(project: Path) -> tuple[Job, Reviewer, list[Outcome]]:
    """Return a job as typing makes it, of a worse text than the last commit's."""
    start(a_py=OLD)
    outcomes: list[Outcome] = []
    uri = (project / "a.py").resolve().as_uri()
    return Job(uri, 1, WORSE, 0.0, False), Reviewer(open_planted, outcomes.append), outcomes


def _changes(outcome: Outcome) -> int:
    assert outcome.analysis is not None
    return len(outcome.analysis.changes)


def test_a_suppression_that_is_amiss_is_told_on_its_line(project: Path) -> None:
    job, reviewer, outcomes = _typing(project)
    reviewer.run(replace(job, text="# themis: ignore[XY] because\n" + OLD), lambda: False)
    assert outcomes[0].analysis is not None
    view = View(job.uri, "utf-16", with_hints=False)
    told = [one for one in diagnose(outcomes[0].analysis, view) if one.code == "suppression"]
    assert [one.range.start.line for one in told] == [0]
    assert "unknown criterion 'XY'" in told[0].message
