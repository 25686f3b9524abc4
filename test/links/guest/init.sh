#!/bin/busybox sh
# First process of the guest: takes the host's files read-only over 9p as its root, starts udev, and runs the script
# named on the kernel command line (flimd.run=PATH, flimd.args=A,B) with the host's node and the flimd
# that was packed beside it. What it prints goes to the serial port.
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sysfs /sys
$b mount -t devtmpfs dev /dev
while read -r module; do $b insmod "/modules/$module" || echo "guest: $module does not load"; done </modules/order
$b mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=loose,ro host /root || echo 'guest: no root'
for folder in /tmp /run /var/tmp; do $b mount -t tmpfs tmpfs "/root$folder"; done
for folder in proc sys dev; do $b mount -o bind "/$folder" "/root/$folder"; done
$b mkdir -p /root/dev/shm
$b ip link set lo up
$b ip link set eth0 up
$b ip addr add 10.0.2.15/24 dev eth0
$b ip route add default via 10.0.2.2
for word in $($b cat /proc/cmdline); do
  case $word in
    flimd.run=*) run=${word#flimd.run=} ;;
    flimd.args=*) args=$(echo "${word#flimd.args=}" | $b tr , ' ') ;;
    flimd.node=*) node=${word#flimd.node=} ;;
  esac
done
$b mkdir -p /root/run/flimd /root/run/udev
$b mount -o bind /flimd /root/run/flimd
$b chroot /root /lib/systemd/systemd-udevd --daemon 2>/dev/null
echo "guest: up after $($b cut -d' ' -f1 /proc/uptime) s"
$b chroot /root /usr/bin/env PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp "$node" "/run/flimd/$run" $args
echo "guest: ended with $?"
$b poweroff -f
