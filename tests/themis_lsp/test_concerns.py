from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from themis_lsp.bundle import read_bundle
from themis_lsp.cli.main import run
from themis_lsp.concerns import all_concerns, find_concern
from themis_lsp.concerns.features import BUCKETS, MarkedTokens, change_columns
from themis_lsp.concerns.head import (
    ConcernHead,
    DeferredConcernHead,
    load_concern_head,
    open_concern_head,
    save_concern_head,
)
from themis_lsp.criteria import Criterion
from themis_lsp.errors import BundleError, UserError
from themis_lsp.judgement.changed import mark_changed

WEAK_HASH = "weak-hash"


def marked(before: str, after: str) -> tuple[MarkedTokens, MarkedTokens]:
    went, came = before.split(" "), after.split(" ")
    marks = mark_changed(went, came)
    return MarkedTokens(went, marks[0]), MarkedTokens(came, marks[1])


def head(threshold: float = 0.6) -> ConcernHead:
    """One that calls every change a weak hash whose code that came has ``md5``."""
    came = change_columns(*marked("a", "md5")).min()
    weights = np.zeros((2 * BUCKETS, 2), dtype=np.int8)
    weights[came, 0] = 100
    return ConcernHead(
        (WEAK_HASH,),
        weights,
        np.full(2, 0.1, dtype=np.float32),
        np.array([0, 1], dtype=np.float32),
        np.array([threshold], dtype=np.float32),
    )


def test_every_criterion_has_concerns_that_say_what_to_do() -> None:
    concerns = all_concerns().values()
    assert len(concerns) >= 40
    assert {concern.criterion for concern in concerns} == set(Criterion)
    for concern in concerns:
        assert concern.title[0].islower() or concern.title.startswith("SQL")
        assert not concern.title.endswith(".")
        assert concern.why.endswith(".")
        assert concern.remedy.endswith(".")


def test_a_change_is_named_by_what_came() -> None:
    went, came = marked("h = sha256 ( x )", "h = md5 ( x )")
    named = head().name(went, came, {Criterion.SECURITY_HARDNESS})
    assert named is not None
    assert named.concern is find_concern(WEAK_HASH)
    assert named.probability > 0.6
    assert head().name(came, went, {Criterion.SECURITY_HARDNESS}) is None


def test_a_name_of_another_criterion_or_not_sure_enough_is_not_shown() -> None:
    change = marked("h = sha256 ( x )", "h = md5 ( x )")
    assert head().name(*change, {Criterion.RUNTIME_EFFICIENCY}) is None
    assert head(threshold=2.0).name(*change, {Criterion.SECURITY_HARDNESS}) is None
    same = marked("a b", "a b")
    assert head().name(*same, {Criterion.SECURITY_HARDNESS}) is None


@given(st.lists(st.sampled_from("abc ")), st.lists(st.sampled_from("abc ")))
def test_columns_of_a_change_are_those_of_its_reverse_with_sides_swapped(
    before: list[str], after: list[str]
) -> None:
    went, came = mark_changed(before, after)
    there = change_columns(MarkedTokens(before, went), MarkedTokens(after, came))
    back = change_columns(MarkedTokens(after, came), MarkedTokens(before, went))
    assert sorted((there + BUCKETS) % (2 * BUCKETS)) == back.tolist()
    assert np.all(np.diff(there) > 0)


def test_a_head_comes_back_from_its_file(tmp_path: Path) -> None:
    save_concern_head(head(), tmp_path / "concerns.npz")
    again = load_concern_head(tmp_path / "concerns.npz")
    change = marked("h = sha256 ( x )", "h = md5 ( x )")
    assert again.name(*change, {Criterion.SECURITY_HARDNESS}) == head().name(
        *change, {Criterion.SECURITY_HARDNESS}
    )


def test_a_damaged_or_foreign_head_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "concerns.npz"
    file.write_bytes(b"PK\x03\x04 not a zip file")
    with pytest.raises(BundleError, match="not a concern head"):
        load_concern_head(file)
    good = head()
    unknown = ConcernHead(("bad-luck",), good.weights, good.scales, good.biases, good.thresholds)
    save_concern_head(unknown, file)
    with pytest.raises(BundleError, match=r"does not know \(bad-luck\)"):
        load_concern_head(file)
    short = ConcernHead(good.names, good.weights[:5], good.scales, good.biases, good.thresholds)
    save_concern_head(short, file)
    with pytest.raises(BundleError, match="weights is int8"):
        load_concern_head(file)


def test_a_head_is_opened_when_there_is_something_to_name_and_once() -> None:
    opened: list[ConcernHead] = []

    def open_head() -> ConcernHead:
        opened.append(head())
        return opened[-1]

    deferred = DeferredConcernHead(open_head)
    assert opened == []
    change, criteria = marked("sha256 x", "md5 x"), {Criterion.SECURITY_HARDNESS}
    assert deferred.name(*change, criteria) == deferred.name(*change, criteria)
    assert deferred.name(*change, criteria) == head().name(*change, criteria)
    assert len(opened) == 1
    assert DeferredConcernHead(lambda: None).name(*change, criteria) is None


def test_a_head_that_is_not_the_bundles_own_is_refused(
    tiny_bundle: Path, rewrite_manifest: Callable[..., None]
) -> None:
    file = tiny_bundle / "concerns.npz"
    assert open_concern_head(read_bundle(tiny_bundle)) is None
    save_concern_head(head(), file)
    rewrite_manifest(tiny_bundle)
    assert open_concern_head(read_bundle(tiny_bundle)) is not None
    save_concern_head(head(0.1), file)
    with pytest.raises(BundleError, match=r"concerns\.npz (was changed|has \d+ bytes)"):
        open_concern_head(read_bundle(tiny_bundle))


def test_a_concern_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--explain", WEAK_HASH]) == 0
    told = capsys.readouterr().out
    assert told.startswith("weak-hash (security hardness): a broken or fast hash")
    assert "Instead: Use SHA-256" in told


def test_all_concerns_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--explain", "list"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(all_concerns())


def test_a_misspelt_concern_gets_a_suggestion() -> None:
    with pytest.raises(UserError, match="did you mean weak-hash"):
        find_concern("weakhash")
