"""Small trees of source files, for tests of what is found in them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from themis_lsp.sources.source import SkipReason, Sources

CODE = "def add(a, b):\n    return a + b\n"


def write(name: str, text: str = CODE) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def git(*arguments: str, folder: str = ".") -> None:
    environment = {k: v for k, v in os.environ.items() if k not in ("GIT_DIR", "GIT_INDEX_FILE")}
    command = ["git", "-c", "init.defaultBranch=main", *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=environment)


def paths(sources: Sources) -> list[str]:
    return [file.path for file in sources.files]


def skipped(sources: Sources) -> dict[str, SkipReason]:
    return {skip.path: skip.reason for skip in sources.skipped}


def messages(sources: Sources) -> list[str]:
    return [problem.message for problem in sources.problems]
