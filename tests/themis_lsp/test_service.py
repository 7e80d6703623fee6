"""The real service, in processes of its own, with a bundle small enough to open at once."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prompted_bundle import make_prompted_bundle
from tiny_bundle import write_manifest

from themis_lsp.bundle import find_bundle, load_bundle
from themis_lsp.cli.scorer import open_scorer
from themis_lsp.languages import Language
from themis_lsp.scoring.choose import choose_scorer
from themis_lsp.scoring.onnx_scorer import OnnxScorer
from themis_lsp.scoring.score import Score, Scorer, Snippet
from themis_lsp.scoring.session import ProviderChoice
from themis_lsp.service.client import read_info
from themis_lsp.service.control import RunningService, find_services, stop_service
from themis_lsp.service.launch import start_later, start_process
from themis_lsp.service.place import ServiceFiles, find_folder
from themis_lsp.service.spec import ServiceSpec, specify_service
from themis_lsp.service.wire import WireError

SNIPPETS = [
    Snippet(Language.PYTHON, "x = 1\n" * n + "é\N{PILE OF POO}\ud800"[: n % 3]) for n in range(40)
]


@pytest.fixture(autouse=True)
def sockets(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for sockets, whose services end with the test."""
    # Not tmp_path: the path of a socket must be short.
    with tempfile.TemporaryDirectory(prefix="ts-") as folder:
        place = Path(folder, "run")
        monkeypatch.setenv("THEMIS_SERVICE_DIR", str(place))
        monkeypatch.setenv("THEMIS_SERVICE", "on")
        monkeypatch.delenv("CI", raising=False)
        yield place
        for found in find_services():
            stop_service(found)


def until(holds: Callable[[], object], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it does not come about"
        time.sleep(0.02)


def services() -> list[RunningService]:
    return list(find_services())


def process_of(service: RunningService) -> int:
    assert service.facts is not None
    return service.facts.number("pid")


def requests_of(service: RunningService) -> int:
    assert service.facts is not None
    return service.facts.number("requests")


def is_running(process: int) -> bool:
    """Whether it runs; one that ended and was not noticed yet does not."""
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="ascii")
    except FileNotFoundError:
        return False
    return state.rpartition(")")[2].split()[0] != "Z"


def shared(bundle: Path, provider: str = "cpu", threads: int | None = 1) -> Scorer:
    return open_scorer(
        model=str(bundle), provider=provider, threads=threads, cache=False, service=True
    ).scorer


def spec_of(bundle: Path) -> ServiceSpec:
    return specify_service(load_bundle(bundle), "cpu", 1)


def started(bundle: Path, *, idle_s: float = 600.0) -> RunningService:
    """Start a service and wait until it answers."""
    spec = spec_of(bundle)
    assert find_folder(create=True) is not None
    start_process(spec, idle_s=idle_s)
    until(lambda: answers(spec))
    return next(s for s in services() if s.file.stem == spec.key)


def answers(spec: ServiceSpec) -> bool:
    folder = find_folder()
    assert folder is not None
    try:
        return bool(read_info(ServiceFiles(folder, spec.key)))
    except WireError:
        return False


def assert_same(left: list[Score], right: list[Score]) -> None:
    assert len(left) == len(right)
    for one, other in zip(left, right, strict=True):
        for name in ("rewards", "token_rewards", "token_starts"):
            a, b = getattr(one, name), getattr(other, name)
            assert (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())


def local_scores(bundle: Path) -> list[Score]:
    return OnnxScorer(load_bundle(bundle), threads=1).score(SNIPPETS)


def test_the_first_review_scores_for_itself_and_starts_a_service_for_the_next(
    tiny_bundle: Path,
) -> None:
    expected = local_scores(tiny_bundle)
    assert services() == []
    assert_same(shared(tiny_bundle).score(SNIPPETS), expected)
    until(services)
    finished: list[int] = []
    assert_same(shared(tiny_bundle).score(SNIPPETS, finished.append), expected)
    assert sum(finished) == len(SNIPPETS)
    (service,) = services()
    assert requests_of(service) == 1
    assert shared(tiny_bundle).info == OnnxScorer(load_bundle(tiny_bundle)).info


@pytest.mark.parametrize("is_prompted", [False, True])
def test_real_models_score_alike_in_the_service(tmp_path: Path, is_prompted: bool) -> None:
    bundle = make_prompted_bundle(tmp_path / "b") if is_prompted else find_bundle("nano")
    code = Path(__file__).read_text(encoding="utf-8")
    snippets = [Snippet(Language.PYTHON, code[n : n + 900], f"task {n}") for n in range(6)]
    started(bundle)
    by_service = shared(bundle).score(snippets)
    assert requests_of(*services()) == 1
    here = choose_scorer(load_bundle(bundle), ProviderChoice.CPU, threads=1)
    assert_same(by_service, here.score(snippets))


