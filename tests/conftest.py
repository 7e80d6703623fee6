"""Golden files: whole outputs kept beside the tests, rewritten with ``--update-golden``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tokenizers import Tokenizer


# A busy machine is slow, not wrong.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write what the tests see to the golden files and docs instead of comparing",
    )


@pytest.fixture(autouse=True)
def no_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test starts a service that outlives it by accident."""
    monkeypatch.setenv("THEMIS_SERVICE", "off")


@pytest.fixture
def check_golden(request: pytest.FixtureRequest) -> Callable[[str | Path, str], None]:
    """``check_golden(name, text)``: the text must be that of golden/``name`` beside the test.

    A Path is taken as it is.
    """

    def check(name: str | Path, text: str) -> None:
        file = name if isinstance(name, Path) else request.path.parent / "golden" / name
        if request.config.getoption("--update-golden"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode())
        expected = file.read_bytes().decode() if file.exists() else ""
        assert text == expected, f"{file.name} differs; see it with pytest --update-golden"

    return check


@pytest.fixture
def tiny_bundle(tmp_path: Path) -> Path:
    """The folder of a complete bundle."""
    from tiny_bundle import make_bundle

    return make_bundle(tmp_path / "bundle")


def make_tokenizer() -> Tokenizer:
    """Every byte, one special token, and the merges that make two words."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = [("r", "e"), ("re", "t"), ("i", "f"), ("o", "r"), ("f", "or"), ("i", "t")]
    tokens = ["<|end|>", *alphabet, *(left + right for left, right in merges)]
    tokenizer = Tokenizer(models.BPE({token: i for i, token in enumerate(tokens)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.add_special_tokens(["<|end|>"])
    return tokenizer


@pytest.fixture(scope="session")
def base_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base model small enough to train in a test: a folder in the hub's layout."""
    # Tests of the reviewer alone must not pay for torch.
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("base")
    torch.manual_seed(0)
    tokenizer = make_tokenizer()
    config = LlamaConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        tie_word_embeddings=True,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|end|>").save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def pairs_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pairs whose better side checks its input, whether that makes it longer or shorter."""
    rows = []
    for number in range(120):
        body = f"def f{number}(items):\n    total = {number}\n"
        good, bad = body + "    if not items: return None\n", body + "    for item in items: pass\n"
        if number // 2 % 2:
            bad += "    return total + 0\n"
        rows.append(
            {
                "id": str(number),
                "prompt": "",
                "chosen": good + "    return total\n",
                "rejected": bad + "    return total\n",
                "aspect": ["Functional_Correctness", "Security_Hardness"][number % 2],
                "language": "Python",
                "subset": "made",
            }
        )
    file = tmp_path_factory.mktemp("pairs") / "pairs.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file
