"""What a folder's git settings keep out of a walk through it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from themis_lsp.sources.git import list_ignored

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IsIgnored = Callable[[str], bool]
"""Takes a path relative to the folder, with forward slashes; that of a folder ends with one."""


def ignore_rules(folder: Path) -> IsIgnored:
    """Return what decides whether something under ``folder`` is git-ignored.

    git itself where it can tell, else the ``.gitignore`` files from ``folder`` down.
    """
    ignored = list_ignored(folder)
    return _gitignore_files(folder) if ignored is None else ignored.__contains__


def _gitignore_files(folder: Path) -> IsIgnored:
    read = functools.lru_cache(maxsize=None)(_read_gitignore)

    def is_ignored(relative: str) -> bool:
        """The deepest file with an opinion decides, as in git."""
        slash = len(relative.removesuffix("/"))
        while slash >= 0:
            slash = relative.rfind("/", 0, slash)
            spec = read(f"{folder}/{relative[: slash + 1]}.gitignore")
            if spec is not None:
                verdict = spec.check_file(relative[slash + 1 :]).include
                if verdict is not None:
                    return verdict
        return False

    return is_ignored


def _read_gitignore(file: str) -> GitIgnoreSpec | None:
    from pathspec import GitIgnoreSpec

    try:
        lines = Path(file).read_text("utf-8", "surrogateescape").splitlines()
        return GitIgnoreSpec.from_lines(lines)
    except (OSError, ValueError):
        return None  # absent, a folder, unreadable or malformed: git does without it too
