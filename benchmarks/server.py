"""How fast ``themis-lsp`` answers in an editor, beside ``ruff server`` and a trivial server.

    python benchmarks/server.py [--edits N] [--recorded N]

Real servers over standard input and output, with a file of 5,000 lines and 300 files of the
standard library, all in one git repository and committed; the score cache is empty at first. Each
server is started once before, so that its modules are compiled. An edit changes one line in one
function; the time is from sending it to its diagnostics, pauses for more typing included. Hovers
are asked while a document is scored. The memory is what the server holds resident after so many
edits, spread over one document like typing. Prints Markdown.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import lsp_client
from bytecode import keep_bytecode
from lsp_client import Client

LINES, FILES = 5000, 300
HOVER_GAP_S = 0.05
IDLE_S = 10.0
THEMIS = (sys.executable, "-c", "from themis_lsp.cli.server import main; main()", "--stdio")
RUFF = (str(Path(sys.executable).with_name("ruff")), "server")
TRIVIAL = (sys.executable, str(Path(__file__).with_name("trivial_server.py")))
COMMIT = ("-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--quiet", "-m", "all")


@dataclass(frozen=True, slots=True)
class Workspace:
    """A repository: its long file, and the files beside that."""

    folder: Path
    long: Path
    others: tuple[Path, ...]
    cache: Path

    def environment(self) -> dict[str, str]:
        return {"THEMIS_CACHE_DIR": str(self.cache)}


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of one server; seconds and bytes, None where it has no such thing."""

    initialize_s: float
    first_s: float
    edits_s: tuple[float, ...]
    hovers_s: tuple[float, ...]
    idle_cpu_s: float
    growth_bytes: int
    resident_bytes: int
    recorded_s: float


def make_workspace(folder: Path) -> Workspace:
    """Fill ``folder`` with code of the standard library and commit it."""
    library = Path(sysconfig.get_paths()["stdlib"])
    modules = sorted(library.glob("*.py")) + sorted(library.glob("*/*.py"))
    code = folder / "code"
    others = []
    for number, module in enumerate(modules[:FILES]):
        others.append(code / f"m{number}" / module.name)
        others[-1].parent.mkdir(parents=True)
        shutil.copy(module, others[-1])
    text = "".join((library / name).read_text() for name in ("_pydecimal.py", "typing.py"))
    long = code / "long.py"
    long.write_text("\n".join(text.split("\n")[:LINES]) + "\n")
    for command in (("init", "--quiet"), ("add", "--all"), COMMIT):
        subprocess.run(["git", *command], cwd=code, check=True)
    return Workspace(code, long, tuple(others), folder / "cache")


def edited(text: str, number: int) -> str:
    """Return the text with another line in one of its functions."""
    marker = "    def copy_sign(self, other, context=None):\n"
    assert marker in text
    head, tail = text.split(marker, 1)
    return f"{head}{marker}        unused = {number} + len(str(context))\n{tail}"


def measure(command: Sequence[str], workspace: Workspace, edits: int, recorded: int) -> Figures:
    """Measure one server."""
    client = lsp_client.start(command, workspace.environment())
    initialize_s = client.initialize(workspace.folder)
    text, uri = workspace.long.read_text(), workspace.long.as_uri()
    opened = client.open(uri, text)
    first_s = client.diagnostics(uri, 1).at - opened
    edits_s = []
    for number in range(edits):
        version = number + 2
        sent = client.change(uri, edited(text, number), version)
        edits_s.append(client.diagnostics(uri, version).at - sent)
    hovers_s = measure_hovers(client, workspace, uri)
    growth, resident, recorded_s = measure_growth(client, workspace, recorded)
    idle = measure_idle(client)
    client.end()
    return Figures(
        initialize_s, first_s, tuple(edits_s), tuple(hovers_s), idle, growth, resident, recorded_s
    )


