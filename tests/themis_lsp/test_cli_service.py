from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from changed_repository import start
from source_tree import write

from themis_lsp.cli.main import run
from themis_lsp.service.control import find_services, stop_service

CODE = "def f(a):\n    b = a\n    c = b + 1\n    return b + c\n"


@pytest.fixture(autouse=True)
def sockets(monkeypatch: pytest.MonkeyPatch, project: Path, tiny_bundle: Path) -> Iterator[Path]:
    assert project.is_dir()
    with tempfile.TemporaryDirectory(prefix="ts-") as folder:
        place = Path(folder, "run")
        monkeypatch.setenv("THEMIS_SERVICE_DIR", str(place))
        monkeypatch.setenv("THEMIS_CACHE_DIR", str(Path(folder, "cache")))
        monkeypatch.setenv("THEMIS_SERVICE", "on")
        monkeypatch.setenv("THEMIS_MODEL", str(tiny_bundle))
        monkeypatch.delenv("CI", raising=False)
        yield place
        for found in find_services():
            stop_service(found)


def requests() -> list[int]:
    return [found.facts.number("requests") for found in find_services() if found.facts]


def test_a_service_is_started_shown_used_and_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["service", "status"]) == 0
    assert capsys.readouterr().out == "no service runs\n"
    assert run(["service", "start"]) == 0
    assert run(["service", "start"]) == 0
    assert capsys.readouterr().out.count("is ready on cpu\n") == 2
    write("a.py", CODE)
    assert run(["a.py", "--no-cache"]) == 0
    by_service = capsys.readouterr().out
    assert requests() == [1]
    assert run(["a.py", "--no-cache", "--no-service"]) == 0
    assert capsys.readouterr().out.splitlines()[:-1] == by_service.splitlines()[:-1]
    assert requests() == [1]
    assert run(["service", "status"]) == 0
    assert "requests 1, idle" in capsys.readouterr().out
    assert run(["service", "status", "--format", "json"]) == 0
    (shown,) = json.loads(capsys.readouterr().out)["services"]
    assert (shown["model"], shown["requests"], shown["leaves_after_s"]) == ("Tiny", 1, 900)
    assert run(["service", "stop"]) == 0
    assert capsys.readouterr().out == "1 stopped\n"
    assert requests() == []


def test_changes_are_scored_by_the_service_too(capsys: pytest.CaptureFixture[str]) -> None:
    start(a_py=CODE)
    write("a.py", CODE.replace("b + 1", "b * 2"))
    assert run(["service", "start"]) == 0
    assert run(["--uncommitted", "--no-cache"]) == 0
    assert requests() == [1]
    assert "1 changed unit" in capsys.readouterr().out


def test_a_project_can_do_without_the_service_and_a_user_forbid_it(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write("a.py", CODE)
    assert run(["service", "start"]) == 0
    write(".themis.toml", "service = false\n")
    assert run(["a.py", "--no-cache"]) == 0
    assert requests() == [0]
    assert run(["a.py", "--no-cache", "--service"]) == 0
    assert requests() == [1]
    write(".themis.toml", "service = true\n")
    write(str(project.parent / "settings" / "config.toml"), "service = false\n")
    assert run(["a.py", "--no-cache"]) == 0
    assert requests() == [1]
    assert run(["--show-settings"]) == 0
    assert "service = false" in capsys.readouterr().out


def test_a_project_cannot_say_where_the_service_is(capsys: pytest.CaptureFixture[str]) -> None:
    write(".themis.toml", 'service = "/tmp/theirs.sock"\n')
    write("a.py", CODE)
    assert run(["a.py"]) == 2
    assert "service must be true or false" in capsys.readouterr().err


def test_no_safe_folder_is_an_error_only_for_those_who_start_one(
    sockets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sockets.mkdir(mode=0o755)
    sockets.chmod(0o755)
    assert run(["service", "start"]) == 2
    assert "set THEMIS_SERVICE_DIR to one with permissions 0700" in capsys.readouterr().err
    write("a.py", CODE)
    assert run(["a.py", "--no-cache"]) == 0


def test_a_service_in_the_foreground_ends_when_idle(tiny_bundle: Path) -> None:
    program = "from themis_lsp.cli.main import main; main()"
    command = [sys.executable, "-c", program, "service", "run", "--idle-minutes", "0.005"]
    assert tiny_bundle.is_dir()
    assert subprocess.run(command, check=False, timeout=60).returncode == 0
