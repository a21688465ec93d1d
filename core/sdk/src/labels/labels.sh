mode=$1 follow=$2 user=$3 role=$4 type=$5 level=$6 flags=$7 selinux=$8 folders=$9
shift 9
# Tells of a path: kind, path, before, after.
tell() { printf '%s\037%s\037%s\037%s\036' "$@"; }
need() { command -v "$1" >/dev/null 2>&1 || { printf %s "$1"; echo "$1 is missing" >&2; exit 64; }; }
# What was asked for, or what is there, or what the policy says.
part() { case $1 in '') printf %s "$2" ;; _default) printf %s "$3" ;; *) printf %s "$1" ;; esac; }
context() {
  # These file systems have one context for all that is on them.
  case $(stat -f -c %T -- "$1") in nfs* | fuse* | ramfs | v9fs | msdos | vboxsf) return 0 ;; esac
  if [ -L "$1" ] && [ -z "$follow" ]; then deref= nofollow=-h; else deref=-L nofollow=; fi
  now=$(stat $deref -c %C -- "$1") || exit
  policy=$now
  case :$user:$role:$type:$level: in *:_default:*)
    need matchpathcon
    policy=$(matchpathcon -n "$1") || exit
    if [ "$policy" = '<<none>>' ]; then policy=$now; fi
  esac
  IFS=: read -r user_now role_now type_now level_now <<END
$now
END
  IFS=: read -r user_policy role_policy type_policy level_policy <<END
$policy
END
  new=$(part "$user" "$user_now" "$user_policy"):$(part "$role" "$role_now" "$role_policy")
  new=$new:$(part "$type" "$type_now" "$type_policy")
  last=$(part "$level" "$level_now" "$level_policy")
  new=$new${last:+:$last}
  if [ "$mode" = set ] && [ "$now" != "$new" ]; then need chcon; chcon $nofollow -- "$new" "$1" || exit; fi
  tell context "$1" "$now" "$new"
}
sorted() { printf %s "$1" | fold -w 1 | sort -u | tr -d '\n'; }
flags() {
  if [ -L "$1" ]; then return 0; fi
  need lsattr
  now=$(lsattr -d -- "$1") || exit
  now=$(sorted "$(printf %s "${now%% *}" | tr -d -)")
  case $flags in
  +*) new=$now${flags#+} ;;
  -*) new=$(printf %s "$now" | tr -d -- "${flags#-}") ;;
  # How the file lies on the disk (e) is nobody's wish.
  *) new=${flags#=}; case $now in *e*) new=${new}e ;; esac ;;
  esac
  new=$(sorted "$new")
  case $flags in [-+]*) change=$flags ;; *) change=$new ;; esac
  case $change in [-+]*) ;; *) change="=$change" ;; esac
  if [ "$mode" = set ] && [ "$now" != "$new" ]; then need chattr; chattr "$change" -- "$1" || exit; fi
  tell flags "$1" "$now" "$new"
}
for path do
  if [ -L "$path" ] && [ -n "$follow" ]; then path=$(readlink -f -- "$path"); fi
  if [ ! -e "$path" ] && [ ! -L "$path" ]; then continue; fi
  if [ -d "$path" ] && [ -z "$folders" ]; then exit 65; fi
  if [ -n "$selinux" ]; then context "$path"; fi
  if [ -n "$flags" ]; then flags "$path"; fi
done
exit 0
