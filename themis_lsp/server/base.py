"""The text a document is compared with: that of the last commit, or of another one."""

from __future__ import annotations

import os
from pathlib import Path

from themis_lsp.errors import UserError
from themis_lsp.server.positions import normalize_newlines
from themis_lsp.sources.read import WALKED_LIMIT_BYTES
from themis_lsp.sources.repository import ask_git, open_repository


def read_base(file: Path, revision: str) -> str | None:
    """Return the text of ``file`` at ``revision``, None where there is nothing to compare with.

    That is so outside of a repository, without git, before the first commit, for a file that was
    not committed, and for one that is too large or not UTF-8.
    """
    try:
        repository = open_repository(file.parent)
        if repository.work_tree is None:
            return None
        name = os.path.relpath(file.resolve(), repository.work_tree.resolve())
        place = f"{revision}:{Path(name).as_posix()}"
        question = ["rev-parse", "--verify", "--quiet", "--end-of-options", place]
        answer = ask_git(repository, question)
        if answer is None:
            return None
        blob = answer.decode("ascii").strip()
        data = ask_git(repository, ["cat-file", "blob", blob])
    except (UserError, OSError, ValueError):
        return None
    if data is None or len(data) > WALKED_LIMIT_BYTES:
        return None
    try:
        return normalize_newlines(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return None
