"""The user's own configuration, which alone may say what models are trusted."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from themis_lsp.config.read import Table, read_toml
from themis_lsp.errors import UserError

CONFIG_VARIABLE = "THEMIS_CONFIG_DIR"
_MANIFEST, _MANIFEST_LIMIT_BYTES = "themis.json", 64_000_000
_KEYS = ("model", "escalate", "allowed-models", "service")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class UserConfig:
    """``model`` is used where nothing else names one; ``allowed_models`` are bundles' sha256.

    ``escalate`` is the model to ask where the first is unsure.

    ``service`` is whether a service may be used and started at all.
    """

    file: Path
    model: str | None
    allowed_models: frozenset[str]
    service: bool = True
    escalate: str | None = None


def read_user_config() -> UserConfig:
    """Return what the user's ``config.toml`` says, nothing where there is none.

    It is in ``THEMIS_CONFIG_DIR`` or the system's folder for configuration. Raises UserError.
    """
    chosen = os.environ.get(CONFIG_VARIABLE)
    if chosen:
        folder = Path(chosen).expanduser()
    else:
        from platformdirs import user_config_path

        folder = user_config_path("themis-review")
    file = folder / "config.toml"
    if not file.is_file():
        return UserConfig(file, None, frozenset())
    table = read_toml(file)
    table.check_keys(_KEYS)
    model, escalate = (_bundle(table, key) for key in ("model", "escalate"))
    allowed = table.strings("allowed-models") if "allowed-models" in table.entries else []
    for digest in allowed:
        if not _SHA256.fullmatch(digest):
            raise table.wrong("allowed-models", f"holds {digest!r}: not 64 hexadecimal digits")
    service = table.boolean("service") if "service" in table.entries else True
    return UserConfig(file, model, frozenset(allowed), service, escalate)


def _bundle(table: Table, key: str) -> str | None:
    """Return the bundle that ``key`` names; a folder beside the file goes before others."""
    if key not in table.entries:
        return None
    name = table.string(key)
    beside = table.file.parent / name
    return str(beside) if beside.is_dir() else name


def check_allowed(bundle: Path, named_in: Path, user: UserConfig) -> None:
    """Raise UserError unless the user allows the bundle that a project's configuration names.

    The hash is that of its manifest, which holds the hashes of all its other files.
    """
    manifest = bundle / _MANIFEST
    try:
        if not manifest.is_file() or manifest.stat().st_size > _MANIFEST_LIMIT_BYTES:
            raise UserError(f"{named_in}: model names {bundle}, which is no model bundle")
        digest = hashlib.sha256(manifest.read_bytes()).hexdigest()
    except OSError as error:
        raise UserError(f"{manifest}: cannot be read: {error.strerror or error}") from error
    if digest not in user.allowed_models:
        raise UserError(
            f"{named_in}: model names {bundle}, which you have not allowed; if you trust it, put "
            f'allowed-models = ["{digest}"] into {user.file}, or choose another with --model'
        )
