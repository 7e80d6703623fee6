from __future__ import annotations

import importlib
import json
import string
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from themis_lsp.criteria import Criterion
from themis_lsp.errors import PairsError, UserError
from themis_lsp.languages import Language
from themis_lsp.pairs import GeneralPair, PreferencePair, read_general_pairs, read_pairs

ROW = {
    "id": "one",
    "prompt": "Add two numbers.",
    "chosen": "a + b",
    "rejected": "a - b",
    "aspect": "Functional_Correctness",
    "language": "Python",
    "subset": "sums",
}
PAIR = PreferencePair(
    id="one",
    prompt="Add two numbers.",
    chosen="a + b",
    rejected="a - b",
    criterion=Criterion.FUNCTIONAL_CORRECTNESS,
    language=Language.PYTHON,
    subset="sums",
)


def write_lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def read_one(tmp_path: Path, row: dict[str, Any]) -> PreferencePair:
    [pair] = read_pairs(write_lines(tmp_path / "pairs.jsonl", [row]))
    return pair


def without(*columns: str) -> dict[str, Any]:
    return {key: value for key, value in ROW.items() if key not in columns}


def test_json_lines_are_read(tmp_path: Path) -> None:
    assert read_one(tmp_path, ROW) == PAIR


def test_json_lines_with_the_ending_json_are_read(tmp_path: Path) -> None:
    assert list(read_pairs(write_lines(tmp_path / "pairs.json", [ROW]))) == [PAIR]


def test_compressed_json_lines_are_read(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl.zst"
    path.write_bytes(zstandard.compress(json.dumps(ROW).encode()))
    assert list(read_pairs(path)) == [PAIR]


def test_several_compressed_frames_are_one_file(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl.zst"
    frame = zstandard.compress(json.dumps(ROW).encode() + b"\n")
    path.write_bytes(frame + frame + frame)
    assert list(read_pairs(path)) == [PAIR] * 3


def test_parquet_is_read(tmp_path: Path) -> None:
    path = tmp_path / "pairs.parquet"
    pq.write_table(pa.Table.from_pylist([ROW, ROW]), path)
    assert list(read_pairs(path)) == [PAIR, PAIR]


def test_parquet_with_numbered_classes_is_read_by_their_names(tmp_path: Path) -> None:
    features = {
        "language": {"names": ["Go", "Python"], "_type": "ClassLabel"},
        "aspect": {"names": ["Functional Correctness"], "_type": "ClassLabel"},
        "chosen": {"dtype": "string", "_type": "Value"},
    }
    table = pa.Table.from_pylist([ROW | {"language": 1, "aspect": 0}])
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    pq.write_table(table.replace_schema_metadata(metadata), tmp_path / "pairs.parquet")
    assert list(read_pairs(tmp_path / "pairs.parquet")) == [PAIR]


def test_other_columns_are_ignored(tmp_path: Path) -> None:
    assert read_one(tmp_path, ROW | {"license": "MIT", "changed_lines": 3}) == PAIR


@pytest.mark.parametrize("name", ["rules.jsonl", "rules.jsonl.zst"])
def test_what_is_missing_comes_from_the_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    text = "\n" + json.dumps(without("id", "prompt", "subset")) + "\n"
    path.write_bytes(zstandard.compress(text.encode()) if name.endswith("zst") else text.encode())
    [pair] = read_pairs(path)
    assert (pair.id, pair.prompt, pair.subset) == ("rules:2", "", "rules")


def test_null_counts_as_missing(tmp_path: Path) -> None:
    pair = read_one(tmp_path, ROW | {"id": None, "prompt": None, "subset": None})
    assert (pair.id, pair.prompt, pair.subset) == ("pairs:1", "", "pairs")


def test_a_number_may_be_the_id(tmp_path: Path) -> None:
    assert read_one(tmp_path, ROW | {"id": 7}).id == "7"


@pytest.mark.parametrize(
    ("spelling", "language"),
    [("CSharp", Language.CSHARP), ("C#", Language.CSHARP), ("Cpp", Language.CPP)],
)
def test_languages_are_spelled_as_shown_or_as_published(
    tmp_path: Path, spelling: str, language: Language
) -> None:
    assert read_one(tmp_path, ROW | {"language": spelling}).language is language


@pytest.mark.parametrize(
    "spelling",
    [
        "Readability_Maintainability",
        "Readability and Maintainability",
        "Readability & Maintainability",
    ],
)
def test_criteria_are_keys_or_words(tmp_path: Path, spelling: str) -> None:
    criterion = read_one(tmp_path, ROW | {"aspect": spelling}).criterion
    assert criterion is Criterion.READABILITY_MAINTAINABILITY


def test_rows_of_the_training_set_are_read(tmp_path: Path) -> None:
    extra = {"system": "You judge.", "source": "commits", "idx": "4"}
    row = without("id", "prompt", "subset") | extra | {"input": "Add two numbers."}
    pair = read_one(tmp_path, row)
    assert (pair.prompt, pair.chosen, pair.rejected) == (PAIR.prompt, PAIR.chosen, PAIR.rejected)


def test_conversations_are_read(tmp_path: Path) -> None:
    row = without("prompt") | {
        "input": [
            {"role": "user", "content": "Add"},
            {"role": "user", "content": "two numbers."},
        ],
        "chosen": [
            {"role": "user", "content": "Add two numbers."},
            {"role": "assistant", "content": "a + b"},
        ],
        "rejected": [{"role": "assistant", "content": "a - b"}],
    }
    pair = read_one(tmp_path, row)
    assert (pair.prompt, pair.chosen, pair.rejected) == ("Add\n\ntwo numbers.", "a + b", "a - b")


def test_conversations_in_parquet_are_read(tmp_path: Path) -> None:
    row = ROW | {"chosen": [{"role": "assistant", "content": "a + b"}]}
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "pairs.parquet")
    assert list(read_pairs(tmp_path / "pairs.parquet")) == [PAIR]


def test_an_empty_file_has_no_pairs(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_bytes(b"")
    assert list(read_pairs(path)) == []


def test_a_byte_order_mark_and_windows_line_ends_are_no_trouble(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(ROW).encode() + b"\r\n")
    assert list(read_pairs(path)) == [PAIR]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (without("chosen"), "'chosen' is missing"),
        (without("rejected"), "'rejected' is missing"),
        (without("aspect"), "'aspect' is missing"),
        (without("language"), "'language' is missing"),
        (ROW | {"chosen": 3}, "column 'chosen': expected text"),
        (ROW | {"chosen": []}, "column 'chosen': expected text"),
        (ROW | {"rejected": [{"role": "assistant"}]}, "column 'rejected': expected text"),
        (ROW | {"prompt": {"text": "x"}}, "the prompt: expected text"),
        (ROW | {"subset": 3}, "expected text"),
        (ROW | {"aspect": "Beauty"}, "unknown criterion 'Beauty'; choose from FC"),
        (ROW | {"language": "Cobol"}, "unknown language 'Cobol'; choose from C,"),
        (ROW | {"chosen": "\ud800"}, "valid Unicode"),
    ],
)
def test_a_bad_row_is_named_with_its_file_and_line(
    tmp_path: Path, row: dict[str, Any], said: str
) -> None:
    path = write_lines(tmp_path / "pairs.jsonl", [ROW, row])
    pairs = read_pairs(path)
    assert next(pairs) == PAIR
    with pytest.raises(PairsError) as caught:
        next(pairs)
    assert str(caught.value).startswith(f"{path}:2: ")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "not JSON"),
        (b'{"id": "\xff"}', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[1]", "not a JSON object"),
    ],
)
def test_a_line_that_is_no_row_is_named(tmp_path: Path, line: bytes, said: str) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_bytes(line)
    with pytest.raises(PairsError) as caught:
        list(read_pairs(path))
    assert str(caught.value).startswith(f"{path}:1: {said}")


