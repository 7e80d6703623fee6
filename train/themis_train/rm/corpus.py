"""From files of preference pairs to the examples of a run."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError
from themis_lsp.pairs import GeneralPair, PreferencePair, read_general_pairs, read_pairs
from themis_train.balance import length_weights
from themis_train.order import Place
from themis_train.rm.encode import LEAST_ANSWER_TOKENS, ConversationEncoder, EncodedAnswer
from themis_train.rm.prompts import CriterionPrompts, choose_prompt
from themis_train.rm.recipe import RmRecipe, Weighting

RmPair = PreferencePair | GeneralPair


@dataclass(frozen=True, slots=True)
class EncodedPair:
    """Both conversations of a pair and what it counts."""

    chosen: EncodedAnswer
    rejected: EncodedAnswer
    weight: float

    @property
    def longest(self) -> int:
        """The tokens of the longer side."""
        return max(len(self.chosen.ids), len(self.rejected.ids))


@dataclass(frozen=True, slots=True)
class Examples:
    """The pairs of a run with their weights, encoded when they are asked for."""

    pairs: Sequence[RmPair]
    weights: Sequence[float]
    encoder: ConversationEncoder
    prompts: CriterionPrompts
    seed: int

    def at(self, place: Place) -> EncodedPair:
        """Encode one pair with the system prompt that its place in the run draws."""
        pair = self.pairs[place.index]
        system = choose_prompt(self.prompts, pair.criterion, place.chance(self.seed))
        return encode_pair(pair, system, self.encoder, self.weights[place.index])

    def to_measure(self, index: int) -> EncodedPair:
        """Encode one pair with the prompt of its criterion, or of all where it has none."""
        pair = self.pairs[index]
        return encode_pair(pair, self.prompts.of(pair.criterion), self.encoder)


def encode_pair(
    pair: RmPair, system: str | None, encoder: ConversationEncoder, weight: float = 1.0
) -> EncodedPair:
    """Encode both sides. Raises UserError for a pair that ``keep_usable`` would leave out."""
    chosen = encoder.encode(system, pair.prompt, pair.chosen)
    rejected = encoder.encode(system, pair.prompt, pair.rejected)
    if chosen is None or rejected is None:
        raise UserError(f"pair {pair.id}: the request alone is too long; raise --limit-tokens")
    return EncodedPair(chosen, rejected, weight)


def read_all(paths: Sequence[Path], *, is_general: bool = False) -> list[RmPair]:
    """Return the pairs of all files; general ones may have no criterion.

    Raises PairsError, naming the line, when one is bad.
    """
    read = read_general_pairs if is_general else read_pairs
    return [pair for path in paths for pair in read(path)]


def keep_usable(
    pairs: Sequence[RmPair], encoder: ConversationEncoder, prompts: CriterionPrompts
) -> list[RmPair]:
    """Leave out pairs whose request is too long, or whose sides do not differ within the limit.

    That is judged with the longest system prompt, so that it does not depend on chance. Raises
    UserError when that prompt alone is too long.
    """
    longest = max([prompts.full, *prompts.single.values()], key=len)
    room = encoder.limit_tokens - encoder.count_around(longest)
    if room < LEAST_ANSWER_TOKENS:
        raise UserError(
            f"the longest system prompt takes {encoder.limit_tokens - room} tokens and a side may "
            f"have {encoder.limit_tokens}; raise --limit-tokens"
        )
    return [pair for pair in pairs if _is_usable(pair, longest, encoder, room)]


def make_examples(
    pairs: Sequence[RmPair],
    recipe: RmRecipe,
    encoder: ConversationEncoder,
    prompts: CriterionPrompts,
) -> Examples:
    """Weigh the pairs as the recipe says."""
    weights = [1.0] * len(pairs)
    if recipe.weighting is Weighting.LENGTH_BALANCED and pairs:
        cells = [(pair.criterion, len(pair.chosen) > len(pair.rejected)) for pair in pairs]
        weights = length_weights(cells).tolist()
    return Examples(pairs, weights, encoder, prompts, recipe.seed)


def limit_cells(pairs: Sequence[RmPair], most: int, seed: int) -> list[RmPair]:
    """Keep at most ``most`` pairs of each criterion, half of them with a longer better side."""
    chance = random.Random(seed)
    cells: dict[tuple[Criterion | None, bool], list[RmPair]] = defaultdict(list)
    for pair in pairs:
        cells[pair.criterion, len(pair.chosen) > len(pair.rejected)].append(pair)
    half = max(most // 2, 1)
    return [pair for cell in cells.values() for pair in chance.sample(cell, min(len(cell), half))]


def _is_usable(pair: RmPair, longest: str, encoder: ConversationEncoder, room: int) -> bool:
    if pair.chosen == pair.rejected:
        return False
    # A token is a byte or more, so most pairs need not be encoded to know that they fit.
    shared = pair.chosen[: _count_shared(pair.chosen, pair.rejected)]
    if len((pair.prompt + shared).encode()) + LEAST_ANSWER_TOKENS < room:
        return True
    chosen = encoder.encode(longest, pair.prompt, pair.chosen)
    rejected = encoder.encode(longest, pair.prompt, pair.rejected)
    if chosen is None or rejected is None:
        return False
    return not np.array_equal(chosen.ids, rejected.ids)


def _count_shared(left: str, right: str) -> int:
    limit = min(len(left), len(right))
    return next((n for n in range(limit) if left[n] != right[n]), limit)
