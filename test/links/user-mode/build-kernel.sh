#!/bin/sh
# Builds Debian's kernel as a program (user-mode Linux) with a virtual USB host controller: build/user-mode-linux/linux,
# in about three minutes and 2 GB under TMPDIR. Needs: apt-get install linux-source flex bison bc
set -eu
here=$(dirname "$(realpath "$0")")
out=$here/../../../build/user-mode-linux
source=$(ls /usr/src/linux-source-*.tar.xz 2>/dev/null | sort -V | tail -1)
[ -n "$source" ] || { echo 'no kernel source: apt-get install linux-source' >&2; exit 1; }
for tool in flex bison bc xz cc make; do
  command -v "$tool" >/dev/null || { echo "no $tool: apt-get install flex bison bc xz-utils gcc make" >&2; exit 1; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar -xf "$source" -C "$work" --strip-components=1
cd "$work"
# As often as in Debian's kernels for real machines; user mode has 100 a second, and no option for it.
sed -i '/^config HZ$/,/default/s/default 100$/default 250/' arch/um/Kconfig
cp "$here/kernel.config" .config
make ARCH=um olddefconfig >/dev/null
for option in HOSTFS UML_NET_VECTOR USB USBIP_VHCI_HCD; do
  grep -q "^CONFIG_$option=y" .config || { echo "this kernel has no CONFIG_$option in user mode" >&2; exit 1; }
done
grep -q '^CONFIG_HZ=250$' .config || { echo 'this kernel sets its ticks elsewhere' >&2; exit 1; }
make ARCH=um -j"$(nproc)" linux >build.log 2>&1 || { tail -20 build.log >&2; exit 1; }
mkdir -p "$out"
cp linux "$out/linux"
