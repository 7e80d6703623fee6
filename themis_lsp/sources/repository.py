"""The repository that changes are read from: where it is, and how to ask it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from themis_lsp.errors import UserError
from themis_lsp.sources.git import location_variables, run_git
from themis_lsp.sources.source import show_path


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository as git sees it from the folder ``here``.

    git runs in ``folder``: the top of the work tree or, without one (``work_tree`` is None), the
    repository itself. ``variables`` are those that git needs to speak of no other repository,
    work tree or index.
    """

    here: Path
    folder: Path
    work_tree: Path | None
    variables: Mapping[str, str]

    def show(self, path: bytes) -> str:
        """Return a path of the repository for a reader: as seen from ``here``, if that is in it."""
        name = os.fsdecode(path)
        if self.work_tree is None or not self.here.is_relative_to(self.work_tree):
            return show_path(Path(name))
        return show_path(Path(os.path.relpath(self.work_tree / name, self.here)))


def open_repository(here: Path) -> Repository:
    """Return the repository of the folder ``here``, or the one that GIT_DIR names.

    Raises UserError when there is none, or git is missing or refuses it.
    """
    variables = _variables(here)
    questions = ["rev-parse", "--is-inside-work-tree", "--absolute-git-dir"]
    answer = run_git(here, questions, variables=variables)
    if answer is None:
        raise _no_git()
    if answer.returncode != 0:
        reason = _first_words(answer.stderr)
        if reason.startswith("not a git repository"):
            raise UserError(
                f"{show_path(here)}: not a git repository, so nothing can be told about changes; "
                "go to a folder of one, or review files by their paths"
            )
        raise UserError(f"{show_path(here)}: git cannot read this repository: {reason}")
    inside, _, git_dir = os.fsdecode(answer.stdout.removesuffix(b"\n")).partition("\n")
    if "GIT_DIR" in variables:
        variables["GIT_DIR"] = git_dir  # what it was set to may only be true in ``here``
    named = variables.get("GIT_WORK_TREE")
    if inside == "true":
        top = run_git(here, ["rev-parse", "--show-toplevel"], variables=variables)
        if top is None:
            raise _no_git()
        work_tree = Path(os.fsdecode(top.stdout.removesuffix(b"\n")))
    elif named is not None:
        work_tree = (here / named).resolve()
    else:
        return Repository(here, Path(git_dir), None, variables)
    if not variables.keys().isdisjoint({"GIT_DIR", "GIT_WORK_TREE"}):
        variables["GIT_WORK_TREE"] = str(work_tree)
    return Repository(here, work_tree, work_tree, variables)


def ask_git(
    repository: Repository, arguments: Sequence[str], *, stdin: bytes = b""
) -> bytes | None:
    """Return what git answers, None when it answers no. Raises UserError when there is no git."""
    answer = run_git(repository.folder, arguments, stdin=stdin, variables=repository.variables)
    if answer is None:
        raise _no_git()
    return answer.stdout if answer.returncode == 0 else None


def command_git(repository: Repository, arguments: Sequence[str], *, stdin: bytes = b"") -> bytes:
    """Return what git prints. Raises UserError, in git's words, when it fails."""
    answer = run_git(repository.folder, arguments, stdin=stdin, variables=repository.variables)
    if answer is None:
        raise _no_git()
    if answer.returncode != 0:
        raise UserError(f"git {arguments[0]} failed: {_first_words(answer.stderr)}")
    return answer.stdout


def _variables(here: Path) -> dict[str, str]:
    """Return the variables that hold in ``here``.

    A hook gets GIT_DIR for the top of its work tree. In a folder below, git would take that folder
    for the top, or find nothing; there it does better without.
    """
    variables = location_variables()
    named = variables.get("GIT_DIR")
    if named and "GIT_WORK_TREE" not in variables:
        found = run_git(here, ["rev-parse", "--absolute-git-dir"])
        if found is not None and found.returncode == 0:
            git_dir = os.path.realpath(os.fsdecode(found.stdout.removesuffix(b"\n")))
            is_lost = not Path(named).is_absolute() and not (here / named).exists()
            if is_lost or os.path.realpath(here / named) == git_dir:
                del variables["GIT_DIR"]
    return variables


def _no_git() -> UserError:
    return UserError(
        "git cannot be run, or hangs; changes are read by it: install it and put it on the PATH"
    )


def _first_words(stderr: bytes) -> str:
    said = stderr.decode("utf-8", "backslashreplace").strip().splitlines()
    return (
        said[0].removeprefix("fatal: ").removeprefix("error: ") if said else "it does not say why"
    )
