"""The prefix and what follows it, with a decoder that is exported for the test."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from rm_bundle import make_rm_bundle
from themis_export.rm.precision import Precision

from themis_lsp.bundle import load_bundle
from themis_lsp.languages import Language
from themis_lsp.scoring.conversation import ConversationEncoder
from themis_lsp.scoring.conversation_scorer import ConversationScorer
from themis_lsp.scoring.prefix_session import PrefixSession
from themis_lsp.scoring.score import ScoringInterruptedError, Snippet
from themis_lsp.scoring.session import ProviderChoice

CODES = ["return 1", "def f(a):\n    return a\n", "x = [y for y in z]\n" * 9]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_rm_bundle(tmp_path_factory.mktemp("rm"))


def asked(code: str) -> Snippet:
    return Snippet(Language.PYTHON, code, "Write it.")


def test_a_known_prefix_gives_what_the_whole_conversation_gives(bundle: Path) -> None:
    opened = load_bundle(bundle)
    conversation = opened.manifest.conversation
    assert conversation is not None
    encoder = ConversationEncoder(opened.tokenizer_file, conversation)
    session = PrefixSession(opened.model_file, ProviderChoice.CPU)
    for score, code in zip(
        ConversationScorer(opened).score([asked(code) for code in CODES]), CODES, strict=True
    ):
        for column, criterion in enumerate(opened.manifest.criteria):
            text = encoder.encode(criterion, task="Write it.", code=code)
            parts = [encoder.prefix(criterion), text.head, text.code.ids, text.tail]
            (rewards,) = session.rewards([np.concatenate(parts)], session.nothing)
            assert score.rewards[column] == pytest.approx(rewards[-1], abs=1e-5)


def test_a_bundle_of_halves_takes_keys_and_values_of_halves(bundle: Path, tmp_path: Path) -> None:
    halves = make_rm_bundle(tmp_path / "halves", precision=Precision.FP16)
    session = PrefixSession(load_bundle(halves).model_file, ProviderChoice.CPU)
    types = {value.data_type() for value in session.nothing.values.values()}
    assert types == {"tensor(float16)"}
    snippets = [asked(code) for code in CODES]
    exact, rounded = (
        ConversationScorer(load_bundle(folder)).score(snippets) for folder in (bundle, halves)
    )
    for one, other in zip(exact, rounded, strict=True):
        np.testing.assert_allclose(one.rewards, other.rewards, atol=0.01)


def test_scoring_ends_when_it_is_interrupted_and_can_go_on(bundle: Path) -> None:
    scorer = ConversationScorer(load_bundle(bundle), threads=1)
    snippets = [asked("x = f(1, 2, 3)\n" * 1000 + f"y = {number}") for number in range(8)]
    has_ended = threading.Event()

    def interrupt() -> None:
        while not has_ended.wait(0.001):
            scorer.interrupt()

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(ScoringInterruptedError):
        scorer.score(snippets)
    has_ended.set()
    thread.join()
    assert len(scorer.score([asked("x = 1")])) == 1
