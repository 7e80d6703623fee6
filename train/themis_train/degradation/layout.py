"""Edits of whole lines: removing, inserting and indenting statements."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from themis_lsp.languages import Language
from themis_train.degradation.operators import Edit
from themis_train.degradation.subject import Subject

if TYPE_CHECKING:
    from tree_sitter import Node

_BLANKS = b" \t\r"
_DEFAULT_STEP = "    "


def line_start(subject: Subject, byte: int) -> int:
    """Return where the line that holds ``byte`` begins."""
    return subject.data.rfind(b"\n", 0, byte) + 1


def line_end(subject: Subject, byte: int) -> int:
    """Return where the text of the line that holds ``byte`` ends, before its line break."""
    found = subject.data.find(b"\n", byte)
    end = len(subject.data) if found < 0 else found
    return end - 1 if end > byte and subject.data[end - 1] == ord("\r") else end


def indent_of(subject: Subject, node: Node) -> str:
    """Return the blanks at the beginning of the line where a node begins."""
    start = line_start(subject, node.start_byte)
    line = subject.slice(start, line_end(subject, start))
    return line[: len(line) - len(line.lstrip())]


def begins_line(subject: Subject, node: Node) -> bool:
    """Tell whether nothing stands before a node on its line."""
    before = subject.data[line_start(subject, node.start_byte) : node.start_byte]
    return not before.strip(_BLANKS)


def ends_line(subject: Subject, node: Node) -> bool:
    """Tell whether at most a comment stands behind a node on its line."""
    after = subject.data[node.end_byte : line_end(subject, node.end_byte)].strip(_BLANKS)
    return not after or (after.startswith((b"//", b"#")) and not after.startswith(b"#{"))


def has_own_lines(subject: Subject, node: Node) -> bool:
    """Tell whether a node shares its lines with no other code."""
    return begins_line(subject, node) and ends_line(subject, node)


def remove_lines(subject: Subject, node: Node) -> Edit | None:
    """Return the edit that removes a statement; None where something else is on its lines."""
    if not has_own_lines(subject, node):
        return None
    start, end = line_start(subject, node.start_byte), line_end(subject, node.end_byte)
    following = end + len(subject.newline)
    if following <= subject.unit.end_byte:
        return Edit(start, following, "") if start >= subject.unit.start_byte else None
    before = start - len(subject.newline)
    return Edit(before, end, "") if before >= subject.unit.start_byte else None


def insert_before(subject: Subject, node: Node, lines: Sequence[str]) -> Edit | None:
    """Return the edit that puts lines above a statement, indented as it is."""
    if not begins_line(subject, node) or not subject.holds(node):
        return None
    indent, start = indent_of(subject, node), line_start(subject, node.start_byte)
    if start >= subject.unit.start_byte:
        return Edit(start, start, "".join(indent + line + subject.newline for line in lines))
    joint = subject.newline + indent
    return Edit(node.start_byte, node.start_byte, "".join(line + joint for line in lines))


def insert_after(subject: Subject, node: Node, lines: Sequence[str]) -> Edit | None:
    """Return the edit that puts lines below a statement, indented as it is."""
    if not has_own_lines(subject, node):
        return None
    indent, end = indent_of(subject, node), line_end(subject, node.end_byte)
    following = end + len(subject.newline)
    if following <= subject.unit.end_byte:
        new = "".join(indent + line + subject.newline for line in lines)
        return Edit(following, following, new)
    end = min(end, subject.unit.end_byte)
    return Edit(end, end, "".join(subject.newline + indent + line for line in lines))


def step_of(subject: Subject) -> str:
    """Return what the unit indents a block by."""
    for block in subject.of(subject.dialect.blocks):
        children = block.named_children
        if not children or block.parent is None or not begins_line(subject, children[0]):
            continue
        outer = block if block.start_point[0] < children[0].start_point[0] else block.parent
        around, inside = indent_of(subject, outer), indent_of(subject, children[0])
        if inside.startswith(around) and len(inside) > len(around):
            return inside.removeprefix(around)
    return _DEFAULT_STEP


_OWN_LINE = re.compile(r"[)\w]\s*\r?\n\s*\{")
_SAME_LINE = re.compile(r"(?:if|for|while|else)\b[^\n;]*\{\s*\r?\n")


def in_style(subject: Subject, lines: Sequence[str]) -> list[str]:
    """Return lines with opening braces where the unit has them: behind the head or below it."""
    text = subject.unit.text
    is_below = bool(_OWN_LINE.search(text)) and not _SAME_LINE.search(text)
    if not is_below or not subject.dialect.has_braces or subject.language is Language.GO:
        return list(lines)
    laid = []
    for line in lines:
        head, is_open, rest = line.partition(" {") if line.endswith(" {") else (line, "", "")
        closing, tail = ("}", head[2:]) if head.startswith("} ") else ("", head)
        laid += [part for part in (closing, tail) if part] if is_open else [line]
        laid += ["{" + rest] if is_open else []
    return laid


def indent_lines(text: str, step: str) -> str:
    """Return text with its lines, but the first and blank ones, indented by one more step."""
    return re.sub(r"\n(?=[^\r\n])", "\n" + step, text)


def dedent_lines(text: str, step: str) -> str:
    """Return text with its lines, but the first, indented by one step less."""
    return text.replace("\n" + step, "\n")


def holds_long_text(subject: Subject, node: Node) -> bool:
    """Tell whether a string of several lines lies in a node: indenting would change it."""
    return any(
        text.start_point[0] < text.end_point[0]
        for text in subject.of(subject.dialect.strings)
        if node.start_byte <= text.start_byte and text.end_byte <= node.end_byte
    )
