"""One process at a time: a lock that its holder's end, however it comes, gives back."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def hold_lock(file: Path) -> Iterator[bool]:
    """Yield whether the lock was free and is held now; the file goes with it.

    Raises OSError when there can be no such file.
    """
    import fcntl  # not on Windows

    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        # A holder that left has taken the file away: then this is a lock on nothing.
        is_held = _is_same(descriptor, file)
        try:
            yield is_held
        finally:
            if is_held:
                file.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _is_same(descriptor: int, file: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), file.stat())
    except OSError:
        return False
