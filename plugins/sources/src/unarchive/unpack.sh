verb=$1 src=$2 dest=$3 mode=$4 owner=$5 group=$6 newer=$7 work=$8
shift 8
LC_ALL=C
export LC_ALL
if [ -z "$src" ]; then
  IFS= read -r trust
  IFS= read -r url
  src=$work/source
  if command -v curl >/dev/null 2>&1; then
    [ "$trust" = check ] || trust=-k
    printf 'url = "%s"\n' "$url" | curl -fsSL ${trust#check} -o "$src" -K - || exit 67
  elif command -v wget >/dev/null 2>&1; then
    [ "$trust" = check ] || trust=--no-check-certificate
    printf '%s\n' "$url" | wget -q ${trust#check} -O "$src" -i - || exit 67
  else
    echo 'neither curl nor wget is there' >&2
    exit 67
  fi
fi
exec </dev/null
how=
case $(od -An -tx1 -N6 "$src" | tr -d ' \n') in
504b*) handler=ZipArchive ;;
1f8b*) handler=TgzArchive how=-z ;;
# GNU tar knows all other kinds by itself, so to Ansible they are one.
24414e534942) echo 'the archive is encrypted with ansible-vault' >&2; exit 66 ;;
*) handler=TarArchive ;;
esac
mark() { printf '\036'; }
# tar and unzip take what would lead out of the folder off the names, and so must who goes by names afterwards.
inside() { sed -e 's|^\(.*/\)\{0,1\}\.\./||' -e 's|^/*||' -e '/^\.\.$/d' -e '/^$/d'; }
# Returns whether no part of a path is a link, which might lead anywhere.
plain() {
  at=$1
  while :; do
    [ ! -L "$at" ] || return 1
    case $at in */*) at=${at%/*} ;; *) return 0 ;; esac
  done
}
# Runs a program with the names that were unpacked, in the folder; links themselves only with `links`.
each() {
  kinds=$1
  shift
  cd -- "$dest" && printf '%s\n' "$names" | while IFS= read -r name; do
    name=${name%/}
    name=${name#./}
    case $kinds-$name in
    plain- | links-) continue ;;
    plain-. | links-.) : ;;
    links-*/*) plain "${name%/*}" ;;
    links-*) : ;;
    *) plain "$name" ;;
    esac && printf './%s\n' "$name"
  done | tr '\n' '\0' | xargs -0 "$@" 2>/dev/null
}
# Options first, then names that are taken: each pass appends to the words and the first ones go at the end.
count=$#
if [ $handler = ZipArchive ]; then
  command -v unzip >/dev/null 2>&1 || { echo 'Command "unzip" not found.' >&2; exit 65; }
  for word; do case $word in o=*) set -- "$@" "${word#o=}" ;; esac; done
  set -- "$@" "$src"
  left=$count
  for word; do [ $left -gt 0 ] || break; left=$((left - 1)); case $word in i=*) set -- "$@" "${word#i=}" ;; esac; done
  left=$count dash=-x
  for word; do
    [ $left -gt 0 ] || break
    left=$((left - 1))
    case $word in x=*) set -- "$@" $dash "${word#x=}"; dash= ;; esac
  done
  shift $count
  names=$(unzip -Z1 "$src" 2>&1) || { printf '%s\n' "$names" >&2; exit 66; }
  names=$({ unzip -Z1 "$@" 2>/dev/null || printf '%s\n' "$names"; } | inside)
  update=-o
  [ -z "$newer" ] || update=-uo
  differs=
  if [ "$verb" = do ]; then
    mkdir -p "$work/zip"
    unzip -q -o "$@" -d "$work/zip" >/dev/null 2>"$work/err" </dev/null
    differs=$(diff -rq --no-dereference "$work/zip" "$dest" 2>&1 | while IFS= read -r line; do
      case $line in "Only in $dest"*) ;; *) echo "$line"; break ;; esac
    done)
  fi
  set -- unzip $update "$@" -d "$dest"
else
  tar --version 2>/dev/null | grep -q GNU || { echo 'Command "tar" is not GNU tar.' >&2; exit 65; }
  for word; do case $word in o=*) set -- "$@" "${word#o=}" ;; x=*) set -- "$@" "--exclude=${word#x=}" ;; esac; done
  left=$count
  for word; do [ $left -gt 0 ] || break; left=$((left - 1)); case $word in i=*) set -- "$@" "${word#i=}" ;; esac; done
  shift $count
  names=$(tar --list --quoting-style=literal --show-transformed-names $how -f "$src" "$@" 2>&1) || {
    printf 'Command "tar" could not handle archive: %s\n' "$names" >&2
    exit 66
  }
  names=$(printf '%s\n' "$names" | sed '/^tar: /d' | inside)
  ignored='/^tar: : Warning: /d;/: Removing leading /d;/: Implausibly old time stamp/d;/^$/d'
  [ -z "$mode" ] || ignored="$ignored;/: Mode differs\$/d"
  [ -z "$owner" ] && [ "$(id -u)" = 0 ] || ignored="$ignored;/: Uid differs\$/d"
  [ -z "$group" ] && [ "$(id -u)" = 0 ] || ignored="$ignored;/: Gid differs\$/d"
  differs=$(tar --diff -C "$dest" --show-transformed-names $how -f "$src" "$@" 2>&1 | sed "$ignored" | head -n 1)
  [ -z "$newer" ] || set -- --keep-newer-files "$@"
  set -- tar --extract -C "$dest" $how -f "$src" "$@"
fi
printf '%s' $handler
mark
printf '%s\n' "$names"
mark
printf '%s' "$differs"
mark
if [ "$verb" = look ]; then
  if [ -n "$mode$owner$group" ]; then
    (each plain stat -c '%a %U %u %G %g' --)
  fi
  mark; mark; mark; mark; mark
  exit 0
fi
mark
rc=0
if [ -n "$differs" ]; then
  printf '%s\n' "$@"
  "$@" >"$work/out" 2>"$work/err" </dev/null
  rc=$?
  mark
  printf '%s\036' $rc
  cat "$work/out"
  mark
  cat "$work/err"
  mark
else
  mark; mark; mark; mark
fi
if [ $rc = 0 ] && [ -n "$mode$owner$group" ]; then
  [ -z "$owner$group" ] || (each links chown -hc -- "$owner${group:+:$group}")
  [ -z "$mode" ] || (each plain chmod -c -- "$mode")
fi
:
