from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from changed_repository import start
from planted_scorer import SCALES, WordScorer, plant
from source_tree import write

from themis_lsp.cli.main import run
from themis_lsp.config.read import KEYS

STRICT = '[tool.themis-review]\nfail-on = ["SH"]\n'


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch, project: Path) -> list[str | None]:
    assert project.is_dir()
    return plant(monkeypatch, WordScorer(), SCALES)


def function(line: str) -> str:
    return f"def f(a):\n    b = a\n    {line}\n    return b\n"


def worsen(*names: str, line: str = "y = SH_bad()") -> None:
    start(**{name: function("x = 1") for name in names})
    for name in names:
        write(name.replace("__", "/").replace("_py", ".py"), function(line))


def test_the_project_says_what_fails_and_the_command_line_goes_first(
    capsys: pytest.CaptureFixture[str],
) -> None:
    worsen("a_py")
    write("pyproject.toml", STRICT + "exit-zero = false\ntop = 3\n")
    assert run(["--uncommitted"]) == 1
    assert run(["--uncommitted", "--fail-on", "FC"]) == 0
    assert run(["--uncommitted", "--isolated"]) == 0
    assert run(["--uncommitted", "--exit-zero"]) == 0
    assert "gate: failed" in capsys.readouterr().err
    assert run(["a.py"]) == 0  # conditions of a project are for changes


def test_each_file_has_the_conditions_closest_to_it(capsys: pytest.CaptureFixture[str]) -> None:
    worsen("a_py", "lax__b_py")
    write(".themis.toml", 'fail-on = ["SH"]\n')
    write("lax/pyproject.toml", "[tool.themis-review]\nfail-on = []\n")
    assert run(["--uncommitted"]) == 1
    err = capsys.readouterr().err
    assert "a.py:3 f: SH" in err
    assert "lax/b.py" not in err
    assert run(["--uncommitted", "lax"]) == 0
    assert run(["--uncommitted", "lax", "--config", ".themis.toml"]) == 1


def test_paths_can_be_stricter_and_can_ignore_criteria(capsys: pytest.CaptureFixture[str]) -> None:
    worsen("a_py", "crypto__b_py", "tests__c_py", line="y = 1 + 1 + SH_bad()")
    write(
        ".themis.toml",
        'fail-on = "SH:0.9"\n[paths."crypto/**"]\nfail-on = "SH:0.6"\n'
        '[paths."tests/**"]\nignore = ["SH"]\nfail-on = ["FC"]\n',
    )
    assert run(["--uncommitted", "--top", "9"]) == 1
    captured = capsys.readouterr()
    assert "gate: crypto/b.py:3 f: SH regression probability" in captured.err
    assert "gate: a.py" not in captured.err
    assert "tests/c.py:1 f (function), modified: stable\n  FC 0.00  RT 0.00  ME 0.00  RM" in (
        captured.out
    )


def test_files_are_not_judged_by_what_their_path_ignores(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write("tests/a.py", function("y = SH_bad() or RM_bad()"))
    write(".themis.toml", 'paths."tests/**".ignore = ["SH", "RM"]\n')
    assert run(["tests", "--format", "json"]) == 0
    out = capsys.readouterr().out
    assert "Functional_Correctness" in out
    assert "Security_Hardness" not in out


def test_a_configuration_builds_on_another(capsys: pytest.CaptureFixture[str]) -> None:
    write("shared/base.toml", 'fail-on = ["SH"]\ntop = 4\ncriteria = ["SH", "RM"]\n')
    write(".themis.toml", 'extend = "shared/base.toml"\ntop = 2\n')
    assert run(["--show-settings"]) == 0
    out = capsys.readouterr().out
    assert f"configuration: {Path('.themis.toml').resolve()}\n" in out
    assert f"criteria = SH, RM  ({Path('.themis.toml').resolve()})\ntop" not in out
    assert f"top = 2  ({Path('.themis.toml').resolve()})" in out
    assert f"fail-on = SH  ({Path('.themis.toml').resolve()})" in out
    assert "on-error = fail  (default)" in out
    assert run(["--show-settings", "--top", "7"]) == 0
    assert "top = 7  (command line)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('fail_on = ["SH"]', ".themis.toml:1: fail_on is unknown; did you mean fail-on?"),
        ("\nzzz = 1", ".themis.toml:2: zzz is unknown; there are criteria, min-percentile"),
        ('[paths."a/**"]\nignored = ["SH"]', ".themis.toml:2: ignored is unknown; did you mean"),
        ("[paths]\na = 1", ".themis.toml:2: a must be a table"),
        ("top = -1", ":1: top must be a whole number from 0"),
        ("top = true", ":1: top must be a whole number from 0"),
        ("min-percentile = 101", ":1: min-percentile must be a whole number from 0 to 100"),
        ("all-units = 1", ":1: all-units must be true or false"),
        ('criteria = ["XX"]', ":1: criteria is wrong: unknown criterion 'XX'"),
        ('fail-on = ["SH:2"]', ":1: fail-on is wrong: 'SH:2': '2' is no probability"),
        ('on-error = "ignore"', ":1: on-error must be fail or pass"),
        ('extend = ".themis.toml"', "extend leads back to the same file"),
        ('extend = "none.toml"', "none.toml: cannot be read: No such file"),
        ("top = ", "not valid TOML: Invalid value (at line 1, column 7)"),
        ('remote = "https://x"', ":1: remote is for your own configuration only"),
        ('allowed-models = ["x"]', "a project cannot set it"),
    ],
)
def test_a_mistake_is_told_with_its_line(
    text: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write(".themis.toml", text + "\n")
    write("a.py", function("x = 1"))
    assert run(["a.py"]) == 2
    assert words in capsys.readouterr().err


def test_every_key_is_in_the_documentation() -> None:
    text = (Path(__file__).parents[2] / "docs" / "config.md").read_text(encoding="utf-8")
    assert [key for key in KEYS if f"`{key}" not in text] == []


def test_the_search_ends_at_the_top_of_the_repository(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project.parent / ".themis.toml").write_text("top = 1\n", encoding="utf-8")
    assert run(["--show-settings"]) == 0
    assert "top = 1" in capsys.readouterr().out
    worsen("a_py")
    write("pyproject.toml", "[project]\nname = 'x'\n")
    assert run(["--show-settings"]) == 0
    assert "configuration: none\n" in capsys.readouterr().out


def test_a_project_can_only_name_a_model_that_the_user_allows(
    models: list[str | None], project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write("models/own/themis.json", "{}")
    write(".themis.toml", 'model = "models/own"\n')
    write("a.py", function("x = 1"))
    assert run(["a.py"]) == 2
    digest = hashlib.sha256(b"{}").hexdigest()
    assert f'which you have not allowed; if you trust it, put allowed-models = ["{digest}"]' in (
        capsys.readouterr().err
    )
    assert models == []
    assert run(["a.py", "--model", "nano"]) == 0
    write(str(project.parent / "settings" / "config.toml"), f'allowed-models = ["{digest}"]\n')
    assert run(["a.py"]) == 0
    write("models/own/themis.json", "{ }")
    assert run(["a.py"]) == 2
    assert models == ["nano", str(project / "models" / "own")]


def test_the_users_own_model_goes_before_the_embedded_one(
    models: list[str | None], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(str(project.parent / "settings" / "config.toml"), 'model = "/my/bundle"\n')
    write("a.py", function("x = 1"))
    assert run(["a.py"]) == 0
    monkeypatch.setenv("THEMIS_MODEL", "/other")
    assert run(["a.py"]) == 0
    assert models == ["/my/bundle", None]
