"""A GPU that fails, without a GPU: the runtime is a stand-in that obeys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from themis_lsp.errors import BundleError, UserError
from themis_lsp.scoring import session
from themis_lsp.scoring.session import (
    CPU,
    CUDA,
    MEMORY_VARIABLE,
    ProviderChoice,
    RunStopper,
    open_session,
)

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


def test_a_gpu_without_room_falls_back_only_where_that_is_allowed(runtime: Runtime) -> None:
    runtime.failure = "Available memory of 1 is smaller than requested bytes of 2\nat line 1"
    assert outcome(ProviderChoice.AUTO) == ("cpu", True)
    with pytest.raises(UserError, match=r"not enough memory.*bytes of 2.*THEMIS_CUDA_MEMORY_GB"):
        outcome(ProviderChoice.CUDA)


def test_a_graph_that_cannot_be_read_is_the_bundles_fault(runtime: Runtime) -> None:
    runtime.failure = "Protobuf parsing failed."
    with pytest.raises(BundleError, match=r"model\.onnx cannot be loaded.*Protobuf"):
        outcome(ProviderChoice.CUDA)


def test_a_wrong_limit_is_no_reason_to_fall_back(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MEMORY_VARIABLE, "much")
    with pytest.raises(UserError, match="THEMIS_CUDA_MEMORY_GB is 'much'"):
        outcome(ProviderChoice.AUTO)
    assert outcome(ProviderChoice.CPU) == ("cpu", False)
    assert len(runtime.asked) == 1


def test_a_run_that_needs_too_much_says_so() -> None:
    with pytest.raises(UserError, match="failed to run: not enough memory"), RunStopper().running():
        raise RuntimeError("Failed to allocate memory for requested buffer of size 9")
    with pytest.raises(BundleError, match="failed to run: Non-zero status"), RunStopper().running():
        raise RuntimeError("Non-zero status\nmore")
