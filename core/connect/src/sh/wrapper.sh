d=$1 limit=$2 setsid=$3
mkdir "$d/begun" 2>/dev/null || exit 0
u=$(umask)
umask 077
l=
{ read -r l </proc/$$/stat; } 2>/dev/null
l=${l##*')' }
set -- $l
b=
{ read -r b </proc/sys/kernel/random/boot_id; } 2>/dev/null
if printf '%s\n' "${20}" >"$d/since" && printf '%s\n' "$b" >"$d/boot" && date +%s >"$d/started" &&
  printf '%s\n' $$ >"$d/pid.new" && mv -f "$d/pid.new" "$d/pid"; then :; else
  rm -f "$d/pid"
  rmdir "$d/begun"
  exit 1
fi
# After a power cut the job must not look as if it had never begun. Older tools would sync every disk.
case $(sync --help 2>&1) in *FILE*) sync "$d/pid" "$d" "${d%/*}" 2>/dev/null ;; esac
exec 3>&1 >"$d/out" 2>"$d/err"
if [ -f "$d/stdin" ]; then i=$d/stdin; else i=/dev/null; fi
trap : TERM HUP
(umask "$u"; exec $setsid /bin/sh "$d/cmd") <"$i" 3>&- &
p=$!
# Sets l to when the program began; its number may be another's later.
born() {
  l=
  { read -r l <"/proc/$p/stat"; } 2>/dev/null
  l=${l##*')' }
  set -- $l
  l=${20}
}
born
b=$l
printf '%s\n' "$p $b" >"$d/program.new" && mv -f "$d/program.new" "$d/program"
printf new >&3
exec 3>&-
w=
if [ -n "$limit" ]; then
  (
    # A signal that nobody here caught before: one that comes ahead of this line ends the watch, too.
    trap '[ "$!" = "$p" ] || kill "$!" 2>/dev/null; exit' ALRM
    sleep "$limit" &
    wait "$!"
    trap '' ALRM
    born
    if [ -f "$d/rc" ] || [ "$l" != "$b" ]; then exit; fi
    : >"$d/timed"
    kill -s TERM -- "-$p" 2>/dev/null || kill -s TERM "$p"
    sleep 5
    born
    # No process of that number: what is left of the group is ours.
    if [ -n "$l" ] && [ "$l" != "$b" ]; then exit; fi
    kill -s KILL -- "-$p" 2>/dev/null || kill -s KILL "$p"
  ) </dev/null >/dev/null 2>&1 &
  w=$!
fi
while :; do
  wait "$p"
  r=$?
  kill -0 "$p" 2>/dev/null || break
done
if [ -n "$w" ]; then kill -s ALRM "$w" 2>/dev/null; fi
if [ -f "$d/timed" ]; then r=124; fi
# They may hold secrets, and nobody needs them any more.
rm -f "$d/cmd" "$d/stdin"
{ read -r t l </proc/uptime && printf '%s\n' "${t%%.*}" >"$d/up"; } 2>/dev/null
# On a full disk this waits for room: without the code nobody could tell how the job ended.
until printf '%s %s\n' "$r" "$(date +%s)" >"$d/rc.new" && mv -f "$d/rc.new" "$d/rc"; do
  [ -d "$d" ] || exit 0
  sleep 5
done 2>/dev/null
