"""The recipe of Themis-Nano, from a base model and pairs to a checkpoint."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer

from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError
from themis_lsp.pairs import PreferencePair, read_pairs
from themis_train.corpus import balance_lengths, encode_pairs
from themis_train.encode import EncodedPair, Window
from themis_train.evaluate import evaluate
from themis_train.fit import FitOptions, fit, fit_head
from themis_train.grams import fit_grams
from themis_train.model import NanoMeta, NanoModel, keep_tokens, load_base, save_nano
from themis_train.stack import fit_stack
from themis_train.vocabulary import count_tokens, prune_vocabulary

WINDOW = Window(before=64, after=24, limit=2000)
BODY_LIMIT_TOKENS = 400
CRITERIA = tuple(Criterion)
HEAD_PAIRS = 4000
WATCHED_PAIRS_PER_CELL, STACK_PAIRS_PER_CELL = 50, 150
NOISY_LABELS, CERTAIN_LABELS = 0.12, 0.02
LIMIT_TOKENS = 512


@dataclass(frozen=True, slots=True)
class NanoRecipe:
    """Everything a run depends on; stored in the checkpoint."""

    base: str
    pairs: Sequence[Path]
    revision: str | None = None
    gguf_file: str | None = None
    trusted: Sequence[Path] = ()
    dev: Sequence[Path] = ()
    layers: int = 6
    vocabulary: int = 12000
    criterion_limit: int = 8000
    epochs: float = 1.0
    seed: int = 0


def train_nano(out: Path, recipe: NanoRecipe, *, log: Callable[[str], None]) -> None:
    """Train and write the checkpoint to ``out``; ``log`` gets one line per event.

    Raises UserError when the base model or the pairs cannot be used.
    """
    torch.manual_seed(recipe.seed)
    backbone, full_tokenizer = load_base(
        recipe.base, layers=recipe.layers, revision=recipe.revision, gguf_file=recipe.gguf_file
    )
    noisy, trusted = _read_all(recipe.pairs), _read_all(recipe.trusted)
    log(f"read {len(noisy)} pairs and {len(trusted)} trusted pairs")
    counts = count_tokens(full_tokenizer, (pair.chosen for pair in (*noisy, *trusted)))
    vocabulary = prune_vocabulary(full_tokenizer, counts, recipe.vocabulary)
    keep_tokens(backbone, vocabulary.kept_ids)
    tokenizer = vocabulary.tokenizer

    noisy_rows = _encode(noisy, tokenizer, NOISY_LABELS)
    trusted_rows = _encode(trusted, tokenizer, CERTAIN_LABELS)
    dev_rows = balance_lengths(_encode(_read_all(recipe.dev), tokenizer, 0.0))
    short = _limit_criteria(_keep_short(noisy_rows), recipe)
    rows = balance_lengths(short + 2 * _keep_short(trusted_rows))
    watched = _limit_cells(_keep_short(dev_rows), recipe.seed)
    if not rows or not dev_rows:
        raise UserError("no pair to train on, or none to measure on; give longer files")
    options = FitOptions(seen_pairs=int(len(rows) * recipe.epochs), seed=recipe.seed)
    log(f"training on {len(rows)} pairs, {sum(len(r.ids) for r in rows)} tokens an epoch")

    model = NanoModel(backbone, len(CRITERIA))
    shuffled = random.Random(recipe.seed).sample(rows, len(rows))
    fit_head(model, shuffled[:HEAD_PAIRS])
    log(f"head only: dev {evaluate(model, watched, options.batch_tokens)}")

    def keep(average: NanoModel) -> None:
        save_nano(out, average, _describe(average, recipe, options), tokenizer)

    average = fit(model, rows, watched, options, log=log, keep=keep)
    log(f"head and body: dev {evaluate(average, watched, options.batch_tokens)}")
    add_grams(average, noisy_rows + 2 * trusted_rows, _keep_short(dev_rows), log=log)
    keep(average)
    log(f"with grams: dev {evaluate(average, watched, options.batch_tokens)}")


def add_grams(
    model: NanoModel,
    rows: Sequence[EncodedPair],
    dev_rows: Sequence[EncodedPair],
    *,
    log: Callable[[str], None],
) -> None:
    """Fit the gram table to ``rows`` and its share in the reward to ``dev_rows``, in place."""
    gram_empty_side = fit_grams(model.grams, balance_lengths(rows, temper=1.0))
    factors = fit_stack(model, gram_empty_side, _limit_cells(dev_rows, 0, STACK_PAIRS_PER_CELL))
    for criterion, (states, grams) in zip(CRITERIA, factors, strict=True):
        log(f"{criterion.words}: states count {states:.2f}, grams count {grams:.2f}")


def _describe(model: NanoModel, recipe: NanoRecipe, options: FitOptions) -> NanoMeta:
    training = json.loads(json.dumps({**asdict(recipe), **asdict(options)}, default=_file_name))
    return NanoMeta(
        name="Themis-Nano",
        base=Path(recipe.base).name,
        criteria=CRITERIA,
        sink_id=0,
        limit_tokens=LIMIT_TOKENS,
        baselines=tuple(model.baseline.tolist()),
        training=training,
    )


def _file_name(path: object) -> str:
    """Folders of the machine that trained are nobody's business."""
    return Path(str(path)).name


def _keep_short(rows: Sequence[EncodedPair]) -> list[EncodedPair]:
    return [row for row in rows if len(row.ids) <= BODY_LIMIT_TOKENS]


def _read_all(paths: Sequence[Path]) -> list[PreferencePair]:
    return [pair for path in paths for pair in read_pairs(path)]


def _encode(
    pairs: Sequence[PreferencePair], tokenizer: Tokenizer, smoothing: float
) -> list[EncodedPair]:
    return encode_pairs(
        pairs, tokenizer, criteria=CRITERIA, sink_id=0, window=WINDOW, smoothing=smoothing
    )


def _limit_criteria(rows: Sequence[EncodedPair], recipe: NanoRecipe) -> list[EncodedPair]:
    """Keep at most ``criterion_limit`` pairs of each criterion, drawn at random."""
    chance = random.Random(recipe.seed)
    groups: dict[int, list[EncodedPair]] = defaultdict(list)
    for row in rows:
        groups[row.criterion].append(row)
    return [
        row
        for group in groups.values()
        for row in chance.sample(group, min(len(group), recipe.criterion_limit))
    ]


def _limit_cells(
    rows: Sequence[EncodedPair], seed: int, most: int = WATCHED_PAIRS_PER_CELL
) -> list[EncodedPair]:
    """Keep as many dev pairs whose better side is longer as shorter, in each criterion."""
    chance = random.Random(seed)
    cells: dict[tuple[int, bool], list[EncodedPair]] = defaultdict(list)
    for row in rows:
        cells[row.criterion, row.chosen_is_longer].append(row)
    return [row for cell in cells.values() for row in chance.sample(cell, min(len(cell), most))]
