from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from changed_repository import commit, listing, start
from planted_scorer import SCALES, WordScorer, plant
from source_tree import git, write

from themis_lsp.cli.main import run

FILE = "baseline.jsonl"
WEAK = "y = SH_bad() or SH_bad() or SH_bad() or SH_bad()"
BAR = ["--min-percentile", "30", "--baseline", FILE]
GATE = ["--uncommitted", "--fail-on", "any", "--baseline", FILE]


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch, project: Path) -> list[str | None]:
    assert project.is_dir()
    return plant(monkeypatch, WordScorer(), SCALES)


def function(name: str, line: str = WEAK) -> str:
    return f"def {name}(a):\n    b = a\n    {line}\n    return b\n"


def entries() -> list[dict[str, Any]]:
    header, *rows = map(json.loads, Path(FILE).read_text(encoding="utf-8").splitlines())
    assert header == {"themis-baseline": 1}
    return rows


def places() -> list[tuple[str, str]]:
    return sorted((entry["path"], entry["unit"]) for entry in entries())


def test_all_that_is_found_is_accepted_and_what_comes_later_is_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write("a.py", function("f"))
    assert run([".", "--min-percentile", "30"]) == 1
    assert run([".", *BAR, "--update-baseline"]) == 0
    assert "baseline.jsonl: 1 entry added" in capsys.readouterr().err
    assert run([".", *BAR]) == 0
    assert "(1 suppressed)" in capsys.readouterr().out
    write("b.py", function("g"))
    assert run([".", *BAR]) == 1
    assert places() == [("a.py", "f")]
    assert run([".", *BAR, "--update-baseline"]) == 0
    assert places() == [("a.py", "f"), ("b.py", "g")]


def test_code_that_moves_or_is_indented_elsewhere_stays_accepted() -> None:
    write("a.py", function("f"))
    assert run([".", *BAR, "--update-baseline"]) == 0
    Path("a.py").unlink()
    write("lib/c.py", "x = 1\n\n\n" + function("f").replace("b = a\n", "b = a  \n\n"))
    assert run([".", *BAR]) == 0
    assert places() == [("lib/c.py", "f")]


def test_an_entry_goes_by_itself_when_its_code_does(capsys: pytest.CaptureFixture[str]) -> None:
    write("a.py", function("f"))
    write("b.py", function("g"))
    assert run([".", *BAR, "--update-baseline"]) == 0
    write("a.py", function("f", "y = 1"))
    assert run(["b.py", *BAR]) == 0
    assert places() == [("a.py", "f"), ("b.py", "g")]
    capsys.readouterr()
    assert run([".", *BAR]) == 0
    assert places() == [("b.py", "g")]
    assert "took out 1 entry for code that is gone, such as a.py f" in capsys.readouterr().err
    Path("b.py").unlink()
    write("c.py", function("h", "y = 1"))
    assert run([".", *BAR]) == 0
    assert places() == []


