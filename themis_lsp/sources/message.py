"""What a commit says it is for."""

from __future__ import annotations

from pathlib import Path

from themis_lsp.sources.repository import command_git, open_repository


def commit_message(here: Path, ref: str) -> str:
    """Return the message of a commit of the repository of ``here``.

    Raises UserError when there is no such commit.
    """
    arguments = ["log", "-1", "--format=%B", "--end-of-options", f"{ref}^{{commit}}", "--"]
    found = command_git(open_repository(here), arguments)
    return found.decode("utf-8", "replace").strip()
