from __future__ import annotations

import json
from pathlib import Path

import pytest
import zstandard

from themis_lsp.criteria import Criterion
from themis_lsp.errors import PairsError
from themis_lsp.languages import Language
from themis_lsp.neutral import NeutralEdit, read_neutral

ROW = {
    "id": "1",
    "before": "int a;",
    "after": "int b;",
    "language": "Cpp",
    "operator": "rename",
    "family": "names",
    "stable": ["Runtime_Efficiency", "SH"],
}
EDIT = NeutralEdit(
    id="1",
    before="int a;",
    after="int b;",
    language=Language.CPP,
    operator="rename",
    family="names",
    stable=(Criterion.RUNTIME_EFFICIENCY, Criterion.SECURITY_HARDNESS),
)


def test_an_edit_keeps_its_fields_plain_and_compressed(tmp_path: Path) -> None:
    data = (json.dumps({**ROW, "more": 1}) + "\n\n").encode()
    plain, compressed = tmp_path / "edits.jsonl", tmp_path / "edits.jsonl.zst"
    plain.write_bytes(data)
    compressed.write_bytes(zstandard.compress(data))
    assert list(read_neutral(plain)) == list(read_neutral(compressed)) == [EDIT]


@pytest.mark.parametrize(
    "wrong", [{"after": None}, {"stable": "SH"}, {"stable": ["speed"]}, {"language": "COBOL"}]
)
def test_a_row_that_is_no_edit_is_named(tmp_path: Path, wrong: dict[str, object]) -> None:
    file = tmp_path / "edits.jsonl"
    file.write_text(json.dumps(ROW) + "\n" + json.dumps({**ROW, **wrong}), encoding="utf-8")
    with pytest.raises(PairsError, match=r"edits\.jsonl:2"):
        list(read_neutral(file))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PairsError, match="edits"):
        list(read_neutral(tmp_path / "edits.jsonl"))
