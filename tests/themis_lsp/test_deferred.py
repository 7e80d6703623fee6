"""What is opened late must be what it would have been, and checked no less."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from themis_lsp.bundle import load_bundle
from themis_lsp.cli.scorer import open_scorer
from themis_lsp.errors import BundleError
from themis_lsp.languages import Language
from themis_lsp.scoring.onnx_scorer import OnnxScorer
from themis_lsp.scoring.score import Snippet
from themis_lsp.scoring.session import ProviderChoice, known_provider

SNIPPET = Snippet(Language.GO, "func f() {}")


def test_what_a_scorer_is_can_be_said_without_opening_it(tiny_bundle: Path) -> None:
    opened = open_scorer(model=str(tiny_bundle), provider="auto", threads=None, cache=False)
    (tiny_bundle / "model.onnx").rename(tiny_bundle.parent / "model.onnx")
    info = opened.scorer.info
    (tiny_bundle.parent / "model.onnx").rename(tiny_bundle / "model.onnx")
    assert info == OnnxScorer(load_bundle(tiny_bundle)).info


def test_a_provider_is_known_only_where_it_is_certain() -> None:
    assert known_provider(ProviderChoice.CPU) == "cpu"
    assert known_provider(ProviderChoice.CUDA) is None


@pytest.mark.parametrize("file", ["model.onnx", "tokenizer.json"])
def test_a_damaged_bundle_never_scores(tiny_bundle: Path, file: str) -> None:
    with (tiny_bundle / file).open("ab") as stream:
        stream.write(b"x")
    opened = open_scorer(model=str(tiny_bundle), provider="cpu", threads=None, cache=False)
    with pytest.raises(BundleError, match=file):
        opened.scorer.score([SNIPPET])


def test_a_review_out_of_the_cache_opens_no_model(
    tiny_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THEMIS_CACHE_DIR", str(tmp_path / "cache"))
    program = (
        "import sys; from themis_lsp.cli.main import run\n"
        f"run([sys.argv[1], '--quiet', '--model', {str(tiny_bundle)!r}])\n"
        "print([m for m in ('onnxruntime', 'tokenizers') if m in sys.modules])\n"
        "print([m for m in sys.modules if m.startswith('themis_lsp.report.formats.')])"
    )
    file = tmp_path / "a.py"
    file.write_text("def f(a):\n    b = a + 1\n    return b * b - a * 2\n", encoding="utf-8")
    found = [
        subprocess.run(
            [sys.executable, "-c", program, str(file)], capture_output=True, text=True, check=True
        ).stdout.splitlines()[-2:]
        for _ in range(2)
    ]
    assert found == [["['onnxruntime', 'tokenizers']", "[]"], ["[]", "[]"]]
