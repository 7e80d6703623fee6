from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from degradation_examples import EXTENSIONS
from neutral_examples import neutral_text
from themis_train.cli import commands

from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError
from themis_lsp.languages import Language
from themis_lsp.neutral import read_neutral


@pytest.fixture
def code(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    folder.mkdir()
    for language in Language:
        (folder / f"count{EXTENSIONS[language]}").write_text(neutral_text(language))
    return folder


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(
        commands, ["pairs", "neutral", *map(str, arguments)], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return result.output


def test_edits_are_written_and_can_be_read(code: Path, tmp_path: Path) -> None:
    out = tmp_path / "neutral.jsonl"
    output = run(code, "--out", out)
    edits = list(read_neutral(out))
    assert f"{len(edits):,} edits in {out}" in output
    assert {edit.language for edit in edits} == set(Language)
    for edit in edits:
        assert edit.before != edit.after
        assert Criterion.READABILITY_MAINTAINABILITY not in edit.stable
        assert len(edit.stable) == 4


def test_either_side_may_be_the_original(code: Path, tmp_path: Path) -> None:
    out = tmp_path / "neutral.jsonl"
    run(code, "--out", out)
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    texts = {path.read_text() for path in code.iterdir()}
    original = [any(row["before"] in text for text in texts) for row in rows]
    assert 0.2 < sum(original) / len(original) < 0.8
    for row in rows:
        for side in ("before", "after"):
            for span in row[f"{side}_span"]:
                assert 0 <= span["start_byte"] <= span["end_byte"] <= len(row[side].encode())


def test_the_same_edits_come_out_of_every_run(code: Path, tmp_path: Path) -> None:
    for name, jobs in (("one.jsonl", "1"), ("two.jsonl", "2")):
        run(code, "--out", tmp_path / name, "--jobs", jobs)
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()


def test_held_out_operators_have_a_file_of_their_own(code: Path, tmp_path: Path) -> None:
    run(code, "--out", tmp_path / "neutral.jsonl", "--dev-share", "0.3")
    learned, held_out = (
        {edit.operator for edit in read_neutral(tmp_path / name)}
        for name in ("neutral.jsonl", "neutral-dev.jsonl")
    )
    assert learned
    assert held_out
    assert not learned & held_out


def test_code_without_functions_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_text("x = 1\n")
    with pytest.raises(UserError, match="no edits could be made"):
        run(tmp_path / "empty.py", "--out", tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()


def test_the_operators_are_listed() -> None:
    output = run("--list")
    assert "renamed-local" in output
    assert output.startswith("layout:")
