"""What a user can set, and which of it is not understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

_WAIT_LIMIT_MS = 60_000
# What names a program or a model, or how it runs, is the user's to say, never a project's.
_USERS_OWN = frozenset({"model", "provider", "threads", "unloadMinutes"})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings.

    ``debounce_ms`` is how long typing must pause before a review, ``unload_minutes`` how long
    everything must before the model is unloaded.
    """

    base: str = "HEAD"
    weak_hints: bool = True
    code_lens: bool = True
    debounce_ms: int = 200
    model: str | None = None
    provider: str = "auto"
    threads: int | None = None
    unload_minutes: int = 5


def read_settings(
    values: object, defaults: Settings, *, from_user: bool
) -> tuple[Settings, list[str]]:
    """Return ``defaults`` with ``values`` laid over, and a sentence for each value left out.

    Those that name a model or how it runs are left out unless ``from_user``. A value of null is
    one that is not set.
    """
    if values is None:
        return defaults, []
    if not isinstance(values, Mapping):
        return defaults, ["the settings are not an object; none of them is used"]
    problems, settings = [], defaults
    for key, value in values.items():
        if key not in _READERS:
            problems.append(f"setting {key!r} is unknown; choose from {', '.join(_READERS)}")
        elif value is None:
            continue
        elif key in _USERS_OWN and not from_user:
            problems.append(f"setting {key!r} is only taken from initializationOptions")
        else:
            field, kind, wanted = _READERS[key]
            if _is_valid(value, kind):
                settings = replace(settings, **{field: value})
            else:
                kept = getattr(settings, field)
                problems.append(f"setting {key!r} must be {wanted}; {kept!r} is used")
    return settings, problems


_READERS: Mapping[str, tuple[str, str, str]] = {
    "base": ("base", "revision", "a commit or branch, not starting with '-'"),
    "weakHints": ("weak_hints", "flag", "true or false"),
    "codeLens": ("code_lens", "flag", "true or false"),
    "debounceMs": ("debounce_ms", "wait", f"a number of milliseconds from 0 to {_WAIT_LIMIT_MS}"),
    "model": ("model", "name", "the folder of a bundle, or 'nano'"),
    "provider": ("provider", "provider", "auto, cpu or cuda"),
    "threads": ("threads", "threads", "a number from 1 to 256"),
    "unloadMinutes": ("unload_minutes", "minutes", "a number of minutes from 1 to 1440"),
}
_RANGES = {"wait": (0, _WAIT_LIMIT_MS), "threads": (1, 256), "minutes": (1, 1440)}


def _is_valid(value: object, kind: str) -> bool:
    if kind == "flag":
        return isinstance(value, bool)
    if kind in _RANGES:
        low, high = _RANGES[kind]
        return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
    if not isinstance(value, str) or not value:
        return False
    if kind == "provider":
        return value in ("auto", "cpu", "cuda")
    return kind != "revision" or not (value.startswith("-") or ":" in value)
