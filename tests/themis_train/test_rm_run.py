from __future__ import annotations

import json
import resource
import shutil
from pathlib import Path

import pytest
import torch
from rm_models import arguments, launch, make_base, make_chat_tokenizer, read_curve, train
from themis_train.order import DataOrder
from themis_train.rm.base import load_base
from themis_train.rm.checkpoint import find_checkpoints
from themis_train.rm.corpus import encode_pair, make_examples, read_all
from themis_train.rm.prompts import load_prompts
from themis_train.rm.recipe import PRESETS, RmRecipe, RunOptions, Stage
from themis_train.rm.run import train_rm
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

from themis_lsp.errors import UserError


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_base(tmp_path_factory.mktemp("base"), dropout=0.1)


@pytest.fixture(scope="module")
def finished(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that nothing interrupted."""
    folder = tmp_path_factory.mktemp("finished")
    output = train(arguments(folder, base))
    assert "24 pairs in 6 steps of 4" in output
    assert "step 6/6 dev length-balanced accuracy" in output
    return folder


def test_a_killed_run_goes_on_as_if_nothing_had_happened(
    base: Path, finished: Path, tmp_path: Path
) -> None:
    words = arguments(tmp_path, base)
    with launch([], words) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("step 5/6"):
                process.kill()
    assert process.returncode == -9
    (tmp_path / "run/checkpoints/step-00000006.partial").mkdir()  # as if killed while saving

    output = train(words)
    assert "going on after step 4" in output
    assert "step 4/6" not in output
    assert read_curve(tmp_path / "run") == pytest.approx(read_curve(finished / "run"), abs=1e-6)
    weights = [
        AutoModelForSequenceClassification.from_pretrained(folder / "run/model").state_dict()
        for folder in (finished, tmp_path)
    ]
    for name, tensor in weights[0].items():
        torch.testing.assert_close(weights[1][name], tensor, rtol=0, atol=1e-5, msg=name)
    assert not list((tmp_path / "run").rglob("*.partial"))


def test_a_finished_run_is_left_alone(base: Path, finished: Path) -> None:
    before = sorted(finished.rglob("*"))
    assert "this run is finished" in train(arguments(finished, base))
    assert sorted(finished.rglob("*")) == before


def test_only_the_newest_checkpoints_are_kept(finished: Path) -> None:
    names = [path.name for path in find_checkpoints(finished / "run/checkpoints")]
    assert names == ["step-00000004", "step-00000006"]


def test_the_curves_show_what_was_learned(finished: Path) -> None:
    assert list(read_curve(finished / "run")) == [1, 2, 3, 4, 5, 6]
    rates = read_curve(finished / "run", "train/rate")
    assert rates[1] == pytest.approx(0.003)
    assert rates[6] == pytest.approx(PRESETS[Stage.CODE].final_rate)
    assert sorted(read_curve(finished / "run", "dev/mean")) == [3, 6]


def test_the_first_loss_is_that_of_a_plain_computation(tmp_path: Path) -> None:
    folder = make_base(tmp_path / "base")  # without dropout
    train([*arguments(tmp_path, folder, dev=None, epochs=0.1), "--no-gradient-checkpointing"])
    schedule = PRESETS[Stage.CODE]
    recipe = RmRecipe(base=str(folder), pairs=[tmp_path / "pairs.jsonl"], schedule=schedule)
    loaded, prompts = load_base(recipe), load_prompts(tmp_path / "prompts.json")
    examples = make_examples(read_all(recipe.pairs), recipe, loaded.encoder, prompts)
    causal = AutoModelForCausalLM.from_pretrained(folder)
    total = 0.0
    for place in DataOrder(24, 4, 0).places(0):
        side = examples.at(place).chosen
        ids = torch.tensor(side.ids.tolist())
        with torch.no_grad():
            logits = causal(ids[None]).logits[0]
        answer = slice(side.answer_start, len(ids))
        lm = cross_entropy(logits[answer.start - 1 : -1], ids[answer])
        total += examples.weights[place.index] * (0.6931472 + schedule.lm_weight * float(lm))
    assert read_curve(tmp_path / "run") == {1: pytest.approx(total / 4, abs=1e-5)}


def count_right(run: Path, pairs: Path) -> tuple[int, int]:
    """Return how many pairs a plain reading of the checkpoint ranks right, and how many it says."""
    folder = run / "model"
    recipe = RmRecipe(base=str(folder), pairs=[pairs], schedule=PRESETS[Stage.CODE])
    encoder, prompts = load_base(recipe).encoder, load_prompts(folder / "criterion_prompts.json")
    model = AutoModelForSequenceClassification.from_pretrained(folder)
    right = 0
    for pair in read_all([pairs]):
        encoded = encode_pair(pair, prompts.single[pair.criterion], encoder)
        sides = [[encoded.chosen.ids.tolist()], [encoded.rejected.ids.tolist()]]
        with torch.no_grad():
            chosen, rejected = (float(model(torch.tensor(side)).logits) for side in sides)
        right += chosen > rejected
    training = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    figures = training["dev"]["by_criterion"].values()
    return right, round(sum(figure["accuracy"] * figure["count"] for figure in figures))


def test_the_checkpoint_ranks_as_it_did_when_it_was_measured(finished: Path) -> None:
    found, measured = count_right(finished / "run", finished / "pairs.jsonl")
    assert found == measured > 0


def test_the_checkpoint_is_plain_and_says_where_older_readers_look(finished: Path) -> None:
    folder = finished / "run/model"
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert config["architectures"] == ["Qwen3ForSequenceClassification"]
    assert config["rope_theta"] == config["rope_parameters"]["rope_theta"] == 1_000_000.0
    assert config["problem_type"] == "regression"
    assert config["pad_token_id"] == make_chat_tokenizer().pad_token_id
    _, info = AutoModelForSequenceClassification.from_pretrained(folder, output_loading_info=True)
    assert not info["missing_keys"]
    assert not info["unexpected_keys"]


def test_the_card_has_figures_and_no_folders(finished: Path) -> None:
    card = (finished / "run/model/README.md").read_text(encoding="utf-8")
    training = json.loads((finished / "run/model/training.json").read_text(encoding="utf-8"))
    assert f"| mean of the criteria | | | {training['dev']['mean']:.3f} |" in card
    assert "24 pairs of pairs.jsonl" in card
    assert str(finished) not in card + json.dumps(training)


def test_another_recipe_does_not_go_on_with_a_run(base: Path, finished: Path) -> None:
    (finished / "run/model").rename(finished / "run/other")
    try:
        with pytest.raises(UserError, match=r"begun with other settings \(schedule, seed\)"):
            train(arguments(finished, base, seed=1, batch=8))
    finally:
        (finished / "run/other").rename(finished / "run/model")


def test_a_full_disk_leaves_the_last_good_checkpoint(
    base: Path, finished: Path, tmp_path: Path
) -> None:
    words = arguments(tmp_path, base)
    checkpoints = tmp_path / "run/checkpoints"
    good = "step-00000004"
    shutil.copytree(finished / "run/checkpoints" / good, checkpoints / good)
    _, hard = soft_hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, hard))
    try:
        with pytest.raises(UserError, match=r"step-00000006: cannot be written .*; make room"):
            train(words)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, soft_hard)
    assert [path.name for path in checkpoints.iterdir()] == [good]

    assert "going on after step 4" in train(words)
    heads = [
        AutoModelForSequenceClassification.from_pretrained(path / "run/model").score.weight
        for path in (finished, tmp_path)
    ]
    torch.testing.assert_close(heads[0], heads[1], rtol=0, atol=1e-5)


def test_a_corrupt_pair_file_is_named_with_its_line(base: Path, tmp_path: Path) -> None:
    words = arguments(tmp_path, base)
    with (tmp_path / "pairs.jsonl").open("a") as file:
        file.write("{broken\n")
    with pytest.raises(UserError, match=r"pairs\.jsonl:25: not JSON"):
        train(words)


def test_a_damaged_checkpoint_is_named(base: Path, finished: Path, tmp_path: Path) -> None:
    words = arguments(tmp_path, base)
    source = finished / "run/checkpoints/step-00000004"
    target = tmp_path / "run/checkpoints/step-00000004"
    target.mkdir(parents=True)
    for file in source.iterdir():
        data = file.read_bytes()
        (target / file.name).write_bytes(data[:5000] if file.suffix == ".distcp" else data)
    with pytest.raises(UserError, match="step-00000004: cannot be read"):
        train(words)


def test_adapters_are_merged_into_the_checkpoint(base: Path, tmp_path: Path) -> None:
    output = train(arguments(tmp_path, base, lora_rank=4, lora_dropout=0.1, epochs=0.5))
    assert "dev length-balanced accuracy" in output
    found, measured = count_right(tmp_path / "run", tmp_path / "pairs.jsonl")
    assert found == measured
    before = AutoModelForCausalLM.from_pretrained(base).state_dict()
    after = AutoModelForSequenceClassification.from_pretrained(tmp_path / "run/model").state_dict()
    moved = {name for name in after if name in before and not before[name].equal(after[name])}
    assert moved == {name for name in before if "_proj" in name}


def test_pairs_that_cannot_tell_anything_are_left_out(base: Path, tmp_path: Path) -> None:
    words = arguments(tmp_path, base, epochs=0.1, dev=None)
    rows = [json.loads(line) for line in (tmp_path / "pairs.jsonl").read_text().splitlines()]
    rows[0]["prompt"] = "long " * 100
    rows[1]["rejected"] = rows[1]["chosen"]
    rows[2] |= {"chosen": "x" * 400 + "a", "rejected": "x" * 400 + "b"}
    (tmp_path / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert "left out 3 of 24 pairs" in train(words)


def test_the_general_stage_learns_from_pairs_without_criterion_and_language(
    base: Path, tmp_path: Path
) -> None:
    chat = _write_chat(tmp_path / "chat.jsonl")
    output = train(arguments(tmp_path, base, stage="general", pairs=chat))
    assert "8 pairs in 2 steps of 4, 24 to measure on" in output
    assert "step 2/2 dev length-balanced accuracy" in output


def test_the_code_stage_refuses_pairs_without_criterion(base: Path, tmp_path: Path) -> None:
    chat = _write_chat(tmp_path / "chat.jsonl")
    with pytest.raises(UserError, match=r"chat.jsonl:1: .*'aspect' is missing"):
        train_rm(
            tmp_path / "run",
            RmRecipe(base=str(base), pairs=[chat], schedule=PRESETS[Stage.CODE]),
            RunOptions(),
            log=print,
        )


def _write_chat(file: Path) -> Path:
    rows = [
        {"input": f"Count to {n}.", "chosen": f"1 to {n}.", "rejected": "I would rather not."}
        for n in range(8)
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file
