from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from themis_lsp import __version__
from themis_lsp.cli import review
from themis_lsp.cli.main import run, themis_review
from themis_lsp.errors import UserError

HEAVY = ("numpy", "onnxruntime", "pyarrow", "rich", "tokenizers", "tree_sitter")


def failing_with(error: BaseException) -> Callable[..., None]:
    def fail(*_arguments: Any, **_options: Any) -> None:
        raise error

    return fail


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"themis-review {__version__}\n"


def test_no_arguments_show_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 2
    assert "Usage: themis-review" in capsys.readouterr().err


def test_an_unknown_option_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["a.py", "--frobnicate"]) == 2
    assert "No such option" in capsys.readouterr().err


def test_an_error_of_the_users_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(review, "review_sources", failing_with(UserError("two\nlines")))
    assert run(["a.py"]) == 2
    assert capsys.readouterr().err == "themis-review: error: two\\nlines\n"


def test_an_internal_error_is_one_line_that_says_how_to_learn_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(review, "review_sources", failing_with(KeyError("lost")))
    assert run(["a.py"]) == 2
    assert capsys.readouterr().err == (
        "themis-review: error: internal error: KeyError: 'lost'; "
        "run again with --debug for the traceback\n"
    )


@pytest.mark.parametrize("arguments", [["--debug", "a.py"], ["a.py", "--debug"]])
def test_debug_shows_the_traceback(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(review, "review_sources", failing_with(KeyError("lost")))
    assert run(arguments) == 2
    assert "Traceback (most recent call last)" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["bench", "doctor"])
def test_every_command_takes_debug(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "--help"]) == 0
    assert "--debug" in capsys.readouterr().out


def test_an_interrupted_run_leaves_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review, "review_sources", failing_with(KeyboardInterrupt()))
    assert run(["a.py"]) == 130


def test_every_command_of_the_table_can_be_imported() -> None:
    context = click.Context(themis_review, info_name="themis-review")
    for name in themis_review.list_commands(context):
        command = themis_review.get_command(context, name)
        assert command is not None
        assert command.name == name


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from themis_lsp.cli.main import run\n"
        "run(['--help']); run(['check', '--help'])\n"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert finished.stderr == "[]\n"


def help_text(command: click.Command, parent: click.Context | None, name: str) -> str:
    context = click.Context(command, parent, name, terminal_width=88, **command.context_settings)
    text = f"## {context.command_path}\n\n```\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            assert found is not None
            text += f"\n{help_text(found, context, inner)}"
    return text


def test_the_documentation_has_the_help_of_every_command(
    check_golden: Callable[[Path, str], None],
) -> None:
    head = (
        "# The command line\n\n"
        "What `--help` prints, for every command. A test keeps this page up to date: "
        "`scripts/test --update-golden` writes it. How changes are reviewed is told in "
        "[changes.md](changes.md).\n\n"
    )
    docs = Path(__file__).parents[2] / "docs" / "cli.md"
    check_golden(docs, head + help_text(themis_review, None, "themis-review"))
