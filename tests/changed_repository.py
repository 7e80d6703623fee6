"""Real git repositories with changes in them, and what the reviewer reads of those."""

from __future__ import annotations

from pathlib import Path

from source_tree import CODE, git, write

from themis_lsp.sources.changed import load_changed
from themis_lsp.sources.selection import Selection, SelectionKind
from themis_lsp.sources.source import ChangedFile, ChangedSources

OTHER = CODE.replace("a + b", "b + a")
THIRD = CODE.replace("a + b", "b - a")


def start(**files: str) -> None:
    """Make a repository of the current folder, with one commit; ``a_py`` stands for ``a.py``."""
    git("init")
    for name, text in (files or {"a_py": CODE}).items():
        write(name.replace("__", "/").replace("_py", ".py"), text)
    commit("first")


def commit(message: str, *options: str, folder: str = ".") -> None:
    """Commit all there is."""
    git("add", "--all", folder=folder)
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    git(*identity, "commit", "--allow-empty", "--message", message, *options, folder=folder)


def load(
    kind: str, value: str = "", *, patch: bytes = b"", paths: tuple[str, ...] = ()
) -> ChangedSources:
    return load_changed(Selection(SelectionKind(kind), value), paths=paths, patch=patch)


def said(sources: ChangedSources) -> list[str]:
    """Return ``path``, ``old -> new``, ``+ path`` or ``- path`` for each file."""
    return [_say(file) for file in sources.files]


def texts(sources: ChangedSources) -> list[tuple[str | None, str | None]]:
    return [(f.before and f.before.text, f.after and f.after.text) for f in sources.files]


def reasons(sources: ChangedSources) -> dict[str, str]:
    return {skip.path: skip.reason.value for skip in sources.skipped}


def listing(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return every file below with its time and content: what may not change."""
    return {
        str(file): (file.stat().st_mtime_ns, file.read_bytes())
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def _say(file: ChangedFile) -> str:
    if file.before is None:
        assert file.after is not None
        return f"+ {file.after.path}"
    if file.after is None:
        return f"- {file.before.path}"
    is_renamed = file.before.path != file.after.path
    return f"{file.before.path} -> {file.after.path}" if is_renamed else file.after.path
