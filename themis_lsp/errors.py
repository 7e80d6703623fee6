"""Every error the product raises on purpose.

ThemisError
├── UserError            the user can fix it: an option, a path, a missing extra
│   ├── SourceError      a file that cannot be read as source code
│   └── PairsError       a file of preference pairs that cannot be read
└── BundleError          something is wrong with a model bundle

Raised low, caught in exactly three places: the shell command, the hook, the server.
"""

from __future__ import annotations


class ThemisError(Exception):
    """Base of all errors whose message is for the user: what was wrong, where, what to do."""


class UserError(ThemisError):
    """The user can fix it: an option, a path, a missing extra."""


class SourceError(UserError):
    """A file cannot be read as source code."""


class PairsError(UserError):
    """A file of preference pairs cannot be read."""


class BundleError(ThemisError):
    """A model bundle is missing, damaged, or not what its manifest says."""
