from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from themis_lsp.bundle.percentiles import (
    BandTable,
    ReferenceSample,
    ReferenceTables,
    build_tables,
)
from themis_lsp.criteria import Criterion
from themis_lsp.errors import BundleError
from themis_lsp.languages import Language

FC, SH = Criterion.FUNCTIONAL_CORRECTNESS, Criterion.SECURITY_HARDNESS


def samples(language: Language, characters: int, rewards: list[float]) -> list[ReferenceSample]:
    return [ReferenceSample(language, characters, (reward,)) for reward in rewards]


def one_table(quantiles: list[float]) -> ReferenceTables:
    table = BandTable(101, (tuple(quantiles),))
    return ReferenceTables((None,), (FC,), {Language.GO: (table,)})


def rank(tables: ReferenceTables, reward: float) -> float:
    found = tables.percentile(Language.GO, 10, criterion=FC, reward=reward)
    assert found is not None
    return found


def test_a_reward_between_two_quantiles_is_interpolated() -> None:
    tables = one_table([float(q) for q in range(101)])
    assert rank(tables, 30.0) == 30.0
    assert rank(tables, 30.25) == 30.25


def test_rewards_beyond_the_reference_are_at_the_ends() -> None:
    tables = one_table([float(q) for q in range(101)])
    assert rank(tables, -5.0) == 0.0
    assert rank(tables, 105.0) == 100.0


def test_a_tied_reward_is_in_the_middle_of_its_run() -> None:
    assert rank(one_table([1.0] * 101), 1.0) == 50.0
    tables = one_table([0.0] * 21 + [1.0] * 41 + [2.0] * 39)
    assert rank(tables, 0.0) == 10.0
    assert rank(tables, 1.0) == 41.0


def test_there_is_no_percentile_without_a_table() -> None:
    tables = one_table([0.0] * 101)
    assert tables.percentile(Language.RUBY, 10, criterion=FC, reward=0.0) is None
    assert tables.percentile(Language.GO, 10, criterion=SH, reward=0.0) is None
    assert tables.median(Language.RUBY, 10, FC) is None


def test_units_are_compared_within_their_length_band() -> None:
    tables = build_tables(
        samples(Language.GO, 50, [0.0] * 10) + samples(Language.GO, 150, [1.0] * 10),
        [FC],
        bands=(100, None),
        minimum=10,
    )
    assert tables.median(Language.GO, 100, FC) == 0.0
    assert tables.median(Language.GO, 101, FC) == 1.0


def test_a_band_with_few_samples_borrows_from_its_neighbours() -> None:
    rows = (
        samples(Language.GO, 50, [0.0] * 20)
        + samples(Language.GO, 150, [1.0])
        + samples(Language.GO, 250, [2.0] * 9)
        + samples(Language.GO, 350, [9.0] * 20)
    )
    tables = build_tables(rows, [FC], bands=(100, 200, 300, None), minimum=20)
    counts = [table.count for table in tables.tables[Language.GO]]
    assert counts == [20, 30, 30, 20]


def test_a_language_with_few_samples_has_no_table() -> None:
    tables = build_tables(samples(Language.GO, 50, [0.0] * 9), [FC], minimum=10)
    assert not tables.tables


def test_the_median_is_the_middling_reward() -> None:
    tables = build_tables(samples(Language.GO, 5, [3.0, 1.0, 2.0]), [FC], minimum=1)
    assert tables.median(Language.GO, 5, FC) == 2.0


@pytest.mark.parametrize("rewards", [(), (1.0, 2.0), (math.nan,), (math.inf,)])
def test_samples_that_make_no_table_are_refused(rewards: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="expected 1 finite rewards"):
        build_tables([ReferenceSample(Language.GO, 5, rewards)], [FC])


finite = st.floats(-1e6, 1e6)


@settings(max_examples=100)
@given(st.lists(finite, min_size=1, max_size=300), finite, finite)
def test_a_higher_reward_never_has_a_lower_percentile(
    rewards: list[float], one: float, other: float
) -> None:
    tables = build_tables(samples(Language.GO, 5, rewards), [FC], minimum=1)
    low, high = sorted((one, other))
    assert 0 <= rank(tables, low) <= rank(tables, high) <= 100


@settings(max_examples=50)
@given(st.lists(finite, min_size=1, max_size=50))
def test_tables_survive_json(rewards: list[float]) -> None:
    tables = build_tables(samples(Language.CSHARP, 5, rewards), [FC], minimum=1)
    assert ReferenceTables.from_json(json.loads(json.dumps(tables.to_json()))) == tables


def valid_json() -> dict[str, Any]:
    tables = build_tables(samples(Language.GO, 5, [1.0, 2.0]), [FC], bands=(9, None), minimum=1)
    parsed: dict[str, Any] = json.loads(json.dumps(tables.to_json()))
    return parsed


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        (["bands"], [9], "ends with null"),
        (["bands"], [9, 9, None], "ascending"),
        (["bands"], ["9", None], "whole numbers"),
        (["criteria"], [], "expected a list of some of"),
        (["criteria"], ["Beauty"], "expected a list of some of"),
        (["criteria"], [FC, FC], "named twice"),
        (["tables"], [], "tables is not an object"),
        (["tables", "Cobol"], [], "unknown language 'Cobol'"),
        (["tables", "Go"], [], "expected a list of 2"),
        (["tables", "Go", 0], 7, "is not an object"),
        (["tables", "Go", 0, "count"], 0, "count is 0"),
        (["tables", "Go", 0, "quantiles"], [], "expected 1 rows"),
        (["tables", "Go", 0, "quantiles", 0], [1.0] * 100, "101 quantiles"),
        (["tables", "Go", 0, "quantiles", 0], [2.0] * 100 + [1.0], "do not ascend"),
        (["tables", "Go", 0, "quantiles", 0], [math.nan] * 101, "not a finite number"),
        (["tables", "Go", 0, "quantiles", 0], ["1"] * 101, "not a finite number"),
        (["tables", "Go", 0, "quantiles", 0], [10**400] * 101, "not a finite number"),
    ],
)
def test_malformed_tables_are_refused_with_what_is_wrong(
    path: list[Any], value: object, complaint: str
) -> None:
    document = valid_json()
    inner: Any = document
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    with pytest.raises(BundleError, match=f"malformed: .*{complaint}"):
        ReferenceTables.from_json(document)


def test_tables_that_are_no_object_are_refused() -> None:
    with pytest.raises(BundleError, match="malformed"):
        ReferenceTables.from_json(None)
