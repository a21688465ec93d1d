# path random follow(0|1) mode-of-old mode-of-new owner:group backup(0|1) in-place(0|1) text|feed|host content|size|path [validation...]
# Prints the backup's name; on failure the name of the step.
sw_write() {
  sw_to=$1 sw_tmp= sw_b= sw_w='looking at the path'
  sw_put "$@"
  sw_r=$?
  if [ "$sw_r" = 0 ]; then printf '%s' "$sw_b"; return 0; fi
  if [ -n "$sw_tmp" ]; then rm -f -- "$sw_tmp"; fi
  printf '%s' "$sw_w"
  return "$sw_r"
}
sw_put() {
  if [ "$3" = 1 ] && [ -L "$sw_to" ]; then
    sw_to=$(readlink -f -- "$sw_to" && printf x) || { sw_drop "$9"; return 1; }
    sw_to=${sw_to%??}
  fi
  if [ ! -L "$sw_to" ]; then
    if [ -d "$sw_to" ]; then printf '%s: Is a directory\n' "$sw_to" >&2; sw_drop "$9"; return 21; fi
    if [ -e "$sw_to" ] && [ ! -f "$sw_to" ]; then
      printf '%s: Not a regular file\n' "$sw_to" >&2; sw_drop "$9"; return 1
    fi
  fi
  case $sw_to in
  */*) sw_tmp=${sw_to%/*}/.switchover.$2 ;;
  *) sw_tmp=./.switchover.$2 ;;
  esac
  if [ "$8" = 1 ] && [ ! -w "${sw_tmp%/*}/" ]; then sw_tmp=${TMPDIR:-/tmp}/.switchover.$2; fi
  if [ -f "$sw_to" ]; then sw_old=1; else sw_old=0; fi
  # What replaces a link is a new file, whatever the link led to.
  if [ "$sw_old" = 1 ] && [ ! -L "$sw_to" ]; then sw_like=1 sw_mode=$4; else sw_like=0 sw_mode=$5; fi
  sw_w='writing the temporary file'
  if [ "$sw_like" = 1 ] || [ -n "$sw_mode" ]; then umask 077; fi
  set -C
  case $9 in
  text) printf %b "${10}" >"$sw_tmp" ;;
  feed) sw_take "$sw_tmp" "${10}" ;;
  host) cat -- "${10}" >"$sw_tmp" ;;
  esac
  sw_r=$?
  set +C
  umask "$sw_umask"
  if [ "$sw_r" != 0 ]; then return "$sw_r"; fi
  sw_w='setting owner and mode'
  if [ "$sw_like" = 1 ]; then sw_alike "$sw_to" "$sw_tmp" || return; else sw_label "$sw_to" "$sw_tmp"; fi
  if [ -n "$6" ]; then chown -h -- "$6" "$sw_tmp" || return; fi
  if [ -n "$sw_mode" ]; then chmod -- "$sw_mode" "$sw_tmp" || return; fi
  sw_keep=$7 sw_random=$2 sw_o=$8
  shift 10
  if [ $# -gt 0 ]; then
    sw_w=validation
    for sw_a do
      shift
      case $sw_a in *"@$sw_random@"*) sw_a=${sw_a%%"@$sw_random@"*}$sw_tmp${sw_a#*"@$sw_random@"} ;; esac
      set -- "$@" "$sw_a"
    done
    (exec "$@") </dev/null >&2 || return
  fi
  if [ "$sw_keep$sw_old" = 11 ]; then
    sw_w='making the backup'
    sw_b=$sw_to.$$.$(date '+%Y-%m-%d@%H:%M:%S~') || return
    cp -p -- "$sw_to" "$sw_b" || return
  fi
  sw_w='putting the new file into place'
  if [ "$sw_o" = 0 ] || [ -L "$sw_to" ]; then sw_move "$sw_tmp" "$sw_to"; return; fi
  if sw_move "$sw_tmp" "$sw_to" 2>/dev/null; then return 0; fi
  sw_over "$sw_tmp" "$sw_to"
}
# Puts the content of $1, and its owner and mode, into the file $2 itself: one that is mounted cannot be replaced.
sw_over() {
  cat -- "$1" >"$2" || return
  sw_alike "$1" "$2" || return
  rm -f -- "$1"
}
# Content that is still under way cannot be told from commands any more.
sw_drop() {
  if [ "$1" = feed ]; then sw_quit=1; fi
}
# Gives $2 the security context that the policy has for $1, where there is SELinux.
sw_label() {
  if [ -z "$sw_se" ]; then
    if command -v selinuxenabled >/dev/null 2>&1 && selinuxenabled; then sw_se=1; else sw_se=0; fi
  fi
  if [ "$sw_se" = 0 ]; then return 0; fi
  sw_c=$(matchpathcon -m file -n "$1" 2>/dev/null) || return 0
  case $sw_c in '' | '<<none>>') ;; *) chcon -- "$sw_c" "$2" 2>/dev/null ;; esac
  return 0
}
# Gives $2 owner, mode, ACL and security context of $1.
sw_alike() {
  if cp --attributes-only --preserve=all --no-preserve=timestamps,links -- "$1" "$2" 2>/dev/null; then return 0; fi
  sw_o=$(stat -L -c '%u:%g %a' -- "$1") || return
  chown "${sw_o% *}" "$2" 2>/dev/null
  chmod "${sw_o#* }" "$2"
}
