from __future__ import annotations

import io
import sys

import pytest

from themis_lsp.cli import progress


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def open_terminal(monkeypatch: pytest.MonkeyPatch, *, patience_s: float = -1.0) -> Terminal:
    """Make standard error a terminal, of a user who by default waits for nothing."""
    stream = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "_PATIENCE_S", patience_s)
    return stream


def test_a_bar_names_what_is_scored_and_counts_its_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = open_terminal(monkeypatch)
    with progress.scoring_progress(3000, "pairs", steps=2) as advance:
        advance(3000)
        advance(3000)
    assert "scoring 3,000 pairs" in terminal.getvalue()
    assert "100%" in terminal.getvalue()


def test_there_is_no_bar_when_all_is_done_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = open_terminal(monkeypatch)
    with progress.scoring_progress(3, "units") as advance:
        advance(3)
    assert terminal.getvalue() == ""


def test_there_is_no_bar_for_short_work(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = open_terminal(monkeypatch, patience_s=3600.0)
    with progress.scoring_progress(3, "units") as advance:
        advance(1)
        advance(2)
    assert terminal.getvalue() == ""


def test_there_is_no_bar_when_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = open_terminal(monkeypatch)
    with progress.scoring_progress(3, "units", is_quiet=True) as advance:
        advance(1)
        advance(2)
    assert terminal.getvalue() == ""
