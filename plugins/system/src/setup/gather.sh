s() { printf '\001%s\n' "$1"; }
u=$(id -u); g=$(id -g)
s id; printf '%s\n%s\n' "$u" "$g"
getent passwd "$u" 2>/dev/null || grep "^[^:]*:[^:]*:$u:" /etc/passwd
s env; env -0 2>/dev/null || env
s machine; uname -m; getconf LONG_BIT 2>/dev/null
s date; date '+%Y|%m|%d|%H|%M|%S|%s|%Z|%z|%A|%w|%W|%N'
s fqdn; hostname -f 2>/dev/null
s files
cd /sys/class/dmi/id 2>/dev/null && grep -sH . bios_* board_* chassis_* product_* sys_vendor
cd /
grep -sH . /proc/sys/kernel/ostype /proc/sys/kernel/hostname /proc/sys/kernel/osrelease /proc/sys/kernel/version \
  /etc/os-release /usr/lib/os-release /etc/debian_version /etc/redhat-release /etc/centos-release \
  /etc/oracle-release /etc/system-release /etc/alpine-release /etc/SuSE-release /etc/lsb-release \
  /proc/meminfo /proc/uptime /proc/loadavg /proc/cmdline /proc/1/comm /proc/1/cgroup /proc/xen/capabilities \
  /etc/resolv.conf /etc/machine-id /var/lib/dbus/machine-id /etc/selinux/config /sys/fs/selinux/enforce \
  /sys/fs/selinux/policyvers /proc/sys/crypto/fips_enabled /sys/class/net/*/address /sys/class/net/*/mtu \
  /sys/class/net/*/operstate /sys/class/net/*/type /sys/class/net/*/flags /sys/class/net/*/speed \
  /sys/block/*/size /sys/block/*/removable /sys/block/*/queue/rotational /sys/block/*/queue/logical_block_size \
  /sys/block/*/device/model /sys/block/*/device/vendor /sys/block/*/queue/scheduler \
  /sys/block/*/queue/discard_granularity /sys/block/*/*/partition /sys/block/*/*/start /sys/block/*/*/size \
  /etc/ssh/ssh_host_*_key.pub /etc/nvme/hostnqn /etc/iscsi/initiatorname.iscsi /sys/class/fc_host/*/port_name \
  /sys/class/net/*/bridge/bridge_id /sys/class/net/*/bridge/stp_state /sys/class/net/*/bonding/slaves \
  /sys/class/net/*/bonding/mode /sys/class/net/*/bonding/miimon /sys/class/net/*/bonding/lacp_rate \
  /sys/class/net/*/bonding/primary /sys/class/net/*/bonding/all_slaves_active
s cpu
grep -sE '^(processor|vendor_id|model name|Processor|cpu model|physical id|core id|cpu cores|siblings|cpu)[[:space:]]*:' /proc/cpuinfo
grep -sm 1 -E '^(flags|Features)[[:space:]]*:' /proc/cpuinfo
s nproc; nproc 2>/dev/null
s there
for p in /run/systemd/system /usr/bin/systemctl /bin/systemctl /sbin/openrc /sbin/upstart-udev-bridge /etc/init.d /.dockerenv /.dockerinit /run/.containerenv \
  /proc/vz /proc/bc /proc/xen /dev/kvm /dev/lxd/sock /sys/kernel/security/apparmor /run/ostree-booted \
  /usr/bin/apt-get /usr/bin/dnf5 /usr/bin/dnf /usr/bin/dnf-3 /usr/bin/microdnf /usr/bin/yum /usr/bin/zypper /sbin/apk \
  /usr/bin/apk /usr/bin/pacman /usr/bin/emerge /usr/bin/xbps-install /usr/bin/swupd /usr/sbin/swupd /opt/bin/pkgin \
  /usr/bin/nix-env /usr/bin/opkg /bin/opkg; do
  if [ -e "$p" ]; then printf '%s\n' "$p"; fi
done
for p in /sys/class/net/*/brif/* /sys/block/*/holders/* /sys/block/*/*/holders/*; do
  if [ -e "$p" ]; then printf '%s\n' "$p"; fi
done
if [ -e /proc/1/root/. ] && ! [ /proc/1/root/. -ef / ]; then printf 'chroot\n'; fi
s init; readlink -f /sbin/init 2>/dev/null
s links; ls -ld /sys/class/net/*/device /sys/class/net/*/device/driver/module /dev/disk/by-id/* /dev/disk/by-uuid/* \
  /dev/disk/by-label/* 2>/dev/null
s python
for p in "$4" /usr/bin/python3 python3 python /usr/libexec/platform-python; do
  if [ -n "$p" ] && p=$(command -v "$p"); then printf '%s\n' "$p"; "$p" -V 2>&1; break; fi
  if [ -n "$4" ]; then break; fi
done
s caps
PATH=$PATH:/usr/sbin:/sbin
if command -v capsh >/dev/null; then capsh --print; fi
s container; { tr '\000' '\n' </proc/1/environ | grep '^container='; } 2>/dev/null
if [ "$1" = 1 ]; then
  s addresses; ip addr 2>/dev/null
  s route4; ip -4 route show default 2>/dev/null
  s route6; ip -6 route show default 2>/dev/null
fi
if [ -n "$3" ] && [ -d "$3" ]; then
  s local
  for f in "$3"/*.fact; do
    if [ ! -f "$f" ]; then continue; fi
    printf '\002%s\n' "$f"
    if [ -x "$f" ]; then "$f"; else cat "$f"; fi
    printf '\n\003%s\n' "$?"
  done 2>/dev/null
fi
if [ "$2" = 1 ]; then
  s mounts; set --
  while read -r d m t o r; do
    case $t in none|tmpfs|proc|sysfs) continue ;; esac
    case $d in /*|*:/*) ;; *) continue ;; esac
    printf '%s %s %s %s\n' "$d" "$m" "$t" "$o"
    case $m in *\\*) m=$(printf "$m") ;; esac
    set -- "$@" "$m"
  done </proc/mounts
  s sizes; if [ $# -gt 0 ]; then stat -f -c '%S %b %a %c %d' -- "$@"; fi
fi
s end
