"""The imports between our packages, held against the design."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "errors": set(),
    "criteria": {"errors"},
    "languages": {"errors"},
    "rows": {"errors"},
    "conditions": {"errors", "criteria"},
    "writing": set(),
    "baseline": {"errors", "criteria", "languages", "writing"},
    "pairs": {"errors", "criteria", "languages", "rows"},
    "neutral": {"errors", "criteria", "languages", "pairs", "rows"},
    "config": {"errors", "criteria", "conditions"},
    "units": {"errors", "languages"},
    "suppressions": {"errors", "criteria", "languages", "units"},
    "sources": {"errors", "languages", "units"},
    "changes": {"errors", "languages", "units"},
    "bundle": {"errors", "criteria", "languages"},
    "scoring": {"errors", "criteria", "languages", "bundle"},
    "concerns": {"errors", "criteria", "bundle"},
    "judgement": {
        *("errors", "criteria", "languages", "bundle", "concerns", "scoring", "units", "changes"),
        *("conditions", "suppressions", "baseline"),
    },
    "report": {
        *("errors", "criteria", "languages", "concerns", "scoring", "judgement", "sources"),
        *("units", "changes", "suppressions", ""),
    },
    "server": {
        *("errors", "criteria", "languages", "units", "changes", "sources", "bundle", "scoring"),
        *("concerns", "conditions", "config", "judgement", "report", "suppressions", "baseline"),
        "",
    },
    "service": {"errors", "criteria", "languages", "bundle", "scoring", ""},
    "bench": {
        "errors",
        "criteria",
        "languages",
        "pairs",
        "rows",
        "bundle",
        "scoring",
        "judgement",
        "writing",
        "",
    },
}
HEAVY = ("torch", "transformers", "onnx", "accelerate", "scipy")


def _imports(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def _files(package: str) -> list[Path]:
    folder = ROOT / "themis_lsp" / package
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_point_one_way(package: str) -> None:
    allowed = MAY_IMPORT[package] | {package}
    for file in _files(package):
        ours = {name for name in _imports(file) if name.split(".")[0] == "themis_lsp"}
        parts = {[*name.split("."), ""][1] for name in ours}
        assert parts <= allowed, f"{file} imports {sorted(parts - allowed)}"


def test_the_reviewer_never_imports_what_only_training_needs() -> None:
    for file in (ROOT / "themis_lsp").rglob("*.py"):
        heavy = {name.split(".")[0] for name in _imports(file)} & {
            *HEAVY,
            "themis_train",
            "themis_export",
        }
        assert not heavy, f"{file} imports {sorted(heavy)}"


def test_onnxruntime_is_imported_only_by_its_back_end() -> None:
    users = {
        file.name for file in (ROOT / "themis_lsp").rglob("*.py") if "onnxruntime" in _imports(file)
    }
    assert users <= {"session.py"}


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys; from themis_lsp.cli.main import run; run(['--help']);"
        "heavy = {'numpy', 'onnxruntime', 'tokenizers', 'rich', 'tree_sitter', 'rapidfuzz'};"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Usage: themis-review" in done.stdout


def test_no_file_outgrows_the_house() -> None:
    for folder in ("themis_lsp", "hook", "train", "export", "tests", "benchmarks"):
        for file in (ROOT / folder).rglob("*.py"):
            assert len(file.read_text(encoding="utf-8").splitlines()) <= 400, file
