"""What the commit hook costs, beside other linters on the same commit, as a Markdown table.

    python benchmarks/hook.py [--runs N] [--linters FOLDER]

A repository is made of five files of the standard library, a few of whose functions an edit
touches in each; the edits are staged. Whole processes are timed on two cores, with their modules
compiled, one of each kind in turn, so that what else the machine does falls on all of them alike.
``--linters`` is the folder with the programs ``bandit`` and ``pylint``.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bytecode import keep_bytecode

from themis_lsp.changes import FileUnits, pair_units
from themis_lsp.cli.scorer import open_scorer
from themis_lsp.judgement.comparison import snippets_of
from themis_lsp.sources.changed import load_changed
from themis_lsp.sources.selection import Selection, SelectionKind
from themis_lsp.sources.source import SourceFile
from themis_lsp.units import find_units
from themis_lsp.units.unit import Unit

CORES = 2
FILES = ("bisect.py", "fnmatch.py", "heapq.py", "shlex.py", "textwrap.py")
EDITS_PER_FILE = 3
HOOK = (sys.executable, "-m", "themis_hook", "commit")
RETURN = re.compile(r"^(\s+)return (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Run:
    """One finished process: the time on the clock, and the processors' time of it alone."""

    wall_s: float
    cpu_s: float


def run(command: Sequence[str], environment: Mapping[str, str]) -> Run:
    """Run ``command``; exit when it ends as only a failed hook or a wrong call does."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    # Not process.wait: wait4 gives the times of this process alone.
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    # 2 is the hook's error; pylint's code is a sum of bits of which 32 is a wrong call.
    if process.returncode not in range(32) or (process.returncode == 2 and command[:4] == HOOK):
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return Run(wall_s, usage.ru_utime + usage.ru_stime)


def make_commit(folder: Path) -> None:
    """Make a repository with the edits staged."""
    library = Path(os.__file__).parent
    for name in FILES:
        (folder / name).write_text((library / name).read_text(encoding="utf-8"), encoding="utf-8")
    who = ("-c", "user.name=n", "-c", "user.email=e")
    for arguments in (("init", "--quiet"), ("add", "."), (*who, "commit", "--quiet", "-m", "m")):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    for name in FILES:
        text = (folder / name).read_text(encoding="utf-8")
        edited = RETURN.sub(r"\1result = \2\n\1return result", text, count=EDITS_PER_FILE)
        (folder / name).write_text(edited, encoding="utf-8")
    subprocess.run(["git", "add", "."], cwd=folder, check=True)


def time_scoring(runs: int) -> tuple[int, float]:
    """Return how many pieces of code the commit has, and how long the service takes for them."""
    sources = load_changed(Selection(SelectionKind.STAGED, ""), paths=(), patch=b"")
    units = [FileUnits(_units(file.before), _units(file.after)) for file in sources.files]
    snippets = snippets_of(pair_units(units).changes)
    scorer = open_scorer(model=None, provider="auto", threads=None, cache=False).scorer
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        scorer.score(snippets)
        times.append(time.perf_counter() - start)
    return len(snippets), statistics.median(times)


def _units(file: SourceFile | None) -> tuple[Unit, ...]:
    return (
        () if file is None else tuple(find_units(file.text, path=file.path, language=file.language))
    )


def compare(runs: int, linters: Path | None) -> list[tuple[str, list[Run]]]:
    """Run everything ``runs`` times, in turn."""
    without = {**os.environ, "THEMIS_SERVICE": "off"}
    kinds: list[tuple[str, tuple[str, ...], Mapping[str, str]]] = [
        ("Python alone", (sys.executable, "-c", ""), os.environ),
        ("hook, without service and cache", (*HOOK, "--no-cache"), without),
        ("hook, with the service", (*HOOK, "--no-cache"), os.environ),
        ("hook, all in the cache", HOOK, without),
    ]
    if linters is not None:
        kinds += [
            ("bandit", (str(linters / "bandit"), "-q", *FILES), os.environ),
            ("pylint", (str(linters / "pylint"), "-j", str(CORES), *FILES), os.environ),
        ]
    measured: list[tuple[str, list[Run]]] = [(name, []) for name, _, _ in kinds]
    for turn in range(runs + 1):
        for (_, found), (_, command, environment) in zip(measured, kinds, strict=True):
            once = run(command, environment)
            if turn:  # the first brings the disk's pages into memory and fills the cache
                found.append(once)
    return measured


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description="Measure the commit hook.")
    parser.add_argument("--runs", type=int, default=10, metavar="N")
    parser.add_argument("--linters", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    linters = None if options.linters is None else options.linters.resolve()
    if hasattr(os, "sched_setaffinity"):  # Linux only; what is started inherits it
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    with tempfile.TemporaryDirectory(prefix="themis-") as folder:
        work = Path(folder, "work")
        work.mkdir()
        os.chdir(work)
        os.environ |= {
            "THEMIS_CACHE_DIR": f"{folder}/cache",
            "THEMIS_CONFIG_DIR": f"{folder}/settings",
            "THEMIS_SERVICE_DIR": f"{folder}/service",
            "THEMIS_SERVICE": "on",
        }
        keep_bytecode(Path(folder, "bytecode"))
        make_commit(work)
        service = [sys.executable, "-c", "from themis_lsp.cli.main import main; main()", "service"]
        subprocess.run([*service, "start"], check=True, stdout=subprocess.DEVNULL)
        try:
            measured = compare(options.runs, linters)
            pieces, scoring_s = time_scoring(options.runs)
        finally:
            subprocess.run([*service, "stop"], check=True, stdout=subprocess.DEVNULL)
    print("| what | wall, median | wall, least | processor, median |\n| --- | --- | --- | --- |")
    for name, runs in measured:
        walls = [one.wall_s for one in runs]
        cpu_s = statistics.median(one.cpu_s for one in runs)
        print(f"| {name} | {statistics.median(walls):.2f} s | {min(walls):.2f} s | {cpu_s:.2f} s |")
    print(f"| scoring alone: {pieces} pieces by the service | {scoring_s:.2f} s | | |")


if __name__ == "__main__":
    main()
