"""What a commit's message and change are told to the classifier as: hashed columns."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator

from themis_train.mining.changed import changed_tokens, count_changed_lines

Columns = tuple[int, ...]
COLUMNS = 1 << 18
_CHANGE_COLUMNS = 1 << 17
"""Columns below this are for changes, the others for messages."""

_WORD = re.compile(r"[a-z]{2,}")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TRAILER = re.compile(r"^[A-Z][\w-]+-by:.*|^(?:change-id|bug|issue|pr|git-svn-id)\b.*", re.I | re.M)
_CODE = re.compile(r"`[^`]*`|https?://\S+|\b[0-9a-f]{7,40}\b")
_STEM = 5
_BODY_WORDS = 60
_MOST_TOKENS = 200
_SIZES = (0, 1, 2, 4, 8, 16, 32)


def hash_change(before: str, after: str) -> Columns:
    """Return the columns of a change: tokens lost and gained, and how many lines."""
    lost, gained = changed_tokens(before, after)
    went, came = count_changed_lines(before, after)
    words = [f"-{token}" for token in _parts(lost)] + [f"+{token}" for token in _parts(gained)]
    size = [
        f"{sign}lines>{n}"
        for sign, count in (("-", went), ("+", came))
        for n in _SIZES
        if count > n
    ]
    balance = "shorter" if came < went else "longer" if came > went else "level"
    return _columns([*words, *size, balance], 0, _CHANGE_COLUMNS)


def hash_message(message: str, *, without: Iterable[str] = ()) -> Columns:
    """Return the columns of a message: words, stems, neighbours; those of its first line apart.

    ``without`` are phrases to leave out.
    """
    subject, _, body = message.partition("\n")
    subject = subject.lower()
    for phrase in without:
        subject = subject.replace(phrase, " ")
    return _columns(_message_words(subject, body), _CHANGE_COLUMNS, COLUMNS)


def _message_words(subject: str, body: str) -> Iterator[str]:
    words = _WORD.findall(_CODE.sub(" ", subject))
    for i, word in enumerate(words):
        yield f"s:{word}"
        yield f"p:{word[:_STEM]}"
        if i:
            yield f"s:{words[i - 1]} {word}"
    for word in _WORD.findall(_TRAILER.sub("", _CODE.sub(" ", body)).lower())[:_BODY_WORDS]:
        yield f"b:{word[:_STEM]}"


def _parts(tokens: Iterable[str]) -> list[str]:
    """Return tokens and the words that longer names are made of, the first of a large change."""
    found = dict.fromkeys(token.lower() for token in tokens)
    for token in tokens:
        parts = re.split("_+", _CAMEL.sub("_", token).lower())
        if len(parts) > 1:
            found |= dict.fromkeys(f"~{part}" for part in parts if part)
    return list(found)[:_MOST_TOKENS]


def _columns(words: Iterable[str], first: int, end: int) -> Columns:
    return tuple(sorted({first + zlib.crc32(word.encode()) % (end - first) for word in words}))
