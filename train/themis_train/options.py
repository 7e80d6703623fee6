"""Options that several commands of ``themis-train`` take, declared once."""

from __future__ import annotations

import os
from pathlib import Path

import click

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

pairs_out_option = click.option(
    "--out",
    metavar="FILE",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the pairs go: .jsonl, .jsonl.zst or .parquet.",
)
seed_option = click.option(
    "--seed", default=0, show_default=True, help="Seed of every random choice."
)
jobs_option = click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(min=1),
    default=lambda: os.cpu_count() or 1,
    help="Processes to use.  [default: one per core]",
)
