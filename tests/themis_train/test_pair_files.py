from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from themis_train.pair_files import FORMATS, write_pairs

from themis_lsp.errors import UserError
from themis_lsp.pairs import read_pairs


def make_rows(count: int) -> Iterator[Mapping[str, object]]:
    for number in range(count):
        yield {
            "input": "Write it.",
            "chosen": f"gut {number} ✓\n",
            "rejected": "böse",
            "language": "C#",
            "aspect": "Security_Hardness",
            "idx": number,
            "rejected_span": [{"start_byte": 0, "end_byte": number}],
        }


@pytest.mark.parametrize("ending", FORMATS)
def test_what_is_written_is_read_again(ending: str, tmp_path: Path) -> None:
    file = tmp_path / "new" / f"pairs{ending}"
    assert write_pairs(file, make_rows(1201)) == 1201
    pairs = list(read_pairs(file))
    assert [pair.chosen for pair in pairs] == [str(row["chosen"]) for row in make_rows(1201)]
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize("ending", FORMATS)
def test_a_file_that_fails_leaves_what_was_there(ending: str, tmp_path: Path) -> None:
    file = tmp_path / f"pairs{ending}"
    write_pairs(file, make_rows(2))

    def failing() -> Iterator[Mapping[str, object]]:
        yield from make_rows(3)
        raise UserError("no more")

    with pytest.raises(UserError, match="no more"):
        write_pairs(file, failing())
    assert len(list(read_pairs(file))) == 2
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_an_unknown_format_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"pairs\.csv: not a known format"):
        write_pairs(tmp_path / "pairs.csv", make_rows(1))


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        write_pairs(tmp_path / "file" / "pairs.jsonl", make_rows(1))
