from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest

from themis_lsp import __version__
from themis_lsp.cli.main import run


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("THEMIS_CACHE_DIR", str(folder))
    return folder


def install(monkeypatch: pytest.MonkeyPatch, **versions: str) -> None:
    def version(wheel: str) -> str:
        name = wheel.replace("-", "_")
        if name not in versions:
            raise metadata.PackageNotFoundError(wheel)
        return versions[name]

    monkeypatch.setattr(metadata, "version", version)


def test_a_sound_installation_can_review(
    tiny_bundle: Path,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    install(monkeypatch, onnxruntime="1.30.0")
    assert run(["doctor", "--model", str(tiny_bundle)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"themis-review {__version__}"
    assert lines[2] == "runtime       onnxruntime 1.30.0"
    assert lines[3].startswith("model         warning: Tiny (fp32), 0.0 MB, sha256 ")
    assert lines[4] == "cpu           loads and scores"
    assert lines[6] == f"cache         {cache}, 0.0 MB, writable"
    assert lines[7] == "a review can run"


def test_both_wheels_of_onnxruntime_are_trouble_and_the_fix_is_said(
    tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install(monkeypatch, onnxruntime="1.30.0", onnxruntime_gpu="1.29.0")
    assert run(["doctor", "--model", str(tiny_bundle)]) == 0
    out = capsys.readouterr().out
    assert "warning: onnxruntime 1.30.0, onnxruntime-gpu 1.29.0; both own the same files" in out
    assert "pip uninstall -y onnxruntime onnxruntime-gpu" in out


def test_without_onnxruntime_no_review_can_run(
    tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install(monkeypatch)
    assert run(["doctor", "--model", str(tiny_bundle)]) == 2
    out = capsys.readouterr().out
    assert "problem: not installed; pip install 'themis-review[cpu]'" in out
    assert out.endswith("a review cannot run\n")


def test_without_a_bundle_no_review_can_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["doctor", "--model", str(tmp_path / "nowhere")]) == 2
    out = capsys.readouterr().out
    assert "model         problem: no model bundle at" in out
    assert "cpu           problem: cannot score" in out


def test_a_cache_that_cannot_be_written_is_a_warning(
    tiny_bundle: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cache.write_text("a file is in the way", encoding="utf-8")
    assert run(["doctor", "--model", str(tiny_bundle)]) == 0
    assert f"cache         warning: {cache} cannot be written" in capsys.readouterr().out


def test_cuda_that_is_listed_but_does_not_load_is_a_warning_with_advice(
    tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import onnxruntime

    listed = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: listed)
    with pytest.warns(UserWarning, match="CUDAExecutionProvider"):
        assert run(["doctor", "--model", str(tiny_bundle)]) == 0
    out = capsys.readouterr().out
    assert "cuda          warning: listed by onnxruntime but does not load" in out
