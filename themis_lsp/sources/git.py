"""The only module that runs git."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

_TIMEOUT_S = 60
_SETTINGS = (
    # A repository's own configuration may name a program for core.fsmonitor: never run it.
    *("-c", "core.fsmonitor=false"),
    # A partial clone would fetch what it lacks: never go online.
    *("-c", "protocol.allow=never"),
    # Even writing an index of our own would run the hook post-index-change.
    *("-c", f"core.hooksPath={os.devnull}"),
)
# Settings of the user's that say where git and its configuration are. Other GIT_ variables are
# taken away: they would make git answer differently, or about something else.
_KEPT_VARIABLES = frozenset(
    {
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_CONFIG_SYSTEM",
        "GIT_EXEC_PATH",
    }
)
# What git tells its hooks, or a user git, about where the repository is.
_LOCATION_VARIABLES = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_CEILING_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_DIR",
        "GIT_DISCOVERY_ACROSS_FILESYSTEM",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_QUARANTINE_PATH",
        "GIT_WORK_TREE",
    }
)


def find_repository(path: Path) -> Path | None:
    """Return the nearest folder at or above ``path`` that holds a ``.git``; None when none does."""
    here = path.resolve()
    return next((p for p in (here, *here.parents) if os.path.lexists(p / ".git")), None)


def list_ignored(folder: Path) -> frozenset[str] | None:
    """Return what git ignores under ``folder``: relative paths, those of whole folders with ``/``.

    None when git cannot tell: it is not installed, refuses the repository, ``folder`` is in none,
    or ``folder`` is itself ignored, which says nothing about what is inside.
    """
    if find_repository(folder) is None:
        return None
    own = run_git(folder, ["check-ignore", "--quiet", "."])
    if own is None or own.returncode != 1:
        return None
    # --directory keeps git from walking through an ignored folder, however large.
    arguments = ["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"]
    listing = run_git(folder, arguments)
    if listing is None or listing.returncode != 0:
        return None
    return frozenset(os.fsdecode(name) for name in listing.stdout.split(b"\0") if name)


def select_ignored(repository: Path, paths: Iterable[Path]) -> frozenset[Path]:
    """Return those of ``paths`` that git ignores; none of them when git cannot tell."""
    by_name = {os.fsencode(path.parent.resolve() / path.name): path for path in paths}
    answer = run_git(repository, ["check-ignore", "-z", "--stdin"], stdin=b"\0".join(by_name))
    if answer is None or answer.returncode != 0:
        return frozenset()
    return frozenset(by_name[name] for name in answer.stdout.split(b"\0") if name in by_name)


def location_variables() -> dict[str, str]:
    """Return the variables that say which repository, work tree and index git is to speak of."""
    return {name: os.environ[name] for name in _LOCATION_VARIABLES if os.environ.get(name)}


def run_git(
    folder: Path,
    arguments: Sequence[str],
    *,
    stdin: bytes = b"",
    variables: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes] | None:
    """Run git in ``folder``; None when there is no git, or it hangs.

    It is asked about the repository that ``folder`` is in, unless ``variables`` say otherwise.
    """
    try:
        return subprocess.run(
            ["git", *_SETTINGS, *arguments],
            cwd=folder,
            env=_environment(variables),
            input=stdin,
            capture_output=True,
            check=False,
            timeout=_TIMEOUT_S,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None


@contextlib.contextmanager
def open_git(
    folder: Path,
    arguments: Sequence[str],
    *,
    stderr: IO[bytes] | int = subprocess.DEVNULL,
    variables: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Yield git at work in ``folder``, to be written to and read from; it ends with the block.

    Raises OSError when there is no git.
    """
    with subprocess.Popen(
        ["git", *_SETTINGS, *arguments],
        cwd=folder,
        env=_environment(variables),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _environment(variables: Mapping[str, str] | None) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name in _KEPT_VARIABLES
    }
    return {**kept, **(variables or {})} | {
        "LC_ALL": "C",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
    }
