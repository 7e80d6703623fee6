"""Which services of the user's run, and ending them."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from themis_lsp.service.client import CONNECT_S, NoServiceError, talk
from themis_lsp.service.place import find_folder
from themis_lsp.service.wire import (
    Frame,
    WireError,
    is_own_peer,
    peer_of,
    receive_frame,
    send_frame,
)

_PATIENCE_S = 3.0


@dataclass(frozen=True, slots=True)
class RunningService:
    """A socket and what the service behind it says of itself, None if it does not answer."""

    file: Path
    facts: Frame | None


def find_services() -> Iterator[RunningService]:
    """Yield the user's services; sockets that nobody is behind are left out."""
    folder = find_folder()
    for file in sorted(folder.glob("*.sock")) if folder is not None else ():
        try:
            with talk(file) as conversation:
                yield RunningService(file, conversation.greeting)
        except NoServiceError:
            continue
        except WireError:
            yield RunningService(file, None)


def find_failures() -> Iterator[str]:
    """Yield why services could not start the last time somebody wanted them."""
    folder = find_folder()
    for file in sorted(folder.glob("*.error")) if folder is not None else ():
        yield file.read_text(encoding="utf-8")


def stop_service(service: RunningService) -> bool:
    """Have a service leave, by force if it does not answer; return whether it has left."""
    process = None
    try:
        with talk(service.file) as conversation:
            process = conversation.greeting.number("pid")
            send_frame(conversation.connection, Frame({"kind": "stop"}))
            receive_frame(conversation.connection)
    except NoServiceError:
        return True
    except WireError:
        process = _owner(service.file)
    else:
        if _has_left(service.file):
            return True
    if process is not None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.kill(process, number)
            except ProcessLookupError:
                return True
            if _has_left(service.file):
                return True
    return False


def forget_failures() -> None:
    """Remove what earlier attempts left, so that the next one is made at once."""
    folder = find_folder()
    for pattern in ("*.error", "*.attempt"):
        for file in folder.glob(pattern) if folder is not None else ():
            file.unlink(missing_ok=True)


def _owner(file: Path) -> int | None:
    """The process of the user's own that listens at a socket, where the system tells."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(CONNECT_S)
        try:
            connection.connect(str(file))
        except OSError:
            return None
        peer = peer_of(connection)
        return peer[0] if peer is not None and is_own_peer(connection) else None


def _has_left(file: Path) -> bool:
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(0.2)
            try:
                connection.connect(str(file))
            except (FileNotFoundError, ConnectionRefusedError):
                return True
            except OSError:
                pass
        time.sleep(0.02)
    return False
