"""A pair as it is written: the columns of Themis-CodePreference, then where it comes from."""

from __future__ import annotations

from themis_train.mining.select import Labelled
from themis_train.mining.shards import Candidate
from themis_train.pair_files import Columns, Row

COLUMNS: Columns = {
    "system": str,
    "input": str,
    "chosen": str,
    "rejected": str,
    "language": str,
    "aspect": str,
    "source": str,
    "idx": int,
    "id": str,
    "repo": str,
    "commit": str,
    "path": str,
    "license": str,
    "time": int,
    "message": str,
    "confidence": float,
}
_SOURCE = "git"


def make_row(one: Candidate, label: Labelled, license_id: str, *, idx: int) -> Row:
    """Return the row of a candidate that became a pair.

    ``input`` names the units and says nothing of what is better about one side.
    """
    names = ", ".join(f"`{name}`" for name in one.names)
    return {
        "system": "",
        "input": f"Write {names} of {one.path} in {one.language}.",
        "chosen": one.after,
        "rejected": one.before,
        "language": one.language,
        "aspect": label.criterion.value,
        "source": _SOURCE,
        "idx": idx,
        "id": f"{one.repo}@{one.commit}",
        "repo": one.repo,
        "commit": one.commit,
        "path": one.path,
        "license": license_id,
        "time": one.time,
        "message": one.message,
        "confidence": round(label.confidence, 4),
    }
