"""Applying a patch beside a repository: to an index and an object store in a temporary folder."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from themis_lsp.errors import UserError
from themis_lsp.sources.git import run_git
from themis_lsp.sources.repository import Repository, command_git
from themis_lsp.sources.selection import Comparison

_APPLY = ("apply", "--cached", "--whitespace=nowarn", "-")
_NAMED_REASONS = 3
_NOT_A_PATCH = re.compile(r"No valid patches in input|patch with only garbage|unrecognized input")
_ALTERNATES = "GIT_ALTERNATE_OBJECT_DIRECTORIES"


@contextlib.contextmanager
def patched(repository: Repository, comparison: Comparison, patch: bytes) -> Iterator[Repository]:
    """Yield the repository with ``patch`` on top of the side before, as if it were staged.

    Nothing is written to the repository itself. Raises UserError when the patch is none, or does
    not apply.
    """
    with tempfile.TemporaryDirectory(prefix="themis-review-") as folder:
        objects = Path(folder) / "objects"
        objects.mkdir()
        beside = replace(
            repository,
            variables={
                **repository.variables,
                "GIT_INDEX_FILE": str(Path(folder) / "index"),
                "GIT_OBJECT_DIRECTORY": str(objects),
                _ALTERNATES: _alternates(repository),
            },
        )
        # A split index would keep its larger half in the repository.
        command_git(beside, ["-c", "core.splitIndex=false", "read-tree", comparison.before])
        if patch.strip():
            _apply(beside, patch, base="an empty repository" if comparison.starts_empty else "HEAD")
        yield beside


def _apply(repository: Repository, patch: bytes, *, base: str) -> None:
    answer = run_git(
        repository.folder,
        ["-c", "core.splitIndex=false", *_APPLY],
        stdin=patch,
        variables=repository.variables,
    )
    if answer is None:
        raise UserError("git did not finish applying the patch; apply it and use --uncommitted")
    if answer.returncode == 0:
        return
    said = answer.stderr.decode("utf-8", "backslashreplace").splitlines()
    reasons = [line.removeprefix("error: ").removeprefix("fatal: ") for line in said if line]
    shown = "; ".join(reasons[:_NAMED_REASONS]) or "git does not say why"
    more = f"; and {len(reasons) - _NAMED_REASONS} more" if len(reasons) > _NAMED_REASONS else ""
    if _NOT_A_PATCH.search(shown):
        raise UserError("the patch is not a unified diff that git can read; make one with git diff")
    raise UserError(f"the patch does not apply to {base}: {shown}{more}")


def _alternates(repository: Repository) -> str:
    """Return where git looks for objects besides the store it writes to."""
    asked = command_git(repository, ["rev-parse", "--git-path", "objects"])
    store = os.path.realpath(repository.folder / os.fsdecode(asked.removesuffix(b"\n")))
    others = repository.variables.get(_ALTERNATES)
    return os.pathsep.join([_quoted(store), *([others] if others else [])])


def _quoted(path: str) -> str:
    """Quote a path as C does where it would otherwise be read as two, or as quoted."""
    if os.pathsep not in path and not path.startswith('"'):
        return path
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
