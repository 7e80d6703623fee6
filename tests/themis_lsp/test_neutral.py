from __future__ import annotations

import json
from pathlib import Path

import pytest

from themis_lsp.criteria import Criterion
from themis_lsp.errors import PairsError
from themis_lsp.languages import Language
from themis_lsp.neutral import NeutralEdit, read_neutral

ROW = {
    "id": "a.py:1#rename",
    "before": "x = 1",
    "after": "y = 1",
    "language": "Python",
    "operator": "rename",
    "family": "names",
    "stable": ["RT", "Security_Hardness"],
}


def write(path: Path, **changes: object) -> Path:
    path.write_text(json.dumps({**ROW, **changes}) + "\n")
    return path


def test_an_edit_is_read_with_the_criteria_it_must_be_stable_on(tmp_path: Path) -> None:
    assert list(read_neutral(write(tmp_path / "n.jsonl"))) == [
        NeutralEdit(
            "a.py:1#rename",
            "x = 1",
            "y = 1",
            Language.PYTHON,
            "rename",
            "names",
            (Criterion.RUNTIME_EFFICIENCY, Criterion.SECURITY_HARDNESS),
        )
    ]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"before": None}, "'before' is missing"),
        ({"language": "COBOL"}, "COBOL"),
        ({"stable": "RT"}, "list of criteria"),
        ({"stable": ["Beauty"]}, "Beauty"),
        ({"operator": 3}, "expected text"),
    ],
)
def test_a_wrong_row_is_named_by_its_line(
    tmp_path: Path, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(PairsError, match=rf"n\.jsonl:1: .*{words}"):
        list(read_neutral(write(tmp_path / "n.jsonl", **changes)))
