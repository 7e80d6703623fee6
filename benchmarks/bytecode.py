"""Timing programs as they are installed: with their modules compiled."""

from __future__ import annotations

import os
from pathlib import Path


def keep_bytecode(folder: Path) -> None:
    """Have the programs started from here keep compiled modules in ``folder``, from now on.

    An installation compiles when it is made; what runs from its sources, or is told to keep
    nothing, would be timed compiling. The first run of each program still does.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(folder)
