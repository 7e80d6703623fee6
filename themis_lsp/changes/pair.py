"""Pairing units before and after: by place and name first, then by what they say."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from themis_lsp.changes.change import Change, ChangeKind, FileUnits, Pairing
from themis_lsp.changes.own import own_texts, squeeze, syntax_form
from themis_lsp.languages import Language
from themis_lsp.units.unit import Unit, UnitKind

_TOKEN = re.compile(r"\w+|[^\w\s]")
_ALIKE = 0.65
_ALIKE_OF_ONE_NAME = 0.5
_ALIKE_OF_ONE_PLACE = 0.3
_SAME_NAME_BONUS, _SAME_FILE_BONUS, _SAME_KIND_BONUS = 0.2, 0.1, 0.05
# A line that many units have tells nothing about which of them became which.
_COMMON = 20
_COMPARED_TOKENS = 5000


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """A unit to pair: ``order`` counts all units of its side, ``form`` tells the same code."""

    unit: Unit
    file: int
    order: int
    own: str
    form: str

    @property
    def sort(self) -> tuple[Language, bool]:
        """Units of different sorts are never paired."""
        return self.unit.language, self.unit.kind is UnitKind.STATEMENTS

    @property
    def own_name(self) -> str:
        """The name without what it is qualified by; that of statements is their place."""
        is_run = self.unit.kind is UnitKind.STATEMENTS
        return self.unit.name if is_run else self.unit.name.rpartition(".")[2]


_Pair = tuple[_Piece, _Piece]
_Key = Callable[[_Piece], Hashable]


def pair_units(files: Sequence[FileUnits]) -> Pairing:
    """Return which units became which, over all files of one edit.

    In turn: the same code in the same file, wherever in it; one qualified name in one file; the
    same code in another file; code alike enough to have been renamed or moved. Code is the same if
    it differs only in white space without meaning, and in the units inside it. Turning the sides
    round turns the pairing round.
    """
    lefts, rights = _make_pieces(files)
    matching = _Matching(lefts, rights)
    same: list[_Pair] = []
    same += matching.match_same(lambda p: (p.file, p.sort, p.unit.name, p.form))
    same += matching.match_same(lambda p: (p.file, p.sort, p.form))
    other = matching.match_named()
    same += matching.match_same(lambda p: (p.sort, p.own_name, p.form))
    same += matching.match_same(lambda p: (p.sort, p.form))
    other += matching.match_alike()
    changes = [
        *(((right.file, right.unit.start_line, 0), _paired(left, right)) for left, right in other),
        *(
            ((left.file, left.unit.start_line, 1), Change(ChangeKind.DELETED, left.unit, None))
            for left in matching.lefts
        ),
        *(
            ((right.file, right.unit.start_line, 0), Change(ChangeKind.ADDED, None, right.unit))
            for right in matching.rights
        ),
    ]
    changes.sort(key=lambda placed: placed[0])
    same.sort(key=lambda pair: pair[1].order)
    return Pairing(
        tuple(change for _, change in changes),
        tuple((left.unit, right.unit) for left, right in same),
    )


def _paired(left: _Piece, right: _Piece) -> Change:
    is_run = right.unit.kind is UnitKind.STATEMENTS
    if left.own_name != right.own_name and not is_run:
        kind = ChangeKind.RENAMED
    elif left.file != right.file or left.unit.name != right.unit.name:
        kind = ChangeKind.MOVED
    else:
        kind = ChangeKind.MODIFIED
    return Change(kind, left.unit, right.unit)


def _make_pieces(files: Sequence[FileUnits]) -> tuple[list[_Piece], list[_Piece]]:
    sides = [
        [
            (number, unit, own)
            for number, file in enumerate(files)
            for unit, own in zip(units(file), own_texts(units(file)), strict=True)
        ]
        for units in (_before, _after)
    ]
    texts: dict[tuple[Language, str], set[str]] = defaultdict(set)
    for _, unit, own in (*sides[0], *sides[1]):
        texts[unit.language, squeeze(own)].add(own)

    def form(unit: Unit, own: str) -> str:
        """Only where code differs in nothing but white space does it have to be parsed."""
        key = unit.language, squeeze(own)
        return own if len(texts[key]) == 1 else syntax_form(own, unit.language)

    lefts, rights = (
        [
            _Piece(unit, file, order, own, form(unit, own))
            for order, (file, unit, own) in enumerate(side)
        ]
        for side in sides
    )
    return lefts, rights


def _before(file: FileUnits) -> tuple[Unit, ...]:
    return file.before


def _after(file: FileUnits) -> tuple[Unit, ...]:
    return file.after


@dataclass(slots=True)
class _Matching:
    """The pieces of both sides that have no counterpart yet."""

    lefts: list[_Piece]
    rights: list[_Piece] = field(default_factory=list)

    def match_same(self, key: _Key) -> list[_Pair]:
        """Pair pieces of one key, in order."""
        groups = self._group(key)
        return self._settle(pair for group in groups for pair in zip(*group, strict=False))

    def match_named(self) -> list[_Pair]:
        """Pair pieces of one name in one file: where there are several, the most alike first."""
        pairs: list[_Pair] = []
        for left, right in self._group(lambda p: (p.file, p.sort, p.unit.name)):
            if len(left) == len(right) == 1:
                pairs.append((left[0], right[0]))
            else:
                candidates = ((one, other) for one in left for other in right)
                pairs += _best_first(candidates, _ALIKE_OF_ONE_PLACE)
        return self._settle(pairs)

    def match_alike(self) -> list[_Pair]:
        """Pair pieces that share a name or a telling line, the most alike first."""
        candidates: dict[tuple[int, int], _Pair] = {}
        left_clues, right_clues = _index_clues(self.lefts), _index_clues(self.rights)
        for clue in left_clues.keys() & right_clues.keys():
            for left in left_clues[clue]:
                for right in right_clues[clue]:
                    candidates[left.order, right.order] = left, right
        return self._settle(_best_first(candidates.values(), _ALIKE))

    def _group(self, key: _Key) -> list[tuple[list[_Piece], list[_Piece]]]:
        """The pieces of both sides by key, for keys that both sides have."""
        groups: dict[Hashable, tuple[list[_Piece], list[_Piece]]] = {}
        for left in self.lefts:
            groups.setdefault(key(left), ([], []))[0].append(left)
        for right in self.rights:
            group = groups.get(key(right))
            if group is not None:
                group[1].append(right)
        return [group for group in groups.values() if group[1]]

    def _settle(self, pairs: Iterable[_Pair]) -> list[_Pair]:
        settled = list(pairs)
        lefts = {left.order for left, _ in settled}
        rights = {right.order for _, right in settled}
        self.lefts = [piece for piece in self.lefts if piece.order not in lefts]
        self.rights = [piece for piece in self.rights if piece.order not in rights]
        return settled


def _index_clues(pieces: Sequence[_Piece]) -> dict[Hashable, list[_Piece]]:
    """Return the pieces by what makes them worth comparing: their name, lines that few have."""
    index: dict[Hashable, list[_Piece]] = defaultdict(list)
    for piece in pieces:
        lines = {line.strip() for line in piece.own.split("\n")}
        for line in lines:
            if re.search(r"\w", line):
                index[piece.sort, line].append(piece)
        if piece.unit.kind is not UnitKind.STATEMENTS:
            index[piece.sort, None, piece.own_name].append(piece)
    return {clue: found for clue, found in index.items() if len(found) <= _COMMON}


def _best_first(candidates: Iterable[_Pair], least: float) -> list[_Pair]:
    """Return pairs of pieces, each in at most one, taking the most alike first.

    ``least`` is how alike two must be that do not share a name. Ties go to those at a similar place
    of their sides; two pairs that tie in that too have no piece in common. How alike two are is the
    share of tokens that they have in common, in order.
    """
    from rapidfuzz.distance import Indel

    tokens = functools.cache(_tokens)
    weighed = []
    for left, right in candidates:
        is_namesake = left.own_name == right.own_name
        bar = min(least, _ALIKE_OF_ONE_NAME) if is_namesake else least
        similarity = Indel.normalized_similarity(tokens(left), tokens(right), score_cutoff=bar)
        if similarity >= bar:
            weight = similarity + _SAME_NAME_BONUS * is_namesake
            weight += _SAME_FILE_BONUS * (left.file == right.file)
            weight += _SAME_KIND_BONUS * (left.unit.kind is right.unit.kind)
            distance = abs(left.order - right.order)
            weighed.append((-weight, distance, left.order + right.order, left, right))
    weighed.sort(key=lambda candidate: candidate[:3])
    taken: set[tuple[bool, int]] = set()
    pairs = []
    for *_, left, right in weighed:
        ends = {(False, left.order), (True, right.order)}
        if taken.isdisjoint(ends):
            taken |= ends
            pairs.append((left, right))
    return pairs


def _tokens(piece: _Piece) -> list[str]:
    return _TOKEN.findall(piece.own)[:_COMPARED_TOKENS]
