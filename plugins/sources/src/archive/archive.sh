set -u
what=$1 dest=$2 format=$3 force=$4 remove=$5 mode=$6 owner=$7 group=$8
shift 8
command -v tar >/dev/null || exit 64

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
  printf 'found %s\n' "$p"
  found="$found$p$nl" count=$((count + 1))
  folder=${p%/*}/
  if [ "$count" = 1 ]; then root=$folder; fi
  while case $folder in "$root"*) false ;; *) true ;; esac; do root=${root%/*/}/; done
done
printf 'root %s\n' "$root"

case $format in
  gz) pack=gzip ;;
  bz2) pack=bzip2 ;;
  xz) pack=xz ;;
  tar) pack=cat ;;
esac
single=
if [ "$count" = 1 ] && [ -z "$force" ] && [ "$format" != tar ] && ! [ -d "${found%"$nl"}" ]; then single=${found%"$nl"}; fi

# Prints the archive, not compressed.
content() {
  if [ -n "$single" ]; then cat -- "$single"; return; fi
  for e in $excluded; do set -- "$@" "--exclude=./${e#"$root"}" "--exclude=${e#"$root"}"; done
  for p in $found; do set -- "$@" "${p#"$root"}"; done
  tar --sort=name -C "$root" -cf - "$@"
}
list() { if [ -n "$single" ]; then cksum; else tar -tvf -; fi; }

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
