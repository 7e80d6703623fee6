"""Comments in the code that silence findings: ``themis: ignore[SH] reason``."""
