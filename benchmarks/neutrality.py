"""The share of neutral edits that a calibrated bundle calls stable, per criterion and family.

    python benchmarks/neutrality.py NEUTRAL... [--model BUNDLE] [--limit N]

An edit that the bundle calls improved is as wrong as one it calls regressed. Criteria without a
warning threshold give no verdicts and have dashes.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from inputs import draw, make_parser, open_model, print_table, score

from themis_lsp.criteria import Criterion
from themis_lsp.judgement.verdict import Verdict, judge_margin
from themis_lsp.neutral import read_neutral


def main() -> None:
    """Read the arguments, judge, print."""
    options = make_parser("Neutral edits called stable.", "neutral edits").parse_args()
    opened = open_model(options)
    scales = opened.bundle.manifest.calibration.margins
    pairs = [
        replace(edit.as_pair(criterion), subset=edit.family)
        for file in options.files
        for edit in draw(read_neutral(file), options)
        for criterion in edit.stable
    ]
    verdicts: dict[tuple[Criterion, str], list[Verdict]] = defaultdict(list)
    for pair in score(opened, pairs):
        verdict = judge_margin(pair.margin, scales.get(pair.criterion))
        verdicts[pair.criterion, "all"].append(verdict)
        verdicts[pair.criterion, pair.subset].append(verdict)
    head = ("criterion", "family", "edits", "stable", "called regressed", "called improved")
    rows = []
    for (criterion, family), found in sorted(verdicts.items()):
        shares = [
            None if Verdict.SKIPPED in found else found.count(kind) / len(found)
            for kind in (Verdict.STABLE, Verdict.REGRESSED, Verdict.IMPROVED)
        ]
        rows.append((criterion.words, family, len(found), *shares))
    print_table(head, rows)


if __name__ == "__main__":
    main()
