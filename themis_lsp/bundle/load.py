"""Reading a bundle, and refusing one that is not exactly what its manifest says."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from themis_lsp.bundle.manifest import (
    MANIFEST_FILE,
    MODEL_FILE,
    TOKENIZER_FILE,
    FileEntry,
    Manifest,
    parse_manifest,
)
from themis_lsp.errors import BundleError


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle.

    ``sha256`` is the hash of its manifest, which holds the hashes of all its other files: it
    stands for the whole bundle. ``size_bytes`` counts all its files.
    """

    path: Path
    manifest: Manifest
    sha256: str
    size_bytes: int

    @property
    def model_file(self) -> Path:
        """The ONNX graph."""
        return self.path / MODEL_FILE

    @property
    def tokenizer_file(self) -> Path:
        """The tokenizer."""
        return self.path / TOKENIZER_FILE


def load_bundle(path: Path) -> Bundle:
    """Return the bundle in the folder ``path`` after checking every file in it.

    Raises BundleError when a file is missing, of another size or hash, unlisted, or leaves the
    folder. Files that the manifest does not list are refused because a graph could name them as
    external data, unchecked.
    """
    bundle = read_bundle(path)
    with _explained(path):
        for name, entry in bundle.manifest.files.items():
            _check_file(path, name, entry)
        _refuse_unlisted(path, bundle.manifest)
    return bundle


def read_bundle(path: Path) -> Bundle:
    """Return what the bundle in the folder ``path`` says; its other files are not looked at.

    Whoever opens one of them checks it first. Raises BundleError.
    """
    with _explained(path):
        text = (path / MANIFEST_FILE).read_bytes()
        manifest = parse_manifest(text)
    size_bytes = len(text) + sum(entry.size_bytes for entry in manifest.files.values())
    return Bundle(path, manifest, hashlib.sha256(text).hexdigest(), size_bytes)


def check_file(bundle: Bundle, name: str) -> None:
    """Raise BundleError unless the file ``name`` is what the manifest says."""
    with _explained(bundle.path):
        _check_file(bundle.path, name, bundle.manifest.files[name])


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except BundleError as error:
        raise BundleError(f"model bundle {path}: {error}") from error
    except OSError as error:
        raise BundleError(
            f"model bundle {path}: cannot read {error.filename} ({error.strerror}); "
            f"a bundle is a folder with {MANIFEST_FILE}, {MODEL_FILE} and {TOKENIZER_FILE}"
        ) from error


def _check_file(folder: Path, name: str, entry: FileEntry) -> None:
    leaves = PurePosixPath(name).name != name or PureWindowsPath(name).name != name or name == ".."
    file = folder / name
    if leaves or (file.exists() and file.resolve().parent != folder.resolve()):
        raise BundleError(
            f"{name!r} leads out of the bundle's folder; do not use this bundle, "
            "get it again from someone you trust"
        )
    if not file.is_file():
        raise BundleError(f"{name} is missing; copy the bundle again")
    size_bytes = file.stat().st_size
    if size_bytes != entry.size_bytes:
        raise BundleError(
            f"{name} has {size_bytes} bytes, not {entry.size_bytes}; copy the bundle again"
        )
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if digest != entry.sha256:
        raise BundleError(
            f"{name} was changed: its sha256 is {digest}, not {entry.sha256}; copy the bundle again"
        )


def _refuse_unlisted(folder: Path, manifest: Manifest) -> None:
    listed = {MANIFEST_FILE, *manifest.files}
    for file in sorted(folder.iterdir()):
        if file.name not in listed:
            raise BundleError(
                f"{file.name} is not listed in {MANIFEST_FILE}; move it out of the folder"
            )
