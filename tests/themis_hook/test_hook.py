from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from changed_repository import commit, start
from planted_scorer import SCALES, WordScorer, plant
from source_tree import git, write
from themis_hook.hook import run_hook

ROOT = Path(__file__).parents[2]
NOTHING = "0" * 40


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty current folder, out of reach of whoever tests, and a planted model."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in ("THEMIS_MODEL", "PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("THEMIS_CONFIG_DIR", str(tmp_path / "settings"))
    plant(monkeypatch, WordScorer(), SCALES)


def function(line: str) -> str:
    return f"def f(a):\n    b = a\n    {line}\n    return b\n"


FINE, WORSE = function("x = 1"), function("y = SH_bad()")


def head() -> str:
    asked = ["git", "rev-parse", "HEAD"]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()


def push(monkeypatch: pytest.MonkeyPatch, line: str) -> int:
    monkeypatch.setattr(sys, "stdin", io.StringIO(line))
    return run_hook(["push", "origin", "somewhere"])


def test_a_regression_that_is_staged_fails_and_one_that_is_not_passes() -> None:
    start(a_py=FINE)
    write("a.py", WORSE)
    assert run_hook(["commit", "a.py"]) == 0
    git("add", "a.py")
    write("a.py", FINE)
    assert run_hook(["commit", "a.py"]) == 1
    assert run_hook(["commit", "--exit-zero", "a.py"]) == 0


def test_a_message_goes_with_what_is_staged(capsys: pytest.CaptureFixture[str]) -> None:
    start(a_py=FINE)
    write("a.py", WORSE)
    git("add", "a.py")
    write("MESSAGE", "Say why\n# On branch main\n")
    assert run_hook(["message", "MESSAGE"]) == 1
    assert run_hook(["message", "MESSAGE", "--exit-zero"]) == 0
    assert run_hook(["message", "NOTHING"]) == 2
    assert "NOTHING: cannot be read" in capsys.readouterr().err
    assert run_hook(["message"]) == 2


def test_what_is_accepted_passes_and_the_hook_leaves_the_baseline_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    start(a_py=FINE)
    write("a.py", function("y = SH_bad()  # themis: ignore[SH] agreed"))
    git("add", "a.py")
    assert run_hook(["commit", "a.py"]) == 0
    write(".themis.toml", 'baseline = "base.jsonl"\n')
    write("a.py", WORSE)
    git("add", "a.py")
    assert run_hook(["commit", "a.py", "--update-baseline"]) == 0
    baseline = Path("base.jsonl").read_bytes()
    assert run_hook(["commit", "a.py"]) == 0
    write("a.py", function("y = 2"))
    git("add", "a.py")
    assert run_hook(["commit", "a.py"]) == 0
    assert "a review of the working tree takes it out" in capsys.readouterr().err
    assert Path("base.jsonl").read_bytes() == baseline


def test_the_configuration_says_what_fails() -> None:
    start(a_py=FINE)
    write("a.py", WORSE)
    git("add", "a.py")
    write(".themis.toml", 'fail-on = ["FC"]\n')
    assert run_hook(["commit"]) == 0
    assert run_hook(["commit", "--fail-on", "SH"]) == 1


