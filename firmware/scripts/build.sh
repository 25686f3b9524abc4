#!/usr/bin/env bash
# From a clean checkout to a bitstream: firmware/scripts/build.sh BOARD [OUT]
# Needs Vitis HLS and Vivado on the PATH (source their settings64.sh); see firmware/README.md.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)

fail() {
  echo "flimd: $*" >&2
  exit 2
}

# The tools run in the folder of the results: what is told relative to the caller's is made absolute.
absolute_pins() {
  [[ -n ${FLIMD_PINS:-} ]] || return 0
  [[ -f $FLIMD_PINS ]] || fail "FLIMD_PINS names no file: \"$FLIMD_PINS\" (seen from $PWD)"
  FLIMD_PINS=$(realpath "$FLIMD_PINS")
  export FLIMD_PINS
}

# Files of ours among the sources would be changes of the tree, and the stamp refuses those, after an hour's run.
refuse_results_among_sources() {
  case $FLIMD_OUT/ in
    "$root"/build/*) ;;
    "$root"/*) fail "results in $FLIMD_OUT would be changes of the checkout: name a folder below $root/build or outside $root" ;;
  esac
}

boards=$(cd "$root/firmware/boards" && ls -d */config.tcl | xargs -n1 dirname | tr '\n' ' ')
usage="usage: build.sh BOARD [OUT]; boards: $boards"
[[ $# -ge 1 ]] || fail "$usage"
if [[ $1 == --help || $1 == -h ]]; then
  echo "$usage"
  echo "Results go to OUT, build/firmware/BOARD unless told; FLIMD_PINS, FLIMD_ALLOW_DIRTY and FLIMD_JOBS: firmware/README.md"
  exit 0
fi
[[ -f $root/firmware/boards/$1/config.tcl ]] || fail "unknown board \"$1\"; boards: $boards"

export FLIMD_BOARD=$1
FLIMD_OUT=$(realpath -m "${2:-$root/build/firmware/$1}")
export FLIMD_OUT
refuse_results_among_sources
absolute_pins

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
