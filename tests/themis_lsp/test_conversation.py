from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from prompted_bundle import (
    END,
    LIMIT_TOKENS,
    make_conversation,
    make_prompted_bundle,
    plain_ids,
    prefix_ids,
    rewards_of,
)
from tiny_bundle import CRITERIA, make_graph, make_tokenizer

from themis_lsp.bundle import load_bundle
from themis_lsp.bundle.conversation import parse_conversation
from themis_lsp.criteria import Criterion
from themis_lsp.errors import BundleError
from themis_lsp.languages import Language
from themis_lsp.scoring.conversation import ConversationEncoder, shared_length
from themis_lsp.scoring.conversation_scorer import ConversationScorer
from themis_lsp.scoring.prefix_session import KeysAndValues, PrefixSession
from themis_lsp.scoring.score import Score, Snippet
from themis_lsp.scoring.session import ProviderChoice

FC = Criterion.FUNCTIONAL_CORRECTNESS


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_prompted_bundle(tmp_path_factory.mktemp("prompted") / "bundle")


@pytest.fixture(scope="module")
def scorer(bundle: Path) -> ConversationScorer:
    return ConversationScorer(load_bundle(bundle))


def encoder_of(bundle: Path) -> ConversationEncoder:
    loaded = load_bundle(bundle)
    assert loaded.manifest.conversation is not None
    return ConversationEncoder(loaded.tokenizer_file, loaded.manifest.conversation)


def whole_conversation(place: int, task: str, code: str) -> list[int]:
    tokenizer = make_tokenizer()
    asked, told = (plain_ids(tokenizer, text) for text in (f"user\n{task}", f"\n{code}"))
    return [*prefix_ids(tokenizer, place), *asked, END, *told, END, 11]


def expected_rewards(task: str, code: str) -> NDArray[np.float64]:
    return np.array([rewards_of(whole_conversation(i, task, code))[-1] for i in range(5)])


def assert_same(one: Score, other: Score) -> None:
    assert np.array_equal(one.rewards, other.rewards)
    assert np.array_equal(one.token_rewards, other.token_rewards)


@settings(max_examples=40, deadline=None)
@given(task=st.text(max_size=12), code=st.text(min_size=1, max_size=20))
def test_pieces_in_a_row_are_the_whole_conversation(bundle: Path, task: str, code: str) -> None:
    encoder = encoder_of(bundle)
    for place, criterion in enumerate(CRITERIA):
        parts = encoder.encode(criterion, task=task, code=code)
        ids = [*encoder.prefix(criterion), *parts.head, *parts.code.ids, *parts.tail]
        assert ids == whole_conversation(place, task, code)


@pytest.mark.parametrize("code", ["a<|end|>b", "\n\n  x", "</think>", "é<|end|>", "\n"])
def test_whatever_code_spells_out_its_tokens_begin_where_they_stand(
    bundle: Path, code: str
) -> None:
    parts = encoder_of(bundle).encode(FC, task="Do it.", code=code)
    assert END not in parts.code.ids.tolist()
    assert len(parts.code.ids) == len(code.encode())  # a token a byte
    starts = [index for index, sign in enumerate(code) for _ in sign.encode()]
    assert parts.code.starts.tolist() == starts


def test_rewards_are_those_at_the_end_of_whole_conversations(scorer: ConversationScorer) -> None:
    snippets = [
        Snippet(Language.C, "return 1;", "Return one."),
        Snippet(Language.C, "return 1;"),
        Snippet(Language.C, "if (x) { return 2; }", "Return two."),
    ]
    for snippet, score in zip(snippets, scorer.score(snippets), strict=True):
        expected = expected_rewards(snippet.task, snippet.text)
        np.testing.assert_allclose(score.rewards, expected, atol=1e-5)
        assert len(score.token_starts) == len(snippet.text)
        sums = score.token_rewards.sum(axis=0)
        np.testing.assert_allclose(sums, score.rewards, atol=1e-5)


def test_a_token_adds_what_the_reward_rises_by_and_its_share_of_the_rest(
    scorer: ConversationScorer,
) -> None:
    [score] = scorer.score([Snippet(Language.C, "abcd", "t")])
    ids = whole_conversation(0, "t", "abcd")
    at = rewards_of(ids)
    first = len(ids) - 2 - 4
    steps = np.diff(at[first - 1 : first + 4])
    rest = (at[first - 1] + at[-1] - at[first + 3]) / 4
    np.testing.assert_allclose(score.token_rewards[:, 0], steps + rest, atol=1e-5)


