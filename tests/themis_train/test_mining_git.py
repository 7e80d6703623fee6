"""``pairs git`` on real repositories, from the command line to the file."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from history import LINK, SUBMODULE, Past, make_history
from source_tree import git as run_git
from themis_train.mining import run
from themis_train.mining.candidates import mine_chunk
from themis_train.mining.cli import git

from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError
from themis_lsp.pairs import read_pairs

MIT = (
    "Permission is hereby granted, free of charge, to any person obtaining a copy. The above "
    "copyright notice and this permission notice shall be included in all copies."
)
START = {
    "shop.py": (
        "import re\n\n\n"
        "def total(items):\n"
        "    # Add up.\n"
        "    result = 0\n"
        "    for item in items:\n"
        "        result += item.price\n"
        "    return result\n\n\n"
        "def first(items):\n"
        "    return items[0]\n"
    ),
    "LICENSE": MIT,
    "test_shop.py": "def test_total():\n    assert True\n",
}


def shop(**lines: str) -> dict[str, str]:
    """The file with a line of it replaced: ``first="..."``, ``loop="..."``, ``comment="..."``."""
    old = {
        "first": "    return items[0]",
        "loop": "        result += item.price",
        "comment": "    # Add up.",
    }
    text = START["shop.py"]
    for key, line in lines.items():
        text = text.replace(old[key], line)
    return {"shop.py": text}


GUARD = "    return items[0] if items else None"
FIX = Past("Fix crash when there are no items", shop(first=GUARD))
FIX_LOOP = Past(
    "Fix wrong total when a price is missing",
    shop(first=GUARD, loop="        result += item.price or 0"),
)


def mine(*repositories: Path, out: Path, options: Sequence[str] = ()) -> Result:
    arguments = [*map(str, repositories), "--out", str(out), "--jobs", "1", *options]
    return CliRunner().invoke(git, arguments, catch_exceptions=False)


def read_rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def commits(file: Path) -> list[str]:
    return [row["message"].partition("\n")[0] for row in read_rows(file)]


def test_a_commit_becomes_a_pair_of_the_function_it_changed(tmp_path: Path) -> None:
    repository = make_history(tmp_path / "shop", [Past("Start", START), FIX])
    out = tmp_path / "pairs.jsonl"
    result = mine(repository, out=out)
    assert "1 pairs in" in result.output
    (row,) = read_rows(out)
    assert row["rejected"] == "def first(items):\n    return items[0]"
    assert row["chosen"] == f"def first(items):\n{GUARD}"
    assert row["aspect"] == "Functional_Correctness"
    assert row["input"] == "Write `first` of shop.py in Python."
    assert row["system"] == ""
    assert (row["language"], row["source"], row["idx"]) == ("Python", "git", 0)
    assert row["id"] == f"shop@{row['commit']}"
    assert (row["repo"], row["path"], row["license"]) == ("shop", "shop.py", "MIT")
    assert row["time"] == 1_600_000_120
    assert row["message"] == FIX.message
    assert 0.8 <= row["confidence"] <= 1


@pytest.mark.parametrize("name", ["pairs.jsonl", "pairs.jsonl.zst", "pairs.parquet"])
def test_the_pairs_can_be_read_in_every_format(tmp_path: Path, name: str) -> None:
    repository = make_history(tmp_path / "shop", [Past("Start", START), FIX, FIX_LOOP], bare=True)
    mine(repository, out=tmp_path / name)
    pairs = list(read_pairs(tmp_path / name))
    assert [pair.criterion for pair in pairs] == [Criterion.FUNCTIONAL_CORRECTNESS] * 2
    assert pairs[0].prompt == "Write `first` of shop.py in Python."


def test_an_unknown_format_is_refused_before_the_work(tmp_path: Path) -> None:
    repository = make_history(tmp_path / "shop", [Past("Start", START), FIX])
    with pytest.raises(UserError, match=r"written as \.jsonl, \.jsonl\.zst, \.parquet"):
        mine(repository, out=tmp_path / "pairs.csv")


def test_each_criterion_is_told_from_message_and_change(tmp_path: Path) -> None:
    changes = {
        "Fix buffer overflow on long names": Criterion.SECURITY_HARDNESS,
        "Fix memory leak in the cache": Criterion.MEMORY_EFFICIENCY,
        "Speed up the lookup": Criterion.RUNTIME_EFFICIENCY,
        "Simplify the condition": Criterion.READABILITY_MAINTAINABILITY,
        "Fix wrong sign": Criterion.FUNCTIONAL_CORRECTNESS,
    }
    body = "def f{0}(a, b):\n    step_{0} = a - b\n    return wrap_{0}(step_{0}, {1})\n"
    past = [Past("Start", {f"{n}.py": body.format(n, "old") for n in range(len(changes))})]
    past += [
        Past(message, {f"{n}.py": body.format(n, f"new_{n}")}) for n, message in enumerate(changes)
    ]
    out = tmp_path / "pairs.jsonl"
    mine(make_history(tmp_path / "many", past), out=out)
    assert {row["message"]: row["aspect"] for row in read_rows(out)} == changes


def test_what_is_reverted_is_dropped_with_the_revert(tmp_path: Path) -> None:
    folder = make_history(tmp_path / "shop", [Past("Start", START), FIX_LOOP, FIX])
    run_git("-c", "user.name=A", "-c", "user.email=a@b.c", "revert", "HEAD", folder=str(folder))
    out = tmp_path / "pairs.jsonl"
    result = mine(folder, out=out)
    assert commits(out) == [FIX_LOOP.message]
    assert "reverts, and what they revert" in result.output


def test_a_change_that_is_undone_without_saying_so_is_dropped(tmp_path: Path) -> None:
    undo = Past("Fix wrong handling of an empty list", {"shop.py": START["shop.py"]})
    again = Past(
        FIX_LOOP.message, {"shop.py": shop(loop="        result += item.price or 0")["shop.py"]}
    )
    out = tmp_path / "pairs.jsonl"
    mine(make_history(tmp_path / "shop", [Past("Start", START), FIX, undo, again]), out=out)
    assert commits(out) == [FIX_LOOP.message]


@pytest.mark.parametrize(
    "unwanted",
    [
        Past("Fix crash without items", shop(first=GUARD), author="dependabot[bot] <x@y.z>"),
        Past(
            "Fix crash without items and test it", shop(first=GUARD) | {"test_shop.py": "x = 1\n"}
        ),
        Past("Fix flaky total", {"test_shop.py": "def test_total():\n    assert 1\n"}),
        Past("Bump version to 1.2", shop(first=GUARD)),
        Past("Merge branch 'fix'", shop(first=GUARD)),
        Past("Run black to fix the layout", shop(first=GUARD)),
        Past("Fix typo in a name", shop(first=GUARD)),
        Past("Add a way to get the first item", shop(first=GUARD)),
        Past("Fix wrong description of adding", shop(comment="    # Add up the prices.")),
        Past("Fix crash", {"shop.py": None}),
        Past("Fix crash", {"new.py": "def f():\n    return None\n"}),
        Past("Fix crash", {"vendor/shop.py": "def f():\n    return None\n"}),
        Past("Fix wrong link", {"LICENSE": "x"}),
        Past("Fix link", {"shop.py": "elsewhere.py"}, modes={"shop.py": LINK}),
        Past("Fix submodule", {"sub": ""}, modes={"sub": SUBMODULE}),
    ],
    ids=lambda past: str(past.message),
)
def test_other_commits_are_left_out(tmp_path: Path, unwanted: Past) -> None:
    good = Past("Fix wrong result of g", {"g.py": "def g(a):\n    return clamp(a, 0)\n"})
    start = Past("Start", START | {"g.py": "def g(a):\n    return clamp(a, 1)\n"})
    out = tmp_path / "pairs.jsonl"
    mine(make_history(tmp_path / "shop", [start, good, unwanted]), out=out)
    assert commits(out) == [good.message]


def test_tests_and_documents_may_be_tolerated_beside_the_source_file(tmp_path: Path) -> None:
    both = Past("Fix crash without items", shop(first=GUARD) | {"test_shop.py": "x = 1\n"})
    folder = make_history(tmp_path / "shop", [Past("Start", START), both])
    out = tmp_path / "pairs.jsonl"
    mine(folder, out=out, options=["--beside-tests-and-docs"])
    assert commits(out) == [both.message]


def test_an_odd_history_is_mined_all_the_same(tmp_path: Path) -> None:
    odd = 'näme "with\n quotes.py'
    past = [
        Past("Start", {odd: START["shop.py"]}),
        Past(b"Fix caf\xe9 crash when empty", {odd: shop(first=GUARD)["shop.py"]}),
        Past("Add a submodule", {"sub": ""}, modes={"sub": SUBMODULE}),
        Past("", {odd: START["shop.py"]}),
        Past("Fix crash", {odd: "def f():\n    return '\udcff'\n"}),
    ]
    out = tmp_path / "pairs.jsonl"
    result = mine(make_history(tmp_path / "odd", past), out=out)
    (row,) = read_rows(out)
    assert row["message"] == "Fix caf\ufffd crash when empty"
    assert row["path"] == odd
    assert "blob missing, too large or not text" in result.output


def test_a_path_that_cannot_be_mined_is_named_and_the_others_are_mined(tmp_path: Path) -> None:
    good = make_history(tmp_path / "good", [Past("Start", START), FIX])
    empty = make_history(tmp_path / "empty", [], bare=True)
    plain = tmp_path / "plain"
    plain.mkdir()
    inside = good / "src"
    inside.mkdir()
    out = tmp_path / "pairs.jsonl"
    result = mine(plain, good, empty, tmp_path / "none", inside, out=out)
    assert f"warning: {plain}: not a git repository that can be read" in result.output
    assert f"warning: {empty}: an empty repository" in result.output
    assert f"warning: {tmp_path / 'none'}: no such folder" in result.output
    assert f"warning: {inside}: not the top of a git repository; that is {good}" in result.output
    assert len(read_rows(out)) == 1


def test_nothing_to_mine_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no path is a git repository with a history"):
        mine(tmp_path, out=tmp_path / "pairs.jsonl")
    lonely = make_history(tmp_path / "lonely", [Past("Start", START)])
    with pytest.raises(UserError, match="no commit became a pair"):
        mine(lonely, out=tmp_path / "pairs.jsonl")


def test_a_shallow_clone_is_mined_with_a_warning(tmp_path: Path) -> None:
    whole = make_history(tmp_path / "whole", [Past("Start", START), FIX_LOOP, FIX])
    shallow = tmp_path / "shallow"
    run_git("clone", "--depth", "2", whole.as_uri(), str(shallow), folder=str(tmp_path))
    out = tmp_path / "pairs.jsonl"
    result = mine(shallow, out=out)
    assert "a shallow clone: the history before its boundary is missing" in result.output
    assert commits(out) == [FIX.message]


def test_a_damaged_object_costs_only_the_commits_that_need_it(tmp_path: Path) -> None:
    past = [Past("Start", START), FIX_LOOP, Past("Fix g", {"g.py": "x = 1\n"}), FIX]
    past[0] = Past("Start", START | {"g.py": "def g(a):\n    return a\n"})
    past[2] = Past("Fix wrong result of g", {"g.py": "def g(a):\n    return abs(a)\n"})
    folder = make_history(tmp_path / "shop", past)
    damage(folder, "HEAD~2:shop.py")  # what FIX_LOOP made and FIX changed
    out = tmp_path / "pairs.jsonl"
    result = mine(folder, out=out)
    assert commits(out) == ["Fix wrong result of g"]
    assert "blob missing, too large or not text" in result.output


def test_a_history_that_breaks_off_is_named(tmp_path: Path) -> None:
    folder = make_history(tmp_path / "shop", [Past("Start", START), FIX_LOOP, FIX])
    damage(folder, "HEAD~2")
    good = make_history(tmp_path / "good", [Past("Start", START), FIX])
    result = mine(folder, good, out=tmp_path / "pairs.jsonl")
    assert f"warning: {folder}: its history" in result.output


def damage(repository: Path, name: str) -> None:
    """Overwrite an object, which is unpacked first if need be."""
    for pack in (repository / ".git/objects/pack").glob("*.pack"):
        moved = repository / "moved.pack"
        pack.rename(moved)
        with moved.open("rb") as data:
            subprocess.run(["git", "unpack-objects", "-q"], cwd=repository, stdin=data, check=True)
    answer = subprocess.run(
        ["git", "rev-parse", name], cwd=repository, capture_output=True, check=True, text=True
    )
    blob = answer.stdout.strip()
    file = repository / ".git/objects" / blob[:2] / blob[2:]
    file.chmod(0o644)
    file.write_bytes(b"damaged")


def test_near_duplicates_count_once(tmp_path: Path) -> None:
    one = make_history(tmp_path / "one", [Past("Start", START), FIX])
    fork = make_history(tmp_path / "fork", [Past("Start", START), FIX])
    out = tmp_path / "pairs.jsonl"
    result = mine(one, fork, out=out)
    assert [row["repo"] for row in read_rows(out)] == ["one"]
    assert "near-duplicates" in result.output


def test_pairs_that_share_words_with_a_file_are_left_out(tmp_path: Path) -> None:
    folder = make_history(tmp_path / "shop", [Past("Start", START), FIX, FIX_LOOP])
    out = tmp_path / "pairs.jsonl"
    words = tmp_path / "exam.txt"
    words.write_text(
        "def total items Add up result 0 for item in items result item price return", "utf-8"
    )
    mine(folder, out=out, options=["--decontaminate", str(words)])
    assert commits(out) == [FIX.message]
    mine(folder, out=tmp_path / "again.jsonl", options=["--decontaminate", str(out)])
    assert len(read_rows(tmp_path / "again.jsonl")) == 2  # too short to share 13 words


def test_every_commit_is_accounted_for(tmp_path: Path) -> None:
    past = [Past("Start", START), FIX, FIX_LOOP, Past("Release", {}), Past("Side", {}, merges=2)]
    result = mine(make_history(tmp_path / "shop", past), out=tmp_path / "pairs.jsonl")
    table = result.output.partition("of the commits")[2].splitlines()
    total, *parts = [int(line.rpartition(" ")[2]) for line in table if "pairs in" not in line]
    assert total == len(past) == sum(parts)


def test_a_repository_gives_no_more_than_the_cap(tmp_path: Path) -> None:
    folder = make_history(tmp_path / "shop", [Past("Start", START), FIX, FIX_LOOP])
    out = tmp_path / "pairs.jsonl"
    result = mine(folder, out=out, options=["--cap", "1"])
    assert len(read_rows(out)) == 1
    assert "over the cap" in result.output


def test_a_repository_is_for_training_or_for_validation(tmp_path: Path) -> None:
    folders = [
        make_history(
            tmp_path / f"shop{n}",
            [
                Past("Start", {f"m{n}.py": f"def f{n}(a):\n    return old_{n}(a)\n"}),
                Past("Fix wrong result", {f"m{n}.py": f"def f{n}(a):\n    return new_{n}(a)\n"}),
            ],
        )
        for n in range(6)
    ]
    out = tmp_path / "pairs.jsonl"
    mine(*folders, out=out, options=["--dev-share", "0.5"])
    train = {row["repo"] for row in read_rows(out)}
    dev = {row["repo"] for row in read_rows(tmp_path / "pairs-dev.jsonl")}
    assert train
    assert dev
    assert train | dev == {f"shop{n}" for n in range(6)}
    assert not train & dev


def test_a_second_run_cuts_nothing_again_and_writes_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_history(tmp_path / "shop", [Past("Start", START), FIX, FIX_LOOP])
    out = tmp_path / "pairs.jsonl"
    monkeypatch.setattr(run, "_CHUNK_COMMITS", 1)
    done: list[object] = []

    def stop_at_the_second(chunk: Any) -> int:
        if done:
            raise KeyboardInterrupt
        done.append(chunk)
        return mine_chunk(chunk)

    monkeypatch.setattr(run, "mine_chunk", stop_at_the_second)
    CliRunner().invoke(git, [str(folder), "--out", str(out), "--jobs", "1"])
    assert not out.exists()
    (out.with_name("pairs.jsonl.work") / "left-over.1.part").write_bytes(b"half")
    rest: list[object] = []
    monkeypatch.setattr(run, "mine_chunk", lambda chunk: rest.append(chunk) or mine_chunk(chunk))
    mine(folder, out=out)
    assert len(rest) == 1
    first = out.read_bytes()
    mine(folder, out=out)
    assert len(rest) == 1
    assert out.read_bytes() == first
    assert not list(tmp_path.rglob("*.part*"))


def test_a_damaged_part_is_named(tmp_path: Path) -> None:
    folder = make_history(tmp_path / "shop", [Past("Start", START), FIX])
    out = tmp_path / "pairs.jsonl"
    mine(folder, out=out)
    (shard,) = (tmp_path / "pairs.jsonl.work").iterdir()
    shard.write_bytes(shard.read_bytes()[:-9])
    with pytest.raises(UserError, match=r"damaged .* delete it and run again"):
        mine(folder, out=out)


def test_several_processes_bring_what_one_does(tmp_path: Path) -> None:
    folders = [
        make_history(tmp_path / name, [Past("Start", START), past])
        for name, past in (
            ("one", FIX),
            ("two", Past(FIX_LOOP.message, shop(loop="        result += 1"))),
        )
    ]
    out, again = tmp_path / "pairs.jsonl", tmp_path / "again.jsonl"
    mine(*folders, out=out)
    mine(*folders, out=again, options=["--jobs", "2"])
    assert again.read_bytes() == out.read_bytes()
