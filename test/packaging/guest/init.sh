#!/bin/busybox sh
# First process of the guest: mounts the disk, sets the network up, and hands over to the systemd on that disk.
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sysfs /sys
$b mount -t devtmpfs dev /dev
while read -r module; do $b insmod "/modules/$module" || echo "guest: $module does not load"; done </modules/order
$b ip link set eth0 up
$b ip addr add 10.0.2.15/24 dev eth0
$b ip route add default via 10.0.2.2
$b mount -t ext4 /dev/vda /root || echo 'guest: no root'
for folder in proc sys dev; do $b mount -o move "/$folder" "/root/$folder"; done
exec $b switch_root /root /sbin/init
