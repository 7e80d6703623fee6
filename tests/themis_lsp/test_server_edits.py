"""However a text came to be, once all is quiet its diagnostics are those of a fresh review."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from changed_repository import start
from editor import Editor
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from lsprotocol.converters import get_converter
from planted_scorer import STRONG
from planted_server import open_planted

from themis_lsp.languages import Language
from themis_lsp.server.analysis import Analyst, Document, Meaning
from themis_lsp.server.diagnostics import View, diagnose
from themis_lsp.server.positions import normalize_newlines
from themis_lsp.server.remember import RememberingScorer
from themis_lsp.server.settings import Settings

RELATED = {"textDocument": {"publishDiagnostics": {"relatedInformation": True}}}
PIECES = [
    "import os\n",
    "s = '\U0001f600\t\x0c' # \u2028\n",
    "class A:\n",
    "    def weak_method(self):\n        a = 1\n        b = weak(a)\n        return a + b\n",
    *(STRONG.replace("strong", name) for name in ("one", "two", "three")),
    STRONG.replace("strong", "one").replace("c = b", "c = weak(b)"),
    "@decorated\n# weak\n",
    "'''",
    "(\r\n",
    "\r",
    "",
]
BASE = "".join(PIECES[:7])
FRESH = open_planted(Settings())


def fresh_diagnostics(text: str, uri: str) -> Any:
    """Return what somebody who has seen no earlier text says about this one."""
    meaning = Meaning(FRESH.calibration, FRESH.concerns)
    analyst = Analyst(RememberingScorer(FRESH.scorer), meaning)
    document = Document("a.py", Language.PYTHON, normalize_newlines(text), BASE)
    view = View(uri, "utf-16", with_hints=True)
    return get_converter().unstructure(diagnose(analyst.analyse(document), view))


@pytest.fixture
def editor(project: Path) -> Iterator[Editor]:
    assert project.is_dir()
    start(a_py=BASE)
    with Editor() as editor:
        editor.start(RELATED, {"debounceMs": 5})
        yield editor


def test_diagnostics_are_those_of_a_fresh_review_however_the_text_came_to_be(
    editor: Editor, project: Path
) -> None:
    uri = (project / "a.py").resolve().as_uri()

    class Typing(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.text, self.version, self.is_settled = BASE, 1, False
            editor.received.clear()
            editor.open(uri, self.text)

        @rule(where=st.floats(0, 1), piece=st.sampled_from(PIECES))
        def insert(self, where: float, piece: str) -> None:
            lines = self.text.splitlines(keepends=True)
            at = round(where * len(lines))
            self.change("".join([*lines[:at], piece, *lines[at:]]))

        @rule(where=st.floats(0, 1), typed=st.sampled_from(["x", "\t", "\n", "weak", "\U0001f600"]))
        def type(self, where: float, typed: str) -> None:
            at = round(where * len(self.text))
            self.change(self.text[:at] + typed + self.text[at:])

        @rule(start=st.floats(0, 1), length=st.integers(1, 60))
        def delete(self, start: float, length: int) -> None:
            at = round(start * len(self.text))
            self.change(self.text[:at] + self.text[at + length :])

        @rule()
        def undo_all(self) -> None:
            self.change(BASE)

        @rule()
        def end_lines_otherwise(self) -> None:
            text = normalize_newlines(self.text)
            self.change(text if "\r\n" in self.text else text.replace("\n", "\r\n"))

        @rule(line=st.integers(0, 30))
        def hover(self, line: int) -> None:
            position = {"line": line, "character": 0}
            params = {"textDocument": {"uri": uri}, "position": position}
            editor.ask("textDocument/hover", params)

        @rule()
        @precondition(lambda self: not self.is_settled)
        def settle(self) -> None:
            found = editor.diagnostics(uri, self.version)
            assert found == fresh_diagnostics(self.text, uri)
            self.is_settled = True

        def change(self, text: str) -> None:
            self.text, self.version, self.is_settled = text, self.version + 1, False
            editor.change(uri, text, self.version)

        def teardown(self) -> None:
            if not self.is_settled:
                self.settle()
            editor.tell("textDocument/didClose", {"textDocument": {"uri": uri}})
            editor.wait(
                lambda m: (
                    m.get("method") == "textDocument/publishDiagnostics"
                    and "version" not in m["params"]
                )
            )

    run_state_machine_as_test(
        Typing, settings=settings(max_examples=25, stateful_step_count=12, deadline=None)
    )
