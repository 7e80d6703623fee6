"""``python -m themis_hook``."""

from __future__ import annotations

from themis_hook.main import main

main()
