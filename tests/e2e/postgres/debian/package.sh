#!/bin/sh
# Packs what is installed as package $2 once more, under the version $4 instead of $3, into the folder $1, with an index for apt:
# a minor update whose programs tell the new version, with the package's own scripts.
set -e
folder=$1 name=$2 from=$3 to=$4
tree=$folder/tree
mkdir -p "$tree/DEBIAN"
dpkg -L "$name" | grep -v -e /locale/ -e /bitcode/ -e /man/ -e /contrib/ | while read -r path; do
  if [ -d "$path" ] && [ ! -h "$path" ]; then mkdir -p "$tree$path"; elif [ -e "$path" ]; then cp -a --parents "$path" "$tree/"; fi
done
grep -rlaF "$from" "$tree/usr/lib/postgresql" | while read -r file; do LC_ALL=C sed -i "s/$(echo "$from" | sed 's/\./\\./g')/$to/g" "$file"; done
dpkg -s "$name" | sed -e '/^Status:/d' -e "s/^Version:.*/Version: $to-0+test1/" > "$tree/DEBIAN/control"
for script in preinst prerm postinst postrm templates config; do
  [ ! -e "/var/lib/dpkg/info/$name.$script" ] || cp -p "/var/lib/dpkg/info/$name.$script" "$tree/DEBIAN/$script"
done
dpkg-deb -Znone -b "$tree" "$folder/$name.deb" >/dev/null
rm -r "$tree"
{
  dpkg-deb -f "$folder/$name.deb"
  echo "Filename: ./$name.deb"
  echo "Size: $(stat -c %s "$folder/$name.deb")"
  echo "SHA256: $(sha256sum "$folder/$name.deb" | cut -d ' ' -f 1)"
} > "$folder/Packages"
