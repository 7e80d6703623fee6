"""Opening a repository, bare or not: what it is called, and what is missing from it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from themis_lsp.errors import UserError
from themis_lsp.sources.git import run_git
from themis_lsp.sources.source import show_path

_REMOTE = "remote.origin.url"


@dataclass(frozen=True, slots=True)
class Repository:
    """A git repository and the commit to start from; ``warnings`` say what of it is missing."""

    path: Path
    name: str
    head: str
    warnings: tuple[str, ...]


def name_repositories(paths: Sequence[Path]) -> list[str]:
    """Return a name for each: ``owner/name`` from its remote, else as much of its path as it takes.

    Repositories with the same remote are told apart by their paths.
    """
    names = [_remote_name(path) or _folder_name(path, 1) for path in paths]
    depth = 1
    while len(set(names)) < len(names) and depth < max(len(path.parts) for path in paths):
        depth += 1
        clashing = {name for name in names if names.count(name) > 1}
        names = [
            _folder_name(path, depth) if name in clashing else name
            for name, path in zip(names, paths, strict=True)
        ]
    return names


def open_repository(path: Path, name: str) -> Repository:
    """Return the repository at ``path``. Raises UserError when there is none, or it is empty."""
    shown = show_path(path)
    if not path.is_dir():
        raise UserError(f"{shown}: no such folder; give the folder of a git repository")
    _check_top(path, shown)
    head = _ask(path, ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])
    warnings = []
    if not head:
        newest = [
            "for-each-ref",
            "--sort=-committerdate",
            "--count=1",
            "refs/heads",
            "refs/remotes",
        ]
        head, _, branch = _ask(path, [*newest, "--format=%(objectname) %(refname)"]).partition(" ")
        if not head:
            raise UserError(f"{shown}: an empty repository, without a single commit")
        warnings.append(f"{shown}: HEAD is on no commit; mining {branch} instead")
    if _ask(path, ["rev-parse", "--is-shallow-repository"]) == "true":
        warnings.append(
            f"{shown}: a shallow clone: the history before its boundary is missing; "
            "git fetch --unshallow brings it"
        )
    if _ask(path, ["config", "--get-regexp", r"^remote\..*\.promisor$"]):
        warnings.append(
            f"{shown}: a partial clone: the blobs it never fetched count as unreadable; "
            "git fetch --refetch --no-filter brings them"
        )
    return Repository(path, name, head, tuple(warnings))


def _check_top(path: Path, shown: str) -> None:
    answer = run_git(path, ["rev-parse", "--absolute-git-dir"])
    if answer is None:
        raise UserError(f"{shown}: git cannot be run; install it and make sure it is on the PATH")
    if answer.returncode != 0:
        said = answer.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = said[0].removeprefix("fatal: ") if said else "git does not say why"
        raise UserError(f"{shown}: not a git repository that can be read ({reason})")
    inside = _ask(path, ["rev-parse", "--show-toplevel"])  # nothing in a bare one
    top = Path(inside or os.fsdecode(answer.stdout.removesuffix(b"\n")))
    if top.resolve() != path.resolve():
        raise UserError(f"{shown}: not the top of a git repository; that is {show_path(top)}")


def _ask(path: Path, arguments: Sequence[str]) -> str:
    answer = run_git(path, arguments)
    if answer is None or answer.returncode != 0:
        return ""
    return os.fsdecode(answer.stdout.removesuffix(b"\n"))


def _remote_name(path: Path) -> str:
    url = _ask(path, ["config", "--local", "--get", _REMOTE]) if path.is_dir() else ""
    _, scheme, address = url.rpartition("://")
    # Never the host: what stands before it may be a password.
    _, _, inside = address.partition("/") if scheme else url.rpartition(":")
    if not scheme and ":" not in url:
        return ""
    parts = Path(inside.rstrip("/").removesuffix(".git")).parts
    return show_path(Path(*parts[-2:])) if parts else ""


def _folder_name(path: Path, depth: int) -> str:
    whole = path if path.name not in ("", "..") else path.resolve()
    parts = [part for part in whole.absolute().parts if part not in ("/", ".git")]
    return show_path(Path(*parts[-depth:])).removesuffix(".git") if parts else "repository"
