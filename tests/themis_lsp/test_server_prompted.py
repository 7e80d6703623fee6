"""A document is reviewed by a model that is steered by prompts as by any other."""

from __future__ import annotations

from pathlib import Path

from changed_repository import start
from prompted_bundle import make_prompted_bundle

from themis_lsp.cli.scorer import open_scorer
from themis_lsp.judgement.verdict import Verdict
from themis_lsp.server.diagnostics import View, diagnose
from themis_lsp.server.review import OpenModel, Outcome, Reviewer
from themis_lsp.server.schedule import Job
from themis_lsp.server.settings import Settings

OLD = "def total(items):\n    return sum(items)\n"
NEW = "def total(items):\n    return sum(items[1:])\n"


def test_margins_and_rewards_without_calibration_are_read_and_nothing_is_claimed(
    project: Path,
) -> None:
    bundle = make_prompted_bundle(project.parent / "bundle")

    def open_model(settings: Settings) -> OpenModel:
        opened = open_scorer(
            model=settings.model, provider=settings.provider, threads=1, cache=False
        )
        return OpenModel(opened.scorer, opened.bundle.manifest.calibration)

    start(a_py=OLD)
    outcomes: list[Outcome] = []
    uri = (project / "a.py").resolve().as_uri()
    reviewer = Reviewer(open_model, outcomes.append, settings=Settings(model=str(bundle)))
    reviewer.run(Job(uri, 1, NEW, 0.0, False), lambda: False)
    [outcome] = outcomes
    assert outcome.analysis is not None
    [change] = outcome.analysis.changes
    assert change.verdict is Verdict.SKIPPED
    assert all(margin.margin for margin in change.margins)
    [unit] = outcome.analysis.readings
    assert all(reading.reward and reading.percentile is None for reading in unit.readings)
    assert diagnose(outcome.analysis, View(uri, "utf-16", with_hints=True)) == []
