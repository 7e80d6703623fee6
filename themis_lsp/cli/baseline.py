"""The baseline of a run: read before it, written after it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from themis_lsp.baseline import Entry, place_from, read_baseline, write_baseline
from themis_lsp.cli.options import CheckOptions
from themis_lsp.judgement.ratchet import Ratchet
from themis_lsp.report.review import BaselineOutcome
from themis_lsp.sources.load import STDIN
from themis_lsp.sources.selection import SelectionKind

# What these compare ends with the files as they are in the working tree.
_OF_WORK_TREE = (SelectionKind.UNCOMMITTED, SelectionKind.SINCE)


def read_entries(options: CheckOptions) -> list[Entry]:
    """Return the entries of the baseline that is named, none of one that is to be made.

    Raises UserError when it cannot be read.
    """
    file = options.baseline
    if file is None or (options.update_baseline and not file.exists()):
        return []
    return read_baseline(file)


def open_ratchet(options: CheckOptions) -> Ratchet | None:
    """Return the baseline at work; None where none is named. Errors as of ``read_entries``."""
    file = options.baseline
    if file is None:
        return None
    return Ratchet(read_entries(options), place_from(file), options.update_baseline)


def settle_baseline(
    ratchet: Ratchet | None, options: CheckOptions, *, has_problems: bool
) -> BaselineOutcome | None:
    """Write what became of the baseline, if anything did and this is the place to write it.

    Where the run is strict it never shrinks here, and fails if it should have. Raises UserError
    when it cannot be written.
    """
    file = options.baseline
    if ratchet is None or file is None:
        return None
    folder = file.absolute().parent
    named = [Path(path).resolve() for path in options.paths]

    def is_gone(path: str) -> bool:
        at = (folder / path).resolve()
        is_named = options.selection is None and any(at.is_relative_to(one) for one in named)
        return is_named and not at.exists()

    settled = ratchet.settle(is_gone)
    is_strict = options.strict_baseline or is_ci(os.environ)
    may_write = options.update_baseline or (_reads_work_tree(options) and not is_strict)
    has_changed = set(settled.entries) != set(ratchet.entries) or not file.exists()
    is_written = has_changed and may_write and not has_problems
    if is_written:
        write_baseline(file, settled.entries)
    return BaselineOutcome(
        os.path.relpath(file) if file.is_relative_to(Path.cwd()) else str(file),
        settled,
        is_written=is_written,
        has_failed=bool(settled.gone) and is_strict and not options.update_baseline,
    )


def is_ci(variables: Mapping[str, str]) -> bool:
    """Whether this is a CI server, as its variable ``CI`` says."""
    return variables.get("CI", "").lower() not in ("", "0", "false", "no")


def _reads_work_tree(options: CheckOptions) -> bool:
    if options.selection is None:
        return STDIN not in options.paths and options.stdin_filename is None
    return options.selection.kind in _OF_WORK_TREE
