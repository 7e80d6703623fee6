"""``themis-hook``: what runs when git commits or pushes.

Under pre-commit the hooks are those of ``.pre-commit-hooks.yaml``. In a plain hook of git, or in
lefthook, ``themis-hook`` alone judges what is staged.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from themis_lsp.cli.main import run

FROM_VARIABLE, TO_VARIABLE = "PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF"
REMOTE_VARIABLE = "PRE_COMMIT_REMOTE_NAME"
_PASS, _ERROR = 0, 2


def main() -> None:
    """Run the hook and exit with its code: 0 pass, 1 a change fails, 2 it could not be judged."""
    sys.exit(judge(sys.argv[1:], os.environ))


def judge(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Review what is staged, or with ``--push`` first what is pushed; return the exit code.

    ``arguments`` are those of ``themis-review``: options, and the paths that pre-commit names.
    Without ``--fail-on`` among them, every criterion that the model has a threshold for counts.
    """
    rest = list(arguments)
    if rest[:1] == ["--push"]:
        start, end = environment.get(FROM_VARIABLE), environment.get(TO_VARIABLE)
        if not (start and end) and environment.get(REMOTE_VARIABLE):
            print("themis-hook: all of the history is new there: no change to judge")
            return _PASS
        if not start or not end:
            print(
                f"themis-hook: error: {FROM_VARIABLE} and {TO_VARIABLE} are not set: --push is for "
                "pre-commit's stage pre-push; elsewhere run themis-review --diff A..B",
                file=sys.stderr,
            )
            return _ERROR
        selection = ["--diff", f"{start}...{end}"]
        rest = rest[1:]
    else:
        selection = ["--staged"]
    return run(["check", *selection, *_default_gate(rest), "--force-exclude", *rest])


def _default_gate(arguments: Sequence[str]) -> list[str]:
    asked = any(argument.split("=")[0] == "--fail-on" for argument in arguments)
    return [] if asked else ["--fail-on", "any"]
