"""Counterfactual evidence: which of the places that a change touches did the harm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from themis_lsp.judgement.brief import PLAIN, Brief
from themis_lsp.judgement.changed import Hunk, find_hunks
from themis_lsp.judgement.comparison import ChangeReading, CriterionMargin, Reversal, RewardScale
from themis_lsp.judgement.crop import CroppedPair, crop_codes, cut_pair
from themis_lsp.judgement.margin import ScoredText, read_difference
from themis_lsp.judgement.pointing import COSTLIEST_LINES, LineCost
from themis_lsp.judgement.verdict import Verdict
from themis_lsp.scoring.score import Score, Snippet

_MOST_TRIALS = 12


@dataclass(frozen=True, slots=True)
class Trial:
    """A change with one of its places undone: both sides of it, around what still differs.

    ``reading`` says whose, by its place among the readings; ``places`` how many it has. ``codes``
    are both sides of ``cut`` with blanks for comments, ``sides`` both as they are scored.
    """

    reading: int
    hunk: Hunk
    places: int
    cut: CroppedPair
    codes: tuple[str, str]
    sides: tuple[Snippet, Snippet]


def plan_trials(readings: Sequence[ChangeReading], brief: Brief = PLAIN) -> list[Trial]:
    """Return what to try: each place of each regressed change that has several.

    Of very many places the twelve largest.
    """
    trials = []
    for index, reading in enumerate(readings):
        before, after = reading.change.before, reading.change.after
        if reading.verdict is not Verdict.REGRESSED or before is None or after is None:
            continue
        old, new = before.text.split("\n"), after.text.split("\n")
        hunks = find_hunks(old, new)
        if len(hunks) < 2:
            continue
        for hunk in sorted(hunks, key=_size, reverse=True)[:_MOST_TRIALS]:
            kept = old[hunk.left_start : hunk.left_end]
            undone = "\n".join([*new[: hunk.right_start], *kept, *new[hunk.right_end :]])
            sides = brief.ask_sides(before, replace(after, text=undone))
            cut = cut_pair(before.text, undone, whole=brief.in_conversation)
            codes = crop_codes((before.text, undone), after.language, cut)
            trials.append(Trial(index, hunk, len(hunks), cut, codes, sides))
    return trials


def trial_snippets(trials: Sequence[Trial]) -> list[Snippet]:
    """Return what is to be scored: both sides of each trial."""
    return [side for trial in trials for side in trial.sides]


def weigh_trials(
    readings: Sequence[ChangeReading],
    trials: Sequence[Trial],
    scores: Sequence[Score],
    scale: RewardScale,
) -> list[ChangeReading]:
    """Return the readings, each with the reversal that restores most on its worst criterion.

    ``scores`` are those of ``trial_snippets(trials)``. A place that restores nothing is no
    evidence.
    """
    found: dict[int, Reversal] = {}
    for number, trial in enumerate(trials):
        worst = readings[trial.reading].worst
        assert worst is not None
        difference = read_difference(
            ScoredText(trial.cut.left, scores[2 * number], trial.codes[0]),
            ScoredText(trial.cut.right, scores[2 * number + 1], trial.codes[1]),
            columns=scale.columns,
            empty_side=scale.empty_side,
            scales=scale.margins,
        )
        column = scale.columns[worst.criterion]
        margin = float(difference.after[column] - difference.before[column])
        best = found.get(trial.reading)
        if margin > (worst.margin if best is None else best.margin):
            found[trial.reading] = _reversal(readings[trial.reading], worst, trial, margin)
    return [
        replace(reading, reversal=found[index]) if index in found else reading
        for index, reading in enumerate(readings)
    ]


def _reversal(
    reading: ChangeReading, worst: CriterionMargin, trial: Trial, margin: float
) -> Reversal:
    change, hunk = reading.change, trial.hunk
    assert change.before is not None
    assert change.after is not None
    first = change.after.start_line + hunk.right_start
    last = change.after.start_line + hunk.right_end - 1
    if reading.points_before:
        start, end = change.before.start_line + hunk.left_start, hunk.left_end - hunk.left_start
        lines = range(start, start + end)
    else:
        lines = range(first, last + 1)
    inside: list[LineCost] = [cost for cost in worst.costly if cost.line in lines]
    return Reversal(
        worst.criterion, trial.places, first, last, margin, tuple(inside[:COSTLIEST_LINES])
    )


def _size(hunk: Hunk) -> int:
    return hunk.left_end - hunk.left_start + hunk.right_end - hunk.right_start
