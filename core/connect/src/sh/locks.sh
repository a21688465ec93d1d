# Sets sw_k to the lock's file: $1, else a place that all users of the host share. Below a loopback address several
# hosts may share one /tmp, so there it is the home.
sw_lock_file() {
  sw_k=$1
  if [ -n "$sw_k" ]; then return; fi
  set -- $SSH_CONNECTION
  case $3 in
  127.* | ::1) sw_k=${SWITCHOVER_LOCKS:-$HOME/.switchover}/lock.$3.$4 ;;
  *) sw_k=${SWITCHOVER_LOCKS:-/tmp}/.switchover.lock ;;
  esac
}
# Sets sw_clock to the boot and the seconds since; a clock that is set does not change it.
sw_lock_clock() {
  sw_line /proc/sys/kernel/random/boot_id; sw_clock=$sw_got
  sw_up=
  { read -r sw_up <"/proc/uptime"; } 2>/dev/null
  sw_up=${sw_up%%.*}
  sw_clock="$sw_clock ${sw_up:-$(date +%s)}"
}
# Sets sw_h (claim), sw_about, sw_beat from the lock; empty when there is none.
sw_lock_read() {
  sw_h= sw_about= sw_beat=
  if [ -f "$sw_k" ]; then
    { IFS= read -r sw_h; IFS= read -r sw_about; IFS= read -r sw_beat; } <"$sw_k"
  fi
  return 0
}
# claim about random: writes a lock beside the lock's file.
sw_lock_write() {
  sw_lock_clock
  case $sw_k in */*) if [ ! -d "${sw_k%/*}" ]; then (umask 077; mkdir -p -- "${sw_k%/*}") || return; fi ;; esac
  (umask 022; set -C; printf '%s\n' "$1" "$2" "$sw_clock" >"$sw_k.$3")
}
# file claim about random: a link is made at one blow, with its content, by one process only.
sw_lock_take() {
  sw_lock_file "$1"
  sw_lock_write "$2" "$3" "$4" || { rm -f -- "$sw_k.$4"; return 1; }
  sw_made=
  ln -- "$sw_k.$4" "$sw_k" 2>/dev/null && sw_made=1
  sw_lock_read
  sw_r=0
  if [ -z "$sw_made" ] && [ "$sw_h" = "$2" ]; then mv -f -- "$sw_k.$4" "$sw_k" || sw_r=1; fi
  rm -f -- "$sw_k.$4"
  if [ "$sw_r" = 0 ] && [ -z "$sw_h" ]; then printf '%s cannot be made\n' "$sw_k" >&2; sw_r=1; fi
  if [ "$sw_r" = 0 ]; then sw_lock_tell "$2"; fi
  return "$sw_r"
}
# file claim about random from: of several that replace the same holder one wins.
sw_lock_replace() {
  sw_lock_file "$1"
  sw_lock_write "$2" "$3" "$4" || { rm -f -- "$sw_k.$4"; return 1; }
  sw_r=0
  if ln -- "$sw_k.$4" "$sw_k.after.$5" 2>/dev/null; then
    sw_lock_read
    if [ "$sw_h" = "$5" ]; then mv -f -- "$sw_k.$4" "$sw_k" || sw_r=1; fi
    rm -f -- "$sw_k.after.$5"
  fi
  rm -f -- "$sw_k.$4"
  if [ "$sw_r" = 0 ]; then sw_lock_tell "$2"; fi
  return "$sw_r"
}
sw_lock_release() {
  sw_lock_file "$1"
  sw_lock_read
  if [ -n "$sw_h" ] && [ "$sw_h" = "$2" ]; then rm -f -- "$sw_k" "$sw_k.after.$2" || return; fi
  sw_lock_tell "$2"
}
sw_lock_look() { sw_lock_file "$1"; sw_lock_tell ''; }
# Succeeds when a shell of run $1 is at work: it has a child that is no such shell itself (as that of sudo is). What a
# controller that is gone had started goes on to its end, and its shell waits for it.
sw_lock_busy() {
  for sw_d in $(grep -ls -e "[#]run=$1;" /proc/[0-9]*/cmdline 2>/dev/null); do
    sw_d=${sw_d#/proc/}
    sw_d=${sw_d%/cmdline}
    if [ "$sw_d" = "$$" ]; then continue; fi
    for sw_c in $(grep -ls -e "^PPid:[^0-9]*$sw_d\$" /proc/[0-9]*/status 2>/dev/null); do
      sw_c=${sw_c%/status}/cmdline
      if grep -qs -e . "$sw_c" && ! grep -qs -e "[#]run=$1;" "$sw_c"; then return 0; fi
    done
  done
  return 1
}
# Tells of the lock as it is now; for a holder other than $1, whether jobs or programs of its run are at work.
sw_lock_tell() {
  sw_lock_read
  sw_lock_clock
  sw_jobs=
  if [ -n "$sw_h" ] && [ "$sw_h" != "$1" ]; then
    sw_run=${sw_h%.*}
    case $sw_run in
    '' | *[!A-Za-z0-9_-]*) ;;
    *) if [ -n "$(grep -ls -e "[/]$sw_run\\." /proc/[0-9]*/cmdline 2>/dev/null)" ] || sw_lock_busy "$sw_run"; then sw_jobs=1; fi ;;
    esac
  fi
  printf '%s\0%s\0%s\0%s\0%s\0%s\0' "$sw_h" "$sw_about" "$sw_beat" "$sw_clock" "$sw_jobs" "$sw_k"
}
