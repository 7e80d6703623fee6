"""Loading a base model: any decoder that its own library can load, checked before it is used."""

from __future__ import annotations

import json
from dataclasses import dataclass

import torch
from torch import nn
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from themis_lsp.errors import UserError
from themis_train.decoders import (
    check_causality,
    check_vocabulary,
    load_complete,
    probe,
    try_to_load,
)
from themis_train.rm.encode import ConversationEncoder, read_chat_template
from themis_train.rm.model import RewardModel, embedding_rows
from themis_train.rm.recipe import RmRecipe


@dataclass(frozen=True, slots=True)
class Base:
    """What training starts from; ``model`` is in float32 and on the CPU."""

    model: RewardModel
    encoder: ConversationEncoder
    tokenizer: PreTrainedTokenizerFast


def load_base(recipe: RmRecipe) -> Base:
    """Load the recipe's base: a decoder, or a reward model of the stage before.

    A decoder gets a score head of zeros, a reward model keeps its own. Raises UserError when the
    base cannot be loaded, is no decoder, or its tokenizer does not fit.
    """
    source, revision = recipe.base, recipe.revision
    tokenizer = try_to_load(
        source, lambda: AutoTokenizer.from_pretrained(source, revision=revision)
    )
    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        raise UserError(f"{source}: its tokenizer has no tokenizer.json; give a base that has one")
    if recipe.chat_template is not None:
        tokenizer.chat_template = read_chat_template(recipe.chat_template)
    encoder = ConversationEncoder(tokenizer, recipe.schedule.limit_tokens)
    config = _load_config(source, revision)
    if str((config.architectures or [""])[0]).endswith("ForSequenceClassification"):
        classifier, lm_head = _load_classifier(source, config, recipe), None
        if recipe.schedule.lm_weight and not config.tie_word_embeddings:
            lm_head = _borrow_lm_head(recipe.lm_head)
    else:
        classifier, lm_head = _load_decoder(source, config, recipe)
    check_vocabulary(classifier, tokenizer)
    model = RewardModel(classifier, lm_head if recipe.schedule.lm_weight else None)
    classifier.config.pad_token_id = _choose_padding(tokenizer, encoder.end_id())
    classifier.config.problem_type = "regression"  # servers then leave the reward as it is
    return Base(model, encoder, tokenizer)


def _load_config(source: str, revision: str | None) -> PretrainedConfig:
    config: PretrainedConfig = try_to_load(
        source, lambda: AutoConfig.from_pretrained(source, revision=revision, num_labels=1)
    )
    if config.is_encoder_decoder:
        raise UserError(f"{source}: an encoder-decoder; give a decoder, like Qwen3")
    # Older transformers do not know rope_parameters and take the default without a word.
    rope = getattr(config, "rope_parameters", None) or {}
    if "rope_theta" in rope and hasattr(config, "rope_theta"):
        config.rope_theta = rope["rope_theta"]
    return config


def _load_decoder(
    source: str, config: PretrainedConfig, recipe: RmRecipe
) -> tuple[PreTrainedModel, nn.Module | None]:
    causal = load_complete(AutoModelForCausalLM, source, revision=recipe.revision, config=config)
    check_causality(causal)
    with torch.device("meta"):
        classifier: PreTrainedModel = try_to_load(
            source, lambda: AutoModelForSequenceClassification.from_config(config)
        )
    score = getattr(classifier, "score", None)
    if not isinstance(score, nn.Linear):
        raise UserError(f"{source}: {config.model_type} models have no score head; give another")
    setattr(classifier, classifier.base_model_prefix, causal.base_model)
    classifier.score = nn.Linear(score.in_features, 1, bias=False)
    nn.init.zeros_(classifier.score.weight)
    classifier.eval()
    head: nn.Module = causal.get_output_embeddings()
    lm_head = None if head.weight is embedding_rows(classifier) else head
    if recipe.schedule.lm_weight:
        _check_lm_head(RewardModel(classifier, lm_head), causal)
    return classifier, lm_head


def _load_classifier(source: str, config: PretrainedConfig, recipe: RmRecipe) -> PreTrainedModel:
    classifier = load_complete(
        AutoModelForSequenceClassification, source, revision=recipe.revision, config=config
    )
    check_causality(classifier)
    score = getattr(classifier, "score", None)
    if not isinstance(score, nn.Linear) or score.out_features != 1 or score.bias is not None:
        raise UserError(f"{source}: not a reward model with one score; give a decoder")
    return classifier


def _borrow_lm_head(source: str | None) -> nn.Module:
    if source is None:
        raise UserError(
            "this base has no language-model head; name the model it was made from with "
            "--lm-head, or do without its loss: --lm-weight 0"
        )
    causal = try_to_load(
        source, lambda: AutoModelForCausalLM.from_pretrained(source, dtype=torch.float32)
    )
    head: nn.Module = causal.get_output_embeddings()
    return head


@torch.no_grad()
def _check_lm_head(model: RewardModel, causal: PreTrainedModel) -> None:
    ids = probe(causal)
    states = causal.base_model(input_ids=ids, use_cache=False).last_hidden_state
    expected = causal(input_ids=ids, use_cache=False).logits
    if not torch.allclose(model.vocabulary(states), expected, rtol=1e-2, atol=1e-3):
        raise UserError(
            f"the language-model loss of {causal.config.model_type} models is not supported (they "
            "change the head's output); do without: --lm-weight 0"
        )


def _choose_padding(tokenizer: PreTrainedTokenizerFast, end_id: int) -> int:
    """Return a token that ends no conversation: readers look for the last that is no padding."""
    named = (tokenizer.pad_token_id, tokenizer.unk_token_id, tokenizer.eos_token_id)
    for candidate in (*named, tokenizer.bos_token_id, *tokenizer.all_special_ids):
        if candidate is not None and candidate != end_id:
            tokenizer.pad_token = tokenizer.convert_ids_to_tokens(candidate)
            return int(candidate)
    raise UserError(
        f"the tokenizer has no token to pad with ({json.dumps(tokenizer.special_tokens_map)}); "
        "give it one (pad_token)"
    )
