"""What goes over the socket: frames of a JSON object and raw bytes. Nothing of it is executed.

A frame is ``TRS1``, the two sizes as big-endian 32-bit numbers, the object, the bytes. The service
opens every conversation with a greeting. A client then asks one thing, ``score``, and is told
``alive`` until it gets ``scores``; or ``stop``, which is answered with ``leaving``.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

_HEAD = struct.Struct(">4sII")
_MAGIC = b"TRS1"
_LIMIT_OBJECT_BYTES = 64 * 1024 * 1024
_LIMIT_PAYLOAD_BYTES = 1024 * 1024 * 1024
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid


class WireError(Exception):
    """The other side is gone, is silent, or does not speak this protocol."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message; its ``kind`` is in the object."""

    fields: Mapping[str, object]
    payload: bytes = field(default=b"", repr=False)

    @property
    def kind(self) -> object:
        """What the message is."""
        return self.fields.get("kind")

    def number(self, name: str) -> int:
        """Return a whole number. Raises WireError when there is none."""
        value = self.fields.get(name)
        if not isinstance(value, int):
            raise WireError(f"a message lacks {name}")
        return value

    def text(self, name: str) -> str:
        """Return a text. Raises WireError when there is none."""
        value = self.fields.get(name)
        if not isinstance(value, str):
            raise WireError(f"a message lacks {name}")
        return value

    def items(self, name: str) -> list[object]:
        """Return a list. Raises WireError when there is none."""
        value = self.fields.get(name)
        if not isinstance(value, list):
            raise WireError(f"a message lacks {name}")
        return value


def send_frame(connection: socket.socket, frame: Frame) -> None:
    """Send all of ``frame``. Raises WireError."""
    data = json.dumps(frame.fields).encode("ascii")
    if len(data) > _LIMIT_OBJECT_BYTES or len(frame.payload) > _LIMIT_PAYLOAD_BYTES:
        raise WireError("a message is too large")
    try:
        connection.sendall(_HEAD.pack(_MAGIC, len(data), len(frame.payload)) + data)
        if frame.payload:
            connection.sendall(frame.payload)
    except OSError as error:
        raise WireError("the other side does not take a message") from error


def receive_frame(connection: socket.socket) -> Frame:
    """Return the next frame, waiting for no part of it longer than the socket's timeout.

    Raises WireError.
    """
    magic, object_bytes, payload_bytes = _HEAD.unpack(_receive(connection, _HEAD.size))
    is_sane = object_bytes <= _LIMIT_OBJECT_BYTES and payload_bytes <= _LIMIT_PAYLOAD_BYTES
    if magic != _MAGIC or not is_sane:
        raise WireError("the other side speaks something else")
    data = _receive(connection, object_bytes)
    try:
        fields = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise WireError("a message is not JSON") from error
    if not isinstance(fields, dict):
        raise WireError("a message is not a JSON object")
    return Frame(fields, _receive(connection, payload_bytes))


def peer_of(connection: socket.socket) -> tuple[int, int] | None:
    """Return the process and user on the other side, None where the system does not tell."""
    if sys.platform != "linux":
        return None
    option = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    process, user, _ = _CREDENTIALS.unpack(option)
    return process, user


def is_own_peer(connection: socket.socket) -> bool:
    """Whether the other side is of the same user, as far as the system tells."""
    peer = peer_of(connection)
    return peer is None or peer[1] == os.geteuid()


def _receive(connection: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        try:
            part = connection.recv(min(size - len(data), 1 << 20))
        except OSError as error:
            raise WireError("the other side is silent") from error
        if not part:
            raise WireError("the other side is gone")
        data += part
    return bytes(data)
