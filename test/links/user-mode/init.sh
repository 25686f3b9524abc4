#!/bin/sh
# First process of a user-mode Linux whose root is this machine's, read-only: network, udev, and the program that is
# given, whose output goes to the console.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/run TMPDIR=/run
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mkdir -p /dev/shm
for folder in /run /dev/shm; do mount -t tmpfs tmpfs "$folder"; done
ip link set lo up
ip link set vec0 up
ip addr add 192.0.2.2/24 dev vec0
/lib/systemd/systemd-udevd --daemon 2>/dev/null
# The kernel adds words of its own behind those that are for us.
order=
while [ $# -gt 0 ] && [ "$1" != -- ]; do order="$order $1" && shift; done
$order
echo "guest: ended with $?"
busybox poweroff -f
