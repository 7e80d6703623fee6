"""How fast the installed ``themis-review`` is, as a Markdown table.

    python benchmarks/speed.py PATH... [--runs N] [--pylint]

Measured as a user meets it: whole processes on two cores, without the score cache. ``--pylint``
also runs pylint over the Python files among PATHs and gives the ratio of the two times.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from themis_lsp.bundle.locate import find_bundle
from themis_lsp.scoring.encode import TextEncoder
from themis_lsp.sources.load import load_sources
from themis_lsp.units import find_units

CORES = 2
REVIEW = str(Path(sys.executable).with_name("themis-review"))
SMALL_FILE = '''\
def mean(numbers):
    """Return the mean of some numbers."""
    total = 0
    for i in range(len(numbers)):
        total = total + numbers[i]
    return total / len(numbers)


def read_numbers(path):
    return [float(line) for line in open(path)]
'''


@dataclass(frozen=True, slots=True)
class Run:
    """One finished process. ``peak_bytes`` is the most memory it had resident."""

    seconds: float
    peak_bytes: int
    stdout: str


def run(command: Sequence[str], allowed: frozenset[int] = frozenset({0, 1})) -> Run:
    """Run ``command``; exit with its error output when its code is not one of ``allowed``."""
    with tempfile.TemporaryFile("w+") as stdout, tempfile.TemporaryFile("w+") as stderr:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=stdout, stderr=stderr)
        # Not process.wait: wait4 gives the memory of this process alone.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        stdout.seek(0)
        stderr.seek(0)
        if process.returncode not in allowed:
            sys.exit(f"{command[0]} ended with {process.returncode}: {stderr.read().strip()}")
        unit_bytes = 1 if sys.platform == "darwin" else 1024
        return Run(seconds, usage.ru_maxrss * unit_bytes, stdout.read())


def review(paths: Sequence[Path]) -> tuple[Run, dict[str, Any]]:
    """Review ``paths`` without the cache; return the process and the summary it printed."""
    options = ["--format", "json", "--no-cache", "--jobs", str(CORES)]
    finished = run([REVIEW, *map(str, paths), *options])
    return finished, json.loads(finished.stdout)["summary"]


def measure_start(runs: int) -> list[tuple[str, str]]:
    """Measure what a start costs: the help text, and one small file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "small.py")
        file.write_text(SMALL_FILE)
        review([file])  # brings the disk's pages into memory
        help_s = statistics.median(run([REVIEW, "--help"]).seconds for _ in range(runs))
        file_s = statistics.median(review([file])[0].seconds for _ in range(runs))
    return [
        (f"`--help`, median of {runs}", f"{help_s:.2f} s"),
        (f"one small file, median of {runs}", f"{file_s:.2f} s"),
    ]


def count_tokens(paths: Sequence[Path]) -> int:
    """Count the tokens of all units below ``paths``, as the embedded model cuts them."""
    encoder = TextEncoder(find_bundle("nano") / "tokenizer.json")
    return sum(
        len(encoder.encode(unit.text).ids)
        for file in load_sources([str(path) for path in paths]).files
        for unit in find_units(file.text, path=file.path, language=file.language)
    )


def measure_throughput(paths: Sequence[Path]) -> list[tuple[str, str]]:
    """Measure one review of ``paths``."""
    finished, summary = review(paths)
    units = summary["units"]
    tokens = count_tokens(paths)
    what = f"{units:,} units of {summary['files']:,} files"
    return [
        (f"{what}, provider {summary['provider']}", f"{finished.seconds:.1f} s"),
        ("units a second, start included", f"{units / finished.seconds:.0f}"),
        ("tokens a unit, mean", f"{tokens / units:.0f}"),
        ("tokens a second, start included", f"{tokens / finished.seconds:,.0f}"),
        ("peak memory", f"{finished.peak_bytes / 1e6:.0f} MB"),
    ]


def compare_with_pylint(paths: Sequence[Path]) -> list[tuple[str, str]]:
    """Review the Python files among ``paths`` and run pylint over the same ones."""
    files = [file for path in paths for file in ([path] if path.is_file() else path.rglob("*.py"))]
    files = sorted(file for file in files if file.suffix == ".py")
    if not files:
        sys.exit("no Python files in the paths given; leave out --pylint")
    reviewed = review(files)[0].seconds
    # pylint's code is a sum of bits; 32 says that it was called wrongly.
    command = [sys.executable, "-m", "pylint", "-j", str(CORES), *map(str, files)]
    linted = run(command, allowed=frozenset(range(32))).seconds
    return [
        (f"{len(files):,} Python files", f"{reviewed:.1f} s"),
        ("pylint on the same files", f"{linted:.1f} s"),
        ("ratio to pylint", f"{reviewed / linted:.2f}"),
    ]


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description="Measure the speed of themis-review.")
    parser.add_argument("paths", type=Path, nargs="+", metavar="PATH")
    parser.add_argument("--runs", type=int, default=10, metavar="N")
    parser.add_argument("--pylint", action="store_true")
    options = parser.parse_args()
    if not Path(REVIEW).exists():
        parser.error(f"{REVIEW} is missing; pip install '.[cpu]' into this environment")
    if options.pylint and importlib.util.find_spec("pylint") is None:
        parser.error("pylint is missing; pip install pylint")
    if hasattr(os, "sched_setaffinity"):  # Linux only; what is started inherits it
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    rows = measure_start(options.runs) + measure_throughput(options.paths)
    if options.pylint:
        rows += compare_with_pylint(options.paths)
    print("| what | figure |\n| --- | --- |")
    for what, figure in rows:
        print(f"| {what} | {figure} |")


if __name__ == "__main__":
    main()
