from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from themis_train.cli import commands
from themis_train.concerns.labels import concern_of_operator
from themis_train.degradation.registry import OPERATORS
from tokenizers import Tokenizer, models, pre_tokenizers

from themis_lsp.concerns import all_concerns
from themis_lsp.concerns.features import MarkedTokens
from themis_lsp.concerns.head import load_concern_head
from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError
from themis_lsp.judgement.changed import mark_changed


@pytest.fixture
def tokenizer(tmp_path: Path) -> Path:
    plain = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    plain.pre_tokenizer = pre_tokenizers.Whitespace()
    plain.save(str(tmp_path / "tokenizer.json"))
    return tmp_path / "tokenizer.json"


def write(path: Path, subset: str, worse: str, count: int = 60) -> Path:
    rows = [
        {
            "id": f"folder{number % 7}/a.py:{number}#{subset}",
            "prompt": "",
            "chosen": f"key_{number} = sha256(text_{number})",
            "rejected": f"key_{number} = {worse}(text_{number})",
            "aspect": "Security_Hardness",
            "language": "Python",
            "subset": subset,
        }
        for number in range(count)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(
        commands, ["concerns", *map(str, arguments)], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return result.output


def test_each_operator_is_an_example_of_a_concern_of_its_criterion() -> None:
    concerns = concern_of_operator()
    assert set(concerns) == {operator.name for operator in OPERATORS}
    assert set(concerns.values()) == set(all_concerns())


def test_a_head_learns_names_and_keeps_silent_elsewhere(tmp_path: Path, tokenizer: Path) -> None:
    weak = write(tmp_path / "weak.jsonl", "weak-hash", "md5")
    other = write(tmp_path / "other.jsonl", "commit", "blake2", 120)
    out = tmp_path / "concerns.npz"
    output = run(out, "--tokenizer", tokenizer, "--degraded", weak, "--other", other)
    assert "| weak-hash | 60 | 60 | 100% |" in output
    head = load_concern_head(out)
    for worse, name in (("md5", "weak-hash"), ("blake2", None)):
        went, came = ["x ", "= ", "sha256", *"(y)"], ["x ", "= ", worse, *"(y)"]
        marks = mark_changed(went, came)
        named = head.name(
            MarkedTokens(went, marks[0]),
            MarkedTokens(came, marks[1]),
            {Criterion.SECURITY_HARDNESS},
        )
        assert (named and named.concern.name) == name


def test_too_few_examples_are_an_error(tmp_path: Path, tokenizer: Path) -> None:
    weak = write(tmp_path / "weak.jsonl", "weak-hash", "md5", 20)
    with pytest.raises(UserError, match="no concern has 40 examples"):
        run(tmp_path / "c.npz", "--tokenizer", tokenizer, "--degraded", weak, "--other", weak)