def test_a_missing_file_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(PairsError, match="no such file"):
        read_pairs(tmp_path / "nowhere.jsonl")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PairsError, match="no such file"):
        read_pairs(tmp_path)


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_bytes(b"")
    with pytest.raises(PairsError, match="not a known format"):
        read_pairs(path)


def test_a_compressed_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl.zst"
    path.write_bytes(zstandard.compress((json.dumps(ROW) + "\n").encode() * 1000)[:-4])
    with pytest.raises(PairsError, match="ends too early"):
        list(read_pairs(path))


def test_a_file_that_is_not_compressed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PairsError, match="not zstd-compressed"):
        list(read_pairs(write_lines(tmp_path / "pairs.jsonl.zst", [ROW])))


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PairsError, match="not a readable parquet file"):
        list(read_pairs(write_lines(tmp_path / "pairs.parquet", [ROW])))


@pytest.mark.parametrize("name", ["pairs.jsonl.zst", "pairs.parquet"])
def test_a_missing_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def import_nothing(_name: str) -> None:
        raise ModuleNotFoundError

    path = write_lines(tmp_path / name, [ROW])
    monkeypatch.setattr(importlib, "import_module", import_nothing)
    with pytest.raises(UserError, match=r"pip install 'themis-review\[bench\]'"):
        read_pairs(path)


@settings(max_examples=30, deadline=None)
@given(
    texts=st.lists(st.text(st.characters(codec="utf-8")), max_size=4),
    padding=st.sampled_from(["", string.ascii_letters * 2000]),
)
@pytest.mark.parametrize("name", ["pairs.jsonl", "pairs.jsonl.zst"])
def test_any_text_survives(
    tmp_path_factory: pytest.TempPathFactory, name: str, texts: list[str], padding: str
) -> None:
    rows = [ROW | {"chosen": text + padding} for text in texts]
    data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    path = tmp_path_factory.mktemp("pairs") / name
    path.write_bytes(zstandard.compress(data) if name.endswith("zst") else data)
    assert [pair.chosen for pair in read_pairs(path)] == [text + padding for text in texts]


@pytest.mark.parametrize(
    ("aspect", "criterion"),
    [
        ({}, None),
        ({"aspect": None}, None),
        ({"aspect": "Security_Hardness"}, Criterion.SECURITY_HARDNESS),
    ],
)
def test_a_general_pair_needs_neither_aspect_nor_language(
    tmp_path: Path, aspect: dict[str, str | None], criterion: Criterion | None
) -> None:
    row = {
        "input": "Why blue?",
        "chosen": "It scatters.",
        "rejected": "Paint.",
        **aspect,
    }
    pairs = read_general_pairs(write_lines(tmp_path / "chat.jsonl", [row]))
    assert list(pairs) == [GeneralPair("chat:1", "Why blue?", "It scatters.", "Paint.", criterion)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"chosen": None}, r"chat.jsonl:2: .*'chosen' is missing"),
        ({"aspect": "Charm"}, "chat.jsonl:2: .*Charm"),
        ({"input": 7}, "chat.jsonl:2: the prompt: "),
    ],
)
def test_a_bad_general_pair_is_named(
    tmp_path: Path, change: dict[str, object], message: str
) -> None:
    row: dict[str, Any] = {"input": "Say hello.", "chosen": "Hello.", "rejected": "No."}
    file = write_lines(tmp_path / "chat.jsonl", [row, {**row, **change}])
    with pytest.raises(PairsError, match=message):
        list(read_general_pairs(file))
