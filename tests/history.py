"""Small git histories, made in one go by ``git fast-import``."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from source_tree import git

SUBMODULE = "160000"
LINK = "120000"


@dataclass(frozen=True, slots=True)
class Past:
    """A commit to make. ``files`` are what it writes; None removes.

    ``merges`` is the number (from 1) of a commit to take as second parent; ``modes`` are those of
    files that are not regular.
    """

    message: str | bytes
    files: Mapping[str, str | None] = field(default_factory=dict)
    author: str = "Ann <ann@example.org>"
    merges: int | None = None
    modes: Mapping[str, str] = field(default_factory=dict)


def make_history(folder: Path, past: Sequence[Past], *, bare: bool = False) -> Path:
    """Make a repository whose branch ``main`` has these commits; return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    git("init", *(["--bare"] if bare else []), folder=str(folder))
    stream = b"".join(_commit(number, one) for number, one in enumerate(past, start=1))
    subprocess.run(
        ["git", "fast-import", "--quiet"], cwd=folder, input=stream, check=True, capture_output=True
    )
    if not bare:
        git("reset", "--hard", folder=str(folder))
    return folder


def _commit(number: int, one: Past) -> bytes:
    lines = [b"commit refs/heads/main", b"mark :%d" % number]
    lines += [
        role + one.author.encode() + b" %d +0000" % (1_600_000_000 + 60 * number)
        for role in (b"author ", b"committer ")
    ]
    message = one.message if isinstance(one.message, bytes) else one.message.encode()
    lines += [b"data %d" % len(message), message]
    if number > 1:
        lines.append(b"from :%d" % (number - 1))
    if one.merges:
        lines.append(b"merge :%d" % one.merges)
    for path, text in one.files.items():
        name = (
            b'"'
            + path.encode().replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
            + b'"'
        )
        mode = one.modes.get(path, "100644").encode()
        if text is None:
            lines.append(b"D " + name)
        elif mode == SUBMODULE.encode():
            lines.append(b"M " + mode + b" " + b"1" * 40 + b" " + name)
        else:
            data = text.encode("utf-8", "surrogateescape")
            lines += [b"M " + mode + b" inline " + name, b"data %d" % len(data), data]
    return b"\n".join(lines) + b"\n\n"
