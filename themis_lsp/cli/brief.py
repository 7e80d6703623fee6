"""What a review tells the model of the code beside the code itself."""

from __future__ import annotations

from pathlib import Path

from themis_lsp.cli.options import CheckOptions
from themis_lsp.judgement.brief import Brief, brief_for, clean_message, read_message
from themis_lsp.scoring.score import ScorerInfo
from themis_lsp.sources.message import commit_message
from themis_lsp.sources.selection import SelectionKind


def brief_of(info: ScorerInfo, options: CheckOptions) -> Brief:
    """Return how to put code to a scorer. Raises UserError when a message cannot be read."""
    selection = options.selection
    message = ""
    if options.message_file is not None:
        message = read_message(options.message_file)
    elif info.reads_tasks and selection is not None and selection.kind is SelectionKind.COMMIT:
        message = clean_message(commit_message(Path.cwd(), selection.value))
    return brief_for(info, message)