def measure_hovers(client: Client, workspace: Workspace, uri: str) -> list[float]:
    """Ask for hovers while other files, opened just before, are being scored."""
    hovers = []
    for file in workspace.others[:20]:
        client.open(file.as_uri(), file.read_text(errors="replace"))
    for number in range(60):
        position = {"line": 100 + 50 * number, "character": 8}
        sent, answer = client.ask(
            "textDocument/hover", {"textDocument": {"uri": uri}, "position": position}
        )
        hovers.append(answer.at - sent)
        time.sleep(HOVER_GAP_S)
    for file in workspace.others[:20]:
        client.diagnostics(file.as_uri(), 1)
        client.tell("textDocument/didClose", {"textDocument": {"uri": file.as_uri()}})
    return hovers


def measure_growth(client: Client, workspace: Workspace, recorded: int) -> tuple[int, int, float]:
    """Type: so many edits to one file, in bursts. Return growth and size in bytes, and the time.

    The growth is from the end of the first tenth, when everything is warm, to the end.
    """
    file = next(f for f in workspace.others if f.name == "argparse.py")
    text, uri = file.read_text(), file.as_uri()
    client.open(uri, text)
    client.diagnostics(uri, 1)
    lines = text.split("\n")
    warm = 0
    started = time.perf_counter()
    for number in range(1, recorded + 1):
        line = 200 + number * 7 % 1500
        typed = [*lines[:line], f"{lines[line]}  # {number % 97}", *lines[line + 1 :]]
        client.change(uri, "\n".join(typed), number + 1)
        if number % 20 == 0:
            client.diagnostics(uri, number + 1)
            client.forget()
        if number == recorded // 10:
            warm = resident_bytes(client.process.pid)
    size = resident_bytes(client.process.pid)
    return size - warm, size, time.perf_counter() - started


def measure_idle(client: Client) -> float:
    """Return the seconds of CPU that the server takes while nothing is asked of it."""
    time.sleep(2)
    before = cpu_s(client.process.pid)
    time.sleep(IDLE_S)
    return cpu_s(client.process.pid) - before


def resident_bytes(process: int) -> int:
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def cpu_s(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def percentile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def rows(figures: Sequence[Figures]) -> list[tuple[str, list[str]]]:
    """Return the lines of the table."""

    def ms(pick: str, percent: int) -> list[str]:
        return [f"{1000 * percentile(getattr(f, pick), percent):.0f} ms" for f in figures]

    return [
        ("initialize, from starting the process", [f"{f.initialize_s:.2f} s" for f in figures]),
        (f"first diagnostics, {LINES:,} lines", [f"{f.first_s:.2f} s" for f in figures]),
        ("edit to diagnostics, p50", ms("edits_s", 50)),
        ("edit to diagnostics, p95", ms("edits_s", 95)),
        ("hover while scoring, p50", ms("hovers_s", 50)),
        ("hover while scoring, p95", ms("hovers_s", 95)),
        ("memory at the end", [f"{f.resident_bytes / 1e6:.0f} MB" for f in figures]),
        ("memory, growth", [f"{f.growth_bytes / 1e6:+.1f} MB" for f in figures]),
        ("time for those edits", [f"{f.recorded_s:.0f} s" for f in figures]),
        (f"CPU when idle, of {IDLE_S:.0f} s", [f"{f.idle_cpu_s:.2f} s" for f in figures]),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, default=60, help="edits to the long file")
    parser.add_argument("--recorded", type=int, default=10_000, help="edits for the memory")
    parser.add_argument("--only", choices=("themis-lsp", "ruff", "trivial"))
    options = parser.parse_args()
    servers = {"themis-lsp": THEMIS, "ruff": RUFF, "trivial": TRIVIAL}
    if options.only:
        servers = {options.only: servers[options.only]}
    with tempfile.TemporaryDirectory() as folder:
        keep_bytecode(Path(folder, "bytecode"))
        workspace = make_workspace(Path(folder))
        for command in servers.values():
            first = lsp_client.start(command, workspace.environment())
            first.initialize(workspace.folder)
            first.end()
        figures = [
            measure(command, workspace, options.edits, options.recorded)
            for command in servers.values()
        ]
    print(f"| | {' | '.join(servers)} |")
    print(f"|:--|{'--:|' * len(servers)}")
    for name, cells in rows(figures):
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
