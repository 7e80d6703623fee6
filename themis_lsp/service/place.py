"""Where the sockets are: a folder that nobody but the user can enter."""

from __future__ import annotations

import os
import socket
import stat
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER_VARIABLE = "THEMIS_SERVICE_DIR"
_NAME = "themis-review"
_LONGEST_SOCKET_PATH = 100
"""Bytes; systems allow 104 to 108."""
_KEY = "0" * 16


@dataclass(frozen=True, slots=True)
class ServiceFiles:
    """The files of one service."""

    folder: Path
    key: str

    @property
    def socket(self) -> Path:
        """What clients connect to."""
        return self.folder / f"{self.key}.sock"

    @property
    def lock(self) -> Path:
        """Held by the one process that is, or is becoming, the service."""
        return self.folder / f"{self.key}.lock"

    @property
    def attempt(self) -> Path:
        """As old as the last attempt to start the service, if it has not come up since."""
        return self.folder / f"{self.key}.attempt"

    @property
    def error(self) -> Path:
        """Why the service could not start the last time."""
        return self.folder / f"{self.key}.error"


def can_serve() -> bool:
    """Whether this system has what a service needs: Unix sockets and users; Windows has not."""
    return sys.platform != "win32" and hasattr(socket, "AF_UNIX")


def find_folder(*, create: bool = False) -> Path | None:
    """Return the folder of the user's sockets, None when there is none that is safe to use.

    It is ``THEMIS_SERVICE_DIR`` alone where that is set; else the first that will do of one in
    ``XDG_RUNTIME_DIR``, in the folder for temporary files, and in /tmp.
    """
    if not can_serve():
        return None
    for folder in _candidates():
        if len(os.fsencode(ServiceFiles(folder, _KEY).socket)) > _LONGEST_SOCKET_PATH:
            continue
        if create:
            _make(folder)
        if is_private(folder):
            return folder
    return None


def is_private(folder: Path) -> bool:
    """Whether it is a folder of the user's own that no other user can look into."""
    try:
        facts = folder.lstat()
    except OSError:
        return False
    is_own = stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.geteuid()
    return is_own and not facts.st_mode & 0o077


def _candidates() -> Iterator[Path]:
    chosen = os.environ.get(FOLDER_VARIABLE)
    if chosen:
        yield Path(chosen).expanduser().absolute()
        return
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and is_private(Path(runtime)):
        yield Path(runtime) / _NAME
    own = f"{_NAME}-{os.geteuid()}"
    yield Path(tempfile.gettempdir()) / own
    yield Path("/tmp") / own


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700)
    except OSError:
        return  # it is there, or cannot be made: either shows when it is looked at
