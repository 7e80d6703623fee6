"""Choosing one of several ways to write the same thing.

A defect that always looks the same teaches what it looks like. The choice depends on the unit
alone, so that a unit is made worse in the same way in every run.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

from themis_train.degradation.subject import Subject

_Option = TypeVar("_Option")


def choose(subject: Subject, options: Sequence[_Option], *, salt: str = "") -> _Option:
    """Return one of the options, as good as at random; another ``salt`` is another draw."""
    text = f"{salt}\n{subject.unit.text}"
    return options[zlib.crc32(text.encode("utf-8", "surrogatepass")) % len(options)]


def free_name(subject: Subject, names: Sequence[str], *, salt: str = "") -> str:
    """Return one of the names that the unit does not use yet; the last one numbered if need be."""
    taken = _words(subject.unit.text)
    free = [name for name in names if name not in taken]
    return choose(subject, free, salt=salt) if free else f"{names[-1]}2"


@lru_cache(maxsize=64)
def _words(text: str) -> frozenset[str]:
    """Many operators ask for the words of a unit, one after the other."""
    return frozenset(re.findall(r"\w+", text))
