"""Scoring a corpus of any size into a folder of parquet shards.

A shard carries in its metadata the hash of what was scored and of the bundle that scored it. So a
run that was killed goes on where it stopped, and shards of other input are never taken for its own.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from themis_lsp.bundle.percentiles import ReferenceTables
from themis_lsp.errors import BundleError, UserError
from themis_lsp.judgement.readings import MINIMUM_TOKENS
from themis_lsp.rows import import_bench_module
from themis_lsp.scoring.score import Progress, Score, Scorer, Snippet
from themis_lsp.writing import write_whole

_KEY = b"themis_shard"
_SHARD_NAME = re.compile(r"part-(\d{5,})\.parquet")


@dataclass(frozen=True, slots=True)
class CorpusItem:
    """One row to come: where its code is from and what the scorer is to read of it.

    ``start_line`` is 1-based, None for code that came as a row of a table.
    """

    id: str
    name: str
    start_line: int | None
    snippet: Snippet


@dataclass(frozen=True, slots=True)
class CorpusOutcome:
    """How much was scored by this run, and how much was there from an earlier one."""

    scored: int
    kept: int
    shards: int


def score_corpus(
    items: Iterable[CorpusItem],
    scorer: Scorer,
    *,
    folder: Path,
    tables: ReferenceTables | None,
    shard_rows: int,
    progress: Progress | None = None,
) -> CorpusOutcome:
    """Write ``items``, with their scores, to ``part-00000.parquet``, ... of ``folder``.

    ``items`` is read as it is scored, ``shard_rows`` at a time. A shard is there whole or not at
    all; one that is there already is kept. Raises UserError when a shard there is of other input,
    another bundle or another size, and when the folder cannot be written to; BundleError when a
    reward is not a number.
    """
    scored, kept, shards = 0, 0, 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for part in _split(items, shard_rows):
            path = folder / f"part-{shards:05}.parquet"
            key = _shard_key(part, scorer)
            shards += 1
            if path.exists():
                _check_shard(path, key)
                kept += len(part)
                if progress is not None:
                    progress(len(part))
                continue
            scores = scorer.score([item.snippet for item in part], progress)
            write_whole(path, _shard(part, scores, scorer, tables=tables, key=key))
            scored += len(part)
        _refuse_leftovers(folder, shards)
    except OSError as error:
        raise UserError(
            f"{folder}: cannot be written ({error.strerror or error}); finished shards are kept: "
            "run the same command again when there is room"
        ) from error
    return CorpusOutcome(scored, kept, shards)


def _split(items: Iterable[CorpusItem], size: int) -> Iterator[list[CorpusItem]]:
    iterator = iter(items)
    while part := list(islice(iterator, size)):
        yield part


def _shard_key(part: Sequence[CorpusItem], scorer: Scorer) -> bytes:
    info = scorer.info
    scored_by = [info.bundle_sha256, info.provider, info.is_faithful]
    digest = hashlib.sha256(json.dumps(scored_by).encode())
    for item in part:
        own = item.snippet
        fields = [item.id, item.name, item.start_line, own.language.value, own.text, own.task]
        digest.update(json.dumps(fields).encode() + b"\n")
    return digest.hexdigest().encode()


def _check_shard(path: Path, key: bytes) -> None:
    pyarrow = import_bench_module("pyarrow")
    try:
        metadata = import_bench_module("pyarrow.parquet").read_schema(path).metadata or {}
    except pyarrow.ArrowException as error:
        raise UserError(
            f"{path}: not a readable parquet file ({error}); remove it, it is scored anew"
        ) from error
    if metadata.get(_KEY) != key:
        raise UserError(
            f"{path}: of other input, another model or provider, or another --shard-rows; give the "
            "same again or another folder"
        )


def _refuse_leftovers(folder: Path, shards: int) -> None:
    for path in sorted(folder.iterdir()):
        found = _SHARD_NAME.fullmatch(path.name)
        if found is not None and int(found[1]) >= shards:
            raise UserError(
                f"{path}: left by a run on more input, beyond the {shards} shards of this one; "
                "remove it or give another folder"
            )


def _shard(
    part: Sequence[CorpusItem],
    scores: Sequence[Score],
    scorer: Scorer,
    *,
    tables: ReferenceTables | None,
    key: bytes,
) -> bytes:
    pyarrow = import_bench_module("pyarrow")
    for item, score in zip(part, scores, strict=True):
        if not np.isfinite(score.rewards).all():
            raise BundleError(
                f"the model gave a reward that is not a number to {item.id}; "
                "the bundle is damaged or wrongly exported"
            )
    text, number = pyarrow.string(), pyarrow.float64()
    columns = {
        "id": pyarrow.array([item.id for item in part], text),
        "name": pyarrow.array([item.name for item in part], text),
        "start_line": pyarrow.array([item.start_line for item in part], pyarrow.int64()),
        "language": pyarrow.array([item.snippet.language.value for item in part], text),
        "tokens": pyarrow.array([len(score.token_starts) for score in scores], pyarrow.int64()),
    }
    for column, criterion in enumerate(scorer.info.criteria):
        rewards = [float(score.rewards[column]) for score in scores]
        columns[f"reward.{criterion.value}"] = pyarrow.array(rewards, number)
        percentiles = [
            None
            if tables is None or len(score.token_starts) < MINIMUM_TOKENS
            else tables.percentile(
                item.snippet.language, len(item.snippet.text), criterion=criterion, reward=reward
            )
            for item, score, reward in zip(part, scores, rewards, strict=True)
        ]
        columns[f"percentile.{criterion.value}"] = pyarrow.array(percentiles, number)
    columns["bundle_sha256"] = pyarrow.array([scorer.info.bundle_sha256] * len(part), text)
    table = pyarrow.table(columns).replace_schema_metadata({_KEY: key})
    buffer = io.BytesIO()
    import_bench_module("pyarrow.parquet").write_table(table, buffer)
    return buffer.getvalue()