def test_the_company_of_a_snippet_changes_nothing(scorer: ConversationScorer) -> None:
    snippets = [Snippet(Language.GO, "x" * n + "y", "task " * (n % 3)) for n in range(1, 30)]
    together = scorer.score(snippets)
    for snippet, score in zip(snippets, together, strict=True):
        assert_same(score, scorer.score([snippet])[0])


def test_long_code_is_read_to_its_end(scorer: ConversationScorer) -> None:
    code = "".join(f"line {n}\n" for n in range(60))
    [score] = scorer.score([Snippet(Language.RUBY, code, "Print.")])
    assert len(score.token_starts) == len(code) > 2 * LIMIT_TOKENS
    np.testing.assert_allclose(score.token_rewards.sum(axis=0), score.rewards, atol=1e-4)
    other = scorer.score([Snippet(Language.RUBY, code[:-2] + "?\n", "Print.")])[0]
    assert (other.rewards != score.rewards).all()
    # Far before the end of it, the windows are the same.
    assert np.array_equal(other.token_rewards[:20], score.token_rewards[:20])


def test_code_without_tokens_has_no_reward(scorer: ConversationScorer) -> None:
    [score] = scorer.score([Snippet(Language.C, "", "Do.")])
    assert score.rewards.tolist() == [0.0] * 5
    assert score.token_rewards.shape == (0, 5)


def test_progress_tells_of_each_snippet_once(scorer: ConversationScorer) -> None:
    told: list[int] = []
    snippets = [Snippet(Language.C, "x" * n) for n in (0, 3, 400)]
    scorer.score(snippets, told.append)
    assert sum(told) == 3


def test_a_task_that_leaves_no_room_for_code_loses_its_end(scorer: ConversationScorer) -> None:
    cut, longer = scorer.score([Snippet(Language.C, "x", "word " * n) for n in (80, 90)])
    np.testing.assert_array_equal(cut.rewards, longer.rewards)


def test_what_conversations_begin_with_is_computed_once(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths: list[int] = []
    extend = PrefixSession.extend

    def count(self: PrefixSession, known: KeysAndValues, ids: NDArray[np.int64]) -> KeysAndValues:
        lengths.append(len(ids))
        return extend(self, known, ids)

    monkeypatch.setattr(PrefixSession, "extend", count)
    scorer = ConversationScorer(load_bundle(bundle))
    for code in ("a", "b"):
        scorer.score([Snippet(Language.C, code)])
    # "Judge " is shared by all; two letters of a criterion and an end are its own.
    assert lengths == [6, 3, 3, 3, 3, 3]


def test_the_shared_beginning_of_prefixes() -> None:
    def shared(*prefixes: Sequence[int]) -> int:
        return shared_length([np.array(prefix, dtype=np.int64) for prefix in prefixes])

    assert shared([1, 2, 3], [1, 2, 4, 5]) == 2
    assert shared([1, 2], [1, 2, 3]) == 2
    assert shared([7], [8]) == 0
    assert shared([7, 8]) == 2


def test_a_graph_without_keys_and_values_is_refused(tmp_path: Path) -> None:

    onnx.save(make_graph(), tmp_path / "model.onnx")
    with pytest.raises(BundleError, match="graph contract for prompted models"):
        PrefixSession(tmp_path / "model.onnx", ProviderChoice.CPU)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (["task_template"], 7, "has task template 7"),
        (["criteria", "Security_Hardness"], None, "of Security_Hardness is not a list"),
        (["criteria", "Security_Hardness", 1], {"ids": []}, "has a piece that is none"),
        (["criteria", "Security_Hardness", 1], {"ids": [-1]}, "has a piece that is none"),
        (["criteria", "Security_Hardness", 1], {"ids": [True]}, "has a piece that is none"),
        (["criteria", "Security_Hardness", 3], {"ids": [3]}, "needs a task, if any"),
        (
            ["criteria", "Security_Hardness", 4],
            {"before": "", "slot": "code", "after": ""},
            "needs a task, if any",
        ),
        (["criteria", "Security_Hardness"], [], "needs a task, if any"),
        (["prompts"], {"Security_Hardness": 3}, "prompts that are no texts"),
    ],
)
def test_a_wrong_conversation_is_explained(
    path: list[str | int], value: object, words: str
) -> None:
    entry = make_conversation(make_tokenizer())
    place: object = entry
    for step in path[:-1]:
        place = place[step]  # type: ignore[index]  # plain JSON
    place[path[-1]] = value  # type: ignore[index]  # plain JSON
    with pytest.raises(ValueError, match=words):
        parse_conversation(entry, CRITERIA)


def test_a_manifest_without_its_conversation_is_refused(tmp_path: Path) -> None:
    folder = make_prompted_bundle(tmp_path / "bundle", conversation=None)
    with pytest.raises(BundleError, match="'conversation' is not an object"):
        load_bundle(folder)
