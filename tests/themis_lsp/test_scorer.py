from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from themis_lsp.bundle import load_bundle
from themis_lsp.errors import UserError
from themis_lsp.languages import Language
from themis_lsp.scoring.batches import group_by_length, padded_length
from themis_lsp.scoring.fake import FakeScorer
from themis_lsp.scoring.onnx_scorer import OnnxScorer
from themis_lsp.scoring.score import Score, ScoringInterruptedError, Snippet
from themis_lsp.scoring.session import ProviderChoice
from themis_lsp.scoring.windows import cut_windows


def _python(text: str) -> Snippet:
    return Snippet(Language.PYTHON, text)


def assert_equal_scores(left: Score, right: Score) -> None:
    np.testing.assert_array_equal(left.rewards, right.rewards)
    np.testing.assert_array_equal(left.token_rewards, right.token_rewards)
    np.testing.assert_array_equal(left.token_starts, right.token_starts)


def test_token_rewards_sum_to_the_rewards(tiny_bundle: Path) -> None:
    (score,) = OnnxScorer(load_bundle(tiny_bundle)).score([_python("x = 1\n" * 100)])
    assert len(score.token_starts) == 600
    total = score.token_rewards.sum(axis=0, dtype=np.float64)
    np.testing.assert_allclose(total, score.rewards, atol=1e-6)


def test_token_starts_count_code_points(tiny_bundle: Path) -> None:
    (score,) = OnnxScorer(load_bundle(tiny_bundle)).score([_python("é\N{PILE OF POO}x")])
    assert score.token_starts.tolist() == [0, 0, 1, 1, 1, 1, 2]


def test_every_token_of_a_long_unit_is_read(tiny_bundle: Path) -> None:
    # A token's reward in the tiny graph depends on the token alone, so windows must not show.
    long, short = "abcdefg" * 50, "abcdefg"
    scored_long, scored_short = OnnxScorer(load_bundle(tiny_bundle)).score(
        [_python(long), _python(short)]
    )
    assert len(scored_long.token_rewards) == 350
    np.testing.assert_allclose(scored_long.rewards, scored_short.rewards, atol=1e-5)


def test_special_tokens_in_code_are_plain_text(tiny_bundle: Path) -> None:
    (score,) = OnnxScorer(load_bundle(tiny_bundle)).score([_python("<|end|>")])
    assert len(score.token_starts) == 7


def test_empty_code_has_zero_rewards(tiny_bundle: Path) -> None:
    finished: list[int] = []
    (score,) = OnnxScorer(load_bundle(tiny_bundle)).score([_python("")], finished.append)
    assert not score.rewards.any()
    assert score.token_rewards.shape == (0, 5)
    assert sum(finished) == 1


def test_progress_counts_every_snippet_once(tiny_bundle: Path) -> None:
    finished: list[int] = []
    snippets = [_python("a" * n) for n in range(0, 300, 7)]
    OnnxScorer(load_bundle(tiny_bundle)).score(snippets, finished.append)
    assert sum(finished) == len(snippets)


def test_the_embedded_model_scores_alike_alone_and_in_company() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    snippets = [
        _python(source[start : start + 90 * (start % 7 + 1)]) for start in range(0, 3000, 400)
    ]
    snippets.append(_python(source))
    scorer = OnnxScorer(load_bundle(_embedded()))
    together = scorer.score(snippets)
    for snippet, score in zip(snippets, together, strict=True):
        (alone,) = scorer.score([snippet])
        assert_equal_scores(alone, score)


def test_the_embedded_model_scores_alike_on_one_thread_and_two() -> None:
    snippet = _python(Path(__file__).read_text(encoding="utf-8")[:2000])
    one, two = (
        OnnxScorer(load_bundle(_embedded()), threads=threads).score([snippet])[0]
        for threads in (1, 2)
    )
    assert_equal_scores(one, two)


def test_scoring_can_be_ended_from_another_thread_and_taken_up_again() -> None:
    scorer = OnnxScorer(load_bundle(_embedded()))
    snippets = [_python("x = f(1, 2, 3)\n" * 1000)] * 4
    has_ended = threading.Event()

    def interrupt() -> None:
        while not has_ended.wait(0.01):
            scorer.interrupt()

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(ScoringInterruptedError):
        scorer.score(snippets)
    has_ended.set()
    thread.join()
    assert len(scorer.score([_python("x = 1")])) == 1


def test_cuda_asked_for_but_absent_is_an_error_not_a_fallback(tiny_bundle: Path) -> None:
    with pytest.raises(UserError, match="--provider cpu"):
        OnnxScorer(load_bundle(tiny_bundle), ProviderChoice.CUDA)


def test_auto_says_where_it_runs(tiny_bundle: Path) -> None:
    assert OnnxScorer(load_bundle(tiny_bundle)).info.provider == "cpu"


def test_the_fake_scorer_keeps_the_contract() -> None:
    snippets = [_python("def f():\n    return 1"), _python("")]
    scorer = FakeScorer()
    for first, second in zip(
        scorer.score(snippets), scorer.score(snippets[::-1])[::-1], strict=True
    ):
        assert_equal_scores(first, second)
        np.testing.assert_allclose(first.token_rewards.sum(axis=0), first.rewards, atol=1e-6)


@given(tokens=st.integers(0, 5000), limit=st.integers(33, 600))
def test_owned_parts_of_windows_tile_the_tokens(tokens: int, limit: int) -> None:
    windows = cut_windows(tokens, limit)
    owned = [index for window in windows for index in range(window.owned_start, window.end)]
    assert owned == list(range(tokens))
    assert all(0 < window.end - window.start <= limit for window in windows)
    assert all(window.start < window.owned_start for window in windows[1:])


@given(lengths=st.lists(st.integers(1, 700)), limit=st.integers(16, 4096))
def test_groups_hold_every_index_once_at_one_padded_length(lengths: list[int], limit: int) -> None:
    groups = group_by_length(lengths, limit)
    assert sorted(index for group in groups for index in group) == list(range(len(lengths)))
    for group in groups:
        (length,) = {padded_length(lengths[index]) for index in group}
        assert len(group) == 1 or len(group) * length <= limit


def _embedded() -> Path:
    from themis_lsp.bundle import find_bundle

    return find_bundle("nano")
