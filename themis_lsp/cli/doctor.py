"""``themis-review doctor``: can this installation review code, and if not, why not."""

from __future__ import annotations

import platform
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata

import click

from themis_lsp import __version__
from themis_lsp.cli.options import model_option
from themis_lsp.errors import ThemisError

_RUNTIME_WHEELS = ("onnxruntime", "onnxruntime-gpu")
_CUDA_PROVIDER = "CUDAExecutionProvider"


class Verdict(StrEnum):
    """How an examination went; a problem means that no review can run."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Examination:
    """What was looked at, how it is, and what to do about it if anything."""

    name: str
    verdict: Verdict
    text: str


@click.command()
@model_option
@click.pass_context
def doctor(context: click.Context, model: str | None) -> None:
    """Check that this installation can review code.

    Looks at versions, onnxruntime, the providers that really load, the model bundle and the cache.
    Exit codes: 0 a review can run, 2 it cannot.
    """
    can_review = True
    for examination in _examine(model):
        can_review = can_review and examination.verdict is not Verdict.PROBLEM
        mark = "" if examination.verdict is Verdict.OK else f"{examination.verdict}: "
        click.echo(f"{examination.name:<14}{mark}{examination.text}")
    click.echo("a review can run" if can_review else "a review cannot run")
    context.exit(0 if can_review else 2)


def _examine(model: str | None) -> Iterator[Examination]:
    yield Examination("themis-review", Verdict.OK, __version__)
    python = f"{platform.python_version()} ({sys.executable}), {platform.platform()}"
    yield Examination("python", Verdict.OK, python)
    yield _examine_wheels()
    yield _examine_bundle(model)
    yield _examine_cpu(model)
    yield _examine_cuda(model)
    yield _examine_cache()


def _examine_wheels() -> Examination:
    """onnxruntime and onnxruntime-gpu own the same files: the one installed last wins, halfway."""
    found = {wheel: version for wheel in _RUNTIME_WHEELS if (version := _version(wheel))}
    text = ", ".join(f"{wheel} {version}" for wheel, version in found.items())
    if not found:
        fix = "pip install 'themis-review[cpu]' (or [gpu] on a machine with CUDA)"
        return Examination("runtime", Verdict.PROBLEM, f"not installed; {fix}")
    if len(found) > 1:
        fix = (
            "both own the same files and hide CUDA: pip uninstall -y onnxruntime onnxruntime-gpu, "
            "then pip install onnxruntime-gpu (or onnxruntime for CPU only)"
        )
        return Examination("runtime", Verdict.WARNING, f"{text}; {fix}")
    return Examination("runtime", Verdict.OK, text)


def _version(wheel: str) -> str | None:
    try:
        return metadata.version(wheel)
    except metadata.PackageNotFoundError:
        return None


def _examine_bundle(model: str | None) -> Examination:
    from themis_lsp.bundle import find_bundle, load_bundle

    try:
        bundle = load_bundle(find_bundle(model))
    except ThemisError as error:
        return Examination("model", Verdict.PROBLEM, str(error))
    manifest = bundle.manifest
    tables = "" if manifest.calibration.percentiles else "; it has no percentiles, only rewards"
    text = (
        f"{manifest.name} ({manifest.precision}), {bundle.size_bytes / 1e6:.1f} MB, "
        f"sha256 {bundle.sha256[:12]}, verified, in {bundle.path}{tables}"
    )
    return Examination("model", Verdict.WARNING if tables else Verdict.OK, text)


def _examine_cpu(model: str | None) -> Examination:
    failure = _try_provider(model, "cpu")
    if failure is not None:
        return Examination("cpu", Verdict.PROBLEM, f"cannot score: {failure}")
    return Examination("cpu", Verdict.OK, "loads and scores")


def _examine_cuda(model: str | None) -> Examination:
    from themis_lsp.scoring.session import import_runtime

    try:
        providers = import_runtime().get_available_providers()
    except ThemisError:
        return Examination("cuda", Verdict.OK, "not tried")
    if _CUDA_PROVIDER not in providers:
        return Examination("cuda", Verdict.OK, "not in this onnxruntime; reviews run on cpu")
    failure = _try_provider(model, "cuda")
    if failure is not None:
        return Examination(
            "cuda",
            Verdict.WARNING,
            "listed by onnxruntime but does not load; reviews run on cpu. It needs an NVIDIA GPU "
            "with its driver (nvidia-smi shows it) and the CUDA and cuDNN libraries: "
            f"pip install 'themis-review[gpu]' brings these ({failure})",
        )
    return Examination("cuda", Verdict.OK, "loads and scores")


def _try_provider(model: str | None, provider: str) -> str | None:
    """Score a line on the provider; return what went wrong."""
    from themis_lsp.cli import scorer as opening
    from themis_lsp.languages import Language
    from themis_lsp.scoring.score import Snippet

    try:
        opened = opening.open_scorer(model=model, provider=provider, threads=None, cache=False)
        opened.scorer.score([Snippet(Language.PYTHON, "x = 1\n")])
    except ThemisError as error:
        return str(error)
    return None


def _examine_cache() -> Examination:
    from themis_lsp.cli.scorer import cache_folder

    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    except OSError as error:
        reason = error.strerror or str(error)
        text = f"{folder} cannot be written ({reason}): every review scores everything again"
        return Examination("cache", Verdict.WARNING, text)
    return Examination("cache", Verdict.OK, f"{folder}, {size / 1e6:.1f} MB, writable")
