"""Where a checkpoint is: in a folder, or on the hub at one commit."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

from themis_lsp.errors import UserError

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_WANTED = ["*.json", "*.safetensors", "*.jinja", "*.txt", "tokenizer*", "LICENSE*"]
_UNWANTED = ["*/*"]  # what lies in folders is of other frameworks


@dataclass(frozen=True, slots=True)
class Located:
    """A folder with a checkpoint; ``commit`` is None where it is not from the hub."""

    folder: Path
    name: str
    commit: str | None


def is_offline() -> bool:
    """Return whether the user forbids the network, as the hub's own tools read it."""
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}


def locate_checkpoint(checkpoint: str, revision: str | None = None) -> Located:
    """Return the folder of a checkpoint, got from the hub where ``checkpoint`` is an id.

    A branch or tag is resolved to a commit once, and all files are of that commit. With
    HF_HUB_OFFLINE only what was got before is used. Raises UserError.
    """
    folder = Path(checkpoint)
    if folder.is_dir():
        if revision is not None:
            raise UserError(f"{checkpoint} is a folder and has no revisions; leave --revision out")
        return Located(folder, folder.resolve().name, None)
    if folder.exists() or not _HUB_ID.fullmatch(checkpoint):
        raise UserError(
            f"{checkpoint} is neither a folder nor a hub id like project-themis/Themis-RM-0.6B"
        )
    try:
        snapshot = snapshot_download(
            checkpoint,
            revision=revision,
            allow_patterns=_WANTED,
            ignore_patterns=_UNWANTED,
            local_files_only=is_offline(),
        )
    except (LocalEntryNotFoundError, HfHubHTTPError, HFValidationError, OSError) as error:
        raise _not_found(checkpoint, revision, error) from error
    # The hub's cache names the folder of a snapshot after its commit.
    return Located(Path(snapshot), checkpoint.split("/")[1], Path(snapshot).name)


def _not_found(checkpoint: str, revision: str | None, error: Exception) -> UserError:
    where = f"{checkpoint} at {revision}" if revision else checkpoint
    if is_offline():
        return UserError(
            f"{where} is not in the hub's cache, and HF_HUB_OFFLINE forbids to get it; give a "
            "folder, or run once without HF_HUB_OFFLINE"
        )
    reason = str(error).strip().split("\n")[0]
    return UserError(f"{where} cannot be got from the hub ({reason}); give a folder or another id")
