"""``themis-train``: the command line of the training package."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from themis_lsp.errors import ThemisError
from themis_train.concerns.cli import concerns
from themis_train.degradation.cli import degrade
from themis_train.mining.cli import git
from themis_train.neutral.cli import neutral
from themis_train.options import FILE, seed_option
from themis_train.rm.cli import rm


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """Make preference pairs and fit reward models to them."""


@commands.group(context_settings={"help_option_names": ["-h", "--help"]})
def pairs() -> None:
    """Make preference pairs."""


pairs.add_command(git)
pairs.add_command(degrade)
pairs.add_command(neutral)
commands.add_command(rm)
commands.add_command(concerns)


@commands.command()
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option("--base", required=True, help="Base model: a folder in the hub's layout or a hub id.")
@click.option("--revision", help="Commit of the base model on the hub.")
@click.option("--gguf-file", help="Name of the GGUF file to read inside the base folder.")
@click.option("--pairs", multiple=True, type=FILE, required=True, help="Pairs to learn from.")
@click.option(
    "--trusted",
    multiple=True,
    type=FILE,
    help="Pairs whose labels are certain; seen twice.",
)
@click.option(
    "--degraded",
    multiple=True,
    type=FILE,
    help="Pairs of `themis-train pairs degrade`.",
)
@click.option(
    "--degraded-share",
    type=click.FloatRange(0.0, min_open=True),
    default=0.2,
    show_default=True,
    help="What a pair of --degraded counts beside one of --pairs.",
)
@click.option(
    "--neutral",
    multiple=True,
    type=FILE,
    help="Edits of `themis-train pairs neutral`, whose margins are to be nought.",
)
@click.option(
    "--neutral-share",
    type=click.FloatRange(0.0, min_open=True),
    default=1.0,
    show_default=True,
    help="What a neutral edit counts beside a pair of --pairs, on each criterion.",
)
@click.option(
    "--states-limit",
    type=click.FloatRange(0.0, 1.0),
    default=0.3,
    show_default=True,
    help="The most that the reading of states counts beside the table of tokens.",
)
@click.option("--dev", multiple=True, type=FILE, required=True, help="Other pairs, to measure on.")
@click.option("--layers", default=3, show_default=True, help="Decoder layers to keep.")
@click.option("--vocabulary", default=12000, show_default=True, help="Tokens to keep.")
@click.option("--criterion-limit", default=9000, show_default=True, help="Most pairs a criterion.")
@click.option(
    "--epochs",
    default=0.0,
    show_default=True,
    help="Times each pair is seen in fine-tuning the body; 0 leaves it as it is.",
)
@seed_option
def nano(out: Path, **options: object) -> None:
    """Train a Themis-Nano into the folder OUT."""
    try:
        from themis_train.nano import NanoRecipe, train_nano
    except ImportError as error:
        raise click.UsageError(
            f"{error.name} is not installed; pip install 'themis-review[cpu,train]'"
        ) from error

    train_nano(out, NanoRecipe(**options), log=click.echo)  # type: ignore[arg-type]  # click's types


def main() -> None:
    """Run the command; print what the user can fix and exit 2."""
    try:
        commands()
    except ThemisError as error:
        click.echo(f"themis-train: error: {error}", err=True)
        sys.exit(2)
