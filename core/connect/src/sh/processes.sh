# One line for each process, as in /proc/PID/stat; else "PID PPID SESSION".
sw_processes() {
  if [ -r /proc/self/stat ]; then
    for sw_p in /proc/[0-9]*/stat; do
      { read -r sw_l <"$sw_p" && printf '%s\n' "$sw_l"; } 2>/dev/null
    done
    return 0
  fi
  ps -A -o pid= -o ppid= -o sid=
}
# Succeeds when process $1 runs; a dead one that nobody has collected does not.
sw_runs() {
  kill -0 "$1" 2>/dev/null || return 1
  sw_l=
  { read -r sw_l <"/proc/$1/stat"; } 2>/dev/null
  case ${sw_l##*')' } in Z* | X*) return 1 ;; esac
}
# Ends the processes: asks, waits up to 2 s, then forces.
sw_end() {
  kill -TERM "$@" 2>/dev/null
  for sw_i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    sw_some=0
    for sw_p do if sw_runs "$sw_p"; then sw_some=1; fi; done
    if [ "$sw_some" = 0 ]; then return 0; fi
    sleep 0.1 2>/dev/null || sleep 1
  done
  kill -KILL "$@" 2>/dev/null
  return 0
}
