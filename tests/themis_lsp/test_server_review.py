from __future__ import annotations

import logging
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from changed_repository import start
from planted_scorer import STRONG
from planted_server import open_planted
from source_tree import git, write

from themis_lsp.concerns import find_concern
from themis_lsp.concerns.features import BUCKETS
from themis_lsp.concerns.head import ConcernHead
from themis_lsp.server.diagnostics import View, diagnose
from themis_lsp.server.review import OpenModel, Outcome, Reviewer
from themis_lsp.server.schedule import Job
from themis_lsp.server.settings import Settings

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
    caplog: pytest.LogCaptureFixture, project: Path
) -> None:
    job, reviewer, outcomes = _typing(project)
    with caplog.at_level(logging.DEBUG):
        reviewer.run(replace(job, text="def crash():\n    return secret\n"), lambda: False)
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


def test_a_likely_concern_without_a_verdict_is_information(project: Path) -> None:
    job, reviewer, outcomes = _typing(project)
    weights = np.zeros((2 * BUCKETS, 2), np.int8)
    biases = np.array([9.0, 0.0], np.float32)
    ones = np.ones(2, np.float32)
    head = ConcernHead(("off-by-one",), weights, ones, biases, np.full(1, 0.5, np.float32))

    def open_unsure(settings: Settings) -> OpenModel:
        return replace(open_planted(replace(settings, model="uncalibrated")), concerns=head)

    reviewer.opener = open_unsure
    reviewer.run(job, lambda: False)
    analysis = outcomes[0].analysis
    assert analysis is not None
    (found,) = diagnose(analysis, View(job.uri, "utf-16", with_hints=True))
    assert found.severity == 3
    assert found.code == "off-by-one"
    title = find_concern("off-by-one").title
    assert found.message == f"Likely {title} (functional correctness)"


def _typing(project: Path) -> tuple[Job, Reviewer, list[Outcome]]:
    """Return a job as typing makes it, of a worse text than the last commit's."""
    start(a_py=OLD)
    outcomes: list[Outcome] = []
    uri = (project / "a.py").resolve().as_uri()
    return Job(uri, 1, WORSE, 0.0, False), Reviewer(open_planted, outcomes.append), outcomes


def _changes(outcome: Outcome) -> int:
    assert outcome.analysis is not None
    return len(outcome.analysis.changes)
