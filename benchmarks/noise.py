"""Findings per thousand lines on folders of code that is known to be good.

    python benchmarks/noise.py FOLDER... [--model BUNDLE] [--below N] [--limit N]

A finding is a unit below the percentile ``--below`` on any criterion, as ``--min-percentile``
counts them; by default that under which a review tells of units unasked. Lines are those of the
files, blank ones left out; ``--limit`` counts files.
"""

from __future__ import annotations

from inputs import draw, make_parser, open_model, print_table

from themis_lsp.judgement.findings import TOLD_PERCENTILE, is_ranked
from themis_lsp.judgement.readings import read_units
from themis_lsp.scoring.score import Snippet
from themis_lsp.sources.load import load_sources
from themis_lsp.units import find_units


def main() -> None:
    """Read the arguments, review, print."""
    parser = make_parser("Findings per thousand lines.", "folders of code")
    parser.add_argument(
        "--below", type=int, default=TOLD_PERCENTILE, help="percentile under which one is found"
    )
    options = parser.parse_args()
    opened = open_model(options)
    columns = {criterion: i for i, criterion in enumerate(opened.scorer.info.criteria)}
    rows = []
    for folder in options.files:
        files = draw(load_sources([str(folder)]).files, options)
        lines = sum(bool(line.strip()) for file in files for line in file.text.splitlines())
        units = [
            unit
            for file in files
            for unit in find_units(file.text, path=file.path, language=file.language)
            if is_ranked(unit)
        ]
        readings = read_units(
            units,
            opened.scorer.score([Snippet(unit.language, unit.text) for unit in units]),
            texts={file.path: file.text for file in files},
            tables=opened.bundle.manifest.calibration.percentiles,
            columns=columns,
        )
        found = sum(
            any(r.percentile is not None and r.percentile < options.below for r in own.readings)
            for own in readings
        )
        per_thousand = 1000 * found / lines if lines else None
        rows.append((folder.name, len(files), lines, len(units), found, per_thousand))
    head = ("folder", "files", "lines", "units", "findings", "per thousand lines")
    print_table(head, rows)


if __name__ == "__main__":
    main()
