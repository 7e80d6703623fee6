"""From files of pairs to a concern head and a table of what it can."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

from themis_lsp.concerns.head import save_concern_head
from themis_lsp.errors import UserError
from themis_lsp.pairs import read_pairs
from themis_lsp.scoring.encode import TextEncoder
from themis_train.concerns.examples import make_examples
from themis_train.concerns.fit import ConcernReport, fit_concerns
from themis_train.concerns.labels import concern_of_operator

MOST_OTHERS = 20_000


def train_concerns(
    out: Path,
    *,
    tokenizer: Path,
    degraded: Sequence[Path],
    other: Sequence[Path],
    seed: int,
    log: Callable[[str], None],
) -> None:
    """Fit the head and write it to ``out``; ``log`` gets one line per event.

    Of ``other`` pairs at most 20,000 are used, drawn at random.
    Raises UserError when the pairs do not suffice or ``out`` cannot be written, PairsError when
    they cannot be read.
    """
    encoder, concerns = TextEncoder(tokenizer), concern_of_operator()
    known = [e for path in degraded for e in make_examples(read_pairs(path), encoder, concerns)]
    foreign = sorted({example.operator for example in known if example.concern is None})
    if foreign:
        log(f"without a concern of their own: {', '.join(foreign)}")
    pairs = [pair for path in other for pair in read_pairs(path)]
    pairs = random.Random(seed).sample(pairs, min(len(pairs), MOST_OTHERS))
    others = list(make_examples(pairs, encoder, {}))
    log(f"read {len(known)} degradations and {len(others)} other pairs")
    head, reports = fit_concerns([*known, *others], seed=seed)
    for line in _table(reports):
        log(line)
    try:
        save_concern_head(head, out)
    except OSError as error:
        raise UserError(f"{out}: cannot be written ({error.strerror})") from error
    log(f"wrote {out}: {len(head.names)} concerns, {out.stat().st_size / 1e6:.1f} MB")


def _table(reports: Sequence[ConcernReport]) -> list[str]:
    lines = ["| concern | examples | named | of those right |", "| --- | --- | --- | --- |"]
    for report in sorted(reports, key=lambda report: report.name):
        share = f"{report.right / report.shown:.0%}" if report.shown else "never shown"
        lines.append(f"| {report.name} | {report.examples} | {report.shown} | {share} |")
    shown, right = sum(r.shown for r in reports), sum(r.right for r in reports)
    if shown:
        lines.append(
            f"| all | {sum(r.examples for r in reports)} | {shown} | {right / shown:.0%} |"
        )
    return lines
