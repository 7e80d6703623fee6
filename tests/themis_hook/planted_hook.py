"""The hook with a planted model, for a process of its own."""

from __future__ import annotations

import sys

import pytest
from planted_scorer import SCALES, WordScorer, plant
from themis_hook.hook import run_hook

plant(pytest.MonkeyPatch(), WordScorer(), SCALES)
sys.exit(run_hook(sys.argv[1:]))
