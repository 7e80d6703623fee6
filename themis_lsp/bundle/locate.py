"""Which bundle to use: the option, the environment, or the embedded default."""

from __future__ import annotations

import os
from pathlib import Path

from themis_lsp.errors import BundleError

MODEL_VARIABLE = "THEMIS_MODEL"
EMBEDDED = "nano"


def find_bundle(model: str | None) -> Path:
    """Return the folder of the bundle ``model`` names; it is not opened.

    ``model`` is a folder, or ``nano`` for the embedded one. None means ``THEMIS_MODEL`` and,
    where that is unset or empty, the embedded one. Raises BundleError when there is no such folder.
    """
    name = model or os.environ.get(MODEL_VARIABLE) or EMBEDDED
    if name == EMBEDDED:
        return Path(__file__).parent.parent / "models" / EMBEDDED
    path = Path(name).expanduser()
    if not path.is_dir():
        origin = "--model" if model else MODEL_VARIABLE
        raise BundleError(
            f"no model bundle at {path} (from {origin}); "
            f"give a folder that themis-export wrote, or {EMBEDDED!r} for the embedded model"
        )
    return path
