"""``themis-train rm``: its options."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import click

from themis_train.options import FILE, seed_option
from themis_train.precision import Precision
from themis_train.rm.recipe import (
    PRESETS,
    Lora,
    Penalty,
    RmRecipe,
    RunOptions,
    Stage,
    Weighting,
)

_COUNT = click.IntRange(min=1)
_SHARE = click.FloatRange(min=0)
_FROM_STAGE = " Default: the stage's."
_SCHEDULE_OPTIONS = (
    *("peak_rate", "final_rate", "lm_weight", "magnitude_weight"),
    *("clip", "limit_tokens", "batch", "epochs"),
)
_RUN_OPTIONS = (
    *("micro_batch", "gradient_checkpointing", "shard"),
    *("save_every", "evaluate_every", "keep", "save_dtype"),
)


def _choice(words: type[StrEnum]) -> click.Choice[str]:
    return click.Choice([word.value for word in words])


@click.command()
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option("--base", required=True, help="Base model: a folder in the hub's layout or a hub id.")
@click.option("--revision", help="Commit of the base model on the hub.")
@click.option(
    "--lm-head",
    help="Where the base is a reward model without one: the model to take the language-model head "
    "from.",
)
@click.option("--pairs", multiple=True, type=FILE, required=True, help="Pairs to learn from.")
@click.option("--dev", multiple=True, type=FILE, help="Other pairs, to measure on.")
@click.option(
    "--dev-limit", default=200, show_default=True, type=_COUNT, help="Most of them a criterion."
)
@click.option(
    "--stage",
    type=_choice(Stage),
    default=Stage.CODE.value,
    show_default=True,
    help="Whose published settings to use: general preferences come first, then code.",
)
@click.option("--rate", "peak_rate", type=_SHARE, help="Peak learning rate." + _FROM_STAGE)
@click.option("--final-rate", type=_SHARE, help="Where the cosine ends." + _FROM_STAGE)
@click.option("--lm-weight", type=_SHARE, help="Weight of the language-model loss." + _FROM_STAGE)
@click.option(
    "--magnitude-weight", type=_SHARE, help="Weight of the magnitude penalty." + _FROM_STAGE
)
@click.option("--clip", type=_SHARE, help="Largest gradient norm." + _FROM_STAGE)
@click.option(
    "--limit-tokens", type=click.IntRange(min=64), help="Tokens of one side." + _FROM_STAGE
)
@click.option("--batch", type=_COUNT, help="Pairs an optimizer step, over all GPUs." + _FROM_STAGE)
@click.option("--epochs", type=_SHARE, help="Times each pair is seen." + _FROM_STAGE)
@click.option(
    "--penalty",
    type=_choice(Penalty),
    default=Penalty.ABSOLUTE.value,
    show_default=True,
    help="Magnitude penalty: (|c| + |r|)^2 as released, or (c + r)^2 as in the paper.",
)
@click.option(
    "--weighting",
    type=_choice(Weighting),
    default=Weighting.LENGTH_BALANCED.value,
    show_default=True,
    help="How pairs count: so that length does not tell the better side, or all alike.",
)
@click.option(
    "--criterion-prompts",
    type=FILE,
    help="JSON of system prompts: each criterion's key, and Full. Default: the package's own.",
)
@click.option("--chat-template", type=FILE, help="Jinja file to use instead of the tokenizer's.")
@click.option("--lora-rank", type=_COUNT, help="Train adapters of this rank, not all weights.")
@click.option("--lora-alpha", type=_COUNT, help="Scale of the adapters.  [default: 2 x rank]")
@click.option(
    "--lora-dropout",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.0,
    show_default=True,
    help="Share of an adapter's inputs to drop.",
)
@seed_option
@click.option(
    "--micro-batch", default=1, show_default=True, type=_COUNT, help="Pairs a pass, on each GPU."
)
@click.option(
    "--precision",
    type=_choice(Precision),
    default=Precision.AUTO.value,
    show_default=True,
    help="auto: bf16 where the processor or GPU has it natively.",
)
@click.option(
    "--gradient-checkpointing/--no-gradient-checkpointing",
    default=True,
    show_default=True,
    help="Compute states twice instead of keeping them.",
)
@click.option("--shard", is_flag=True, help="Spread the weights over the GPUs (FSDP2).")
@click.option(
    "--save-every", default=25, show_default=True, type=_COUNT, help="Steps between checkpoints."
)
@click.option(
    "--evaluate-every", default=50, show_default=True, type=_COUNT, help="Steps between figures."
)
@click.option("--keep", default=2, show_default=True, type=_COUNT, help="Checkpoints to keep.")
@click.option(
    "--save-dtype",
    type=click.Choice(["float32", "bfloat16"]),
    default="float32",
    show_default=True,
    help="Number format of the finished model.",
)
def rm(out: Path, **options: Any) -> None:
    """Train a Themis-RM into the folder OUT.

    Give the same command again to go on with a run that was stopped. OUT/model is the finished
    checkpoint, OUT/checkpoints holds the states to resume from, OUT/tensorboard the curves.

    \b
    Several GPUs:  torchrun --nproc-per-node 8 --no-python themis-train rm --shard ...
    """
    recipe, run_options = _resolve(options)
    try:
        from themis_train.rm.run import train_rm
    except ImportError as error:
        raise click.UsageError(
            f"{error.name} is not installed; pip install 'themis-review[train]'"
        ) from error

    train_rm(out, recipe, run_options, log=click.echo)


def _resolve(options: dict[str, Any]) -> tuple[RmRecipe, RunOptions]:
    """Sort the options into what the result depends on and what the machine decides."""
    stage = Stage(options.pop("stage"))
    changed = {name: options.pop(name) for name in _SCHEDULE_OPTIONS}
    schedule = replace(
        PRESETS[stage], **{name: value for name, value in changed.items() if value is not None}
    )
    rank, alpha, dropout = (options.pop(f"lora_{name}") for name in ("rank", "alpha", "dropout"))
    run_options = RunOptions(
        precision=Precision(options.pop("precision")),
        **{name: options.pop(name) for name in _RUN_OPTIONS},
    )
    recipe = RmRecipe(
        stage=stage,
        schedule=schedule,
        penalty=Penalty(options.pop("penalty")),
        weighting=Weighting(options.pop("weighting")),
        lora=Lora(rank, alpha or 2 * rank, dropout) if rank else None,
        **options,
    )
    return recipe, run_options
