"""What is not worth reviewing unless it is named: other people's, machines' and test data."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import PurePath

from themis_lsp.sources.source import SkipReason

_VENDORED_FOLDERS = frozenset(
    [
        "3rdparty",
        "__pypackages__",
        "_vendor",
        "bower_components",
        "carthage",
        "deps",
        "external",
        "externals",
        "godeps",
        "jspm_packages",
        "node_modules",
        "pods",
        "site-packages",
        "third-party",
        "third_party",
        "thirdparty",
        "vendor",
        "vendored",
    ]
)
_TEST_DATA_FOLDERS = frozenset(
    [
        "__fixtures__",
        "__snapshots__",
        "cassettes",
        "fixtures",
        "golden",
        "goldens",
        "test-data",
        "test_data",
        "testdata",
    ]
)
_GENERATED_FILES = (
    "*_pb2.py",
    "*_pb2_grpc.py",
    "*_pb.js",
    "*_pb.rb",
    "*.pb.c",
    "*.pb.cc",
    "*.pb.go",
    "*.pb.gw.go",
    "*.pb.h",
    "*.g.cs",
    "*.g.i.cs",
    "*.designer.cs",
    "*.generated.cs",
    "*.generated.js",
    "*_generated.go",
    "zz_generated*",
    "moc_*.cpp",
    "*.tab.c",
    "*.tab.h",
    "*.yy.c",
)
_MINIFIED_FILES = ("*.min.js", "*.bundle.js")
_HEADER_LINES = 20
_COMMENT_START = re.compile(r"\s*(#|//|/\*|\*|--|\"\"\"|''')")
# Said of the file as a whole: a comment on something that the code generates must not match.
_GENERATED_WORDS = re.compile(
    r"""code\ generated\b.*\bdo\ not\ edit
    | @generated\b
    | <auto-?generated
    | ^\W*(auto(matically)?[- ]?|machine[- ])?generated\ (by|from|using|with|file|code)\b
    | ^\W*((this\ )?(file|header)\ )?(is\ |was\ )?(generated|created)\ automatically\b
    | \bthis\ (file|code|module|class|source(\ (file|code))?)\ (is|was|has\ been)
      \ (auto(matically)?|machine)?[- ]?generated\b
    | \bgenerated\b.*\bdo\ not\ (edit|modify)\b
    | \bdo\ not\ (edit|modify)\b.*\bgenerated\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_LONG_LINE = 1000
_LONG_AVERAGE = 200
_LITTLE_BLANK = 0.07


def excluded_folder(name: str) -> SkipReason | None:
    """Return why a folder of this name is left out; None when it is not."""
    lowered = name.lower()
    if lowered in _VENDORED_FOLDERS:
        return SkipReason.VENDORED
    if lowered in _TEST_DATA_FOLDERS:
        return SkipReason.TEST_DATA
    return None


def excluded_file(name: str) -> SkipReason | None:
    """Return why a file of this name is left out; None when it is not."""
    lowered = name.lower()
    if any(fnmatchcase(lowered, pattern) for pattern in _MINIFIED_FILES):
        return SkipReason.MINIFIED
    if any(fnmatchcase(lowered, pattern) for pattern in _GENERATED_FILES):
        return SkipReason.GENERATED
    return None


def excluded_path(path: str) -> SkipReason | None:
    """Return why a file is left out by its name or that of a folder it is in; None if it is not.

    ``path`` is relative to the top of its project.
    """
    *folders, name = PurePath(path).parts
    for folder in folders:
        reason = SkipReason.HIDDEN if is_hidden(folder) else excluded_folder(folder)
        if reason is not None:
            return reason
    return excluded_file(name)


def is_hidden(folder: str) -> bool:
    """Tell whether a folder of this name is none that a person writes code in."""
    return folder == "__pycache__" or (folder.startswith(".") and folder not in (".", ".."))


def excluded_text(text: str) -> SkipReason | None:
    """Return why a file with this text is left out: what its head says, or how it is laid out."""
    if _is_minified(text):
        return SkipReason.MINIFIED
    head = text.split("\n", _HEADER_LINES)[:_HEADER_LINES]
    if any(_COMMENT_START.match(line) and _GENERATED_WORDS.search(line[:500]) for line in head):
        return SkipReason.GENERATED
    return None


def _is_minified(text: str) -> bool:
    lines = text.split("\n")
    if max(map(len, lines)) <= _LONG_LINE:
        return False
    blank = sum(map(str.isspace, text))
    return len(text) > _LONG_AVERAGE * len(lines) or blank < _LITTLE_BLANK * len(text)
