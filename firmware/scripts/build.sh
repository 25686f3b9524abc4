#!/usr/bin/env bash
# From a clean checkout to a bitstream: firmware/scripts/build.sh BOARD [OUT]
# Needs Vitis HLS and Vivado on the PATH (source their settings64.sh); see firmware/README.md.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

fail() {
  echo "flimd: $*" >&2
  exit 2
}

boards=$(cd "$root/firmware/boards" && ls -d */config.tcl | xargs -n1 dirname | tr '\n' ' ')
[[ $# -ge 1 ]] || fail "usage: build.sh BOARD [OUT]; boards: $boards"
[[ -f $root/firmware/boards/$1/config.tcl ]] || fail "unknown board \"$1\"; boards: $boards"

export FLIMD_BOARD=$1
FLIMD_OUT=$(realpath -m "${2:-$root/build/firmware/$1}")
export FLIMD_OUT

if command -v vitis-run >/dev/null; then
  hls=(vitis-run --mode hls --tcl)
elif command -v vitis_hls >/dev/null; then
  hls=(vitis_hls -f)
else
  fail "neither vitis-run nor vitis_hls is on the PATH: source settings64.sh of Vitis"
fi
command -v vivado >/dev/null || fail "vivado is not on the PATH: source settings64.sh of Vivado"

mkdir -p "$FLIMD_OUT/hls"
cd "$FLIMD_OUT"
"${hls[@]}" "$root/hls/scripts/synthesize.tcl" </dev/null
[[ -f $FLIMD_OUT/hls/ip/component.xml ]] || fail "the lifetime core was not exported as IP"
vivado -mode batch -notrace -nojournal -log vivado.log -source "$root/firmware/scripts/build.tcl"
