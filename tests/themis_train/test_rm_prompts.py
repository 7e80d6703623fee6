from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import pytest
from rm_models import write_prompts
from themis_train.rm.prompts import (
    CriterionPrompts,
    choose_prompt,
    default_prompts,
    load_prompts,
)

from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError

SECURITY = Criterion.SECURITY_HARDNESS


def titles(text: str) -> list[str]:
    """The criteria a prompt names, in its order, each with its number."""
    found = [line.split("**")[:2] for line in text.split("\n") if "**" in line]
    names = [criterion.words for criterion in Criterion]
    return [number + title for number, title in found if title.lower() in names]


@pytest.fixture(params=["ours", "from a file"])
def prompts(request: pytest.FixtureRequest, tmp_path: Path) -> CriterionPrompts:
    if request.param == "ours":
        return default_prompts()
    return load_prompts(write_prompts(tmp_path / "prompts.json"))


def test_a_prompt_is_none_the_pairs_criterion_or_all_five_by_the_published_shares(
    prompts: CriterionPrompts,
) -> None:
    drawn = [choose_prompt(prompts, SECURITY, random.Random(f"{n}")) for n in range(4000)]
    kinds = Counter(None if p is None else len(titles(p)) for p in drawn)
    assert set(kinds) == {None, 1, 5}
    assert kinds[None] / 4000 == pytest.approx(0.15, abs=0.02)
    assert kinds[1] / 4000 == pytest.approx(0.60, abs=0.02)
    assert kinds[5] / 4000 == pytest.approx(0.25, abs=0.02)
    assert {p for p in drawn if p and len(titles(p)) == 1} == {prompts.single[SECURITY]}


def test_a_pair_of_no_criterion_has_all_five_or_none(prompts: CriterionPrompts) -> None:
    drawn = [choose_prompt(prompts, None, random.Random(f"{n}")) for n in range(4000)]
    kinds = Counter(None if p is None else len(titles(p)) for p in drawn)
    assert set(kinds) == {None, 5}
    assert kinds[None] / 4000 == pytest.approx(0.15, abs=0.02)


def test_all_five_come_in_any_order_and_the_numbers_stay(prompts: CriterionPrompts) -> None:
    shuffled = [prompts.shuffled(random.Random(n)) for n in range(300)]
    orders = {tuple(title.partition(". ")[2] for title in titles(text)) for text in shuffled}
    assert len(orders) > 90
    numbers = {tuple(title.partition(". ")[0] for title in titles(text)) for text in shuffled}
    assert len(numbers) == 1
    assert {len(text) for text in shuffled} == {len(prompts.full)}


def test_the_same_chance_gives_the_same_prompt(prompts: CriterionPrompts) -> None:
    once, again = (
        [choose_prompt(prompts, SECURITY, random.Random(n)) for n in range(50)] for _ in range(2)
    )
    assert once == again


def test_free_prose_for_all_five_is_used_as_it_is() -> None:
    ours = default_prompts()
    prompts = CriterionPrompts(ours.single, "Judge all five.")
    assert prompts.shuffled(random.Random(0)) == "Judge all five."


def test_what_is_stored_can_be_loaded(tmp_path: Path) -> None:
    file = tmp_path / "prompts.json"
    file.write_text(json.dumps(default_prompts().texts()), encoding="utf-8")
    assert load_prompts(file) == default_prompts()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not a readable JSON file of prompts"),
        ("[]", "not a JSON object"),
        ('{"Full": "x"}', "no text for Functional_Correctness"),
    ],
)
def test_a_file_without_all_prompts_is_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "prompts.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=message):
        load_prompts(file)
