"""Writing a bundle: all files in a new folder, which then takes its place at once."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from themis_lsp.bundle.manifest import FORMAT_VERSION, MANIFEST_FILE
from themis_lsp.errors import UserError


def write_manifest(folder: Path, fields: Mapping[str, object]) -> None:
    """Write ``themis.json`` for the files now in ``folder``; ``fields`` is all but their list."""
    files = {
        file.name: {
            "size_bytes": file.stat().st_size,
            "sha256": hash_file(file),
        }
        for file in sorted(folder.iterdir())
        if file.name != MANIFEST_FILE
    }
    manifest = {"format_version": FORMAT_VERSION, **fields, "files": files}
    (folder / MANIFEST_FILE).write_text(json.dumps(manifest) + "\n", encoding="utf-8")


def hash_file(file: Path) -> str:
    """Return the sha256 of a file of any size."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def replace_folder(out: Path, fill: Callable[[Path], None]) -> None:
    """Let ``fill`` write into a new folder, then put it where ``out`` is.

    When ``fill`` raises, ``out`` stays as it was. Raises UserError when ``out`` holds anything
    that is no bundle, which would be lost.
    """
    if out.exists() and any(out.iterdir()) and not (out / MANIFEST_FILE).is_file():
        raise UserError(f"{out} is not empty and holds no bundle; give another folder")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as workspace:
        fresh = Path(workspace) / "bundle"
        fresh.mkdir()
        fill(fresh)
        if out.exists():
            shutil.move(out, Path(workspace) / "old")
        fresh.rename(out)


def read_quality(results: Path | None) -> dict[str, object]:
    """Return what of a ``results.json`` a reader of the bundle wants to know.

    Raises UserError when the file is none.
    """
    if results is None:
        return {}
    try:
        fields = json.loads(results.read_bytes())
        return {key: fields[key] for key in ("files", "overall", "by_aspect")}
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{results} is no results.json of `themis-review bench` ({error})"
        ) from error
