# Moves exactly $2 bytes from standard input into the new file $1.
sw_take() {
  if [ -z "$sw_head" ]; then
    if [ "$(printf abc | { head -c 1 >/dev/null; cat; })" = bc ]; then sw_head=1; else sw_head=0; fi
  fi
  if [ "$sw_head" = 1 ]; then head -c "$2"; else sw_blocks "$2"; fi >"$1" && [ "$(wc -c <"$1")" -eq "$2" ] && return 0
  sw_quit=1
  return 1
}
# Copies so many bytes and reads not one more, where head does.
sw_blocks() {
  if [ "$1" -ge 65536 ]; then dd bs=65536 count="$(($1 / 65536))" iflag=fullblock 2>/dev/null || return; fi
  if [ "$(($1 % 65536))" -gt 0 ]; then dd bs="$(($1 % 65536))" count=1 iflag=fullblock 2>/dev/null; fi
}
# name-of-temporary-file size command...: runs the command with these bytes as standard input
sw_feed() {
  sw_tmp=${TMPDIR:-/tmp}/.switchover.$1
  umask 077
  set -C
  sw_take "$sw_tmp" "$2"
  sw_r=$?
  set +C
  umask "$sw_umask"
  if [ "$sw_r" != 0 ]; then rm -f -- "$sw_tmp"; fi
  return "$sw_r"
}
# Renames $1 to $2, over a link to a folder, too, but never into a folder.
sw_move() {
  if [ ! -d "$2" ]; then mv -f -- "$1" "$2" </dev/null; return; fi
  if [ ! -L "$2" ]; then mv -f -T -- "$1" "$2" </dev/null; return; fi
  # Not every mv can replace such a link in one step.
  mv -f -T -- "$1" "$2" </dev/null 2>/dev/null || { rm -f -- "$2" && mv -f -- "$1" "$2" </dev/null; }
}
# Sets sw_got to the first line of a file.
sw_line() { sw_got=; if [ -f "$1" ]; then read -r sw_got <"$1"; fi; }
