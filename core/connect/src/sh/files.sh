# Succeeds when nothing is at $1. A folder that may not be searched is no proof of absence.
sw_gone() {
  if [ -e "$1" ] || [ -L "$1" ]; then return 1; fi
  sw_p=$1
  while :; do
    case $sw_p in
    */*) sw_p=${sw_p%/*}; [ -n "$sw_p" ] || sw_p=/ ;;
    *) sw_p=. ;;
    esac
    if [ -d "$sw_p" ]; then [ -x "$sw_p" ]; return; fi
    if [ -e "$sw_p" ]; then return 0; fi
    case $sw_p in / | .) return 0 ;; esac
  done
}
# Prints the fields of $2, of its target when $1 is 1.
sw_fields() {
  if [ -z "$sw_gnu" ]; then
    if stat --printf=x / >/dev/null 2>&1; then sw_gnu=1; else sw_gnu=0; fi
  fi
  case $sw_gnu$1 in
  10) stat --printf='%f %u %g %s %i %d %h %.9X %.9Y %.9Z\0%U\0%G\0' -- "$2" ;;
  11) stat -L --printf='%f %u %g %s %i %d %h %.9X %.9Y %.9Z\0%U\0%G\0' -- "$2" ;;
  *)
    if [ "$1" = 1 ]; then sw_l=-L; else sw_l=; fi
    sw_o=$(stat $sw_l -c '%f %u %g %s %i %d %h %X %Y %Z/%U/%G' -- "$2") || return
    printf '%s\0' "${sw_o%%/*}"
    sw_o=${sw_o#*/}
    printf '%s\0%s\0' "${sw_o%/*}" "${sw_o#*/}"
    ;;
  esac
}
# path follow(0|1) checksum-command
sw_stat() {
  if sw_gone "$1"; then printf 'absent\0'; return 0; fi
  if [ "$2" = 1 ] && [ -L "$1" ] && [ ! -e "$1" ]; then printf 'absent\0'; return 0; fi
  printf 'there\0'
  sw_fields "$2" "$1" || return
  sw_a=
  if [ -r "$1" ]; then sw_a=r; fi
  if [ -w "$1" ]; then sw_a=${sw_a}w; fi
  if [ -x "$1" ]; then sw_a=${sw_a}x; fi
  printf '%s\0' "$sw_a"
  if [ "$2" = 0 ] && [ -L "$1" ]; then
    readlink -n -- "$1" || return
    printf '\0'
    readlink -f -- "$1" 2>/dev/null
    printf '\0'
    return 0
  fi
  printf '\0\0'
  if [ -n "$3" ] && [ -f "$1" ] && [ -r "$1" ]; then "$3" <"$1"; fi
}
# path checksum-command
sw_sum() {
  if sw_gone "$1"; then printf absent; else "$2" <"$1"; fi
}
# path extra-condition
sw_list() {
  if [ ! -d "$1" ]; then ls -d -- "$1/"; return 1; fi
  if [ -z "$sw_find" ]; then
    if find / -maxdepth 0 -readable -printf x >/dev/null 2>&1; then sw_find=1; else sw_find=0; fi
  fi
  if [ "$sw_find" = 1 ]; then
    LC_ALL=C find -H "$1" -mindepth 1 $2 -printf '%y:%m %U %G %s %i %D %n %A@ %T@ %C@\0%u\0%g\0' \
      \( -readable -printf r -o -true \) \( -writable -printf w -o -true \) \( -executable -printf x -o -true \) \
      -printf '\0%l\0%p\0'
  else
    find -H "$1" -mindepth 1 $2 -exec /bin/sh -c '
      for f do
        o=$(stat -c "%f %u %g %s %i %d %h %X %Y %Z/%U/%G" -- "$f") || exit
        a= t=
        if [ -r "$f" ]; then a=r; fi
        if [ -w "$f" ]; then a=${a}w; fi
        if [ -x "$f" ]; then a=${a}x; fi
        if [ -L "$f" ]; then t=$(readlink -n -- "$f" && printf x); t=${t%x}; fi
        printf "%s\0" "${o%%/*}"
        o=${o#*/}
        printf "%s\0" "${o%/*}" "${o#*/}" "$a" "$t" "$f"
      done' sh {} +
  fi
}
# path owner:group mode recursive(-R or nothing) follow(0|1)
sw_attributes() {
  if [ "$5" = 1 ]; then sw_h=; else sw_h=-h; fi
  if [ -n "$2" ]; then chown $sw_h $4 -- "$2" "$1" || return; fi
  if [ -z "$3" ]; then return 0; fi
  if [ "$5" = 0 ] && [ -L "$1" ]; then return 0; fi
  chmod $4 -- "$3" "$1"
}
# path owner:group mode
sw_mkdir() {
  if [ -d "$1" ]; then return 0; fi
  if [ -z "$2$3" ]; then mkdir -p -- "$1"; return; fi
  sw_rest=$1 sw_at=
  while [ -n "$sw_rest" ]; do
    case $sw_rest in
    */*) sw_c=${sw_rest%%/*} sw_rest=${sw_rest#*/} ;;
    *) sw_c=$sw_rest sw_rest= ;;
    esac
    sw_at=$sw_at$sw_c
    if [ -n "$sw_c" ] && [ ! -d "$sw_at" ]; then
      mkdir ${3:+-m 700} -- "$sw_at" || [ -d "$sw_at" ] || return
      sw_attributes "$sw_at" "$2" "$3" '' 0 || return
    fi
    sw_at=$sw_at/
  done
}
# -s|nothing force(0|1) target path
sw_link() {
  if [ -d "$4" ] && [ ! -L "$4" ]; then printf '%s: Is a directory\n' "$4" >&2; return 1; fi
  if [ "$2" = 1 ]; then ln $1 -f -n -- "$3" "$4"; return; fi
  if [ -e "$4" ] || [ -L "$4" ]; then printf '%s: File exists\n' "$4" >&2; return 1; fi
  ln $1 -n -- "$3" "$4"
}
# from to: mv would copy when they are on two file systems
sw_rename() {
  case $2 in
  */*) sw_p=${2%/*}; sw_p=${sw_p:-/} ;;
  *) sw_p=. ;;
  esac
  sw_d=$(stat -c %d -- "$1") || return
  sw_e=$(stat -L -c %d -- "$sw_p") || return
  if [ "$sw_d" != "$sw_e" ]; then printf '%s and %s are on two file systems\n' "$1" "$2" >&2; return 18; fi
  sw_move "$1" "$2"
}
# path first-byte(from 1) limit
sw_from() {
  if sw_gone "$1"; then return 0; fi
  if [ -r "$1" ]; then tail -c "+$2" -- "$1" | head -c "$3"; else tail -c 1 -- "$1" >/dev/null; fi
}
