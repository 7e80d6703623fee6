"""``python -m themis_lsp.service``: becomes the service, unless there is one."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
from pathlib import Path

from themis_lsp.bundle import load_bundle, read_bundle
from themis_lsp.errors import ThemisError
from themis_lsp.languages import Language
from themis_lsp.scoring.score import Scorer, Snippet
from themis_lsp.scoring.session import ProviderChoice
from themis_lsp.service.lock import hold_lock
from themis_lsp.service.place import ServiceFiles, find_folder
from themis_lsp.service.server import Service
from themis_lsp.service.spec import ServiceSpec, specify_service

_FAILED = 2


def main() -> int:
    """Run a service; return 0 when it has left or was not needed, 2 when it could not start."""
    parser = argparse.ArgumentParser("python -m themis_lsp.service")
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--provider", required=True, choices=list(ProviderChoice))
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--idle-s", type=float, required=True)
    options = parser.parse_args()
    spec = ServiceSpec(options.bundle, options.provider, options.threads, options.key)
    folder = find_folder(create=True)
    if folder is None:
        return _FAILED
    os.umask(0o077)
    return run_service(spec, ServiceFiles(folder, spec.key), idle_s=options.idle_s)


def run_service(spec: ServiceSpec, files: ServiceFiles, *, idle_s: float) -> int:
    """Run the service of ``spec`` in this process until it leaves."""
    with hold_lock(files.lock) as is_held:
        if not is_held:
            return 0
        try:
            scorer = _open(spec)
        except Exception as error:
            # Only what was raised on purpose has a message for users.
            reason = str(error) if isinstance(error, ThemisError) else type(error).__name__
            files.error.write_text(reason, encoding="utf-8", errors="backslashreplace")
            return _FAILED
        files.error.unlink(missing_ok=True)
        service = Service(spec, files, scorer, idle_s, lambda: is_current(spec))
        signal.signal(signal.SIGTERM, lambda *_: service.stop())
        with contextlib.suppress(OSError):
            files.attempt.unlink(missing_ok=True)
        service.run()
    return 0


def is_current(spec: ServiceSpec) -> bool:
    """Whether a client that came now would want this service."""
    try:
        return specify_service(read_bundle(spec.bundle), spec.provider, spec.threads) == spec
    except (ThemisError, OSError):
        return False


def _open(spec: ServiceSpec) -> Scorer:
    from themis_lsp.scoring.choose import choose_scorer

    bundle = load_bundle(spec.bundle)
    scorer = choose_scorer(bundle, ProviderChoice(spec.provider), threads=spec.threads)
    if not is_current(spec):
        raise OSError
    # What the first run allocates, no client has to wait for.
    scorer.score([Snippet(Language.PYTHON, "x = 1\n" * 8)])
    return scorer


if __name__ == "__main__":
    sys.exit(main())
