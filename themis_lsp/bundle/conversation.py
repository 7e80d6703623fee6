"""How a bundle that is steered by prompts wraps code: the ``conversation`` of ``themis.json``.

::

    {"task_template": 1,
     "criteria": {"Functional_Correctness": [{"ids": [151644, 8948]},
                                             {"before": "user\\n", "slot": "task", "after": ""},
                                             {"ids": [151645]},
                                             {"before": "", "slot": "code", "after": ""},
                                             {"ids": [151645, 198]}], ...},
     "prompts": {"Functional_Correctness": "...", ...}}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from themis_lsp.criteria import Criterion

TASK_TEMPLATES = (1,)


class Slot(StrEnum):
    """What a reviewer puts into a conversation."""

    TASK = "task"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class FixedPiece:
    """Tokens that are the same in every conversation on a criterion."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OpenPiece:
    """Plain text around a slot; all three are encoded together."""

    before: str
    slot: Slot
    after: str


Piece = FixedPiece | OpenPiece


@dataclass(frozen=True, slots=True)
class Conversation:
    """The pieces of a conversation per criterion, cut where no token reaches across.

    Each list ends with fixed tokens, at the last of which the reward is read, and has the slot for
    the code once and that for the task at most once, before it. ``prompts`` are for the reader.
    """

    task_template: int
    criteria: Mapping[Criterion, tuple[Piece, ...]]
    prompts: Mapping[Criterion, str]


def parse_conversation(entry: object, criteria: Sequence[Criterion]) -> Conversation:
    """Return the conversation of a manifest that judges ``criteria``.

    Raises ValueError saying what is wrong.
    """
    if not isinstance(entry, dict):
        raise ValueError("is not an object")
    template = entry.get("task_template")
    if template not in TASK_TEMPLATES:
        known = ", ".join(map(str, TASK_TEMPLATES))
        raise ValueError(f"has task template {template!r}, this version knows {known}")
    lists, prompts = entry.get("criteria"), entry.get("prompts", {})
    if not isinstance(lists, dict) or set(lists) != {criterion.value for criterion in criteria}:
        raise ValueError("does not have one list of pieces for each criterion")
    if not isinstance(prompts, dict) or not all(isinstance(t, str) for t in prompts.values()):
        raise ValueError("has prompts that are no texts")
    return Conversation(
        template,
        {criterion: _parse_pieces(lists[criterion.value], criterion) for criterion in criteria},
        {c: prompts[c.value] for c in criteria if c.value in prompts},
    )


def _parse_pieces(entries: object, criterion: Criterion) -> tuple[Piece, ...]:
    if not isinstance(entries, list):
        raise ValueError(f"of {criterion} is not a list")
    pieces = tuple(_parse_piece(entry, criterion) for entry in entries)
    slots = [piece.slot for piece in pieces if isinstance(piece, OpenPiece)]
    if slots not in ([Slot.TASK, Slot.CODE], [Slot.CODE]):
        raise ValueError(f"of {criterion} needs a task, if any, and then the code, each once")
    if not isinstance(pieces[0], FixedPiece) or not isinstance(pieces[-1], FixedPiece):
        raise ValueError(f"of {criterion} does not begin and end with fixed tokens")
    return pieces


def _parse_piece(entry: object, criterion: Criterion) -> Piece:
    if isinstance(entry, dict) and set(entry) == {"ids"}:
        ids = entry["ids"]
        if (
            isinstance(ids, list)
            and ids
            and all(type(index) is int and index >= 0 for index in ids)
        ):
            return FixedPiece(tuple(ids))
    if isinstance(entry, dict) and set(entry) == {"before", "slot", "after"}:
        before, slot, after = entry["before"], entry["slot"], entry["after"]
        if isinstance(before, str) and isinstance(after, str) and slot in list(Slot):
            return OpenPiece(before, Slot(slot), after)
    raise ValueError(f"of {criterion} has a piece that is none: {str(entry)[:60]}")
