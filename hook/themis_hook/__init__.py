"""The commit gate: runs under pre-commit, lefthook and plain git hooks."""
