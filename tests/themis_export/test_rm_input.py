"""What an export of a reward model refuses, and where it finds what it needs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from rm_bundle import make_checkpoint, make_config, make_rm_tokenizer
from rm_models import write_prompts
from themis_export.cli import main
from themis_export.rm.checkpoint import open_checkpoint
from themis_export.rm.estimate import Estimate, check_room
from themis_export.rm.export import RmExportOptions, export_rm
from themis_export.rm.hub import locate_checkpoint
from themis_export.rm.prompts import find_prompts, read_script
from themis_export.rm.rope import name_rope_twice
from transformers import AutoModelForSequenceClassification, BertConfig, Qwen3ForCausalLM

from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError


def _edit_config(folder: Path, **changes: object) -> None:
    file = folder / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def _save_language_model(folder: Path) -> None:
    Qwen3ForCausalLM(make_config(len(make_rm_tokenizer()))).save_pretrained(folder)


def _save_five_labels(folder: Path) -> None:
    config = make_config(len(make_rm_tokenizer()), num_labels=5)
    AutoModelForSequenceClassification.from_config(config).save_pretrained(folder)


def _save_encoder(folder: Path) -> None:
    config = BertConfig(
        vocab_size=300,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        num_labels=1,
    )
    AutoModelForSequenceClassification.from_config(config).save_pretrained(folder)


def _lose_a_shard(folder: Path) -> None:
    model = AutoModelForSequenceClassification.from_pretrained(folder)
    (folder / "model.safetensors").unlink()
    model.save_pretrained(folder, max_shard_size="100KB")
    next(iter(sorted(folder.glob("model-*.safetensors")))).unlink()


def _pickle(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    torch.save({}, folder / "pytorch_model.bin")


def _cut_short(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])


def _widen(folder: Path) -> None:
    _edit_config(folder, intermediate_size=128)


def _lose_the_template(folder: Path) -> None:
    (folder / "chat_template.jinja").unlink()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_save_language_model, r"no score head.*`themis-train rm` makes one"),
        (_save_five_labels, "a classifier with 5 labels"),
        (_save_encoder, "bert models are no decoders"),
        (_lose_a_shard, "files of weights are missing"),
        (_pickle, "pickle, which can run any code.*not opened"),
        (_cut_short, "damaged or cut short"),
        (_widen, "missing or of another shape than config.json says"),
        (_lose_the_template, "no chat template"),
        (lambda folder: (folder / "tokenizer.json").unlink(), "tokenizer"),
        (lambda folder: (folder / "config.json").write_text("["), "not a readable configuration"),
        (lambda folder: _edit_config(folder, rope_theta=1.0), "rope_theta is 1.0 and"),
    ],
)
def test_a_checkpoint_that_cannot_be_used_says_what_is_wrong(
    tmp_path: Path, damage: Callable[[Path], object], message: str
) -> None:
    checkpoint = make_checkpoint(tmp_path / "checkpoint")
    damage(checkpoint)
    with pytest.raises(UserError, match=message):
        export_rm(checkpoint, tmp_path / "out", RmExportOptions())
    assert not (tmp_path / "out").exists()


def test_the_command_line_explains_and_ends_with_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["themis-export", "no such place", str(tmp_path / "out")])
    with pytest.raises(SystemExit, match="2"):
        main()
    assert "neither a folder nor a hub id" in capsys.readouterr().err


@pytest.mark.parametrize(
    "fields",
    [
        {"rope_theta": 5e5},
        {"rope_parameters": {"rope_type": "default", "rope_theta": 5e5}},
        {"rope_parameters": {"rope_type": "default"}, "rope_theta": 5e5},
    ],
)
def test_the_rotary_base_is_written_where_every_version_looks(fields: dict[str, object]) -> None:
    found = name_rope_twice({"model_type": "qwen3", **fields})
    assert found["rope_theta"] == 5e5
    assert found["rope_parameters"] == {"rope_type": "default", "rope_theta": 5e5}


def test_a_checkpoint_of_either_version_has_its_own_rotary_base(tmp_path: Path) -> None:
    checkpoint = make_checkpoint(tmp_path / "checkpoint")
    fields = json.loads((checkpoint / "config.json").read_text())
    del fields["rope_parameters"]
    (checkpoint / "config.json").write_text(json.dumps({**fields, "rope_theta": 123_456.0}))
    opened = open_checkpoint(checkpoint)
    assert opened.config.rope_parameters["rope_theta"] == 123_456.0
    assert opened.config_fields["rope_theta"] == 123_456.0


def test_prompts_come_from_the_file_then_the_checkpoint_then_the_authors(tmp_path: Path) -> None:
    own = write_prompts(tmp_path / "own.json")
    given = find_prompts(tmp_path, own)
    assert given.source == "own.json"
    text = given.texts[Criterion.SECURITY_HARDNESS]
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert given.describe()["sha256"]["Security_Hardness"] == digest  # type: ignore[index]  # JSON
    with pytest.raises(UserError, match="not the script at revision"):
        find_prompts(tmp_path, None, download=lambda _url: b"SYSTEM_PROMPT_MAP = {}")
    write_prompts(tmp_path / "criterion_prompts.json")
    assert find_prompts(tmp_path, None).source == "criterion_prompts.json"


def test_the_authors_script_is_read_and_never_run(tmp_path: Path) -> None:
    texts = json.loads(write_prompts(tmp_path / "prompts.json").read_text())
    script = f"raise SystemExit\nSYSTEM_PROMPT_MAP = {texts!r}\n".encode()
    digest = hashlib.sha256(script).hexdigest()
    found = read_script(script, "script.py", sha256=digest)
    assert found.texts == {criterion: texts[criterion.value] for criterion in Criterion}
    (tmp_path / "script.py").write_bytes(script)
    with pytest.raises(UserError, match=f"its sha256 is {digest}"):
        find_prompts(tmp_path, tmp_path / "script.py")


@pytest.mark.parametrize("content", ["[]", "{", '{"Security_Hardness": "x"}'])
def test_prompts_that_are_none_are_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "prompts.json"
    file.write_text(content)
    with pytest.raises(UserError, match=r"prompts\.json"):
        find_prompts(tmp_path, file)


def test_without_a_network_the_prompts_must_be_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(UserError, match="HF_HUB_OFFLINE forbids"):
        find_prompts(tmp_path, None)


def test_a_hub_id_is_resolved_to_a_commit_without_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    commit = "0123456789abcdef0123456789abcdef01234567"
    repository = tmp_path / "models--someone--Themis-Tiny"
    make_checkpoint(repository / "snapshots" / commit)
    (repository / "refs").mkdir()
    (repository / "refs/main").write_text(commit)
    for revision in (None, "main", commit):
        located = locate_checkpoint("someone/Themis-Tiny", revision)
        assert (located.commit, located.name) == (commit, "Themis-Tiny")
        assert open_checkpoint(located.folder).weights.stored_type == "float32"
    with pytest.raises(UserError, match="at v2 is not in the hub's cache"):
        locate_checkpoint("someone/Themis-Tiny", "v2")
    with pytest.raises(UserError, match="has no revisions"):
        locate_checkpoint(str(located.folder), "main")


@pytest.mark.parametrize(
    ("estimate", "message"),
    [
        (Estimate(10**15, 0), r"needs 1000000\.00 GB.*make room"),
        (Estimate(0, 10**15), r"needs up to 1000000\.0 GB"),
    ],
)
def test_what_the_machine_cannot_hold_is_refused_with_the_figure(
    tmp_path: Path, estimate: Estimate, message: str
) -> None:
    with pytest.raises(UserError, match=message):
        check_room(estimate, tmp_path / "new" / "out")
