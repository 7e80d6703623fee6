from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from prompted_bundle import make_prompted_bundle
from rm_bundle import make_rm_bundle
from tiny_bundle import make_bundle

from themis_lsp.bundle import load_bundle
from themis_lsp.bundle.scales import MarginScale, scales_to_json
from themis_lsp.cli.main import run
from themis_lsp.cli.scorer import open_scorer
from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_lsp.scoring.cache import ScoreCache
from themis_lsp.scoring.conversation_scorer import ConversationScorer
from themis_lsp.scoring.score import Snippet


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_rm_bundle(tmp_path_factory.mktemp("rm"))


def python(text: str, task: str = "Write f.") -> Snippet:
    return Snippet(Language.PYTHON, text, task)


def test_short_code_without_control_tokens_scores_alike_both_ways(bundle: Path) -> None:
    opened = load_bundle(bundle)
    (hardened,) = ConversationScorer(opened).score([python("def f():\n    return 1\n")])
    (faithful,) = ConversationScorer(opened, is_faithful=True).score(
        [python("def f():\n    return 1\n")]
    )
    np.testing.assert_array_equal(hardened.rewards, faithful.rewards)


def test_what_is_too_long_loses_its_end_and_the_last_token_left_has_the_reward(
    bundle: Path,
) -> None:
    scorer = ConversationScorer(load_bundle(bundle), is_faithful=True)
    long = "x = 1\n" * 2000
    cut, longer = scorer.score([python(long), python(long + "y = 2\n")])
    np.testing.assert_array_equal(cut.rewards, longer.rewards)
    np.testing.assert_allclose(cut.token_rewards.sum(axis=0), cut.rewards, atol=1e-4)
    assert not cut.token_rewards[-1].any()
    (hardened,) = ConversationScorer(load_bundle(bundle)).score([python(long)])
    assert (hardened.rewards != cut.rewards).all()


def test_a_task_that_fills_the_window_leaves_a_tie_when_faithful_and_is_cut_when_not(
    bundle: Path,
) -> None:
    asked = [python("a = 1", "word " * 5000), python("b = 2", "word " * 5000)]
    for score in ConversationScorer(load_bundle(bundle), is_faithful=True).score(asked):
        assert not score.rewards.any()
    one, other = ConversationScorer(load_bundle(bundle)).score(asked)
    assert (one.rewards != other.rewards).any()


def test_the_two_readings_never_share_a_cached_score(bundle: Path, tmp_path: Path) -> None:
    usual = open_scorer(model=str(bundle), provider="cpu", threads=1, cache=False)
    faithful = open_scorer(model=str(bundle), provider="cpu", threads=1, cache=False, faithful=True)
    cache, snippets = ScoreCache(tmp_path), [python("x = 1")]
    cache.put(usual.scorer.info, snippets, usual.scorer.score(snippets))
    assert cache.get(faithful.scorer.info, snippets) == [None]
    assert cache.get(usual.scorer.info, snippets) != [None]


def test_a_model_that_reads_no_conversations_has_nothing_to_be_faithful_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text(
        '{"chosen": "a", "rejected": "b", "aspect": "Memory_Efficiency", "language": "C"}\n'
    )
    model = str(make_bundle(tmp_path / "tiny"))
    assert run(["bench", str(pairs), "--model", model, "--faithful"]) == 2
    assert "nothing to be faithful to" in capsys.readouterr().err


def test_a_benchmark_says_how_code_was_read(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text(
        '{"prompt": "Write it.", "chosen": "def f(a):\\n    return a\\n", "rejected": "def f(): 1",'
        '"aspect": "Memory_Efficiency", "language": "Python"}\n'
    )
    for options, said in (([], "hardened"), (["--faithful"], "faithful")):
        assert run(["bench", str(pairs), "--model", str(bundle), "--no-cache", *options]) == 0
        assert f"\n{said} reading of code\n" in capsys.readouterr().out


def test_calibration_changes_nothing_in_faithful_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = tmp_path / "pairs.jsonl"
    row = {"chosen": "a = 1", "rejected": "b = 2", "aspect": "Memory_Efficiency", "language": "C"}
    pairs.write_text(json.dumps(row) + "\n")
    scale = MarginScale(1.0, None, None, None, 500, prior_tokens=40.0)
    calibration = {
        "empty_side": None,
        "margins": scales_to_json({Criterion.MEMORY_EFFICIENCY: scale}),
    }
    plain = make_prompted_bundle(tmp_path / "plain")
    calibrated = make_prompted_bundle(tmp_path / "calibrated", calibration=calibration)

    def margin(bundle: Path, *options: str) -> float:
        command = ["bench", str(pairs), "--model", str(bundle), "--no-cache", *options]
        assert run([*command, "--format", "json"]) == 0
        found: float = json.loads(capsys.readouterr().out)["overall"]["mean_score_difference"]
        return found

    assert margin(calibrated, "--faithful") == margin(plain, "--faithful")
    assert abs(margin(calibrated)) < abs(margin(plain)) / 2
