"""What can be done about a diagnostic."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_lsp.server.comparison import COMPARE
from themis_lsp.server.drift import Drift
from themis_lsp.server.positions import units_in

ACCEPT, EXPLAIN, SELECT = "themis.addToBaseline", "themis.explain", "themis.select"

_REASON = "reason"
_HASH_COMMENTS = (Language.PYTHON, Language.RUBY)


@dataclass(frozen=True, slots=True)
class Place:
    """Where diagnostics are to be acted upon.

    ``text`` is the document as the editor has it, ``drift`` what became of the lines that its
    diagnostics speak of. ``selects`` if the editor can be told what to select;
    ``baseline`` is the project's, if it has one.
    """

    uri: str
    text: str
    language: Language
    base: str
    drift: Drift
    encoding: types.PositionEncodingKind | str
    selects: bool
    baseline: Path | None = None


def offer(diagnostics: Sequence[types.Diagnostic], place: Place) -> Iterator[types.CodeAction]:
    """Yield what can be done about each of the diagnostics, as ``diagnose`` makes them."""
    for diagnostic in diagnostics:
        data = diagnostic.data
        if not isinstance(data, dict) or "criterion" not in data:
            continue  # nothing about the code
        suppression = _suppress(diagnostic, data, place)
        if suppression is not None:
            yield suppression
        if place.baseline is not None:
            title = f"Add {data['unit']} to {place.baseline.name}"
            arguments = [place.uri, data["fingerprint"]]
            yield _act(diagnostic, types.Command(title, ACCEPT, arguments=arguments))
        if data["kind"] != "weak":
            line = diagnostic.range.start.line + 1
            title = f"Compare {data['unit']} with {place.base}"
            yield _act(diagnostic, types.Command(title, COMPARE, arguments=[place.uri, line]))
        title = f"Explain {diagnostic.code}"
        yield _act(diagnostic, types.Command(title, EXPLAIN, arguments=[diagnostic.code]))


def _act(diagnostic: types.Diagnostic, command: types.Command) -> types.CodeAction:
    return types.CodeAction(
        command.title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic],
        command=command,
    )


def _suppress(
    diagnostic: types.Diagnostic, data: dict[str, object], place: Place
) -> types.CodeAction | None:
    """Return an edit that puts a comment above the unit, to be completed with the reason."""
    line = place.drift.line(int(str(data["line"])) - 1)
    lines = re.split(r"\r\n|\r|\n", place.text)
    if line is None or line >= len(lines):
        return None
    if lines[line].startswith("#!"):
        line += 1
    criterion = Criterion(str(data["criterion"]))
    below = lines[line] if line < len(lines) else ""
    indent = below[: len(below) - len(below.lstrip())]
    mark = "#" if place.language in _HASH_COMMENTS else "//"
    comment = f"{indent}{mark} themis: ignore[{criterion.code}] {_REASON}"
    start = types.Position(line, 0)
    newline = "\r\n" if "\r\n" in place.text else "\n"
    edit = types.TextEdit(types.Range(start, start), comment + newline)
    end = units_in(comment, place.encoding)
    chosen = types.Range(types.Position(line, end - len(_REASON)), types.Position(line, end))
    command = types.Command("Select the reason", SELECT, arguments=[place.uri, chosen])
    return types.CodeAction(
        f"Ignore {criterion.words} in {data['unit']}, with a reason",
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic],
        edit=types.WorkspaceEdit(changes={place.uri: [edit]}),
        command=command if place.selects else None,
    )
