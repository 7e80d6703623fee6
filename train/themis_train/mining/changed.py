"""The lines and tokens in which two texts differ."""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher

_TOKEN = re.compile(r"\w+|[^\w\s]+")


def tokenize(text: str) -> list[str]:
    """Return words and runs of other characters, without white space."""
    return _TOKEN.findall(text)


def changed_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    """Return the lines that went and those that came."""
    left, right = before.split("\n"), after.split("\n")
    went: list[str] = []
    came: list[str] = []
    for tag, i, j, k, m in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag != "equal":
            went += left[i:j]
            came += right[k:m]
    return went, came


def count_changed_lines(before: str, after: str) -> tuple[int, int]:
    """Return how many lines that are not blank went and came."""
    went, came = changed_lines(before, after)
    return sum(map(bool, map(str.strip, went))), sum(map(bool, map(str.strip, came)))


def changed_tokens(before: str, after: str) -> tuple[Counter[str], Counter[str]]:
    """Return the tokens that changed lines lose and gain; what only moves is in neither."""
    went, came = (Counter(tokenize("\n".join(lines))) for lines in changed_lines(before, after))
    return went - came, came - went
