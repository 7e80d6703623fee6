"""``themis-lsp``: the reviewer in an editor."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from themis_lsp import __version__

if TYPE_CHECKING:
    from themis_lsp.server.review import Opener, OpenModel
    from themis_lsp.server.settings import Settings


def main() -> None:
    """Run the language server."""
    serve(sys.argv[1:], _open)


def serve(arguments: Sequence[str], opener: Opener) -> None:
    """Run the language server until the editor ends it; ``opener`` opens its model."""
    parser = argparse.ArgumentParser("themis-lsp", description="Review code as you write it.")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--stdio", action="store_true", help="speak over standard input and output")
    how.add_argument("--tcp", action="store_true", help="wait for one editor on a local port")
    parser.add_argument("--port", type=int, default=8765, help="the port for --tcp")
    parser.add_argument("--version", action="version", version=f"themis-lsp {__version__}")
    options = parser.parse_args(arguments)
    from themis_lsp.server.features import make_server

    # What pygls logs may hold the user's code.
    logging.getLogger("pygls").setLevel(logging.CRITICAL + 1)
    server = make_server(opener)
    if options.tcp:
        server.start_tcp("127.0.0.1", options.port)
    else:
        server.start_io()


def _open(settings: Settings) -> OpenModel:
    from themis_lsp.cli.scorer import open_scorer
    from themis_lsp.concerns.head import open_concern_head
    from themis_lsp.config.user import read_user_config
    from themis_lsp.server.review import OpenModel

    opened = open_scorer(
        model=settings.model,
        provider=settings.provider,
        threads=settings.threads,
        cache=True,
        service=read_user_config().service,
    )
    concerns = open_concern_head(opened.bundle)
    calibration = opened.bundle.manifest.calibration
    return OpenModel(opened.scorer, calibration, concerns, opened.interrupt)
