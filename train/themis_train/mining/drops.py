"""Why a commit does not become a pair."""

from __future__ import annotations

from enum import StrEnum


class Drop(StrEnum):
    """A reason; the value is how it is shown. In the order in which they are looked for."""

    MERGE = "merges"
    REVERT = "reverts, and what they revert"
    BOT = "by bots"
    BUMP = "version bumps and releases"
    UNFINISHED = "fixups and works in progress"
    FORMATTING = "formatting only"
    NO_FILES = "no files changed"
    SEVERAL_FILES = "more than one file changed"
    TESTS_OR_DOCS = "only tests or documents changed"
    OTHER_LANGUAGE = "not in one of the eight languages"
    EXCLUDED = "vendored, generated or minified"
    NOT_MODIFIED = "file added, deleted or no regular file"
    UNREADABLE = "blob missing, too large or not text"
    NO_UNIT = "no unit changed"
    MANY_UNITS = "too many units changed"
    SIZE = "units or change too large, or next to nothing"
    OTHER_PURPOSE = "about something else (tests, build, features, ...)"
    UNCERTAIN = "criterion uncertain"
    COMMENTS = "only comments or white space changed, not for readability"
    UNDONE = "undone by another commit"
    DUPLICATE = "near-duplicates"
    CONTAMINATED = "13 words in a row shared with a file to keep clear of"
    CAPPED = "over the cap of the repository and criterion"
