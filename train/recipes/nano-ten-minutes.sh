#!/usr/bin/env bash
# A small model of your own in some ten minutes on two processor cores:
#
#   nano-ten-minutes.sh OUT REPOSITORY [BASE]
#
# OUT gets the pairs, the checkpoint and the bundle; REPOSITORY is a checkout with its history, some
# thousand commits of it. BASE is the base model, a hub id or a folder. Started again after an
# interruption, it goes on where it was. docs/your-model.md explains the steps.
set -euo pipefail
mkdir -p "$1"
out=$(cd "$1" && pwd) repository=$2 base=${3:-HuggingFaceTB/SmolLM2-135M-Instruct}

step() { printf '\n[%d:%02d] %s\n' $((SECONDS / 60)) $((SECONDS % 60)) "$*"; }

step "Pairs from the history"
themis-train pairs git "$repository" --beside-tests-and-docs --dev-share 0.2 --cap 400 \
    --out "$out/pairs.jsonl"
step "Code made worse"
themis-train pairs degrade "$repository" --per-operator 60 --per-file 25 --dev-share 0.2 \
    --out "$out/degraded.jsonl"
step "Code changed and as good as it was"
themis-train pairs neutral "$repository" --per-operator 40 --dev-share 0.3 \
    --out "$out/neutral.jsonl"
step "Training"
themis-train nano "$out/checkpoint" --base "$base" --criterion-limit 300 \
    --pairs "$out/pairs.jsonl" --degraded "$out/degraded.jsonl" \
    --neutral "$out/neutral.jsonl" --dev "$out/pairs-dev.jsonl"
step "A bundle"
themis-export "$out/checkpoint" "$out/bundle" --units-per-band 40 \
    --parity "$out/pairs-dev.jsonl" --reference "$repository"
step "What its margins mean"
themis-export calibrate "$out/bundle" --out "$out/bundle" --pairs "$out/pairs-dev.jsonl" \
    --pairs "$out/degraded-dev.jsonl" --neutral "$out/neutral-dev.jsonl"
step "Is it any good?"
themis-review bench "$out/pairs-dev.jsonl" "$out/degraded-dev.jsonl" --model "$out/bundle"
step "A review of the last commit"
(cd "$repository" && themis-review check --commit HEAD --on-error pass --model "$out/bundle")
step "Done: export THEMIS_MODEL=$out/bundle"
