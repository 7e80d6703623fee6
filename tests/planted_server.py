"""A real server with a planted scorer, to be run as a program by the tests."""

from __future__ import annotations

import sys

from planted_scorer import PlantedScorer, reference_tables

from themis_lsp.bundle.manifest import Calibration
from themis_lsp.bundle.scales import MarginScale
from themis_lsp.cli.server import serve
from themis_lsp.criteria import Criterion
from themis_lsp.errors import BundleError
from themis_lsp.server.review import OpenModel
from themis_lsp.server.settings import Settings

SCALES = dict.fromkeys(Criterion, MarginScale(0.5, -0.5, -1.0, 0.5, 100))


def open_planted(settings: Settings) -> OpenModel:
    if settings.model == "missing":
        raise BundleError("no model bundle at missing")
    scales = {} if settings.model == "uncalibrated" else SCALES
    return OpenModel(PlantedScorer(), Calibration(reference_tables(), (0.0,) * 5, scales))


if __name__ == "__main__":
    serve(sys.argv[1:], open_planted)
