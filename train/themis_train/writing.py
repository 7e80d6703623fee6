"""Writing that survives."""

from __future__ import annotations

import os
from pathlib import Path


def flush(folder: Path) -> None:
    """Have the disk hold every file before the rename says that it does."""
    for path in [*folder.rglob("*"), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
