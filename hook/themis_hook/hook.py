"""``themis-hook commit``, ``message`` and ``push``: the changes of a commit or push, gated.

All options of ``themis-review check`` can follow. Where neither these nor the project's
configuration say what fails, every regression that the model has a threshold for does.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from themis_lsp.cli.main import run
from themis_lsp.sources.git import location_variables, run_git

_ERROR = 2
_DEFAULTS = {"check": {"fail_on": ["any"]}}
_FROM, _TO = "PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF"
_USAGE = """\
Usage: themis-hook commit [OPTIONS] [FILES]...
       themis-hook message FILE [OPTIONS]
       themis-hook push [REMOTE [URL]] [OPTIONS]

Fail when staged changes, or the commits to be pushed, make code worse. message is for the stage
commit-msg: a model that reads tasks is told what FILE says the changes are for. OPTIONS are those
of themis-review check; without --fail-on, there or in the configuration, it is --fail-on any.
Exit codes: 0 passed, 1 failed, 2 error.
"""


def main() -> None:
    """Run the hook on the arguments of the process and exit with its code."""
    sys.exit(run_hook(sys.argv[1:]))


def run_hook(arguments: Sequence[str]) -> int:
    """Review what is to be committed or pushed; return 0 passed, 1 failed, 2 error."""
    kind, *rest = arguments or ("",)
    if kind == "commit":
        return _review(_named_range() or ["--staged"], rest)
    if kind == "message" and rest:
        return _review(["--staged", "--message-file", rest[0]], rest[1:])
    if kind == "push":
        return _push(rest)
    wants_help = kind in ("-h", "--help")
    (sys.stdout if wants_help else sys.stderr).write(_USAGE)
    return 0 if wants_help else _ERROR


def _push(rest: Sequence[str]) -> int:
    named = 0
    while named < min(2, len(rest)) and not rest[named].startswith("-"):
        named += 1
    remote, options = (rest[0] if named else "origin"), rest[named:]
    selected = _named_range()
    if selected is not None:
        return _review(selected, options)
    codes = [_review(selection, options) for selection in _pushed_ranges(remote)]
    return max(codes, default=0)


def _review(selection: Sequence[str], rest: Sequence[str]) -> int:
    return run(["check", *selection, *rest], defaults=_DEFAULTS)


def _named_range() -> list[str] | None:
    """What pre-commit was told to compare, or found to be pushed."""
    before, after = os.environ.get(_FROM), os.environ.get(_TO)
    return ["--diff", f"{before}...{after}"] if before and after else None


def _pushed_ranges(remote: str) -> Iterator[list[str]]:
    """What git tells a pre-push hook: local ref, local id, remote ref, remote id, on each line."""
    lines = [] if sys.stdin.isatty() else sys.stdin.read().splitlines()
    for line in lines:
        _, after, _, before = line.split()
        if not after.strip("0"):
            continue  # a branch is deleted
        base = before if before.strip("0") else _branch_point(after, remote)
        if base is not None:
            yield ["--diff", f"{base}...{after}"]


def _branch_point(commit: str, remote: str) -> str | None:
    """The newest commit below ``commit`` that the remote has; None when it has none."""
    arguments = ["rev-list", "--topo-order", "--boundary", commit, "--not", f"--remotes={remote}"]
    answer = run_git(Path.cwd(), arguments, variables=location_variables())
    lines = [] if answer is None else answer.stdout.decode().split()
    return next((line[1:] for line in lines if line.startswith("-")), None)
