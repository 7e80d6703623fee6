"""Opening an ONNX Runtime session on the provider the user wants, and knowing which it got."""

from __future__ import annotations

import contextlib
import importlib.util
import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from themis_lsp.errors import BundleError, UserError

if TYPE_CHECKING:
    import onnxruntime

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
MEMORY_VARIABLE = "THEMIS_CUDA_MEMORY_GB"
_FATAL_ONLY = 4


class ProviderChoice(StrEnum):
    """Where to run; ``auto`` takes CUDA when a session really runs there, else CPU."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session and the provider it really runs on: ``cpu`` or ``cuda``.

    One that ``fell_back`` could have run on CUDA by what onnxruntime lists, and does not.
    """

    session: onnxruntime.InferenceSession
    provider: str
    fell_back: bool = False


@dataclass(slots=True)
class RunStopper:
    """Ends the run of a graph that is under way in another thread."""

    _options: onnxruntime.RunOptions | None = None

    @contextlib.contextmanager
    def running(self) -> Iterator[onnxruntime.RunOptions]:
        """Yield the options of one run; once it was stopped, their ``terminate`` is true."""
        self._options = import_runtime().RunOptions()
        try:
            yield self._options
        finally:
            self._options = None

    def stop(self) -> None:
        """End the run. It raises one of onnxruntime's errors; without one, nothing happens."""
        options = self._options
        if options is not None:
            options.terminate = True


def open_session(
    model_file: Path, choice: ProviderChoice = ProviderChoice.AUTO, *, threads: int | None = None
) -> OpenSession:
    """Open ``model_file``; ``threads`` None means one per core this process may use.

    On CUDA at most ``THEMIS_CUDA_MEMORY_GB`` of its memory is taken, if that is set.

    Raises UserError when onnxruntime is missing or CUDA was asked for and does not run, and
    BundleError when the graph cannot be loaded.
    """
    runtime = import_runtime()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads or usable_cores()
    options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL_ONLY
    wanted: list[str | tuple[str, dict[str, str]]] = [CPU]
    tries_cuda = choice is not ProviderChoice.CPU and CUDA in runtime.get_available_providers()
    if tries_cuda:
        wanted.insert(0, (CUDA, _cuda_options(os.environ.get(MEMORY_VARIABLE))))
    try:
        session = runtime.InferenceSession(str(model_file), options, providers=wanted)
    except Exception as error:  # onnxruntime's errors share no base class
        reason = str(error).splitlines()[0]
        raise BundleError(f"{model_file} cannot be loaded by onnxruntime: {reason}") from error
    # The list of available providers says what was compiled in; only the session knows what runs.
    runs_cuda = CUDA in session.get_providers()
    if choice is ProviderChoice.CUDA and not runs_cuda:
        raise UserError(
            "CUDA was asked for, but onnxruntime cannot run there; `themis-review doctor` says "
            "what is missing, and --provider cpu runs without"
        )
    return OpenSession(session, "cuda" if runs_cuda else "cpu", tries_cuda and not runs_cuda)


def _cuda_options(memory_gb: str | None) -> dict[str, str]:
    """Return the options of the CUDA provider. Raises UserError for a limit that is none."""
    # Reduced precision in products of float32 would make a bundle score less exactly than it says.
    options = {"use_tf32": "0", "arena_extend_strategy": "kSameAsRequested"}
    if memory_gb:
        try:
            limit_bytes = int(float(memory_gb) * 1e9)
        except (ValueError, OverflowError):
            limit_bytes = 0
        if limit_bytes <= 0:
            raise UserError(
                f"{MEMORY_VARIABLE} is {memory_gb!r}; give the GB of the GPU's memory that may be "
                "used, as in 8 or 7.5"
            )
        options["gpu_mem_limit"] = str(limit_bytes)
    return options


def import_runtime() -> ModuleType:
    """Return the onnxruntime module. Raises UserError when no wheel, or a broken one, is there."""
    try:
        import onnxruntime
    except ImportError as error:
        raise UserError(
            "onnxruntime is not installed; pip install 'themis-review[cpu]' "
            "(or [gpu] on a machine with CUDA)"
        ) from error
    if not hasattr(onnxruntime, "InferenceSession"):
        raise UserError(
            "onnxruntime is installed but hollow, as happens when onnxruntime and onnxruntime-gpu "
            "were both installed and one was removed; uninstall both, then install one"
        )
    runtime: ModuleType = onnxruntime
    return runtime


def known_provider(choice: ProviderChoice) -> str | None:
    """Return the provider a session will run on if that is certain without importing anything."""
    try:
        found = importlib.util.find_spec("onnxruntime")
    except (ImportError, ValueError):
        return None
    if found is None or found.origin is None or choice is ProviderChoice.CUDA:
        return None
    library = next(Path(found.origin).parent.glob("capi/*onnxruntime_providers_cuda*"), None)
    return "cpu" if choice is ProviderChoice.CPU or library is None else None


def usable_cores() -> int:
    """Return how many cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
