#!/usr/bin/env bash
# The published Themis-RM recipe, both stages, on one machine with eight GPUs:
#
#   rm-two-stages.sh OUT BASE GENERAL_PAIRS CODE_PAIRS DEV_PAIRS
#
# Rates, weights, lengths and batches are those of the stages; see docs/train-rm.md. Start it again
# after an interruption: what is finished is not done twice.
set -euo pipefail
out=$1 base=$2 general=$3 code=$4 dev=$5
recipes=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

train() {
    accelerate launch --config_file "$recipes/fsdp2.yaml" --no_python themis-train rm "$@" \
        --dev "$dev" --micro-batch 2
}

# The second stage goes on with the weights of the first: they are kept in float32 in between.
train "$out/general" --stage general --base "$base" --pairs "$general"
train "$out/code" --stage code --base "$out/general/model" --lm-head "$base" --pairs "$code" \
    --save-dtype bfloat16
