"""Pushes under the real pre-commit, and hooks of git without it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from source_tree import write

ROOT = Path(__file__).parent.parent.parent
ENTRY = f"{sys.executable} -m themis_hook"
CONFIG = """\
repos:
  - repo: local
    hooks:
      - {{id: staged, name: staged, entry: {entry} commit, language: system, types: [python],
         require_serial: true}}
      - {{id: push, name: push, entry: {entry} push, language: system, types: [python],
         pass_filenames: false, stages: [pre-push]}}
"""
STRICT, LENIENT = 1e9, -1e9
BEFORE = "def total(items):\n    x = 0\n    for item in items:\n        x += item\n    return x\n"
AFTER = BEFORE.replace("x += item", "x = x + item.price")


@pytest.fixture
def bundle(tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("THEMIS_MODEL", str(tiny_bundle))
    monkeypatch.setenv("THEMIS_CACHE_DIR", str(tiny_bundle.parent / "cache"))
    return tiny_bundle


@pytest.fixture
def set_gate(bundle: Path) -> Callable[[float], None]:
    """``set_gate(STRICT)`` makes every change fail, ``set_gate(LENIENT)`` none."""

    def set_threshold(threshold: float) -> None:
        from tiny_bundle import CRITERIA, write_manifest

        scale = {
            "temperature": 1.0,
            "warn_below": threshold,
            "gate_below": threshold,
            "improved_above": None,
            "pairs": 1000,
        }
        margins = {str(criterion): scale for criterion in CRITERIA}
        write_manifest(bundle, calibration={"empty_side": [0.0] * 5, "margins": margins})

    set_threshold(STRICT)
    return set_threshold


@pytest.fixture
def repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, set_gate: Callable[[float], None]
) -> Path:
    """One commit, and pre-commit installed for commits and pushes."""
    assert set_gate
    folder = tmp_path / "repository"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    monkeypatch.setenv("HOME", str(tmp_path))
    for kind in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{kind}_NAME", "A")
        monkeypatch.setenv(f"GIT_{kind}_EMAIL", "a@example.org")
    paths = [str(ROOT), str(ROOT / "hook")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    run("git", "init", "--initial-branch", "main")
    write(".pre-commit-config.yaml", CONFIG.format(entry=ENTRY))
    write("a.py", BEFORE)
    run("git", "add", "--all")
    run("git", "commit", "--message", "first")
    pre_commit("install", "--hook-type", "pre-commit", "--hook-type", "pre-push")
    return folder


def run(*command: str) -> subprocess.CompletedProcess[str]:
    done = try_run(*command)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def try_run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def pre_commit(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-m", "pre_commit", *arguments)


def commit(*options: str) -> subprocess.CompletedProcess[str]:
    return try_run("git", "commit", "--message", "change", *options)


def commits() -> int:
    return int(run("git", "rev-list", "--count", "HEAD").stdout)


@pytest.mark.usefixtures("repository")
def test_a_push_is_judged_as_a_whole(tmp_path: Path, set_gate: Callable[[float], None]) -> None:
    run("git", "init", "--bare", str(tmp_path / "remote"))
    run("git", "remote", "add", "origin", str(tmp_path / "remote"))
    set_gate(LENIENT)
    run("git", "push", "origin", "main")
    write("a.py", AFTER)
    run("git", "commit", "--all", "--message", "change")
    set_gate(STRICT)
    stopped = try_run("git", "push", "origin", "main")
    assert stopped.returncode == 1
    assert "gate: failed" in stopped.stdout + stopped.stderr
    set_gate(LENIENT)
    run("git", "push", "origin", "main")


@pytest.mark.usefixtures("repository")
def test_a_plain_hook_of_git_judges_what_is_staged() -> None:
    hook = Path(".git/hooks/pre-commit")
    hook.write_text(f"#!/bin/sh\nexec {ENTRY} commit\n")
    hook.chmod(0o755)
    write("a.py", AFTER)
    run("git", "add", "a.py")
    done = commit()
    assert done.returncode == 1
    assert "gate: failed" in done.stderr
    assert commit("--no-verify").returncode == 0


@pytest.mark.usefixtures("repository")
def test_a_hook_that_cannot_judge_stops_the_commit(bundle: Path) -> None:
    manifest = json.loads((bundle / "themis.json").read_text())
    manifest["calibration"].pop("margins")
    (bundle / "themis.json").write_text(json.dumps(manifest))
    write("a.py", AFTER)
    run("git", "add", "a.py")
    done = commit()
    assert done.returncode == 1
    assert "no threshold for any criterion" in done.stdout + done.stderr
    assert commits() == 1
