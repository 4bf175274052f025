#!/bin/sh
# Boots this machine's systemd as the first process of namespaces of its own, on a copy of this machine's
# file system that is in memory and gone with them: `boot_systemd.sh FOLDER UNIT CHECKOUT VENV PYTHON GROUP…`.
# FOLDER is empty, and stays so for everybody else; UNIT is what to boot to; the next three folders are
# found inside as /srv/checkout, /srv/venv and /srv/python; each GROUP is the folder of a control group
# made for it. To be run by `unshare --mount --uts --ipc --pid --fork`. Of this machine it shares the network.
set -eu
folder=$1 unit=$2 checkout=$3 venv=$4 python=$5
shift 5
root=$folder/root

mount -t tmpfs -o mode=0755 tmpfs "$folder"
mkdir "$folder/changes" "$folder/work" "$root"
mount -t overlay -o "lowerdir=/,upperdir=$folder/changes,workdir=$folder/work" overlay "$root"

mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs -o mode=0755 tmpfs "$root/sys/fs/cgroup"
for group; do
    echo 0 >"$group/cgroup.procs"
    at=$root$(df --output=target "$group" | tail -n 1)
    mkdir -p "$at"
    mount --bind "$group" "$at"
done

mount -t proc proc "$root/proc"
# Nobody in there sets anything of this machine's kernel.
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"

mount -t tmpfs -o mode=0755 tmpfs "$root/dev"
for device in null:3 zero:5 full:7 random:8 urandom:9; do
    mknod -m 0666 "$root/dev/${device%:*}" c 1 "${device#*:}"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"

for empty in opt run srv var/lib var/log etc/systemd/system; do
    mount -t tmpfs -o mode=0755 tmpfs "$root/$empty"
done
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mkdir "$root/srv/checkout" "$root/srv/venv" "$root/srv/python"
mount -o bind,ro "$checkout" "$root/srv/checkout"
mount -o bind,ro "$venv" "$root/srv/venv"
mount -o bind,ro "$python" "$root/srv/python"
# What else this machine would mount and start.
rm -f "$root/etc/fstab" "$root"/etc/rc?.d/S*

cd "$root"
pivot_root . mnt
umount -l /mnt
# Not before, as the groups of then are the top of what the namespace of groups shows.
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin unshare --cgroup \
    setpriv --bounding-set=-sys_time,-sys_module,-sys_rawio,-sys_boot,-syslog,-net_admin \
    /lib/systemd/systemd --unit="$unit"
