"""The changes made by hand are what the benchmark takes them for."""

from __future__ import annotations

import importlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from themis_lsp.changes import ChangeKind, FileUnits, pair_units
from themis_lsp.languages import Language
from themis_lsp.units import find_units


@pytest.fixture
def cases(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    monkeypatch.syspath_prepend(str(Path(__file__).parent.parent / "benchmarks"))
    return list(importlib.import_module("crafted").read_cases())


def test_each_language_has_three_changes_of_each_kind(cases: list[Any]) -> None:
    counts = Counter((case.language, case.kind.value) for case in cases)
    kinds = ("regression", "neutral", "improvement")
    assert counts == {(language, kind): 3 for language in Language for kind in kinds}
    assert all((case.criterion is None) == (case.kind.value == "neutral") for case in cases)


def test_each_change_is_one_of_one_function(cases: list[Any]) -> None:
    for case in cases:
        before, after = (
            tuple(find_units(text, path=case.path, language=case.language))
            for text in (case.before, case.after)
        )
        changes = pair_units([FileUnits(before, after)]).changes
        assert sum(change.kind is ChangeKind.MODIFIED for change in changes) == 1, case.what
