set -u
what=$1 dest=$2 format=$3 force=$4 remove=$5 mode=$6 owner=$7 group=$8
shift 8
command -v tar >/dev/null || exit 64
if [ "$format" = zip ]; then command -v zip >/dev/null && command -v unzip >/dev/null || exit 65; fi

# Takes COUNT PATH... from the arguments and prints what the patterns in them stand for, one a line.
expand() {
  count=$1
  shift
  while [ "$count" -gt 0 ]; do
    p=$1 count=$((count - 1))
    shift
    ( IFS=; set +f; for f in $p; do printf '%s\n' "${f%/}"; done )
  done
}
paths=$(expand "$@")
shift $(($1 + 1))
excluded=$(expand "$@")
shift $(($1 + 1))

nl='
'
IFS=$nl
set -f
for p in $excluded; do printf 'exclude %s\n' "$p"; done
count=0 root='' found=''
for p in $paths; do
  printf 'path %s\n' "$p"
  if ! [ -e "$p" ] && ! [ -L "$p" ]; then printf 'missing %s\n' "$p"; continue; fi
  skip=
  for e in $excluded; do if [ "$e" = "$p" ]; then skip=1; fi; done
  if [ -n "$skip" ]; then continue; fi
  found="$found$p$nl" count=$((count + 1))
  folder=${p%/*}/
  if [ "$count" = 1 ]; then root=$folder; fi
  while case $folder in "$root"*) false ;; *) true ;; esac; do root=${root%/*/}/; done
done
if [ "$count" = 0 ]; then
  # Of paths that are not there, the folder of the first.
  for p in $paths; do root=${p%/*}/; break; done
fi
printf 'root %s\n' "$root"

case $format in
  gz) pack=gzip ;;
  bz2) pack=bzip2 ;;
  xz) pack=xz ;;
  *) pack=cat ;;
esac
single=
case $format in
  tar | zip) ;;
  *) if [ "$count" = 1 ] && [ -z "$force" ] && ! [ -d "${found%"$nl"}" ]; then single=${found%"$nl"}; fi ;;
esac

# Prints the names below the paths, relative to the root; a folder itself only when it is empty.
members() {
  for p in $found; do
    name=./${p#"$root"}
    if [ -d "$p" ] && ! [ -L "$p" ] && [ -n "$(find "$p" -mindepth 1 -print -quit)" ]; then
      ( cd -- "$root" && find "$name" -mindepth 1 -print0 )
    else
      printf '%s\0' "$name"
    fi
  done | sed -z 's|^\./||' | sort -z
}
# Runs tar with the members that are not excluded.
pick() {
  out=$1
  shift
  for e in $excluded; do set -- "--anchored" "--exclude=${e#"$root"}" "--no-anchored" "$@"; done
  members | tar -C "$root" "$out" --quoting-style=literal -cf "$archive" "$@" --null --no-recursion -T -
}
names() { archive=/dev/null; pick -v "$@" | sed 's|/$||'; }

# Prints the archive, not compressed.
content() {
  if [ -n "$single" ]; then cat -- "$single"; return; fi
  if [ "$format" = zip ]; then names "$@" | ( cd -- "$root" && zip -q -@ - ); return; fi
  archive=-
  pick --sort=name "$@"
}
# Lists an archive: what is in it, and what tells whether it changed.
list() {
  if [ -n "$single" ]; then cksum; return; fi
  if [ "$format" != zip ]; then tar -tvf -; return; fi
  listed=$(mktemp) || return
  cat >"$listed"
  unzip -v "$listed" | awk '$7 ~ /^[0-9a-f]{8}$/ || length($7) == 8 { print $1, $5, $6, $7, substr($0, index($0, $7) + 10) }'
  rm -f -- "$listed"
}

if [ -n "$single" ]; then printf 'found %s\n' "$single"; fi
if [ "$count" != 0 ] && [ -z "$single" ]; then
  names "$@" | while read -r name; do printf 'found %s\n' "$root$name"; done
fi
verdict=differs
if [ "$count" = 0 ]; then
  if [ -f "$dest" ]; then verdict=same state=archive; else state=absent; fi
else
  state=archive
  if [ -n "$single" ]; then state=compress; fi
  if [ -f "$dest" ]; then
    if [ "$pack" = cat ]; then old=$(list <"$dest"); else old=$("$pack" -dc <"$dest" 2>/dev/null | list 2>/dev/null); fi
    if [ "$old" = "$(content "$@" | list)" ]; then verdict=same; fi
  fi
fi
if [ "$what" = make ] && [ "$count" != 0 ]; then
  if [ "$verdict" != same ]; then
    temp=$(umask 077 && mktemp "$dest.XXXXXX") || exit
    trap 'rm -f -- "$temp"' EXIT
    content "$@" >"$temp.tar" || { rm -f -- "$temp.tar"; exit 1; }
    "$pack" <"$temp.tar" >"$temp" || { rm -f -- "$temp.tar"; exit 1; }
    rm -f -- "$temp.tar"
    if [ -z "$mode" ]; then chmod "$(printf '%o' $((0666 & ~$(umask))))" "$temp"; fi
    mv -f -- "$temp" "$dest" || exit
    trap - EXIT
    verdict=made
  fi
  if [ -n "$owner" ]; then chown -- "$owner" "$dest" || exit; fi
  if [ -n "$group" ]; then chgrp -- "$group" "$dest" || exit; fi
  if [ -n "$mode" ]; then chmod -- "$mode" "$dest" || exit; fi
  if [ -n "$remove" ]; then for p in $found; do if [ "$p" != "$dest" ]; then rm -rf -- "$p" || exit; fi; done; fi
fi
printf 'state %s\nverdict %s\n' "$state" "$verdict"
if [ -f "$dest" ]; then printf 'stat %s\n' "$(stat -c '%a %u %U %g %G %s' "$dest")"; fi
