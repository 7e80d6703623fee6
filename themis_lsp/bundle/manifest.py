"""``themis.json``: what a bundle says about itself.

::

    {"format_version": 1,
     "name": "Themis-Nano", "family": "nano", "precision": "int8",
     "criteria": ["Functional_Correctness", ...], "languages": ["C", ...],
     "limit_tokens": 512, "pooling": "mean", "prefix_ids": [0],
     "files": {"model.onnx": {"size_bytes": 1, "sha256": "..."}, ...},
     "calibration": {"percentiles": {...}, "empty_side": [0.0, ...], "margins": {...}},
     "quality": {...}, "provenance": {...}, "licence": "Apache-2.0"}

A model that is steered by prompts has ``pooling`` "last" and, besides, a ``conversation``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from themis_lsp.bundle.conversation import Conversation, parse_conversation
from themis_lsp.bundle.percentiles import ReferenceTables
from themis_lsp.bundle.scales import MarginScale, scales_from_json
from themis_lsp.criteria import Criterion
from themis_lsp.errors import BundleError
from themis_lsp.languages import Language

FORMAT_VERSION = 1
MANIFEST_FILE = "themis.json"
MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"

_SHA256 = re.compile(r"[0-9a-f]{64}")
_Value = TypeVar("_Value")
_Choice = TypeVar("_Choice", bound=StrEnum)


class Pooling(StrEnum):
    """How token rewards make a reward: as their mean, or as that of the last token."""

    MEAN = "mean"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class FileEntry:
    """The size and hash a file of the bundle must have."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Calibration:
    """What gives rewards a meaning.

    ``empty_side`` is [criteria]: the mean token reward that stands for the missing side when a
    change only adds or only removes code. None where tokens have no rewards of their own: there the
    margin of a change is the reward after minus that before. ``margins`` lacks the criteria that no
    verdict can be given on; it is empty for a bundle that was not calibrated.
    """

    percentiles: ReferenceTables | None
    empty_side: tuple[float, ...] | None
    margins: Mapping[Criterion, MarginScale]


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything ``themis.json`` holds.

    ``prefix_ids`` stand before every window of tokens. ``conversation`` is there when, and only
    when, the pooling is ``LAST``.
    """

    format_version: int
    name: str
    family: str
    precision: str
    criteria: tuple[Criterion, ...]
    languages: tuple[Language, ...]
    limit_tokens: int
    pooling: Pooling
    prefix_ids: tuple[int, ...]
    conversation: Conversation | None
    files: Mapping[str, FileEntry]
    calibration: Calibration
    quality: Mapping[str, object]
    provenance: Mapping[str, object]
    licence: str


def parse_manifest(text: bytes) -> Manifest:
    """Return the manifest held by the bytes of a ``themis.json``.

    Raises BundleError, naming the field, when it is not one this version reads.
    """
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{MANIFEST_FILE} is not JSON ({error})") from error
    if not isinstance(fields, dict):
        raise BundleError(f"{MANIFEST_FILE} is not a JSON object")
    version = _get(fields, "format_version", int)
    if version != FORMAT_VERSION:
        raise BundleError(
            f"{MANIFEST_FILE} has format {version}, this version reads {FORMAT_VERSION}; "
            "update themis-review or export the model again"
        )
    criteria = _choices(fields, "criteria", Criterion)
    pooling = _choice(_get(fields, "pooling", str), "pooling", Pooling)
    manifest = Manifest(
        format_version=version,
        name=_get(fields, "name", str),
        family=_get(fields, "family", str),
        precision=_get(fields, "precision", str),
        criteria=criteria,
        languages=_choices(fields, "languages", Language),
        limit_tokens=_get(fields, "limit_tokens", int),
        pooling=pooling,
        prefix_ids=tuple(_numbers(fields, "prefix_ids", int)),
        conversation=_parse_conversation(fields, criteria) if pooling is Pooling.LAST else None,
        files=_parse_files(_get(fields, "files", dict)),
        calibration=_parse_calibration(_get(fields, "calibration", dict), len(criteria), pooling),
        quality=_get(fields, "quality", dict),
        provenance=_get(fields, "provenance", dict),
        licence=_get(fields, "licence", str),
    )
    if manifest.limit_tokens < len(manifest.prefix_ids) + 32:
        raise _wrong("limit_tokens", "is too small to hold any code")
    return manifest


def _parse_files(entries: Mapping[str, object]) -> dict[str, FileEntry]:
    files = {}
    for name, entry in entries.items():
        if not isinstance(entry, dict):
            raise _wrong(f"files.{name}", "is not an object")
        digest = _get(entry, "sha256", str)
        if not _SHA256.fullmatch(digest):
            raise _wrong(f"files.{name}.sha256", "is not 64 hexadecimal digits")
        files[name] = FileEntry(_get(entry, "size_bytes", int), digest)
    for name in (MODEL_FILE, TOKENIZER_FILE):
        if name not in files:
            raise _wrong("files", f"does not list {name}")
    return files


def _parse_conversation(
    fields: Mapping[str, object], criteria: tuple[Criterion, ...]
) -> Conversation:
    try:
        return parse_conversation(fields.get("conversation"), criteria)
    except ValueError as error:
        raise _wrong("conversation", str(error)) from error


def _parse_calibration(
    fields: Mapping[str, object], criteria: int, pooling: Pooling
) -> Calibration:
    tables = fields.get("percentiles")
    empty_side = None
    if pooling is Pooling.MEAN:
        empty_side = tuple(_numbers(fields, "empty_side", float))
        if len(empty_side) != criteria:
            raise _wrong(
                "calibration.empty_side", f"needs one number for each of {criteria} criteria"
            )
    try:
        margins = scales_from_json(fields.get("margins", {}))
    except ValueError as error:
        raise _wrong("calibration.margins", str(error)) from error
    return Calibration(
        None if tables is None else ReferenceTables.from_json(tables),
        empty_side,
        margins,
    )


def _get(fields: Mapping[str, object], key: str, kind: type[_Value]) -> _Value:
    value = fields.get(key)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise _wrong(key, f"is {'missing' if value is None else f'not a {kind.__name__}'}")
    return value


def _numbers(fields: Mapping[str, object], key: str, kind: type[_Value]) -> list[_Value]:
    values = _get(fields, key, list)
    if not all(isinstance(value, kind) and not isinstance(value, bool) for value in values):
        raise _wrong(key, f"holds something else than {kind.__name__}")
    return values


def _choices(fields: Mapping[str, object], key: str, kind: type[_Choice]) -> tuple[_Choice, ...]:
    values = tuple(_choice(name, key, kind) for name in _get(fields, key, list))
    if not values or len(set(values)) != len(values):
        raise _wrong(key, "is empty or names something twice")
    return values


def _choice(name: object, key: str, kind: type[_Choice]) -> _Choice:
    for member in kind:
        if member.value == name:
            return member
    raise _wrong(key, f"has {name!r}; this version knows {', '.join(kind)}")


def _wrong(key: str, problem: str) -> BundleError:
    return BundleError(f"{MANIFEST_FILE}: {key!r} {problem}; export the model again")
