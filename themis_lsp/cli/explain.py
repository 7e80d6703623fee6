"""``--explain CONCERN``: what a named concern means and what to do about it."""

from __future__ import annotations

import textwrap

import click

_WIDTH = 88


def explain(context: click.Context, _parameter: click.Parameter, name: str | None) -> None:
    """Print the concern ``name``, or the names of all of them for ``list``, and leave."""
    if name is None or context.resilient_parsing:
        return
    from themis_lsp.concerns import all_concerns, find_concern

    if name == "list":
        width = max(map(len, all_concerns())) + 2
        for concern in all_concerns().values():
            click.echo(f"{concern.criterion.code}  {concern.name:{width}}{concern.title}")
    else:
        concern = find_concern(name)
        click.echo(f"{concern.name} ({concern.criterion.words}): {concern.title}\n")
        for sentence in (concern.why, f"Instead: {concern.remedy}"):
            click.echo(textwrap.fill(sentence, _WIDTH))
    context.exit(0)
