"""``themis-train concerns``."""

from __future__ import annotations

from pathlib import Path

import click

from themis_lsp.errors import UserError
from themis_train.options import FILE, seed_option


@click.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--tokenizer",
    type=FILE,
    required=True,
    help="tokenizer.json of the checkpoint or bundle that the head is for.",
)
@click.option(
    "--degraded",
    multiple=True,
    type=FILE,
    required=True,
    help="Pairs of `themis-train pairs degrade`.",
)
@click.option(
    "--other",
    multiple=True,
    type=FILE,
    required=True,
    help="Pairs without a known concern, on which no name should be shown.",
)
@seed_option
def concerns(
    out: Path, *, tokenizer: Path, degraded: tuple[Path, ...], other: tuple[Path, ...], seed: int
) -> None:
    """Teach a reviewer to name what is likely wrong with a change; writes OUT (.npz).

    `themis-export --concerns OUT` puts it into a bundle.
    """
    try:
        from themis_train.concerns.run import train_concerns
    except ImportError as error:
        raise click.UsageError(
            f"{error.name} is not installed; pip install 'themis-review[cpu,train]'"
        ) from error
    if out.suffix != ".npz":
        raise UserError(f"{out}: name it something.npz")
    train_concerns(
        out, tokenizer=tokenizer, degraded=degraded, other=other, seed=seed, log=click.echo
    )
