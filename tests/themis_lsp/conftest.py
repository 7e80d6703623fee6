"""What tests of the reviewer share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tiny_bundle import write_manifest


@pytest.fixture
def rewrite_manifest() -> Callable[..., None]:
    """The function that writes a fitting manifest: ``rewrite_manifest(folder, **changes)``."""
    return write_manifest


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder, out of reach of the repository and settings of whoever tests."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("THEMIS_CONFIG_DIR", str(tmp_path / "settings"))
    monkeypatch.delenv("THEMIS_MODEL", raising=False)
    monkeypatch.delenv("CI", raising=False)
    return folder


@pytest.fixture
def no_git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
