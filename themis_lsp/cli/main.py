"""The ``themis-review`` command: finds the subcommand, and turns errors into exit codes."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

import click

from themis_lsp import __version__
from themis_lsp.cli.group import CommandEntry, LazyGroup
from themis_lsp.errors import ThemisError

_ERROR, _INTERRUPTED = 2, 130

themis_review = LazyGroup(
    "themis-review",
    default="check",
    entries={
        "check": CommandEntry(
            "themis_lsp.cli.check:check", "Review files and folders (the default command)."
        ),
        "rank": CommandEntry(
            "themis_lsp.cli.rank:rank", "Rank alternatives of the same code on each criterion."
        ),
        "trend": CommandEntry(
            "themis_lsp.cli.trend:trend", "Show the course of each criterion over the history."
        ),
        "bench": CommandEntry("themis_lsp.cli.bench:bench", "Measure a model on preference pairs."),
        "score-corpus": CommandEntry(
            "themis_lsp.cli.score_corpus:score_corpus", "Score a corpus into parquet shards."
        ),
        "model": CommandEntry("themis_lsp.cli.model:model", "Show the model in use."),
        "service": CommandEntry(
            "themis_lsp.cli.service:service", "Keep the model open between reviews."
        ),
        "doctor": CommandEntry(
            "themis_lsp.cli.doctor:doctor", "Check that this installation can review code."
        ),
    },
    help="Review code with a local reward model: offline, nothing leaves this machine.\n\n"
    "`themis-review PATHS...` is short for `themis-review check PATHS...`; "
    "`themis-review check --help` lists its options. A file with the name of a command is "
    "given as ./name.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    subcommand_metavar="[COMMAND] [ARGS]...",
    params=[],
)
click.version_option(__version__, prog_name="themis-review", message="%(prog)s %(version)s")(
    themis_review
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit with its code."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str], *, defaults: Mapping[str, Any] | None = None) -> int:
    """Run the command; return 0 pass, 1 failed, 2 error, 130 interrupted.

    ``defaults`` has other defaults for options, by command.
    """
    try:
        code = themis_review.main(
            list(arguments),
            prog_name="themis-review",
            standalone_mode=False,
            default_map=defaults,
        )
        return code if isinstance(code, int) else 0
    except SystemExit as leaving:
        # click leaves with 1 when whoever read our output has gone; here 1 means a unit failed.
        return _ERROR if leaving.code else 0
    except click.ClickException as error:
        error.show()
        return _ERROR
    except (KeyboardInterrupt, click.Abort):
        return _INTERRUPTED
    except ThemisError as error:
        return _report(str(error))
    except Exception as error:
        if "--debug" in arguments:
            traceback.print_exc()
        return _report(f"{_describe(error)}; run again with --debug for the traceback")


def _report(message: str) -> int:
    from themis_lsp.cli.output import print_error

    print_error(message)
    return _ERROR


def _describe(error: Exception) -> str:
    lines = str(error).splitlines()
    return f"internal error: {type(error).__name__}{': ' if lines else ''}{''.join(lines[:1])}"
