from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from themis_lsp.bench.report import format_report
from themis_lsp.bench.results import Results, build_results, format_json, write_results
from themis_lsp.bench.run import PairScores, ScoredPair, ScoredPairs
from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError
from themis_lsp.languages import Language
from themis_lsp.scoring.fake import FakeScorer

FC, RM = Criterion.FUNCTIONAL_CORRECTNESS, Criterion.READABILITY_MAINTAINABILITY
FIRST = ScoredPair(
    id="a",
    scores=PairScores(1.0, 0.5, tokens=2),
    length_difference=7,
    criterion=RM,
    language=Language.CPP,
    subset="zeta",
)
PAIRS = (
    FIRST,
    replace(FIRST, id="b", scores=PairScores(0.25, 0.5, 2), length_difference=-2, subset="alpha"),
    replace(FIRST, id="c", scores=PairScores(1.0, -2.0, 2), criterion=FC, language=Language.C),
    replace(FIRST, id="d", length_difference=-7),
)


def build(pairs: tuple[ScoredPair, ...] = PAIRS) -> Results:
    scored = ScoredPairs(pairs, {Criterion.SECURITY_HARDNESS: 2})
    return build_results(scored, FakeScorer().info, files=["pairs.jsonl"])


def test_results_have_the_published_layout() -> None:
    results = build()
    assert list(results) == [
        "model",
        "files",
        "skipped",
        "overall",
        "by_aspect",
        "by_language",
        "by_subset",
    ]
    group = [
        "count",
        "correct_predictions",
        "accuracy",
        "length_balanced_accuracy",
        "mean_score_difference",
        "median_score_difference",
        "std_score_difference",
        "coverage",
        "coverage_length_balanced",
    ]
    assert list(results["by_language"]["C++"]) == group
    assert list(results["overall"]) == [
        "total_examples",
        *group,
        "length_balanced_accuracy_by_criterion_mean",
    ]
    assert list(results["overall"]["coverage"]) == ["0.05", "0.1", "0.2", "0.5", "1.0"]


def test_results_say_what_was_measured_and_what_was_not() -> None:
    results = build()
    assert results["model"]["name"] == "fake"
    assert results["model"]["bundle_sha256"] == "0" * 64
    assert results["model"]["criteria"] == [criterion.value for criterion in Criterion]
    assert results["files"] == ["pairs.jsonl"]
    assert results["skipped"] == {"Security_Hardness": 2}


def test_groups_are_in_the_order_of_their_vocabulary() -> None:
    results = build()
    assert list(results["by_aspect"]) == [FC.value, RM.value]
    assert list(results["by_language"]) == ["C", "C++"]
    assert list(results["by_subset"]) == ["alpha", "zeta"]


def test_groups_hold_their_own_pairs() -> None:
    results = build()
    assert results["overall"]["total_examples"] == results["overall"]["count"] == 4
    assert results["overall"]["accuracy"] == 0.75
    assert results["by_aspect"][FC.value]["count"] == 1
    assert results["by_aspect"][RM.value]["accuracy"] == pytest.approx(2 / 3)
    assert results["by_aspect"][RM.value]["length_balanced_accuracy"] == 0.75
    assert results["by_subset"]["alpha"]["accuracy"] == 0.0


def test_the_mean_of_the_criteria_leaves_out_those_without_a_figure() -> None:
    results = build()
    assert results["by_aspect"][FC.value]["length_balanced_accuracy"] is None
    assert results["overall"]["length_balanced_accuracy_by_criterion_mean"] == 0.75


def test_the_mean_of_the_criteria_is_null_when_none_has_a_figure() -> None:
    assert build((FIRST,))["overall"]["length_balanced_accuracy_by_criterion_mean"] is None


def test_confidence_may_be_something_else_than_the_margin() -> None:
    scored = ScoredPairs(PAIRS, {})
    info = FakeScorer().info
    confidences = np.array([0.1, 0.9, 0.2, 0.3])
    results = build_results(scored, info, files=[], confidences=confidences)
    assert results["overall"]["coverage"]["0.2"] == 0.0
    assert results["by_subset"]["zeta"]["coverage"]["0.2"] == 1.0
    assert build()["overall"]["coverage"]["0.2"] == 1.0


def test_json_has_null_where_there_is_no_figure() -> None:
    results = build((FIRST,))
    assert json.loads(format_json(results)) == results
    assert '"std_score_difference": null' in format_json(results)


def test_written_files_hold_the_results_and_the_scores(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "nano"
    write_results(folder, build(), PAIRS)
    assert json.loads((folder / "results.json").read_text(encoding="utf-8")) == build()
    table = pq.read_table(folder / "scores.parquet")
    assert table.to_pylist()[1] == {
        "id": "b",
        "chosen_score": 0.25,
        "rejected_score": 0.5,
        "correct": False,
        "score_diff": -0.25,
        "language": "C++",
        "aspect": RM.value,
        "subset": "alpha",
    }
    assert table.num_rows == 4


def test_writing_again_replaces_the_files_and_leaves_nothing_else(tmp_path: Path) -> None:
    write_results(tmp_path, build(), PAIRS)
    write_results(tmp_path, build((FIRST,)), (FIRST,))
    assert json.loads((tmp_path / "results.json").read_text())["overall"]["count"] == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["results.json", "scores.parquet"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="results cannot be written"):
        write_results(tmp_path / "file" / "runs", build(), PAIRS)


def test_the_report_is_a_table_per_group() -> None:
    assert format_report(build()).splitlines() == [
        "fake (fake, bundle 000000000000)",
        "",
        "criterion                        pairs  accuracy  length-balanced",
        "functional correctness               1    100.0%                -",
        "readability and maintainability      3     66.7%            75.0%",
        "",
        "language                         pairs  accuracy  length-balanced",
        "C                                    1    100.0%                -",
        "C++                                  3     66.7%            75.0%",
        "",
        "subset                           pairs  accuracy  length-balanced",
        "alpha                                1      0.0%                -",
        "zeta                                 3    100.0%           100.0%",
        "",
        "all                                  4     75.0%            75.0%",
        "mean of the criteria                                        75.0%",
        "",
        "surest pairs  accuracy  length-balanced",
        "5%              100.0%                -",
        "10%             100.0%                -",
        "20%             100.0%                -",
        "50%             100.0%                -",
        "100%             75.0%            75.0%",
        "",
        "skipped, as the bundle does not judge their criterion: security hardness 2",
    ]


def test_control_codes_in_a_subset_do_not_reach_the_terminal() -> None:
    assert "\x1b" not in format_report(build((replace(FIRST, subset="\x1b[2J"),)))


def test_a_criterion_on_which_nothing_is_told_apart_is_named() -> None:
    even = PairScores(0.5, 0.5, tokens=2)
    silent = tuple(replace(pair, scores=even) for pair in (FIRST, replace(FIRST, id="e")))
    told = replace(FIRST, id="c", criterion=FC)
    report = format_report(build((*silent, told)))
    assert "every margin is 0, which counts as wrong: readability and maintainability" in report
    assert "every margin" not in format_report(build())