def test_a_service_leaves_when_nobody_asks(tiny_bundle: Path, sockets: Path) -> None:
    process = process_of(started(tiny_bundle, idle_s=0.2))
    until(lambda: not is_running(process))
    assert list(sockets.iterdir()) == []


def test_nobody_else_can_enter_the_folder_or_use_the_socket(
    tiny_bundle: Path, sockets: Path
) -> None:
    service = started(tiny_bundle)
    assert sockets.stat().st_mode & 0o777 == 0o700
    assert service.file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o755, 0o710, 0o701])
def test_a_folder_that_others_can_enter_is_not_used(
    mode: int, tiny_bundle: Path, sockets: Path
) -> None:
    sockets.mkdir()
    sockets.chmod(mode)
    assert find_folder(create=True) is None
    assert_same(shared(tiny_bundle).score(SNIPPETS), local_scores(tiny_bundle))
    assert list(sockets.iterdir()) == []


def test_a_link_in_the_place_of_the_folder_is_not_followed(sockets: Path) -> None:
    elsewhere = sockets.parent / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    sockets.symlink_to(elsewhere)
    assert find_folder(create=True) is None


def test_a_folder_of_another_user_is_not_used(
    sockets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sockets.mkdir(mode=0o700)
    own = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    assert find_folder(create=True) is None


def test_the_service_of_another_user_is_not_trusted(
    tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = ServiceFiles(started(tiny_bundle).file.parent, spec_of(tiny_bundle).key)
    own = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    with pytest.raises(WireError, match="another user"):
        read_info(files)


def test_without_a_runtime_folder_or_with_a_long_one_a_short_path_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("THEMIS_SERVICE_DIR")
    with tempfile.TemporaryDirectory(prefix="ts-") as short:
        monkeypatch.setattr(tempfile, "tempdir", short)
        long = tmp_path / ("x" * 90)
        long.mkdir(mode=0o700)
        for value in ("", str(long), str(tmp_path / "missing")):
            monkeypatch.setenv("XDG_RUNTIME_DIR", value)
            assert find_folder(create=True) == Path(short) / f"themis-review-{os.geteuid()}"
        Path(short, "own").mkdir(mode=0o700)
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(Path(short, "own")))
        assert find_folder(create=True) == Path(short, "own", "themis-review")


def test_many_starts_at_once_make_one_service(tiny_bundle: Path) -> None:
    spec = spec_of(tiny_bundle)
    assert find_folder(create=True) is not None
    for _ in range(6):
        start_process(spec, idle_s=600)
    until(lambda: answers(spec))
    process = process_of(services()[0])
    until(lambda: len(_processes_of(spec)) == 1)
    assert _processes_of(spec) == [process]


def test_an_attempt_is_not_repeated_at_once_nor_made_for_a_job(
    tiny_bundle: Path, sockets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = spec_of(tiny_bundle)
    monkeypatch.setattr(sys, "executable", "/bin/true")
    assert start_later(spec)
    assert not start_later(spec)
    os.utime(sockets / f"{spec.key}.attempt", (0, 0))
    monkeypatch.setenv("CI", "true")
    assert not start_later(spec)
    monkeypatch.delenv("CI")
    assert start_later(spec)


def test_clients_at_once_get_what_each_asked_for(tiny_bundle: Path) -> None:
    expected = local_scores(tiny_bundle)
    started(tiny_bundle)
    failures: list[BaseException] = []

    def ask(turn: int) -> None:
        try:
            turned = SNIPPETS[turn:] + SNIPPETS[:turn]
            assert_same(shared(tiny_bundle).score(turned), expected[turn:] + expected[:turn])
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=ask, args=(turn,)) for turn in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert requests_of(services()[0]) == 10


def test_a_service_killed_while_it_scores_changes_nothing_but_the_time(tiny_bundle: Path) -> None:
    expected = local_scores(tiny_bundle)
    process = process_of(started(tiny_bundle))
    finished: list[int] = []
    # It is stopped, so it has the request and no answer when it is killed.
    os.kill(process, signal.SIGSTOP)
    killer = threading.Timer(0.3, os.kill, (process, signal.SIGKILL))
    killer.start()
    scorer = shared(tiny_bundle)
    assert_same(scorer.score(SNIPPETS, finished.append), expected)
    killer.join()
    assert sum(finished) == len(SNIPPETS)
    assert_same(scorer.score(SNIPPETS), expected)


def test_what_a_killed_service_leaves_behind_is_no_obstacle(tiny_bundle: Path) -> None:
    service = started(tiny_bundle)
    os.kill(process_of(service), signal.SIGKILL)
    until(lambda: not is_running(process_of(service)))
    assert service.file.is_socket()
    assert_same(shared(tiny_bundle).score(SNIPPETS), local_scores(tiny_bundle))
    until(services)
    assert process_of(services()[0]) != process_of(service)


def test_a_silent_service_is_not_waited_for_twice_and_can_be_stopped(tiny_bundle: Path) -> None:
    service = started(tiny_bundle)
    os.kill(process_of(service), signal.SIGSTOP)
    scorer = shared(tiny_bundle)
    for _ in range(2):
        assert_same(scorer.score(SNIPPETS), local_scores(tiny_bundle))
    (silent,) = services()
    assert silent.facts is None
    os.kill(process_of(service), signal.SIGCONT)
    assert stop_service(silent)


def test_a_changed_bundle_gets_a_service_of_its_own_and_the_old_one_leaves(
    tiny_bundle: Path,
) -> None:
    old = process_of(started(tiny_bundle, idle_s=9.0))
    write_manifest(tiny_bundle, name="Tiny 2", files=_files_of(tiny_bundle))
    scorer = shared(tiny_bundle)
    assert scorer.info.model == "Tiny 2"
    assert_same(scorer.score(SNIPPETS), local_scores(tiny_bundle))
    until(lambda: not is_running(old))
    until(services)
    assert process_of(services()[0]) != old


def test_another_version_provider_or_number_of_threads_is_another_service(
    tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = load_bundle(tiny_bundle)
    keys = {specify_service(bundle, *way).key for way in (("cpu", 1), ("auto", 1), ("cpu", 2))}
    monkeypatch.setattr("themis_lsp.service.spec.__version__", "99")
    keys.add(specify_service(bundle, "cpu", 1).key)
    monkeypatch.setattr(sys, "executable", "/another/python")
    keys.add(specify_service(bundle, "cpu", 1).key)
    assert len(keys) == 5


def test_a_service_that_cannot_start_is_no_failure_and_says_why(
    tiny_bundle: Path, sockets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = local_scores(tiny_bundle)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert_same(shared(tiny_bundle).score(SNIPPETS), expected)
    monkeypatch.undo()
    sockets.mkdir(exist_ok=True)
    spec = spec_of(tiny_bundle)
    (tiny_bundle / "tokenizer.json").write_text("{}", encoding="utf-8")
    arguments = ["--bundle", str(tiny_bundle), "--provider", "cpu", "--threads", "1"]
    arguments += ["--key", spec.key, "--idle-s", "9"]
    environment = {**os.environ, "THEMIS_SERVICE_DIR": str(sockets)}
    command = [sys.executable, "-m", "themis_lsp.service", *arguments]
    done = subprocess.run(command, check=False, env=environment)
    assert done.returncode == 2
    assert "tokenizer.json has 2 bytes" in (sockets / f"{spec.key}.error").read_text()


def test_it_can_be_switched_off(tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service = started(tiny_bundle)
    monkeypatch.setenv("THEMIS_SERVICE", "off")
    shared(tiny_bundle).score(SNIPPETS)
    open_scorer(model=str(tiny_bundle), provider="cpu", threads=1, cache=False)
    (found,) = services()
    assert requests_of(found) == 0
    assert process_of(found) == process_of(service)


def test_a_client_of_a_service_imports_neither_runtime_nor_tokenizer(tiny_bundle: Path) -> None:
    started(tiny_bundle)
    program = (
        "import sys; from themis_lsp.cli.scorer import open_scorer\n"
        "from themis_lsp.languages import Language; from themis_lsp.scoring.score import Snippet\n"
        f"o = open_scorer(model={str(tiny_bundle)!r}, provider='cpu', threads=1, cache=False, "
        "service=True)\n"
        "o.scorer.score([Snippet(Language.PYTHON, 'x = 1')])\n"
        "print({'onnxruntime', 'tokenizers', 'tree_sitter'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
    assert requests_of(services()[0]) == 1


def test_what_is_not_the_protocol_is_turned_away(tiny_bundle: Path) -> None:
    service = started(tiny_bundle)
    wrong = b"TRS1" + b"\xff" * 8, b"TRS1\0\0\0\1\0\0\0\0{"
    for data in (b"", b"GET / HTTP/1.1\r\n\r\n" * 9, *wrong):
        with socket.socket(socket.AF_UNIX) as connection, contextlib.suppress(ConnectionError):
            connection.settimeout(30)
            connection.connect(str(service.file))
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass
    assert_same(shared(tiny_bundle).score(SNIPPETS), local_scores(tiny_bundle))


def _files_of(folder: Path) -> object:
    return json.loads((folder / "themis.json").read_text(encoding="utf-8"))["files"]


def _processes_of(spec: ServiceSpec) -> list[int]:
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            command = (place / "cmdline").read_bytes()
        except OSError:
            continue
        if spec.key.encode() in command and is_running(int(place.name)):
            found.append(int(place.name))
    return found
