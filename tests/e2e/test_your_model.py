"""docs/your-model.md, followed to the letter on a small repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from history import Past, make_history

PAGE = Path(__file__).parents[2] / "docs" / "your-model.md"
BASE = "models--HuggingFaceTB--SmolLM2-135M-Instruct"
REVISION = "0" * 40
MESSAGES = (
    "Fix wrong result for {}",
    "Speed up {}",
    "Fix memory leak in {}",
    "Simplify {}",
    "Fix buffer overflow in {}",
)
WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "inlet", "jetty")
FUNCTION = """\
def {word}_{number}(items, limit):
    {word}s = [{word} for {word} in items if {word} < limit * {number}]
    if not {word}s:
        raise ValueError("no {word}")
    return {result}({word}s, key=lambda {word}: {word} % {number})
"""


def commands_of(page: str) -> list[str]:
    """The indented blocks of a page, lines that end in a backslash joined."""
    joined = page.replace("\\\n", " ")
    return [line.strip() for line in re.findall(r"^ {4}(\S.*)$", joined, flags=re.M)]


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    """A folder with a repository of fifty telling commits."""
    texts = {f"src/{word}{number}.py": (word, number) for number in range(2, 7) for word in WORDS}
    start = {
        path: FUNCTION.format(word=word, number=number, result="min")
        for path, (word, number) in texts.items()
    }
    past = [Past("Start", start)]
    for turn, (path, (word, number)) in enumerate(texts.items()):
        after = FUNCTION.format(word=word, number=number, result=f"largest_{word}_of_{number}")
        past.append(Past(MESSAGES[turn % len(MESSAGES)].format(word), {path: after}))
    make_history(tmp_path / "my-repository", past)
    return tmp_path


@pytest.fixture
def hub(base_model: Path, tmp_path: Path) -> Path:
    """A cache of the hub that holds a tiny model under the name the page uses."""
    cache = tmp_path / "hub"
    shutil.copytree(base_model, cache / BASE / "snapshots" / REVISION)
    (cache / BASE / "refs").mkdir()
    (cache / BASE / "refs" / "main").write_text(REVISION)
    return cache


def test_the_page_leads_from_a_repository_to_a_review(workplace: Path, hub: Path) -> None:
    install, *commands = commands_of(PAGE.read_text(encoding="utf-8"))
    assert install.startswith("pip install")
    scripts = str(Path(sys.executable).parent)
    environment = {
        **{name: value for name, value in os.environ.items() if name != "THEMIS_MODEL"},
        "PATH": os.pathsep.join([scripts, os.environ["PATH"]]),
        "HF_HUB_CACHE": str(hub),
        "HF_HUB_OFFLINE": "1",
        "THEMIS_CACHE_DIR": str(workplace / "cache"),
    }
    finished = subprocess.run(
        ["bash", "-euc", "\n".join(commands)],
        cwd=workplace,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert "10 pairs in pairs-dev.jsonl" in finished.stdout
    review = finished.stdout.rpartition("src/")[2]
    assert "50 files" in review
