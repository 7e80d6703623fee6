"""What conversations begin with, kept on disk."""

from __future__ import annotations

import stat
from pathlib import Path

import numpy as np
import pytest
from prompted_bundle import make_prompted_bundle

from themis_lsp.bundle import load_bundle
from themis_lsp.languages import Language
from themis_lsp.scoring.conversation_scorer import ConversationScorer
from themis_lsp.scoring.prefix_session import PrefixSession
from themis_lsp.scoring.prefix_store import PrefixStore
from themis_lsp.scoring.score import Score, Snippet

SNIPPETS = [Snippet(Language.C, "return 1;", "Return one."), Snippet(Language.C, "int x;")]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_prompted_bundle(tmp_path_factory.mktemp("prompted") / "bundle")


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of tokens whose keys and values were computed."""
    lengths: list[int] = []
    extend = PrefixSession.extend

    def count(self: PrefixSession, known: object, ids: object) -> object:
        lengths.append(len(ids))  # type: ignore[arg-type]  # ids, whatever wraps them
        return extend(self, known, ids)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(PrefixSession, "extend", count)
    return lengths


def score(bundle: Path, store: PrefixStore | None) -> list[Score]:
    return ConversationScorer(load_bundle(bundle), threads=1, store=store).score(SNIPPETS)


def same(left: list[Score], right: list[Score]) -> bool:
    return all(
        np.array_equal(one.token_rewards, other.token_rewards)
        for one, other in zip(left, right, strict=True)
    )


def files_of(store: PrefixStore) -> list[Path]:
    return sorted(store.folder.iterdir())


def test_the_next_run_computes_nothing_and_scores_alike(
    bundle: Path, tmp_path: Path, computed: list[int]
) -> None:
    store = PrefixStore(tmp_path / "cache" / "prefixes", "ab" * 32)
    expected = score(bundle, None)
    computed.clear()
    assert same(score(bundle, store), expected)
    assert computed == [6, 3, 3, 3, 3, 3]
    computed.clear()
    assert same(score(bundle, store), expected)
    assert computed == []


def test_nobody_else_can_read_what_is_kept(bundle: Path, tmp_path: Path) -> None:
    store = PrefixStore(tmp_path / "prefixes", "ab" * 32)
    score(bundle, store)
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700
    assert len(files_of(store)) == 6
    assert {stat.S_IMODE(file.stat().st_mode) for file in files_of(store)} == {0o600}


def test_another_bundle_has_its_own(bundle: Path, tmp_path: Path, computed: list[int]) -> None:
    score(bundle, PrefixStore(tmp_path, "ab" * 32))
    computed.clear()
    score(bundle, PrefixStore(tmp_path, "cd" * 32))
    assert len(computed) == 6


def test_what_is_damaged_is_computed_again(
    bundle: Path, tmp_path: Path, computed: list[int]
) -> None:
    store = PrefixStore(tmp_path / "prefixes", "ab" * 32)
    expected = score(bundle, store)
    empty, flipped, other, pickled, *_ = files_of(store)
    empty.write_bytes(b"")
    data = bytearray(flipped.read_bytes())
    with np.load(flipped) as archive:
        data[data.index(archive["past_key_values.0.key"].tobytes())] ^= 1
    flipped.write_bytes(data)
    np.savez(other, **{"past_key_values.0.key": np.zeros((1, 1, 3, 1), np.float64)})
    np.savez(pickled, **{"past_key_values.0.key": np.array([{}], dtype=object)})
    computed.clear()
    assert same(score(bundle, store), expected)
    assert len(computed) == 4
    computed.clear()
    score(bundle, store)
    assert computed == []


def test_what_was_unused_for_longest_makes_room(bundle: Path, tmp_path: Path) -> None:
    whole = PrefixStore(tmp_path / "whole", "ab" * 32)
    score(bundle, whole)
    sizes = [file.stat().st_size for file in files_of(whole)]
    tight = PrefixStore(tmp_path / "tight", "ab" * 32, limit_bytes=2 * max(sizes))
    score(bundle, tight)
    assert len(files_of(tight)) == 2
    nothing = PrefixStore(tmp_path / "nothing", "ab" * 32, limit_bytes=1)
    score(bundle, nothing)
    assert not nothing.folder.exists()


def test_a_folder_that_cannot_be_made_is_no_error(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = PrefixStore(tmp_path / "file" / "prefixes", "ab" * 32)
    assert same(score(bundle, store), score(bundle, None))
