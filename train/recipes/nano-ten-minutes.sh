#!/usr/bin/env bash
# A small model of your own in some ten minutes on two processor cores:
#
#   nano-ten-minutes.sh OUT REPOSITORY... [-- BASE]
#
# OUT gets the pairs, the checkpoint and the bundle; REPOSITORY is a git repository with some
# thousand commits. BASE is the base model, a hub id or a folder. Started again after an
# interruption, it goes on where it was. docs/your-model.md explains the steps.
set -euo pipefail
out=$1 base=HuggingFaceTB/SmolLM2-135M-Instruct repositories=()
shift
while (($#)) && [ "$1" != -- ]; do
    repositories+=("$1")
    shift
done
if (($# > 1)); then base=$2; fi

mkdir -p "$out"
themis-train pairs git "${repositories[@]}" --beside-tests-and-docs --dev-share 0.2 --cap 400 \
    --out "$out/pairs.jsonl"
themis-train pairs degrade "${repositories[@]}" --limit 1500 --out "$out/degraded.jsonl"
themis-train nano "$out/checkpoint" --base "$base" --criterion-limit 300 \
    --pairs "$out/pairs.jsonl" --degraded "$out/degraded.jsonl" --dev "$out/pairs-dev.jsonl"
themis-export "$out/checkpoint" "$out/bundle" --units-per-band 40 \
    --parity "$out/pairs-dev.jsonl" --reference "${repositories[0]}"
themis-review bench "$out/pairs-dev.jsonl" --model "$out/bundle"
