"""A process of the user's own that keeps a model open for the shell, the hook and the editor."""
