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
themis-train pairs degrade "$code"/* --per-operator 60 --per-file 25 --dev-share 0.2 \
    --out "$out/degraded.jsonl"
themis-train pairs neutral "$code"/* --per-operator 40 --dev-share 0.3 --out "$out/neutral.jsonl"
themis-train nano "$out/checkpoint" --base "$base" --criterion-limit 2500 \
    --pairs "$data/commits-train.jsonl.zst" --trusted "$data/rules-train.jsonl.zst" \
    --degraded "$out/degraded.jsonl" --neutral "$out/neutral.jsonl" \
    --dev "$data/commits-dev.jsonl.zst"
themis-train concerns "$out/concerns.npz" --tokenizer "$out/checkpoint/tokenizer.json" \
    --degraded "$out/degraded.jsonl" --degraded "$out/degraded-dev.jsonl" \
    --other "$data/commits-train.jsonl.zst"
themis-export "$out/checkpoint" "$out/bundle" --reference "$code" --units-per-band 60 \
    --parity "$data/commits-dev.jsonl.zst" --concerns "$out/concerns.npz"
themis-export calibrate "$out/bundle" --out "$out/bundle" \
    --pairs "$out/degraded-dev.jsonl" --pairs "$data/rules-dev.jsonl.zst" \
    --neutral "$out/neutral-dev.jsonl"
themis-review bench "$data/commits-dev.jsonl.zst" "$data/rules-dev.jsonl.zst" \
    --model "$out/bundle" --out "$out/results"
