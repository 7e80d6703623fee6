"""The finished model: a plain sequence-classification checkpoint with a card."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import AutoModelForSequenceClassification, PretrainedConfig

from themis_lsp.criteria import Criterion
from themis_train.rm.base import Base
from themis_train.rm.lora import merge_adapters
from themis_train.rm.prompts import FILE_NAME, CriterionPrompts
from themis_train.rm.recipe import RmRecipe, RunOptions

_PREFIX = "classifier."


def save_model(
    folder: Path,
    state: Mapping[str, Tensor],
    base: Base,
    *,
    recipe: RmRecipe,
    options: RunOptions,
) -> None:
    """Write weights and tokenizer; ``state`` is that of the trained module."""
    weights = {name[len(_PREFIX) :]: t for name, t in state.items() if name.startswith(_PREFIX)}
    if recipe.lora is not None:
        weights = merge_adapters(weights, recipe.lora)
    dtype = getattr(torch, options.save_dtype)
    config: PretrainedConfig = base.model.classifier.config
    with torch.device("meta"):
        shell = AutoModelForSequenceClassification.from_config(config, dtype=dtype)
    state_dict = {name: tensor.to("cpu", dtype) for name, tensor in weights.items()}
    shell.save_pretrained(folder, state_dict=state_dict)
    base.tokenizer.save_pretrained(folder)
    _name_rope_twice(folder / "config.json")


def write_card(
    folder: Path, recipe: RmRecipe, prompts: CriterionPrompts, *, facts: Mapping[str, Any]
) -> None:
    """Write README.md, the prompts and training.json; ``facts`` go into the last.

    ``facts`` holds ``pairs``, ``steps`` and ``dev``, the last validation or None.
    """
    _write_json(folder / FILE_NAME, prompts.texts())
    _write_json(folder / "training.json", {"recipe": recipe.describe(), **facts})
    (folder / "README.md").write_text(_format_card(recipe, facts), encoding="utf-8")


def _name_rope_twice(config_file: Path) -> None:
    """Say the base of the rotary embedding where older readers look too.

    They take 10,000 without a word where they find none, and every reward is wrong.
    """
    fields = json.loads(config_file.read_text(encoding="utf-8"))
    theta = (fields.get("rope_parameters") or {}).get("rope_theta")
    if theta is not None:
        _write_json(config_file, {**fields, "rope_theta": theta})


def _write_json(file: Path, fields: Mapping[str, object]) -> None:
    file.write_text(json.dumps(fields, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _format_card(recipe: RmRecipe, facts: Mapping[str, Any]) -> str:
    plain, schedule = recipe.describe(), recipe.schedule
    lora = f"LoRA of rank {recipe.lora.rank}" if recipe.lora else "all weights"
    return f"""\
---
base_model: {plain["base"]}
library_name: transformers
pipeline_tag: text-classification
tags: [reward-model, code, themis-rm]
---

# A reward model for code

It gives an answer to a request about code one number, a raw logit: higher is better. A number means
nothing alone; only the difference between two answers to one request does. A system prompt steers
it to one of five criteria; `{FILE_NAME}` holds the prompts it was trained with. The terms
of the base model and of the training data apply.

## Use

    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(FOLDER)
    model = AutoModelForSequenceClassification.from_pretrained(FOLDER)
    text = tokenizer.apply_chat_template(
        [{{"role": "system", "content": PROMPT}}, {{"role": "user", "content": REQUEST}},
         {{"role": "assistant", "content": CODE}}], tokenize=False)
    reward = model(**tokenizer(text, return_tensors="pt", add_special_tokens=False)).logits

At most {schedule.limit_tokens} tokens; longer answers lose their end.

## How well it does

{_format_figures(facts["dev"])}

## How it was made

`themis-train rm`, stage {recipe.stage.value}; every setting is in `training.json`.

| | |
| --- | --- |
| base | {plain["base"]}, {lora} |
| data | {facts["pairs"]:,} pairs of {", ".join(path.name for path in recipe.pairs)} |
| length | {facts["steps"]:,} steps of {facts["batch"]:,} pairs |
| learning rate | {schedule.peak_rate:g} to {schedule.final_rate:g}, cosine |
| language-model loss | x {schedule.lm_weight:g} |
| magnitude penalty | {recipe.penalty.value}, x {schedule.magnitude_weight:g} |
| gradient norm | at most {schedule.clip:g} |
| weighting of pairs | {recipe.weighting.value} |
"""


def _format_figures(dev: Mapping[str, Any] | None) -> str:
    if dev is None:
        return "It was not measured: the run had no validation pairs."
    lines = [
        "Validation pairs; length-balanced is the mean of the accuracy where the longer and where",
        "the shorter answer is the better one, so that measuring length alone earns .5.",
        "",
        "| criterion | pairs | accuracy | length-balanced |",
        "| --- | --- | --- | --- |",
    ]
    for criterion in Criterion:
        figures = dev["by_criterion"][criterion.value]
        shown = [_show(figures[key]) for key in ("accuracy", "length_balanced_accuracy")]
        lines.append(f"| {criterion.words} | {figures['count']:,} | {' | '.join(shown)} |")
    lines.append(f"| mean of the criteria | | | {_show(dev['mean'])} |")
    return "\n".join(lines)


def _show(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