@pytest.mark.parametrize("way", ["option", "CI"])
def test_in_ci_a_baseline_that_should_have_shrunk_fails_and_is_left_alone(
    way: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write("a.py", function("f"))
    assert run([".", *BAR, "--update-baseline"]) == 0
    write("a.py", function("f", "y = 1"))
    before = listing(Path())
    monkeypatch.setenv("CI", "true" if way == "CI" else "false")
    strict = ["--strict-baseline"] if way == "option" else []
    assert run([".", *BAR, *strict, "--quiet"]) == 1
    assert (
        "error: baseline.jsonl: the baseline should have shrunk: 1 entry for code that is gone"
        in (capsys.readouterr().err)
    )
    assert listing(Path()) == before
    assert run([".", *BAR, *strict, "--exit-zero"]) == 0


def test_regressions_are_accepted_for_as_long_as_their_code_stays(
    capsys: pytest.CaptureFixture[str],
) -> None:
    start(a_py=function("f", "x = 1"), b_py=function("g", "x = 1"))
    write("a.py", function("f", "y = SH_bad()"))
    assert run(GATE[:3]) == 1
    assert run([*GATE, "--update-baseline"]) == 0
    assert [entry["criterion"] for entry in entries()] == ["SH"]
    assert run(GATE) == 0
    assert "1 suppressed" in capsys.readouterr().err
    write("b.py", function("g", "y = SH_bad()"))
    assert run(GATE) == 1
    write("b.py", function("g", "x = 1"))
    write("a.py", function("f", "y = SH_bad() or 1"))
    assert run(["--uncommitted", "--fail-on", "SH:0.5", "--baseline", FILE]) == 1
    assert entries() == []


def test_what_is_staged_or_committed_shrinks_nothing_here(
    capsys: pytest.CaptureFixture[str],
) -> None:
    start(a_py=function("f", "x = 1"))
    write("a.py", function("f", "y = SH_bad()"))
    assert run([*GATE, "--update-baseline"]) == 0
    commit("second")
    write("a.py", function("f", "y = 2"))
    commit("third")
    capsys.readouterr()
    assert run(["--commit", "HEAD", "--baseline", FILE]) == 0
    assert "a review of the working tree takes it out" in capsys.readouterr().err
    assert len(entries()) == 1
    assert run(["--commit", "HEAD", "--baseline", FILE, "--strict-baseline"]) == 1


def test_entries_are_sorted_and_any_order_with_doubles_is_read() -> None:
    for name in "fghij":
        write(f"{name}.py", function(name))
    assert run([".", *BAR, "--update-baseline"]) == 0
    header, *lines = Path(FILE).read_text(encoding="ascii").splitlines()
    assert lines == sorted(lines)
    write(FILE, "\n".join([header, *lines[::-1], "", lines[2]]))
    assert run([".", *BAR]) == 0
    write("k.py", function("k"))
    assert run([".", *BAR, "--update-baseline"]) == 0
    assert set(Path(FILE).read_text(encoding="ascii").splitlines()) > {header, *lines}


def test_json_and_sarif_name_the_baseline(capsys: pytest.CaptureFixture[str]) -> None:
    write("a.py", function("f"))
    assert run([".", *BAR, "--update-baseline"]) == 0
    capsys.readouterr()
    assert run([".", *BAR, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["summary"]["baseline"] == {
        "file": FILE,
        "entries": 1,
        "added": 0,
        "gone": 0,
        "written": False,
    }
    security = told["units"][0]["criteria"]["Security_Hardness"]
    assert security["suppressed"] == {"by": "baseline", "line": None, "reason": ""}
    assert run([".", *BAR, "--format", "sarif"]) == 0
    (result,) = json.loads(capsys.readouterr().out)["runs"][0]["results"]
    assert result["suppressions"] == [{"kind": "external", "status": "accepted"}]
    assert result["partialFingerprints"] == {"themisReview/v2": entries()[0]["fingerprint"]}


def test_a_comment_goes_before_the_baseline() -> None:
    write("a.py", function("f", f"{WEAK}  # themis: ignore known"))
    assert run([".", *BAR, "--update-baseline"]) == 0
    assert entries() == []


def test_the_configuration_names_the_baseline(capsys: pytest.CaptureFixture[str]) -> None:
    write(".themis.toml", f'baseline = "{FILE}"\nmin-percentile = 30\n')
    write("src/a.py", function("f"))
    assert run(["src"]) == 2
    assert "no such baseline; --update-baseline makes it" in capsys.readouterr().err
    assert run(["src", "--update-baseline"]) == 0
    assert run(["src"]) == 0
    assert places() == [("src/a.py", "f")]
    assert run(["src", "--isolated", "--update-baseline"]) == 2


GOOD = {"fingerprint": "0" * 64, "criterion": "SH", "language": "C", "unit": "f", "path": "a.c"}
HEADER = '{"themis-baseline": 1}\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ":1: the baseline is empty"),
        ("[]\n", ":1: not a JSON object"),
        ('{"a": 1}\n', ":1: not a baseline: its first line must be"),
        ('{"themis-baseline": 2}\n', ":1: a baseline of version 2, and this themis-review knows"),
        (HEADER + "\n<<<<<<< HEAD\n", ":3: a merge conflict in the baseline"),
        (HEADER + "{\n", ":2: not JSON"),
        (HEADER + json.dumps(GOOD | {"fingerprint": "0"}), ":2: the entry is wrong: fingerprint"),
        (HEADER + json.dumps(GOOD | {"criterion": "XX"}), ":2: the entry is wrong: unknown crit"),
        (HEADER + json.dumps(GOOD | {"unit": 3}), ":2: the entry is wrong: unit is not text"),
        (HEADER + json.dumps({**GOOD, "path": None}), ":2: the entry is wrong: path is not text"),
        (HEADER + '{"unit": "f"}', ":2: the entry has no fingerprint"),
        (HEADER + "\udce9", "it is not UTF-8"),
    ],
)
@pytest.mark.parametrize("options", [[], ["--update-baseline"], ["--on-error", "pass"]])
def test_a_baseline_that_is_none_is_an_error_and_nothing_is_written(
    options: list[str], text: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write("a.py", function("f"))
    Path(FILE).write_bytes(text.encode("utf-8", "surrogateescape"))
    before = listing(Path())
    assert run([".", *BAR, *options, "--output", "json=out.json"]) == 2
    assert words in capsys.readouterr().err
    assert listing(Path()) == before


def test_where_something_could_not_be_reviewed_the_baseline_is_left_alone() -> None:
    write("a.py", function("f"))
    assert run([".", *BAR, "--update-baseline"]) == 0
    write("a.py", function("f", "y = 1"))
    write("b.py").write_bytes(b"\0")
    assert run(["a.py", "b.py", *BAR]) == 2
    assert places() == [("a.py", "f")]


def test_a_baseline_that_cannot_be_written_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    write("a.py", function("f"))
    assert run([".", "--baseline", "no/b.jsonl", "--update-baseline"]) == 2
    assert "no/b.jsonl: the baseline cannot be written" in capsys.readouterr().err


def test_two_branches_that_add_entries_merge_without_a_conflict() -> None:
    start(a_py=function("f"))
    write(".gitattributes", f"{FILE} merge=union\n")
    assert run(["a.py", *BAR, "--update-baseline"]) == 0
    commit("base")
    for branch, name in (("left", "g"), ("right", "h")):
        git("checkout", "-b", branch, "main")
        write(f"{name}.py", function(name))
        assert run([f"{name}.py", *BAR, "--update-baseline"]) == 0
        commit(branch)
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    git(*identity, "merge", "--no-edit", "left")
    assert run(["a.py", "g.py", "h.py", *BAR, "--strict-baseline"]) == 0
    assert places() == [("a.py", "f"), ("g.py", "g"), ("h.py", "h")]
