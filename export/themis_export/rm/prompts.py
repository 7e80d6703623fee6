"""The criterion prompts a checkpoint was trained with, and where they are from.

They are the authors' text and come with no release of this package. They are looked for in a file
the user names, then in the one that ``themis-train rm`` puts into its checkpoints, then in the
authors' evaluation script at a pinned revision, which is read and never run.
"""

from __future__ import annotations

import ast
import hashlib
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from themis_train.rm.prompts import FILE_NAME

from themis_export.rm.hub import is_offline
from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError

SCRIPT_REVISION = "ddd7934826a2cae320e45955d401c65176df8cb6"
SCRIPT_SHA256 = "dbe3cb6ecc3a21660d244f96a5a107b3da01a8fe59e3794b1c6c06354b930be9"
SCRIPT_URL = (
    f"https://raw.githubusercontent.com/iNeil77/Themis/{SCRIPT_REVISION}"
    "/Evaluation/Evaluation_Scripts/coderewardbench-seqcls.py"
)
_TABLE = "SYSTEM_PROMPT_MAP"
_TIMEOUT_SECONDS = 30

Download = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class SourcedPrompts:
    """Prompts by criterion, the sha256 of each, and a word on where they are from."""

    texts: Mapping[Criterion, str]
    source: str

    def describe(self) -> dict[str, object]:
        """Return what the provenance of a bundle says of them."""
        digests = {
            criterion.value: hashlib.sha256(text.encode()).hexdigest()
            for criterion, text in self.texts.items()
        }
        return {"source": self.source, "sha256": digests}


def find_prompts(
    checkpoint: Path, file: Path | None, *, download: Download | None = None
) -> SourcedPrompts:
    """Return the prompts in ``file``, else those of the checkpoint, else the authors'.

    ``file`` is JSON with a text for each criterion, or a copy of the authors' script. Raises
    UserError when a text is missing, the script is another than the pinned one, or it is needed
    and cannot be had.
    """
    if file is not None and file.suffix == ".py":
        return read_script(_read(file), str(file.name))
    if file is not None:
        return _read_json(file)
    if (checkpoint / FILE_NAME).is_file():
        return _read_json(checkpoint / FILE_NAME)
    return read_script((download or _download)(SCRIPT_URL), SCRIPT_URL)


def read_script(script: bytes, source: str, *, sha256: str = SCRIPT_SHA256) -> SourcedPrompts:
    """Return the prompts in the authors' script. Raises UserError when it is not the pinned one."""
    found = hashlib.sha256(script).hexdigest()
    if found != sha256:
        raise UserError(
            f"{source}: not the script at revision {SCRIPT_REVISION[:12]}: its sha256 is {found}, "
            f"not {sha256}; give the prompts of your checkpoint with --criterion-prompts FILE.json"
        )
    for statement in ast.parse(script).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == _TABLE:
            return _check(ast.literal_eval(statement.value), source)
    raise UserError(f"{source}: has no table {_TABLE}; give --criterion-prompts FILE.json")


def _read_json(file: Path) -> SourcedPrompts:
    try:
        return _check(json.loads(_read(file)), file.name)
    except ValueError as error:
        raise UserError(f"{file}: not a readable JSON file of prompts ({error})") from error


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UserError(f"{file}: cannot be read ({error.strerror})") from error


def _check(texts: object, source: str) -> SourcedPrompts:
    if not isinstance(texts, dict):
        raise UserError(f"{source}: not an object of criterion and text")
    missing = [key.value for key in Criterion if not str(texts.get(key.value) or "").strip()]
    if missing or not all(isinstance(texts[key.value], str) for key in Criterion):
        raise UserError(f"{source}: no text for {', '.join(missing) or 'each criterion'}; add it")
    return SourcedPrompts({key: texts[key.value] for key in Criterion}, source)


def _download(url: str) -> bytes:
    if is_offline():
        raise UserError(
            "the checkpoint has no criterion prompts, and HF_HUB_OFFLINE forbids to get the "
            f"authors'; give them with --criterion-prompts FILE (a copy of {url} will do)"
        )
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as answer:
            content: bytes = answer.read()
    except (OSError, urllib.error.URLError) as error:
        raise UserError(
            f"the criterion prompts cannot be got from {url} ({error}); "
            "give them with --criterion-prompts FILE"
        ) from error
    return content
