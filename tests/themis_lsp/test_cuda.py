"""Which provider a session runs on, without a GPU: the runtime is a stand-in that obeys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from themis_lsp.errors import BundleError, UserError
from themis_lsp.scoring import session
from themis_lsp.scoring.cuda import MEMORY_VARIABLE, memory_limit_bytes, provider_options
from themis_lsp.scoring.session import CPU, CUDA, ProviderChoice, RunStopper, open_session

MODEL = Path("model.onnx")


@dataclass
class Runtime:
    """An onnxruntime of which the sessions run on ``runs``, or fail on CUDA for ``failure``."""

    available: Sequence[str] = (CUDA, CPU)
    runs: Sequence[str] = (CUDA, CPU)
    failure: str = ""
    asked: list[Any] = field(default_factory=list)

    SessionOptions = SimpleNamespace

    def get_available_providers(self) -> list[str]:
        return list(self.available)

    def InferenceSession(  # noqa: N802 - the name is onnxruntime's
        self, _file: str, _options: object, *, providers: list[Any], enable_fallback: int
    ) -> SimpleNamespace:
        assert enable_fallback == 0
        self.asked.append(providers)
        is_gpu = len(providers) > 1
        if self.failure and is_gpu:
            raise RuntimeError(self.failure)
        running = list(self.runs) if is_gpu else [CPU]
        return SimpleNamespace(get_providers=lambda: running)


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Runtime:
    stand_in = Runtime()
    monkeypatch.setattr(session, "import_runtime", lambda: stand_in)
    monkeypatch.delenv(MEMORY_VARIABLE, raising=False)
    return stand_in


def outcome(choice: ProviderChoice) -> tuple[str, bool]:
    opened = open_session(MODEL, choice)
    return opened.provider, opened.fell_back


@pytest.mark.parametrize("choice", [ProviderChoice.AUTO, ProviderChoice.CUDA])
def test_cuda_is_taken_where_it_runs(runtime: Runtime, choice: ProviderChoice) -> None:
    assert outcome(choice) == ("cuda", False)
    [[(name, options), second]] = runtime.asked
    assert (name, second) == (CUDA, CPU)
    assert options["use_tf32"] == "0"
    assert "gpu_mem_limit" not in options


def test_the_cpu_is_taken_where_it_is_asked_for(runtime: Runtime) -> None:
    assert outcome(ProviderChoice.CPU) == ("cpu", False)
    assert runtime.asked == [[CPU]]


def test_without_cuda_in_the_runtime_the_cpu_is_no_fallback(runtime: Runtime) -> None:
    runtime.available = (CPU,)
    assert outcome(ProviderChoice.AUTO) == ("cpu", False)
    with pytest.raises(UserError, match="CUDA was asked for"):
        outcome(ProviderChoice.CUDA)


def test_cuda_that_is_listed_and_does_not_run_is_told_of(runtime: Runtime) -> None:
    runtime.runs = (CPU,)
    assert outcome(ProviderChoice.AUTO) == ("cpu", True)
    with pytest.raises(UserError, match="CUDA was asked for"):
        outcome(ProviderChoice.CUDA)


def test_a_gpu_without_room_falls_back_only_where_that_is_allowed(runtime: Runtime) -> None:
    runtime.failure = "Available memory of 1 is smaller than requested bytes of 2\nat line 1"
    assert outcome(ProviderChoice.AUTO) == ("cpu", True)
    with pytest.raises(UserError, match=r"not enough memory.*bytes of 2.*THEMIS_GPU_MEMORY"):
        outcome(ProviderChoice.CUDA)


def test_a_graph_that_cannot_be_read_is_the_bundles_fault(runtime: Runtime) -> None:
    runtime.failure = "Protobuf parsing failed."
    with pytest.raises(BundleError, match=r"model\.onnx cannot be loaded.*Protobuf"):
        outcome(ProviderChoice.CUDA)


def test_memory_on_the_gpu_is_limited(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MEMORY_VARIABLE, "6GB")
    outcome(ProviderChoice.AUTO)
    assert runtime.asked[0][0][1]["gpu_mem_limit"] == "6000000000"


def test_a_wrong_limit_is_no_reason_to_fall_back(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MEMORY_VARIABLE, "much")
    with pytest.raises(UserError, match="THEMIS_GPU_MEMORY is 'much'"):
        outcome(ProviderChoice.AUTO)
    assert outcome(ProviderChoice.CPU) == ("cpu", False)
    assert len(runtime.asked) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(("", None), (" ", None), ("1", 1), ("512 MB", 512_000_000), ("1.5GiB", 3 * 2**29)),
        *(("2g", 2 * 10**9), ("3 kb", 3000)),
    ],
)
def test_amounts_of_memory(text: str, expected: int | None) -> None:
    assert memory_limit_bytes(text) == expected


@pytest.mark.parametrize("text", ["0", "0.1", "-1GB", "6 TB", "GB", "6GBs", "1e9"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="write it like 6GB"):
        provider_options({MEMORY_VARIABLE: text})


def test_a_run_that_needs_too_much_says_so() -> None:
    with pytest.raises(UserError, match="failed to run: not enough memory"), RunStopper().running():
        raise RuntimeError("Failed to allocate memory for requested buffer of size 9")
    with pytest.raises(BundleError, match="failed to run: Non-zero status"), RunStopper().running():
        raise RuntimeError("Non-zero status\nmore")
