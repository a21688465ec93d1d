#!/bin/sh
# A Debian machine of its own, in namespaces: what this machine has installed, with changes that are gone afterwards.
# $1 folder, $2 name, $3 port of sshd, $4 folder with packages, $5 key of the user `admin`.
set -e
folder=$1 name=$2 ssh=$3 packages=$4 key=$5
root=$folder/root
mount --make-rprivate /
mkdir -p "$folder/up" "$folder/work" "$root"
mount -t overlay -o "lowerdir=/,upperdir=$folder/up,workdir=$folder/work" machine "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
mount -t tmpfs -o mode=755 run "$root/run"
mkdir "$root/run/sshd" "$root/run/lock" "$root/run/packages"
mount --bind "$packages" "$root/run/packages"
hostname "$name"
cp "$key.pub" "$root/run/key"
cat > "$root/run/setup" <<'S'
set -e
echo "127.0.0.1 localhost $1" > /etc/hosts
# As on a machine that is no container: what is installed may start its services.
printf '#!/bin/sh\necho N 2\n' > /run/runlevel; chmod 755 /run/runlevel; ln -sf /run/runlevel /sbin/runlevel
rm -rf /usr/sbin/policy-rc.d /etc/apt/sources.list.d/* /var/lib/apt/lists/*
rm -rf /etc/postgresql/*/* /var/lib/postgresql/*/* /var/log/postgresql/*
echo 'deb [trusted=yes] file:/run/packages ./' > /etc/apt/sources.list
apt-get update -qq
useradd -m -s /bin/bash admin
usermod -p '*' admin
echo 'admin ALL=(ALL:ALL) NOPASSWD: ALL' > /etc/sudoers.d/admin
install -d -m 700 -o admin -g admin /home/admin/.ssh
install -m 600 -o admin -g admin /run/key /home/admin/.ssh/authorized_keys
ssh-keygen -q -t ed25519 -N '' -f /run/host_key
S
chroot "$root" sh /run/setup "$name"
cp "$root/run/host_key.pub" "$folder/host_key.pub"
: > "$folder/ready"
exec chroot "$root" /usr/sbin/sshd -D -p "$ssh" -h /run/host_key -o ListenAddress=127.0.0.1 -o PidFile=none -o UsePAM=no
