from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence

from degradation_examples import example_text
from hypothesis import given, settings
from hypothesis import strategies as st
from themis_train.degradation.apply import Degraded, Span
from themis_train.degradation.pair import DegradedPair, degrade_file
from themis_train.degradation.registry import OPERATORS
from themis_train.degradation.selection import Reservoir, balance, hold_out_operators

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_lsp.sources.source import SourceFile

NOWHERE = (Span(0, 0, 1, 1),)


def make_pair(
    operator: str, sign: int, rank: int, language: Language = Language.GO, **changes: object
) -> DegradedPair:
    """``sign`` is 1 where the better side is the longer one."""
    chosen = f"good {rank}" + "+" * (sign + 1)
    sides = Degraded(chosen, f"evil {rank}" + "+", NOWHERE, NOWHERE)
    criterion = Criterion(str(changes.get("criterion", Criterion.MEMORY_EFFICIENCY)))
    return DegradedPair(operator, criterion, "file.go", "unit", 1, language, sides, f"{rank:016d}")


PAIRS = st.lists(
    st.builds(
        make_pair,
        st.sampled_from(["one", "two", "three"]),
        st.sampled_from([-1, 0, 1]),
        st.integers(0, 10_000),
        st.sampled_from([Language.GO, Language.C]),
        criterion=st.sampled_from([Criterion.MEMORY_EFFICIENCY, Criterion.RUNTIME_EFFICIENCY]),
    ),
    max_size=40,
)


def signs(pairs: Sequence[DegradedPair]) -> Counter[int]:
    return Counter(pair.sides.length_sign for pair in pairs)


@given(pairs=PAIRS, limit=st.none() | st.integers(1, 20))
@settings(max_examples=80, deadline=None)
def test_the_better_side_is_as_often_longer_as_shorter(
    pairs: list[DegradedPair], limit: int | None
) -> None:
    selection = balance(pairs, limit)
    assert limit is None or len(selection.pairs) <= limit
    for criterion in Criterion:
        for language in Language:
            cell = [
                pair
                for pair in selection.pairs
                if (pair.criterion, pair.language) == (criterion, language)
            ]
            assert signs(cell)[1] == signs(cell)[-1]


@given(pairs=PAIRS)
@settings(max_examples=50, deadline=None)
def test_what_is_left_out_is_counted(pairs: list[DegradedPair]) -> None:
    selection = balance(pairs)
    assert len(selection.pairs) + selection.surplus.total() == len(pairs)


def test_pairs_of_equal_length_are_all_kept() -> None:
    pairs = [make_pair("one", 0, rank) for rank in range(5)]
    assert len(balance(pairs).pairs) == 5


def test_what_is_left_out_comes_from_the_operators_with_most_pairs() -> None:
    common = [make_pair("common", 1, rank) for rank in range(20)]
    rare = [make_pair("rare", 1, rank + 100) for rank in range(2)]
    shorter = [make_pair("other", -1, rank + 200) for rank in range(6)]
    kept = Counter(pair.operator for pair in balance([*common, *rare, *shorter]).pairs)
    assert kept == {"rare": 2, "common": 4, "other": 6}


def test_a_limit_is_shared_by_criteria_and_languages() -> None:
    many = [make_pair("one", sign, n) for n in range(50) for sign in (1, -1)]
    few = [make_pair("one", sign, n, Language.C) for n in range(3) for sign in (1, -1)]
    kept = Counter(pair.language for pair in balance([*many, *few], 10).pairs)
    assert kept == {Language.C: 6, Language.GO: 4}


def test_a_file_gives_one_pair_of_each_operator_before_a_second() -> None:
    source = SourceFile("example.go", Language.GO, example_text(Language.GO))
    names = Counter(p.operator for p in degrade_file(source, OPERATORS, seed=0, cap=1000))
    for cap in (10, len(names), len(names) + 5):
        capped = Counter(p.operator for p in degrade_file(source, OPERATORS, seed=0, cap=cap))
        assert capped.total() == cap
        assert len(capped) == min(cap, len(names))


@given(pairs=PAIRS, seed=st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_what_a_reservoir_keeps_depends_on_no_order(
    pairs: list[DegradedPair], seed: object
) -> None:
    shuffled = list(pairs)
    seed.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random in disguise
    kept = []
    for order in (pairs, shuffled):
        reservoir = Reservoir(3)
        for pair in order:
            reservoir.add([pair])
        kept.append([(p.operator, p.rank, p.language) for p in reservoir.pairs()])
    assert kept[0] == kept[1]


def test_equal_pairs_are_kept_once() -> None:
    reservoir = Reservoir(3)
    reservoir.add([make_pair("one", 1, 7), make_pair("one", 1, 7)])
    assert len(reservoir.pairs()) == 1


def test_operators_without_pairs_do_not_make_up_the_held_out_ones() -> None:
    names = [op.name for op in OPERATORS if op.criterion is Criterion.MEMORY_EFFICIENCY]
    for kept in itertools.combinations(names[:8], 2):
        pairs = [make_pair(name, 0, rank) for rank, name in enumerate(kept)]
        for share in (0.05, 0.5, 0.99):
            held_out = hold_out_operators(OPERATORS, pairs, share)
            assert len(held_out & set(kept)) == 1


def test_an_operator_whose_pairs_do_not_balance_is_not_held_out_alone() -> None:
    names = [op.name for op in OPERATORS if op.criterion is Criterion.MEMORY_EFFICIENCY][:6]
    pairs = [make_pair(name, 1 if n % 2 else -1, n) for n, name in enumerate(names)]
    held_out = hold_out_operators(OPERATORS, pairs, 0.1)
    for is_dev in (False, True):
        assert balance([pair for pair in pairs if (pair.operator in held_out) is is_dev]).pairs


def test_held_out_operators_have_a_fair_part_of_the_pairs() -> None:
    names = [op.name for op in OPERATORS if op.criterion is Criterion.MEMORY_EFFICIENCY]
    # Most pairs are of one operator, whichever place it has among the others.
    for rich in names:
        pairs = [make_pair(name, 0, rank) for name in names for rank in range(name == rich or 5)]
        pairs += [make_pair(rich, 0, 100 + rank) for rank in range(30)]
        held_out = hold_out_operators(OPERATORS, pairs, 0.2)
        assert len([pair for pair in pairs if pair.operator in held_out]) >= 0.1 * len(pairs)


def test_the_only_operator_with_pairs_is_learned_from() -> None:
    names = [op.name for op in OPERATORS if op.criterion is Criterion.MEMORY_EFFICIENCY]
    for name in names:
        assert name not in hold_out_operators(OPERATORS, [make_pair(name, 0, 1)], 0.5)
    assert not hold_out_operators(OPERATORS, [make_pair(names[0], 0, 1)], 0)
