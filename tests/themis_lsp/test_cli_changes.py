from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from changed_repository import commit, start
from planted_scorer import STRONG, WEAK, PlantedScorer, plant
from source_tree import git, write

from themis_lsp.cli.main import run
from themis_lsp.criteria import Criterion

OLD = STRONG.replace("strong", "total")
WORSE = OLD.replace("c = b", "c = weak(b)")
BETTER = OLD.replace("c = b", "c = sound(b)")


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch, project: Path) -> list[str | None]:
    """A planted scorer in an empty folder; fills up with the models that were opened."""
    assert project.is_dir()
    return plant(monkeypatch, PlantedScorer())


def edited() -> None:
    """A function made worse, one made better, one renamed, one new, one gone."""
    gone = "def gone(y):\n    while y:\n        y.pop()\n    return y\n"
    named = "def {}(x):\n    for one in x:\n        print(one)\n    return len(x)\n"
    start(a_py="\n\n".join([OLD, named.format("old_name")]), b_py=BETTER + "\n\n" + gone)
    write("a.py", "\n\n".join([WORSE, named.format("new_name")]))
    write("b.py", BETTER.replace("sound", "sane") + "\n\n" + WEAK)


def test_changed_functions_are_shown_with_their_margins(
    check_golden: Callable[[str, str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    edited()
    assert run(["--uncommitted"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    check_golden("changes-full.txt", re.sub(r"in \d+\.\d s", "in 0.1 s", captured.out))


def test_concise_has_a_line_for_each(
    check_golden: Callable[[str, str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    edited()
    assert run(["--uncommitted", "--format", "concise"]) == 0
    check_golden("changes-concise.txt", capsys.readouterr().out)


def test_json_has_every_change(
    check_golden: Callable[[str, str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    edited()
    git("add", "--all")
    assert run(["check", "--staged", "--format", "json", "--criteria", "FC"]) == 0
    out = capsys.readouterr().out
    document = json.loads(out)
    assert [change["change"] for change in document["changes"]] == [
        *("modified", "renamed", "modified", "added", "deleted"),
    ]
    assert [unit["name"] for unit in document["units"]] == ["weak"]
    assert (len(document["summary"]["before"]), document["summary"]["after"]) == (40, "index")
    out = re.sub(r'"seconds": [\d.]+', '"seconds": 0.1', out)
    check_golden("changes.json", out.replace(document["summary"]["before"], "0" * 40))


def test_every_field_of_a_change_is_in_the_documentation(
    capsys: pytest.CaptureFixture[str],
) -> None:
    edited()
    assert run(["--uncommitted", "--format", "json"]) == 0
    (change, *_) = json.loads(capsys.readouterr().out)["changes"]
    text = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
    named = {*change, *change["before"], *change["criteria"][Criterion.SECURITY_HARDNESS]}
    assert [field for field in sorted(named) if f"`{field}`" not in text] == []


def test_paths_narrow_the_changes(capsys: pytest.CaptureFixture[str]) -> None:
    edited()
    assert run(["--uncommitted", "a.py", "--format", "concise"]) == 0
    captured = capsys.readouterr()
    assert "a.py:1:1: total: modified: FC -2.00" in captured.out
    assert "b.py" not in captured.out


def test_new_functions_are_held_against_the_bar(capsys: pytest.CaptureFixture[str]) -> None:
    start(a_py=OLD)
    write("a.py", WORSE)
    assert run(["--uncommitted", "--min-percentile", "1"]) == 0
    write("b.py", WEAK)
    assert run(["--uncommitted", "--min-percentile", "1"]) == 1
    assert "b.py:1 weak (function), new\n  FC percentile 0, below 1" in capsys.readouterr().out


def test_tiny_and_further_changes_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    edited()
    assert run(["--uncommitted", "--top", "1"]) == 0
    out = capsys.readouterr().out
    assert "a.py:1 total" in out
    assert "b.py:1 total" not in out
    assert "2 more changed; --top 3 shows them all" in out


def test_where_only_code_went_the_model_is_not_opened(
    opened: list[str | None], capsys: pytest.CaptureFixture[str]
) -> None:
    start(a_py=OLD, b_py=WEAK)
    git("rm", "b.py")
    assert run(["--staged"]) == 0
    assert opened == []
    assert capsys.readouterr().out.startswith("1 file, 1 changed unit (1 deleted) in ")


def test_it_is_said_when_no_function_changed(capsys: pytest.CaptureFixture[str]) -> None:
    start(a_py=OLD)
    write("notes.txt", "x")
    git("add", "--all")
    assert run(["--staged"]) == 0
    captured = capsys.readouterr()
    assert captured.err == (
        "themis-review: warning: nothing was reviewed: no function changed in what was selected\n"
    )
    assert captured.out.startswith("0 files, 0 changed units in ")


def test_a_file_in_conflict_fails_the_run_and_others_are_reviewed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    start(a_py=OLD, b_py=OLD)
    write("a.py", f"<<<<<<< HEAD\n{OLD}=======\n{WORSE}>>>>>>> side\n")
    write("b.py", WORSE)
    assert run(["--uncommitted"]) == 2
    captured = capsys.readouterr()
    assert "a.py: it holds conflict markers; resolve the conflict" in captured.err
    assert "b.py:1 total (function), modified" in captured.out


def test_a_patch_is_read_from_a_file_or_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    start(a_py=OLD)
    write("a.py", WORSE)
    patch = subprocess.run(["git", "diff"], check=True, capture_output=True).stdout
    git("checkout", "a.py")
    Path("fix.patch").write_bytes(patch)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(patch), encoding="utf-8"))
    for name in ("fix.patch", "-"):
        assert run(["--patch", name, "--format", "concise"]) == 0
        assert "a.py:1:1: total: modified: FC -2.00" in capsys.readouterr().out
    assert run(["--patch", "missing.patch"]) == 2
    assert "missing.patch: cannot be read: No such file" in capsys.readouterr().err


def test_commits_and_ranges_are_reviewed(capsys: pytest.CaptureFixture[str]) -> None:
    start(a_py=OLD)
    write("a.py", WORSE)
    commit("worse")
    for arguments in (["--commit", "HEAD"], ["--since", "HEAD^"], ["--diff", "HEAD^..HEAD"]):
        assert run([*arguments, "--format", "concise"]) == 0
        assert "a.py:1:1: total: modified: FC -2.00" in capsys.readouterr().out


def test_names_from_a_repository_are_made_safe(capsys: pytest.CaptureFixture[str]) -> None:
    start(**{"a\x1b[31m_py": OLD})
    write("a\x1b[31m.py", WORSE)
    assert run(["--uncommitted"]) == 0
    assert run(["--uncommitted", "--format", "concise"]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert r"a\x1b[31m.py:1" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--staged", "--since", "main"], "--staged and --since select different changes"),
        (["--staged", "-"], "standard input has none"),
        (["--staged", "--stdin-filename", "a.py"], "standard input has none"),
    ],
)
def test_what_does_not_go_together_is_a_usage_error(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    assert message in capsys.readouterr().err


def test_json_is_valid_when_changes_cannot_be_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--staged", "--format", "json"]) == 2
    captured = capsys.readouterr()
    (error,) = json.loads(captured.out)["errors"]
    assert "not a git repository" in error["message"]
    assert "not a git repository" in captured.err


def test_a_review_changes_nothing_in_the_repository(project: Path) -> None:
    edited()
    before = sorted(str(path) for path in project.rglob("*"))
    assert run(["--uncommitted"]) == 0
    assert sorted(str(path) for path in project.rglob("*")) == before
