# path random follow(0|1) mode-of-old mode-of-new owner:group backup(0|1) text|feed|host content|size|path [validation...]
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
    sw_to=$(readlink -f -- "$sw_to" && printf x) || { sw_drop "$8"; return 1; }
    sw_to=${sw_to%??}
  fi
  if [ ! -L "$sw_to" ]; then
    if [ -d "$sw_to" ]; then printf '%s: Is a directory\n' "$sw_to" >&2; sw_drop "$8"; return 21; fi
    if [ -e "$sw_to" ] && [ ! -f "$sw_to" ]; then
      printf '%s: Not a regular file\n' "$sw_to" >&2; sw_drop "$8"; return 1
    fi
  fi
  case $sw_to in
  */*) sw_tmp=${sw_to%/*}/.switchover.$2 ;;
  *) sw_tmp=./.switchover.$2 ;;
  esac
  if [ -f "$sw_to" ]; then sw_old=1 sw_mode=$4; else sw_old=0 sw_mode=$5; fi
  sw_w='writing the temporary file'
  if [ "$sw_old" = 1 ] || [ -n "$sw_mode" ]; then umask 077; fi
  set -C
  case $8 in
  text) printf %b "$9" >"$sw_tmp" ;;
  feed) sw_take "$sw_tmp" "$9" ;;
  host) cat -- "$9" >"$sw_tmp" ;;
  esac
  sw_r=$?
  set +C
  umask "$sw_umask"
  if [ "$sw_r" != 0 ]; then return "$sw_r"; fi
  sw_w='setting owner and mode'
  if [ "$sw_old" = 1 ]; then sw_alike "$sw_to" "$sw_tmp" || return; fi
  if [ -n "$6" ]; then chown -h -- "$6" "$sw_tmp" || return; fi
  if [ -n "$sw_mode" ]; then chmod -- "$sw_mode" "$sw_tmp" || return; fi
  sw_keep=$7 sw_random=$2
  shift 9
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
  sw_move "$sw_tmp" "$sw_to"
}
# Content that is still under way cannot be told from commands any more.
sw_drop() {
  if [ "$1" = feed ]; then sw_quit=1; fi
}
# Gives $2 owner, mode, ACL and security context of $1.
sw_alike() {
  if cp --attributes-only --preserve=all --no-preserve=timestamps,links -- "$1" "$2" 2>/dev/null; then return 0; fi
  sw_o=$(stat -L -c '%u:%g %a' -- "$1") || return
  chown "${sw_o% *}" "$2" 2>/dev/null
  chmod "${sw_o#* }" "$2"
}
