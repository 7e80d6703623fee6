"""From bytes to text."""

from __future__ import annotations

import codecs
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from themis_lsp.sources.source import SkipReason

WALKED_LIMIT_BYTES = 1_000_000
NAMED_LIMIT_BYTES = 4_000_000
# UTF-32 first: its little-endian mark begins with that of UTF-16.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# As in PEP 263 and Ruby's magic comments; editors' mode lines look the same in other languages.
_CODING_COOKIE = re.compile(rb"coding[:=][ \t]*([-\w.]+)")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file has no text to review; ``message`` follows its path and a colon."""

    reason: SkipReason
    message: str


def read_source(path: Path, *, limit_bytes: int) -> str | Refusal:
    """Return the text of a file, its byte order mark removed and its line endings as they are."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return Refusal(SkipReason.NOT_A_FILE, "not a regular file")
        if status.st_size > limit_bytes:
            return too_large(status.st_size, limit_bytes)
        data = path.read_bytes()
    except OSError as error:
        return Refusal(SkipReason.UNREADABLE, f"cannot be read: {os_reason(error)}")
    return decode_source(data)


def decode_source(data: bytes, *, limit_bytes: int | None = None) -> str | Refusal:
    """Return the text that ``data`` encodes.

    UTF-8; UTF-16 or UTF-32 after a byte order mark; else what a coding cookie in the first two
    lines names. The text has no lone surrogates.
    """
    if limit_bytes is not None and len(data) > limit_bytes:
        return too_large(len(data), limit_bytes)
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _decode(data.removeprefix(mark), encoding, offset=len(mark))
    if b"\0" in data:
        return Refusal(SkipReason.BINARY, "a binary file, not source code")
    text = _decode(data, "utf-8", offset=0)
    if isinstance(text, Refusal):
        return _decode_by_cookie(data) or text
    return text


def too_large(size_bytes: int, limit_bytes: int) -> Refusal:
    """Return the refusal of a file of that size."""
    size, limit = size_bytes / 1e6, limit_bytes / 1e6
    message = f"too large ({size:.1f} MB; the limit is {limit:.0f} MB)"
    return Refusal(SkipReason.TOO_LARGE, message)


def os_reason(error: OSError) -> str:
    """Return what the system said, without the errno and the path."""
    return error.strerror or str(error)


def _decode(data: bytes, encoding: str, *, offset: int) -> str | Refusal:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        where = f"byte 0x{data[error.start]:02x} at offset {offset + error.start}"
        name = encoding.upper().removesuffix("-LE").removesuffix("-BE")
        return Refusal(SkipReason.NOT_UTF8, f"not {name} ({where}); convert it to UTF-8")


def _decode_by_cookie(data: bytes) -> str | None:
    cookie = _CODING_COOKIE.search(b"\n".join(data.split(b"\n", 2)[:2]))
    if cookie is None:
        return None
    try:
        text = data.decode(os.fsdecode(cookie.group(1)))
        text.encode()  # some codecs let lone surrogates through
    except (LookupError, ValueError):
        return None
    return text
