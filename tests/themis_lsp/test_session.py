from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError
from themis_lsp.report.review import Review
from themis_lsp.report.wording import summarize
from themis_lsp.scoring import session as opening
from themis_lsp.scoring.score import ScorerInfo
from themis_lsp.scoring.session import CPU, CUDA, ProviderChoice, open_session

FILE = Path("model.onnx")


def plant(monkeypatch: pytest.MonkeyPatch, *, listed: bool, works: bool) -> list[Any]:
    """Put another onnxruntime in place; return where it keeps the providers it was asked for."""
    asked: list[Any] = []

    def start(
        _file: str, _options: object, *, providers: list[Any], enable_fallback: int
    ) -> SimpleNamespace:
        assert not enable_fallback
        asked.extend(providers)
        named = [name if isinstance(name, str) else name[0] for name in providers]
        running = named if works else [CPU]
        return SimpleNamespace(get_providers=lambda: running)

    runtime = SimpleNamespace(
        SessionOptions=SimpleNamespace,
        InferenceSession=start,
        get_available_providers=lambda: [CUDA, CPU] if listed else [CPU],
    )
    monkeypatch.setattr(opening, "import_runtime", lambda: runtime)
    return asked


@pytest.mark.parametrize("choice", [ProviderChoice.AUTO, ProviderChoice.CUDA])
def test_cuda_is_taken_where_it_runs(
    monkeypatch: pytest.MonkeyPatch, choice: ProviderChoice
) -> None:
    asked = plant(monkeypatch, listed=True, works=True)
    opened = open_session(FILE, choice)
    assert (opened.provider, opened.fell_back) == ("cuda", False)
    (name, options), last = asked
    assert (name, last) == (CUDA, CPU)
    assert options == {"use_tf32": "0", "arena_extend_strategy": "kSameAsRequested"}


def test_auto_falls_back_where_cuda_is_listed_and_does_not_run_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plant(monkeypatch, listed=True, works=False)
    opened = open_session(FILE, ProviderChoice.AUTO)
    assert (opened.provider, opened.fell_back) == ("cpu", True)
    info = ScorerInfo("m", "ab" * 32, "cpu", tuple(Criterion), fell_back=True)
    review = Review(1, (), (), (), (), (), info, None, 0.0)
    assert "m abababababab on cpu as CUDA does not run" in summarize(review)


def test_cuda_that_was_asked_for_and_does_not_run_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plant(monkeypatch, listed=True, works=False)
    with pytest.raises(UserError, match="CUDA was asked for"):
        open_session(FILE, ProviderChoice.CUDA)


def test_nobody_falls_back_who_never_had_the_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = plant(monkeypatch, listed=True, works=True)
    assert not open_session(FILE, ProviderChoice.CPU).fell_back
    plant(monkeypatch, listed=False, works=False)
    assert not open_session(FILE, ProviderChoice.AUTO).fell_back
    assert asked == [CPU]


def test_the_memory_of_a_gpu_can_be_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = plant(monkeypatch, listed=True, works=True)
    monkeypatch.setenv("THEMIS_CUDA_MEMORY_GB", "7.5")
    open_session(FILE, ProviderChoice.CUDA)
    assert asked[0][1]["gpu_mem_limit"] == "7500000000"


@pytest.mark.parametrize("limit", ["much", "0", "-1", "inf", "nan"])
def test_a_limit_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    plant(monkeypatch, listed=True, works=True)
    monkeypatch.setenv("THEMIS_CUDA_MEMORY_GB", limit)
    with pytest.raises(UserError, match="THEMIS_CUDA_MEMORY_GB is"):
        open_session(FILE, ProviderChoice.AUTO)
