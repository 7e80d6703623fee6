from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from themis_lsp.cli.main import run
from themis_lsp.criteria import Criterion

Rewrite = Callable[..., None]


def test_the_facts_of_a_bundle_are_printed(
    tiny_bundle: Path, rewrite_manifest: Rewrite, capsys: pytest.CaptureFixture[str]
) -> None:
    quality = {"pairs": 12, "accuracy": {"all": 0.61, "by_language": {"Go": 0.5}}}
    rewrite_manifest(tiny_bundle, quality=quality, provenance={"base": ["one", "two"]})
    assert run(["model", "show", "--model", str(tiny_bundle)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        "name         Tiny (nano, fp32)",
        "licence      Apache-2.0",
        f"folder       {tiny_bundle}",
    ]
    assert "percentiles  none" in lines
    assert lines[-6:] == [
        "quality",
        "  pairs: 12",
        "  accuracy.all: 0.61",
        "  accuracy.by_language.Go: 0.5",
        "provenance",
        "  base: one, two",
    ]


def test_facts_that_are_not_recorded_are_said_to_be_missing(
    tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["model", "show", "--model", str(tiny_bundle)]) == 0
    assert capsys.readouterr().out.endswith("quality not recorded\nprovenance not recorded\n")


def test_the_facts_can_be_had_as_json(
    tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["model", "show", "--model", str(tiny_bundle), "--format", "json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["name"] == "Tiny"
    assert facts["criteria"] == list(Criterion)
    assert set(facts["files"]) == {"model.onnx", "tokenizer.json"}
    assert len(facts["sha256"]) == 64
    assert facts["size_bytes"] == sum(file.stat().st_size for file in tiny_bundle.iterdir())


def test_a_bundle_that_was_changed_is_an_error(
    tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (tiny_bundle / "model.onnx").open("ab") as file:
        file.write(b"!")
    assert run(["model", "show", "--model", str(tiny_bundle)]) == 2
    assert "themis-review: error: model bundle" in capsys.readouterr().err
