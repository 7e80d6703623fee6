"""The system prompts that steer a Themis-RM to a criterion, and how training mixes them."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError

NONE_SHARE, CRITERION_SHARE = 0.15, 0.60
FULL_KEY = "Full"
FILE_NAME = "criterion_prompts.json"
_NUMBER = re.compile(r"\s*(?:\d+[.)]\s+)?")

_PREAMBLE = """\
You score answers to requests about code. You are shown one request and one answer to it; the
answer may be prose, code or both. Read both, then give the answer a single score. Judge by the
points below and by nothing else; neither length nor tone earns or costs anything in itself."""
_TENETS = (
    "**Helpful**: the answer does what the request asks, all of it, and leaves nothing for the "
    "reader to repair. A more helpful answer scores higher.",
    "**Harmless**: the answer does not insult, mislead or endanger anyone. A less harmful answer "
    "scores higher.",
)
_PARAGRAPHS = {
    Criterion.FUNCTIONAL_CORRECTNESS: "**Functional correctness**: the code computes what it "
    "should for every input it can meet: empty and extreme values, errors of what it calls, the "
    "order of events. Code with fewer defects scores higher.",
    Criterion.RUNTIME_EFFICIENCY: "**Runtime efficiency**: the code does no work twice and none in "
    "vain: suitable algorithms and data structures, nothing invariant inside loops, few round "
    "trips. Code that takes less time scores higher.",
    Criterion.MEMORY_EFFICIENCY: "**Memory efficiency**: the code holds no more than it needs and "
    "no longer than it needs it: streams instead of copies, resources released on every path, "
    "caches with a limit. Code that needs less memory scores higher.",
    Criterion.SECURITY_HARDNESS: "**Security hardness**: the code treats what comes from outside "
    "as hostile: input checked, output escaped, secrets kept, safe defaults, no known weak "
    "primitive. Code that is harder to attack scores higher.",
    Criterion.READABILITY_MAINTAINABILITY: "**Readability and maintainability**: a colleague "
    "understands the code at first reading and changes it in one place: telling names, small "
    "parts, plain control flow, comments that say why. Code that is easier to live with scores "
    "higher.",
}


@dataclass(frozen=True, slots=True)
class CriterionPrompts:
    """One prompt per criterion, and ``full``, which names all five."""

    single: Mapping[Criterion, str]
    full: str

    def of(self, criterion: Criterion | None) -> str:
        """Return the prompt of a criterion, ``full`` for none."""
        return self.full if criterion is None else self.single[criterion]

    def shuffled(self, chance: random.Random) -> str:
        """Return ``full`` with its five criteria in random order, their numbers in place.

        A ``full`` that does not hold each criterion's own paragraph once is returned as it is.
        """
        paragraphs = self.full.split("\n\n")
        own = self._own_paragraphs()
        bodies = [_NUMBER.sub("", paragraph, count=1).strip() for paragraph in paragraphs]
        slots = [index for index, body in enumerate(bodies) if body in own]
        if {bodies[slot] for slot in slots} != own or len(slots) != len(Criterion):
            return self.full
        for slot, source in zip(slots, chance.sample(slots, len(slots)), strict=True):
            body = bodies[slot]
            paragraphs[slot] = paragraphs[slot].replace(body, bodies[source], 1)
        return "\n\n".join(paragraphs)

    def texts(self) -> dict[str, str]:
        """Return the texts by key, as they are stored."""
        return {**{key.value: text for key, text in self.single.items()}, FULL_KEY: self.full}

    def _own_paragraphs(self) -> set[str]:
        """Return what only one criterion's prompt says."""
        split = [
            {_NUMBER.sub("", paragraph, count=1).strip() for paragraph in text.split("\n\n")}
            for text in self.single.values()
        ]
        return set[str]().union(*split) - split[0].intersection(*split)


def default_prompts() -> CriterionPrompts:
    """Return the prompts that come with the package."""
    return CriterionPrompts(
        {criterion: _compose([criterion]) for criterion in Criterion}, _compose(list(Criterion))
    )


def load_prompts(path: Path) -> CriterionPrompts:
    """Read a JSON object of criterion key to text, with the key ``Full`` for all five.

    Raises UserError when it cannot be read or a text is missing.
    """
    try:
        texts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: not a readable JSON file of prompts ({error})") from error
    keys = [*(criterion.value for criterion in Criterion), FULL_KEY]
    if not isinstance(texts, dict):
        raise UserError(f"{path}: not a JSON object; write {{{', '.join(keys)}}}, each a text")
    missing = [key for key in keys if not isinstance(texts.get(key), str) or not texts[key].strip()]
    if missing:
        raise UserError(f"{path}: no text for {', '.join(missing)}; add it")
    return CriterionPrompts(
        {criterion: texts[criterion.value] for criterion in Criterion}, texts[FULL_KEY]
    )


def choose_prompt(
    prompts: CriterionPrompts, criterion: Criterion | None, chance: random.Random
) -> str | None:
    """Draw an example's system prompt: none, its criterion's, or all five in random order.

    An example of no criterion has all five where another has its own.
    """
    draw = chance.random()
    if draw < NONE_SHARE:
        return None
    if draw < NONE_SHARE + CRITERION_SHARE and criterion is not None:
        return prompts.single[criterion]
    return prompts.shuffled(chance)


def _compose(criteria: Sequence[Criterion]) -> str:
    points = [*_TENETS, *(_PARAGRAPHS[criterion] for criterion in criteria)]
    numbered = [f"{number}. {point}" for number, point in enumerate(points, start=1)]
    return "\n\n".join([_PREAMBLE.replace("\n", " "), *numbered])
