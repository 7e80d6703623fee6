#!/usr/bin/env bash
# How the embedded Themis-Nano was made:
#
#   nano-shipped.sh OUT BASE DATA CODE
#
# BASE is SmolLM2-135M-Instruct. DATA holds commits-train, commits-dev, rules-train and rules-dev
# (.jsonl.zst); CODE holds checkouts of the repositories that commits-train is from.
set -euo pipefail
out=$1 base=$2 data=$3 code=$4

mkdir -p "$out"
themis-train nano "$out/checkpoint" --base "$base" --pairs "$data/commits-train.jsonl.zst" \
    --trusted "$data/rules-train.jsonl.zst" --dev "$data/commits-dev.jsonl.zst"
themis-export "$out/checkpoint" "$out/bundle" --reference "$code" --units-per-band 100 \
    --parity "$data/commits-dev.jsonl.zst"
themis-review bench "$data/commits-dev.jsonl.zst" "$data/rules-dev.jsonl.zst" \
    --model "$out/bundle" --out "$out/results"
# Once more, to carry the figures and the model card.
themis-export "$out/checkpoint" "$out/bundle" --reference "$code" --units-per-band 100 \
    --parity "$data/commits-dev.jsonl.zst" --quality "$out/results/results.json" \
    --model-card "$out/checkpoint/README.md"
