from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from themis_train.order import DataOrder, Place, split_micro, split_share
from themis_train.rm.recipe import PRESETS, Stage

COUNTS = st.integers(1, 40)


@settings(max_examples=50, deadline=None)
@given(COUNTS, st.integers(1, 12), st.integers(0, 3))
def test_every_epoch_shows_every_pair_once(count: int, batch: int, seed: int) -> None:
    order = DataOrder(count, batch, seed)
    seen = [place for step in range(-(-3 * count // batch)) for place in order.places(step)]
    for epoch in range(3):
        places = seen[epoch * count : (epoch + 1) * count]
        assert {place.epoch for place in places} == {epoch}
        assert sorted(place.index for place in places) == list(range(count))


def test_a_step_does_not_depend_on_those_before_it() -> None:
    early, late = DataOrder(30, 7, 0), DataOrder(30, 7, 0)
    steps = [early.places(step) for step in range(20)]
    assert late.places(17) == steps[17]
    assert DataOrder(30, 7, 1).places(17) != steps[17]


def test_epochs_and_seeds_differ_in_order_and_chance() -> None:
    order = DataOrder(50, 50, 0)
    assert [p.index for p in order.places(0)] != [p.index for p in order.places(1)]
    draws = {
        Place(0, 3).chance(0).random(),
        Place(1, 3).chance(0).random(),
        Place(0, 4).chance(0).random(),
        Place(0, 3).chance(1).random(),
    }
    assert len(draws) == 4
    assert Place(0, 3).chance(0).random() in draws


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 99), min_size=1, max_size=30), st.integers(1, 5))
def test_processes_and_micro_batches_share_a_batch_without_loss(
    lengths: list[int], size: int
) -> None:
    rows = list(range(len(lengths)))
    parts = [split_share(rows, process, 3) for process in range(3)]
    assert Counter(row for part in parts for row in part) == Counter(rows)
    groups = list(split_micro(rows, lengths, size))
    assert Counter(row for group in groups for row in group) == Counter(rows)
    assert max(map(len, groups)) <= size
    shown = [lengths[row] for group in groups for row in group]
    assert shown == sorted(lengths, reverse=True)


def test_the_stages_take_the_published_number_of_steps() -> None:
    general, code = PRESETS[Stage.GENERAL], PRESETS[Stage.CODE]
    assert DataOrder(110_000, general.batch, 0).steps(general.epochs) == 215
    assert DataOrder(354_010, code.batch, 0).steps(code.epochs) == 691
