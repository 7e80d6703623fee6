"""``--output FORMAT=FILE``: reports beside the one that is printed, each written whole or not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import click

from themis_lsp.cli.formats import ReportFormat
from themis_lsp.errors import UserError
from themis_lsp.writing import write_whole


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A report to write."""

    report_format: ReportFormat
    path: Path


def parse_format(_context: click.Context, _parameter: click.Parameter, value: str) -> ReportFormat:
    """Return the format called ``value``. Raises BadParameter, with a suggestion if one is near."""
    return _named(value)


def parse_outputs(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[OutputFile, ...]:
    """Return the files wanted. Raises BadParameter for what could not be written later."""
    outputs = [_parse_output(value) for value in values]
    paths = [output.path.absolute() for output in outputs]
    twice = next((path for path in paths if paths.count(path) > 1), None)
    if twice is not None:
        raise click.BadParameter(f"{twice.name} is named twice; give each report its own file")
    return tuple(outputs)


def write_outputs(outputs: Sequence[OutputFile], render: Callable[[ReportFormat], str]) -> None:
    """Write each report: the file has all of it or is as it was before. Raises UserError."""
    for output in outputs:
        data = f"{render(output.report_format)}\n".encode("utf-8", "backslashreplace")
        try:
            write_whole(output.path, data)
        except OSError as error:
            raise UserError(
                f"cannot write {output.path}: {error.strerror}; name another file after "
                f"--output {output.report_format}="
            ) from error


def _parse_output(value: str) -> OutputFile:
    name, equals, file = value.partition("=")
    if not equals or not file:
        raise click.BadParameter(f"{value!r} is not FORMAT=FILE, e.g. sarif=themis.sarif")
    path = Path(file)
    if path.is_dir():
        raise click.BadParameter(f"{file} is a folder; name a file in it")
    if not path.parent.is_dir():
        raise click.BadParameter(f"{path.parent} is not a folder; make it first")
    return OutputFile(_named(name), path)


def _named(name: str) -> ReportFormat:
    names = [choice.value for choice in ReportFormat]
    if name in names:
        return ReportFormat(name)
    near = get_close_matches(name.lower(), names, n=1)
    meant = f"; did you mean {near[0]}?" if near else ""
    raise click.BadParameter(f"unknown format {name!r}{meant} Choose from {', '.join(names)}.")
