from __future__ import annotations

import json
from pathlib import Path

import pytest
from changed_repository import start
from prompted_bundle import make_prompted_bundle
from source_tree import CODE, write

from themis_lsp.cli.main import run

pytestmark = pytest.mark.usefixtures("project")


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("THEMIS_SERVICE", "off")
    return str(make_prompted_bundle(tmp_path / "bundle", limit_tokens=400))


def test_files_are_read_by_a_prompted_model_without_percentiles(
    bundle: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write("a.py", CODE)
    assert run(["a.py", "--model", bundle, "--no-cache", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    readings = told["units"][0]["criteria"]
    assert all(reading["percentile"] is None for reading in readings.values())
    assert len({reading["reward"] for reading in readings.values()}) == 5


def test_a_change_has_the_margin_of_its_whole_and_no_verdict(
    bundle: str, capsys: pytest.CaptureFixture[str]
) -> None:
    start()
    write("a.py", CODE.replace("a + b", "b + a + a + b"))
    assert run(["--model", bundle, "--no-cache", "--format", "json", "--since", "HEAD"]) == 0
    told = json.loads(capsys.readouterr().out)
    margins = told["changes"][0]["criteria"].values()
    assert all(margin["verdict"] == "skipped" for margin in margins)
    assert all(margin["margin"] != 0 for margin in margins)


def test_a_prompted_bundle_is_shown(bundle: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["model", "show", "--model", bundle]) == 0
    assert "400 tokens, pooling last" in capsys.readouterr().out
