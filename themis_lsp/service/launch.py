"""Starting a service in the background, for those who come later."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

from themis_lsp.service.place import ServiceFiles, find_folder
from themis_lsp.service.spec import ServiceSpec

IDLE_S = 15 * 60.0
_SWITCH = "THEMIS_SERVICE"
_OFF = ("0", "off", "false", "no")
_PATIENCE_S = 10.0
"""An attempt this young is not repeated: it may still succeed, or would fail again."""


def is_switched_off() -> bool:
    """Whether ``THEMIS_SERVICE`` says that no service is to be used."""
    return os.environ.get(_SWITCH, "").lower() in _OFF


def start_later(spec: ServiceSpec) -> bool:
    """Start the service without waiting for it; return whether an attempt was made.

    None is made where one was just made, where the processes of a job are counted (``CI``), or
    where there is no safe place for a socket. Never raises for what keeps a service from starting.
    """
    if os.environ.get("CI"):
        return False
    try:
        folder = find_folder(create=True)
        if folder is None or not sys.executable:
            return False
        files = ServiceFiles(folder, spec.key)
        if _is_recent(files):
            return False
        files.attempt.touch(mode=0o600)
        start_process(spec, idle_s=IDLE_S)
    except OSError:
        return False
    return True


def start_process(spec: ServiceSpec, *, idle_s: float) -> None:
    """Start a process that becomes the service, unless there is one. Raises OSError."""
    # Nothing of this process is handed on: whoever reads its output must not wait for another.
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "themis_lsp.service", *service_arguments(spec, idle_s=idle_s)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )
    # In an editor's server, which stays, somebody has to notice its end.
    threading.Thread(target=process.wait, daemon=True).start()


def service_arguments(spec: ServiceSpec, *, idle_s: float) -> list[str]:
    """Return the arguments that make ``python -m themis_lsp.service`` this service."""
    return [
        *("--bundle", str(spec.bundle)),
        *("--provider", spec.provider),
        *("--threads", str(spec.threads)),
        *("--key", spec.key),
        *("--idle-s", str(idle_s)),
    ]


def _is_recent(files: ServiceFiles) -> bool:
    try:
        age_s = time.time() - files.attempt.stat().st_mtime
    except FileNotFoundError:
        return False
    return 0 <= age_s < _PATIENCE_S
