"""SARIF 2.1.0: what code scanning of GitHub, Azure DevOps and many viewers read."""

from __future__ import annotations

import json
from urllib.parse import quote

from themis_lsp import __version__
from themis_lsp.criteria import Criterion
from themis_lsp.judgement.silence import Silence, SilenceKind
from themis_lsp.report.formats.remarks import SUPPRESSION, Remark, make_remarks
from themis_lsp.report.formats.rules import rule_help
from themis_lsp.report.review import Review

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_ROOT = "%SRCROOT%"


def format_sarif(review: Review) -> str:
    """Return a log with one run; what could not be reviewed is told as notifications."""
    remarks = make_remarks(review, with_silenced=True)
    kind = "files" if review.changes is None else "changes"
    run = {
        "tool": {
            "driver": {
                "name": "Themis Review",
                "version": __version__,
                "rules": [_rule(criterion) for criterion in Criterion],
            }
        },
        "automationDetails": {"id": f"themis-review/{kind}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            _ROOT: {"description": {"text": "The folder that the review was started in."}}
        },
        "invocations": [
            {
                "executionSuccessful": not review.problems,
                "toolExecutionNotifications": [
                    _notification(remark) for remark in remarks if remark.criterion is None
                ],
            }
        ],
        **_models(review),
        "results": [_result(remark) for remark in remarks if remark.criterion is not None],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1)


def _models(review: Review) -> dict[str, object]:
    """Return who judged: the model and, in a cascade, the one that it defers to."""
    second = None if review.escalation is None else review.escalation.info
    infos = [info for info in (review.info, second) if info is not None]
    models = [{"name": i.model, "bundleSha256": i.bundle_sha256} for i in infos]
    return {"properties": {"models": models}} if models else {}


def _rule(criterion: Criterion) -> dict[str, object]:
    words, explained = criterion.words, rule_help(criterion)
    return {
        "id": criterion.kebab,
        "name": criterion.value.replace("_", ""),
        "shortDescription": {"text": words[0].upper() + words[1:]},
        "fullDescription": {"text": explained},
        "help": {"text": explained},
        "defaultConfiguration": {"level": "warning"},
        "properties": {"tags": [criterion.code]},
    }


def _result(remark: Remark) -> dict[str, object]:
    return {
        "ruleId": remark.rule,
        "ruleIndex": [criterion.kebab for criterion in Criterion].index(remark.rule),
        "level": remark.severity.value,
        "message": {"text": remark.message},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": _artifact(remark.path),
                    "region": _region(remark),
                },
                "logicalLocations": [{"fullyQualifiedName": remark.unit}],
            }
        ],
        "partialFingerprints": {"themisReview/v2": remark.fingerprint},
        # An empty list says that it is known not to be suppressed.
        "suppressions": [] if remark.silence is None else [_suppression(remark.silence)],
    }


def _suppression(silence: Silence) -> dict[str, object]:
    return {
        "kind": "external" if silence.kind is SilenceKind.BASELINE else "inSource",
        "status": "accepted",
        **({"justification": silence.reason} if silence.reason else {}),
    }


def _notification(remark: Remark) -> dict[str, object]:
    place = {"artifactLocation": _artifact(remark.path)}
    if remark.rule == SUPPRESSION:
        place["region"] = _region(remark)
    return {
        "level": remark.severity.value,
        "message": {"text": remark.message},
        **({"locations": [{"physicalLocation": place}]} if remark.path else {}),
    }


def _artifact(path: str) -> dict[str, object]:
    if path.startswith("/"):
        return {"uri": f"file://{quote(path, errors='backslashreplace')}"}
    return {"uri": quote(path, errors="backslashreplace"), "uriBaseId": _ROOT}


def _region(remark: Remark) -> dict[str, object]:
    region: dict[str, object] = {"startLine": remark.line, "startColumn": remark.start_column}
    if remark.end_column is not None:
        inside = remark.text[remark.start_column - 1 : remark.end_column - 1]
        region |= {"endColumn": remark.end_column, "snippet": {"text": inside}}
    return region
