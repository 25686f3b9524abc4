#!/bin/sh
# In a network of its own: a virtual camera on one end of a pair of network cards, a user-mode Linux on the other, each
# with a processor of this machine to itself. run.sh KERNEL NODE CAMERA_ARGUMENTS -- SCRIPT [ARGUMENTS]
set -eu
here=$(dirname "$(realpath "$0")")
kernel=$1 node=$2
shift 2
ip link set lo up
ip link add camera type veth peer name guest
ip addr add 192.0.2.1/24 dev camera
ip link set camera up
ip link set guest up
camera=
while [ "$1" != -- ]; do camera="$camera $1" && shift; done
shift
pinned() { if [ "$(nproc --all)" -gt 1 ]; then taskset -c "$@"; else shift && "$@"; fi; }
pinned 1 "$node" "$here/../../../dist/cli/main.js" sim $camera --json >&2 &
pinned 0 "$kernel" mem=1G quiet ro rootfstype=hostfs rootflags=/ init="$here/init.sh" \
  vec0:transport=raw,ifname=guest,depth=64,gro=1 con=null con0=null,fd:1 -- "$node" "$@" -- </dev/null
