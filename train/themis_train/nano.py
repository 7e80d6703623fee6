"""The recipe of Themis-Nano, from a base model and pairs to a checkpoint."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from tokenizers import Tokenizer

from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError
from themis_lsp.neutral import NeutralEdit, read_neutral
from themis_lsp.pairs import PreferencePair, read_pairs
from themis_train.card import write_card
from themis_train.corpus import Labels, balance_lengths, encode_pairs
from themis_train.encode import EncodedPair, Window
from themis_train.evaluate import evaluate
from themis_train.fit import FitOptions, Rows, fit_body, fit_head
from themis_train.grams import fit_grams
from themis_train.machine import Machine, refuse_sharding
from themis_train.model import NanoMeta, NanoModel, keep_tokens, load_base, save_nano
from themis_train.precision import Precision
from themis_train.resume import WorkFolder
from themis_train.run import Log, Run
from themis_train.vocabulary import PrunedVocabulary, count_tokens, prune_vocabulary

WINDOW = Window(before=64, after=24, limit=2000)
BODY_LIMIT_TOKENS = 400
CRITERIA = tuple(Criterion)
WATCHED_PAIRS_PER_CELL = 150
TRUSTED_TWICE = 2
NOISY_LABELS, CERTAIN_LABELS = Labels(smoothing=0.12), Labels(smoothing=0.02)
LIMIT_TOKENS = 512


@dataclass(frozen=True, slots=True)
class NanoRecipe:
    """Everything a run depends on; stored in the checkpoint."""

    base: str
    pairs: Sequence[Path]
    revision: str | None = None
    gguf_file: str | None = None
    trusted: Sequence[Path] = ()
    degraded: Sequence[Path] = ()
    degraded_share: float = 0.2
    neutral: Sequence[Path] = ()
    neutral_share: float = 1.0
    states_limit: float = 0.3
    dev: Sequence[Path] = ()
    layers: int = 3
    vocabulary: int = 12000
    criterion_limit: int = 9000
    epochs: float = 0.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class _Sets:
    """What a run learns from, encoded with its own vocabulary; ``watched`` is to measure on."""

    vocabulary: PrunedVocabulary
    noisy: list[EncodedPair]
    certain: list[EncodedPair]
    calm: list[EncodedPair]
    more_calm: list[EncodedPair]
    watched: list[EncodedPair]


def train_nano(out: Path, recipe: NanoRecipe, *, log: Log) -> None:
    """Train and write the checkpoint to ``out``; ``log`` gets one line per event.

    What takes long is shared out between the processes that were launched, if several were. It is
    kept in ``out``.work as it is finished and removed at the end: a run that was killed goes on
    from there. Curves go to ``out``/tensorboard. Raises UserError when the machine, the base model
    or the pairs cannot be used, or something cannot be written.
    """
    refuse_sharding("themis-train nano", "its models are small")
    machine = Machine(Precision.FLOAT32, on_cpu=True)
    work = WorkFolder(out.with_name(f"{out.name}.work"))
    try:
        _train(out, recipe, Run(machine, work, log if machine.is_main else _say_nothing))
    finally:
        machine.close()


def _train(out: Path, recipe: NanoRecipe, run: Run) -> None:
    torch.manual_seed(recipe.seed)
    machine, options = run.machine, FitOptions(seed=recipe.seed, epochs=recipe.epochs)
    backbone, full_tokenizer = load_base(
        recipe.base, layers=recipe.layers, revision=recipe.revision, gguf_file=recipe.gguf_file
    )
    sets = machine.from_main(lambda: _read_sets(recipe, full_tokenizer, run.log))
    keep_tokens(backbone, sets.vocabulary.kept_ids)
    model = NanoModel(backbone, len(CRITERIA))
    rows = machine.from_main(lambda: _fit_grams(model, sets, recipe, run.log))
    machine.share_weights(model)
    run.log(f"head on {len(rows)} pairs, {sum(len(row.ids) for row in rows)} tokens")
    fit_head(model, rows, run, limit=recipe.states_limit)
    found = machine.from_main(lambda: evaluate(model, sets.watched, options.batch_tokens))
    run.log(f"with head: dev {found}")
    if options.epochs > 0:
        both = Rows(rows, sets.watched)
        model, found = fit_body(model, both, options, run, curves=out / "tensorboard")
        run.log(f"with body: dev {found}")
    if machine.is_main:
        save_nano(out, model, _describe(model, recipe, options), sets.vocabulary.tokenizer)
        base = Path(recipe.base).name
        write_card(out, base, found, pairs=len(rows), dev_pairs=len(sets.watched))
    machine.wait()  # or what another process still reads would be removed
    if machine.is_main:
        run.work.remove()


def _read_sets(recipe: NanoRecipe, full_tokenizer: Tokenizer, log: Log) -> _Sets:
    noisy, trusted = _read_all(recipe.pairs), _read_all(recipe.trusted)
    degraded = _read_all(recipe.degraded)
    neutral = [edit for path in recipe.neutral for edit in read_neutral(path)]
    log(
        f"read {len(noisy)} pairs, {len(trusted)} trusted ones, {len(degraded)} degradations, "
        f"{len(neutral)} neutral edits"
    )
    counts = count_tokens(full_tokenizer, (pair.chosen for pair in (*noisy, *trusted)))
    vocabulary = prune_vocabulary(full_tokenizer, counts, recipe.vocabulary)
    tokenizer = vocabulary.tokenizer

    # Pairs of one operator, the subset here, are alike whatever code they were made from.
    degradations = replace(
        CERTAIN_LABELS, share=recipe.degraded_share, source=lambda pair: pair.subset
    )
    noisy_rows = _encode(noisy, tokenizer, NOISY_LABELS)
    certain_rows = [
        *TRUSTED_TWICE * _encode(trusted, tokenizer, CERTAIN_LABELS),
        *_encode(degraded, tokenizer, degradations),
    ]
    calm = replace(CERTAIN_LABELS, share=recipe.neutral_share, source=lambda pair: pair.subset)
    calm_rows, more_calm_rows = (_encode(pairs, tokenizer, calm) for pairs in _both_ways(neutral))
    dev_rows = _encode(_read_all(recipe.dev), tokenizer, Labels(smoothing=0.0))
    if not (noisy_rows or certain_rows) or not dev_rows:
        raise UserError("no pair to train on, or none to measure on; give longer files")
    watched = _limit_cells(_keep_short(dev_rows), recipe.seed)
    return _Sets(vocabulary, noisy_rows, certain_rows, calm_rows, more_calm_rows, watched)


def _fit_grams(model: NanoModel, sets: _Sets, recipe: NanoRecipe, log: Log) -> list[EncodedPair]:
    """Fit the table; return the pairs to fit the states to, with what the table says of them."""
    rows = [*sets.noisy, *sets.certain, *sets.calm]
    learned = len(rows)
    rows = balance_lengths([*rows, *sets.more_calm], temper=1.0)
    held_out = fit_grams(model.grams, rows)
    rows = [replace(row, offset=margin) for row, margin in zip(rows, held_out, strict=True)]
    found = evaluate(model, sets.watched, FitOptions().batch_tokens)
    log(f"grams on {len(rows)} pairs: dev {found}")
    noisy = len(sets.noisy)
    limited = _limit_criteria(_keep_short(rows[:noisy]), recipe)
    return balance_lengths([*limited, *_keep_short(rows[noisy:learned])])


def _say_nothing(_line: str) -> None:
    pass


def _both_ways(
    edits: Iterable[NeutralEdit],
) -> tuple[list[PreferencePair], list[PreferencePair]]:
    """Each edit as two pairs, better after and better before: together they ask for a margin of 0.

    The first list has each edit on one criterion, the second on the others it must be stable on:
    its states are the same on all.
    """
    first: list[PreferencePair] = []
    others: list[PreferencePair] = []
    for number, edit in enumerate(edits):
        for place, criterion in enumerate(edit.stable):
            pairs = first if place == number % len(edit.stable) else others
            after = edit.as_pair(criterion)
            pairs += [replace(after, chosen=edit.before, rejected=edit.after), after]
    return first, others


def _describe(model: NanoModel, recipe: NanoRecipe, options: FitOptions) -> NanoMeta:
    training = json.loads(json.dumps({**asdict(recipe), **asdict(options)}, default=_file_name))
    return NanoMeta(
        name="Themis-Nano",
        base=Path(recipe.base).name,
        criteria=CRITERIA,
        sink_id=0,
        limit_tokens=LIMIT_TOKENS,
        baselines=tuple(model.empty_side.tolist()),
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
    pairs: Sequence[PreferencePair], tokenizer: Tokenizer, labels: Labels
) -> list[EncodedPair]:
    return encode_pairs(
        pairs, tokenizer, criteria=CRITERIA, sink_id=0, window=WINDOW, labels=labels
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


def _limit_cells(rows: Sequence[EncodedPair], seed: int) -> list[EncodedPair]:
    """Keep as many dev pairs whose better side is longer as shorter, in each criterion."""
    chance = random.Random(seed)
    cells: dict[tuple[int, bool], list[EncodedPair]] = defaultdict(list)
    for row in rows:
        cells[row.criterion, row.chosen_is_longer].append(row)
    return [
        row
        for cell in cells.values()
        for row in chance.sample(cell, min(len(cell), WATCHED_PAIRS_PER_CELL))
    ]
