"""``themis-review service``: the process that keeps a model open between reviews."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from themis_lsp.cli.group import CommandEntry, LazyGroup
from themis_lsp.cli.options import (
    document_format_option,
    jobs_option,
    model_option,
    provider_option,
)
from themis_lsp.errors import UserError

if TYPE_CHECKING:
    from themis_lsp.service.control import RunningService
    from themis_lsp.service.spec import ServiceSpec

_SHOWN = ("pid", "version", "model", "bundle_sha256", "bundle", "provider", "threads")
_COUNTED = ("requests", "up_s", "idle_s", "leaves_after_s")
_START_PATIENCE_S = 60.0
_MODULE = "themis_lsp.cli.service"

service = LazyGroup(
    "service",
    entries={
        "status": CommandEntry(f"{_MODULE}:status", "Show which services of yours run."),
        "stop": CommandEntry(f"{_MODULE}:stop", "End them."),
        "start": CommandEntry(f"{_MODULE}:start", "Start one now, not when it is first missed."),
        "run": CommandEntry(f"{_MODULE}:run", "Be one, in the foreground."),
    },
    help="Keep a model open between reviews: see docs/service.md.\n\n"
    "A review that finds no service scores for itself and starts one for those that follow.",
)
_idle_option = click.option(
    "--idle-minutes",
    metavar="N",
    type=click.FloatRange(min=0, min_open=True),
    default=15.0,
    show_default=True,
    help="Leave when nothing was scored for so long.",
)


@click.command()
@document_format_option
def status(output_format: str) -> None:
    """Show the services of yours that run, and why one could not start, if so."""
    from themis_lsp.service.control import find_failures, find_services

    services, failures = list(find_services()), list(find_failures())
    if output_format == "json":
        document = {"services": [_facts(found) for found in services], "failures": failures}
        click.echo(json.dumps(document, indent=2))
        return
    if not services:
        click.echo("no service runs")
    for found in services:
        click.echo(_line(found))
    for reason in failures:
        click.echo(f"a service could not start: {reason}")


@click.command()
@click.pass_context
def stop(context: click.Context) -> None:
    """End all services of yours; what they are scoring is finished first."""
    from themis_lsp.service.control import find_services, forget_failures, stop_service

    services = list(find_services())
    stuck = [found for found in services if not stop_service(found)]
    forget_failures()
    for found in stuck:
        click.echo(f"the service at {found.file} does not end", err=True)
    click.echo(f"{len(services) - len(stuck)} stopped")
    context.exit(2 if stuck else 0)


@click.command()
@model_option
@provider_option
@jobs_option
@_idle_option
def start(model: str | None, provider: str, jobs: int | None, idle_minutes: float) -> None:
    """Start a service and wait until it can be used."""
    from themis_lsp.service.client import read_info
    from themis_lsp.service.launch import start_process
    from themis_lsp.service.place import ServiceFiles
    from themis_lsp.service.wire import WireError

    spec = _spec(model, provider, jobs)
    files = ServiceFiles(_folder(), spec.key)
    files.error.unlink(missing_ok=True)
    start_process(spec, idle_s=idle_minutes * 60)
    end = time.monotonic() + _START_PATIENCE_S
    while time.monotonic() < end:
        try:
            info = read_info(files)
        except WireError:
            time.sleep(0.05)
        else:
            click.echo(f"{info.model} {info.bundle_sha256[:12]} is ready on {info.provider}")
            return
        if files.error.exists():
            break
    reason = files.error.read_text(encoding="utf-8") if files.error.exists() else "it keeps silent"
    raise UserError(f"the service could not start: {reason}; reviews score without it")


@click.command()
@model_option
@provider_option
@jobs_option
@_idle_option
@click.pass_context
def run(
    context: click.Context,
    model: str | None,
    provider: str,
    jobs: int | None,
    idle_minutes: float,
) -> None:
    """Be a service in this process until nothing was scored for long or Ctrl-C."""
    from themis_lsp.service.__main__ import run_service
    from themis_lsp.service.place import ServiceFiles

    spec = _spec(model, provider, jobs)
    files = ServiceFiles(_folder(), spec.key)
    code = run_service(spec, files, idle_s=idle_minutes * 60)
    if code:
        raise UserError(f"the service could not start: {files.error.read_text(encoding='utf-8')}")
    context.exit(code)


def _spec(model: str | None, provider: str, jobs: int | None) -> ServiceSpec:
    from themis_lsp.bundle import find_bundle, load_bundle
    from themis_lsp.service.spec import specify_service

    return specify_service(load_bundle(find_bundle(model)), provider, jobs)


def _folder() -> Path:
    from themis_lsp.service.place import FOLDER_VARIABLE, can_serve, find_folder

    if not can_serve():
        raise UserError("this system has no Unix sockets: reviews score without a service")
    folder = find_folder(create=True)
    if folder is None:
        raise UserError(
            "there is no folder for a socket that is yours alone and whose path is short enough; "
            f"set {FOLDER_VARIABLE} to one with permissions 0700"
        )
    return folder


def _facts(found: RunningService) -> dict[str, object]:
    facts: dict[str, object] = {"socket": str(found.file), "answers": found.facts is not None}
    if found.facts is not None:
        facts |= {name: found.facts.fields.get(name) for name in (*_SHOWN, *_COUNTED)}
    return facts


def _line(found: RunningService) -> str:
    if found.facts is None:
        return f"{found.file} does not answer; themis-review service stop ends it"
    facts = _facts(found)
    sha256 = str(facts["bundle_sha256"])[:12]
    return (
        f"{facts['model']} {sha256} on {facts['provider']}, threads {facts['threads']}: process "
        f"{facts['pid']}, version {facts['version']}, up {facts['up_s']} s, requests "
        f"{facts['requests']}, idle {facts['idle_s']} of {facts['leaves_after_s']} s"
    )
