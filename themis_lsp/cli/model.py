"""``themis-review model``: what is known about the model in use."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from themis_lsp.cli.group import CommandEntry, LazyGroup
from themis_lsp.cli.options import document_format_option, model_option

if TYPE_CHECKING:
    from themis_lsp.bundle import Bundle

_INDENT = 13

model = LazyGroup(
    "model",
    entries={
        "show": CommandEntry("themis_lsp.cli.model:show", "Show what the model's bundle says.")
    },
    help="Show the model in use.",
)


@click.command()
@model_option
@document_format_option
def show(model: str | None, output_format: str) -> None:
    """Show what the model's bundle says about itself, after checking every file in it."""
    from themis_lsp.bundle import find_bundle, load_bundle

    bundle = load_bundle(find_bundle(model))
    if output_format == "json":
        click.echo(json.dumps(_facts(bundle), indent=2))
    else:
        click.echo("\n".join(_lines(bundle)))


def _facts(bundle: Bundle) -> dict[str, object]:
    """Everything but the reference tables, which are tens of thousands of numbers."""
    manifest = bundle.manifest
    tables = manifest.calibration.percentiles
    return {
        "name": manifest.name,
        "family": manifest.family,
        "precision": manifest.precision,
        "format_version": manifest.format_version,
        "licence": manifest.licence,
        "path": str(bundle.path),
        "sha256": bundle.sha256,
        "size_bytes": bundle.size_bytes,
        "files": {
            file: {"size_bytes": entry.size_bytes, "sha256": entry.sha256}
            for file, entry in manifest.files.items()
        },
        "criteria": [criterion.value for criterion in manifest.criteria],
        "languages": [language.value for language in manifest.languages],
        "percentiles": [] if tables is None else [language.value for language in tables.tables],
        "limit_tokens": manifest.limit_tokens,
        "pooling": manifest.pooling.value,
        "quality": dict(manifest.quality),
        "provenance": dict(manifest.provenance),
    }


def _lines(bundle: Bundle) -> Iterator[str]:
    manifest = bundle.manifest
    tables = manifest.calibration.percentiles
    rows = {
        "name": f"{manifest.name} ({manifest.family}, {manifest.precision})",
        "licence": manifest.licence,
        "folder": str(bundle.path),
        "sha256": bundle.sha256,
        "size": f"{bundle.size_bytes / 1e6:.1f} MB, every file as the manifest says",
        "criteria": ", ".join(f"{c.code} {c.words}" for c in manifest.criteria),
        "languages": ", ".join(manifest.languages),
        "percentiles": "none" if tables is None else ", ".join(tables.tables),
        "window": f"{manifest.limit_tokens} tokens, pooling {manifest.pooling}",
    }
    for label, text in rows.items():
        yield f"{label:<{_INDENT}}{text}"
    for label, facts in (("quality", manifest.quality), ("provenance", manifest.provenance)):
        yield f"{label}{'' if facts else ' not recorded'}"
        for name, value in _flatten(facts):
            yield f"  {name}: {value}"


def _flatten(facts: Mapping[str, object], above: str = "") -> Iterator[tuple[str, str]]:
    for key, value in facts.items():
        name = f"{above}{key}"
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{name}.")
        elif isinstance(value, Sequence) and not isinstance(value, str):
            yield name, ", ".join(map(str, value))
        else:
            yield name, str(value)
