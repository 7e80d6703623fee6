"""What makes two processes want the same service: the same bundle, code and way to run."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from themis_lsp import __version__
from themis_lsp.bundle.load import Bundle
from themis_lsp.bundle.manifest import MANIFEST_FILE
from themis_lsp.scoring.session import MEMORY_VARIABLE, usable_cores

_KEY_DIGITS = 16
_CODE = ("onnxruntime", "tokenizers", "numpy")
_OWN_CODE = ("scoring", "service")


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """A service: ``provider`` as the user chose it, ``threads`` settled.

    ``key`` differs as soon as anything differs that a score could depend on: the bundle's files,
    the version, the code that scores and its libraries, the interpreter, the way to run.
    """

    bundle: Path
    provider: str
    threads: int
    key: str


def specify_service(bundle: Bundle, provider: str, threads: int | None) -> ServiceSpec:
    """Return which service has ``bundle`` open; files are looked at, not read.

    Raises OSError when one is not there.
    """
    path = bundle.path.resolve()
    settled = threads or usable_cores()
    parts = [
        __version__,
        sys.executable,
        provider,
        str(settled),
        os.environ.get("CUDA_VISIBLE_DEVICES", "-"),
        os.environ.get(MEMORY_VARIABLE, "-"),
        bundle.sha256,
        *(_stamp(path / name) for name in (MANIFEST_FILE, *bundle.manifest.files)),
        *_code_stamps(),
    ]
    text = "\0".join(parts).encode("utf-8", "surrogateescape")
    return ServiceSpec(path, provider, settled, hashlib.sha256(text).hexdigest()[:_KEY_DIGITS])


def _code_stamps() -> Iterator[str]:
    for name in _CODE:
        found = importlib.util.find_spec(name)
        yield name if found is None or found.origin is None else _stamp(Path(found.origin))
    for folder in _OWN_CODE:
        for file in sorted((Path(__file__).parent.parent / folder).glob("*.py")):
            yield _stamp(file)


def _stamp(file: Path) -> str:
    facts = file.stat()
    return f"{file}:{facts.st_ino}:{facts.st_size}:{facts.st_mtime_ns}"