def test_a_model_without_calibration_fails_unless_nothing_is_to_fail(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(monkeypatch, WordScorer())
    start(a_py=FINE)
    write("a.py", WORSE)
    git("add", "a.py")
    assert run_hook(["commit"]) == 2
    assert "set fail-on = [] in the configuration" in capsys.readouterr().err
    write(".themis.toml", "fail-on = []\n")
    assert run_hook(["commit"]) == 0


def test_a_range_that_pre_commit_names_is_reviewed(monkeypatch: pytest.MonkeyPatch) -> None:
    start(a_py=FINE)
    before = head()
    write("a.py", WORSE)
    commit("worse")
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", before)
    monkeypatch.setenv("PRE_COMMIT_TO_REF", head())
    assert run_hook(["commit", "a.py"]) == 1
    assert run_hook(["push"]) == 1


def test_what_git_pushes_is_reviewed(monkeypatch: pytest.MonkeyPatch) -> None:
    start(a_py=FINE)
    before = head()
    write("a.py", WORSE)
    commit("worse")
    assert push(monkeypatch, f"refs/heads/main {head()} refs/heads/main {before}\n") == 1
    assert push(monkeypatch, f"(delete) {NOTHING} refs/heads/main {before}\n") == 0
    assert push(monkeypatch, f"refs/heads/main {before} refs/heads/main {before}\n") == 0


def test_a_new_branch_is_compared_with_what_the_remote_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start(a_py=FINE)
    assert push(monkeypatch, f"refs/heads/main {head()} refs/heads/main {NOTHING}\n") == 0
    git("update-ref", "refs/remotes/origin/main", head())
    write("a.py", WORSE)
    commit("worse")
    write("b.py", FINE)
    commit("more")
    assert push(monkeypatch, f"refs/heads/new {head()} refs/heads/new {NOTHING}\n") == 1


def test_another_word_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_hook([]) == 2
    assert run_hook(["comit"]) == 2
    assert "Usage: themis-hook commit" in capsys.readouterr().err
    assert run_hook(["--help"]) == 0


def run_pre_commit(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PRE_COMMIT_HOME": str(home / "pre-commit")}
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


def try_commit(message: str, home: Path, *options: str) -> subprocess.CompletedProcess[str]:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    return subprocess.run(
        ["git", *identity, "commit", "--message", message, *options],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PRE_COMMIT_HOME": str(home / "pre-commit")},
    )


def test_pre_commit_takes_the_manifest(tmp_path: Path) -> None:
    manifest = str(ROOT / ".pre-commit-hooks.yaml")
    done = run_pre_commit("validate-manifest", manifest, home=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")


def test_an_installed_hook_gates_commits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = os.pathsep.join(str(ROOT / name) for name in (".", "hook", "tests"))
    monkeypatch.setenv("PYTHONPATH", paths)
    entry = f"{sys.executable} {Path(__file__).parent / 'planted_hook.py'} commit"
    write(
        ".pre-commit-config.yaml",
        "repos:\n- repo: local\n  hooks:\n  - id: themis-review\n    name: themis-review\n"
        f"    entry: {entry}\n    language: system\n    types_or: [python]\n"
        "    require_serial: true\n",
    )
    start(a_py=FINE, b_py=FINE.replace("f(a)", "g(a)"))
    assert run_pre_commit("install", home=tmp_path).returncode == 0

    # Partially staged: what stays behind does not count.
    write("a.py", function("z = 2"))
    git("add", "a.py")
    write("a.py", WORSE)
    assert try_commit("part", tmp_path).returncode == 0
    assert Path("a.py").read_text(encoding="utf-8") == WORSE

    refused = try_commit("all", tmp_path, "--all")
    assert refused.returncode == 1
    assert "gate: a.py:3 f: SH margin" in refused.stdout + refused.stderr

    # Amended: what is added to the last commit counts, against that commit.
    write("a.py", function("z = 3"))
    assert try_commit("part", tmp_path, "--amend", "--all").returncode == 0
    # Nothing is staged, so there is nothing to compare, whatever files are given.
    assert run_pre_commit("run", "--all-files", home=tmp_path).returncode == 0

    # A merge with a conflict that is resolved for the worse.
    git("checkout", "-b", "side", "HEAD^")
    write("a.py", function("z = 4"))
    assert try_commit("side", tmp_path, "--all").returncode == 0
    git("checkout", "main")
    subprocess.run(["git", "merge", "side"], check=False, capture_output=True)
    write("a.py", WORSE)
    git("add", "a.py")
    assert try_commit("merge", tmp_path).returncode == 1
    write("a.py", function("z = 5"))
    git("add", "a.py")
    assert try_commit("merge", tmp_path).returncode == 0
