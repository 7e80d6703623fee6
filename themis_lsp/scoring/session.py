"""Opening an ONNX Runtime session on the provider the user wants, and knowing which it got."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from themis_lsp.errors import BundleError, ThemisError, UserError
from themis_lsp.scoring.score import ScoringInterruptedError

if TYPE_CHECKING:
    import onnxruntime

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
MEMORY_VARIABLE = "THEMIS_CUDA_MEMORY_GB"
_FATAL_ONLY = 4
_NO_MEMORY = re.compile(r"out of memory|failed to allocate|available memory|bad.?alloc", re.I)


class ProviderChoice(StrEnum):
    """Where to run; ``auto`` takes CUDA when a session really runs there, else CPU."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session and the provider it really runs on: ``cpu`` or ``cuda``.

    ``fell_back`` is whether CUDA was there to be tried and did not run.
    """

    session: onnxruntime.InferenceSession
    provider: str
    fell_back: bool


@dataclass(slots=True)
class RunStopper:
    """Ends the run of a graph that is under way in another thread."""

    _options: onnxruntime.RunOptions | None = None

    @contextlib.contextmanager
    def running(self) -> Iterator[onnxruntime.RunOptions]:
        """Yield the options of one run.

        What it raises becomes ScoringInterruptedError once it was stopped, else UserError where
        the memory does not suffice and BundleError.
        """
        options = self._options = import_runtime().RunOptions()
        try:
            yield options
        except Exception as error:  # onnxruntime's errors share no base class
            if options.terminate:
                raise ScoringInterruptedError from error
            raise _explain(error, "the model failed to run") from error
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

    On CUDA at most ``THEMIS_CUDA_MEMORY_GB`` of its memory is taken, if that is set. Only ``auto``
    falls back on the CPU. Raises UserError when onnxruntime is missing, the memory does not suffice
    or its limit is none, or CUDA was asked for and does not run, and BundleError when the graph
    cannot be loaded.
    """
    runtime = import_runtime()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads or usable_cores()
    options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL_ONLY
    is_tried = choice is not ProviderChoice.CPU and CUDA in runtime.get_available_providers()
    if is_tried:
        options.use_deterministic_compute = True
        gpu = _cuda_options(os.environ.get(MEMORY_VARIABLE))
        try:
            session = _open(runtime, model_file, options, providers=[(CUDA, gpu), CPU])
        except ThemisError:
            if choice is ProviderChoice.CUDA:
                raise
        else:
            # The available providers are those compiled in; only the session knows what runs.
            if CUDA in session.get_providers():
                return OpenSession(session, "cuda", fell_back=False)
            if choice is ProviderChoice.AUTO:
                return OpenSession(session, "cpu", fell_back=True)
    if choice is ProviderChoice.CUDA:
        raise UserError(
            "CUDA was asked for, but onnxruntime cannot run there; `themis-review doctor` says "
            "what is missing, and --provider cpu runs without"
        )
    session = _open(runtime, model_file, options, providers=[CPU])
    return OpenSession(session, "cpu", fell_back=is_tried)


def _open(
    runtime: ModuleType,
    model_file: Path,
    options: onnxruntime.SessionOptions,
    *,
    providers: Sequence[str | tuple[str, Mapping[str, str]]],
) -> onnxruntime.InferenceSession:
    try:
        # onnxruntime's own way to fall back prints to standard output, where reports go.
        session: onnxruntime.InferenceSession = runtime.InferenceSession(
            str(model_file), options, providers=providers, enable_fallback=0
        )
    except Exception as error:  # onnxruntime's errors share no base class
        raise _explain(error, f"{model_file} cannot be loaded by onnxruntime") from error
    return session


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


def _explain(error: Exception, what: str) -> ThemisError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    if isinstance(error, MemoryError) or _NO_MEMORY.search(str(error)):
        return UserError(
            f"{what}: not enough memory ({reason}); a bundle of less precision or of a smaller "
            f"model needs less, and on a GPU {MEMORY_VARIABLE} may be set too low"
        )
    return BundleError(f"{what}: {reason}")


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
