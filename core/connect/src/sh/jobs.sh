sw_folder() { sw_j=${SWITCHOVER_JOBS:-$HOME/.switchover/jobs}/$1; }
# Succeeds when process $1 lives and began at $2.
sw_alive() {
  if [ ! -d /proc/self ]; then kill -0 "$1" 2>/dev/null; return; fi
  sw_l=
  { read -r sw_l <"/proc/$1/stat"; } 2>/dev/null
  sw_l=${sw_l##*')' }
  sw_want=$2
  set -- $sw_l
  case $1 in '' | Z | X) return 1 ;; esac
  [ "${20}" = "$sw_want" ]
}
# Sets sw_state (absent running exited vanished rebooted), sw_rc, sw_started, sw_ended for key $1.
sw_look() {
  sw_folder "$1"
  sw_state=absent sw_rc= sw_started=0 sw_ended=
  if [ ! -d "$sw_j/begun" ]; then return 0; fi
  if [ ! -f "$sw_j/pid" ]; then sleep 1; fi
  sw_line "$sw_j/started"; sw_started=${sw_got:-0}
  sw_line "$sw_j/pid"; sw_pid=$sw_got
  sw_line "$sw_j/since"; sw_since=$sw_got
  sw_line "$sw_j/boot"; sw_boot=$sw_got
  sw_line /proc/sys/kernel/random/boot_id; sw_now=$sw_got
  if [ "$sw_boot" != "$sw_now" ]; then sw_state=rebooted
  elif [ -n "$sw_pid" ] && sw_alive "$sw_pid" "$sw_since"; then sw_state=running
  else sw_state=vanished
  fi
  # Read after the look at the process: the code is written before the process ends.
  if [ -f "$sw_j/rc" ]; then
    sw_line "$sw_j/rc"
    sw_state=exited sw_rc=${sw_got% *} sw_ended=${sw_got#* }
  fi
}
sw_tell() {
  printf '%s\0%s\0%s\0%s\0%s\0%s\0' "$sw_state" "$sw_rc" "$sw_started" "$sw_ended" "$sw_new" "$sw_j"
}
sw_job_status() { sw_new=; sw_look "$1"; sw_tell; }
# key time-limit stdin(none|text|feed) content|size random command-text origin
sw_job_start() {
  sw_folder "$1"
  sw_new=
  if [ ! -d "$sw_j/begun" ]; then
    umask 077
    sw_prepare "$3" "$4" "$5" "$6" "$7"
    sw_r=$?
    umask "$sw_umask"
    if [ "$sw_r" != 0 ]; then sw_unfed "$3"; return "$sw_r"; fi
    # The substitution ends when the wrapper has written down who it is and lets go of its output.
    sw_new=$( (exec $sw_setsid /bin/sh -c "$sw_wrapper" switchover-job "$sw_j" "$2" "$sw_setsid" </dev/null &) )
  elif [ "$3" = feed ]; then
    # Nobody needs the input of a job that is there already, but the shell goes on behind it.
    head -c "$4" >/dev/null
  fi
  sw_look "$1"
  if [ "$sw_state" = absent ]; then printf 'the job could not be started\n' >&2; return 1; fi
  sw_tell
  # The records of long ago go on this occasion; what cannot be removed is no matter of this job's.
  if [ -n "$sw_new" ]; then sw_job_clean 1209600 2>/dev/null; fi
  return 0
}
sw_unfed() { if [ "$1" = feed ]; then sw_quit=1; fi; }
sw_prepare() {
  mkdir -p -- "$sw_j" && chmod 700 -- "$sw_j" || return
  case $1 in
  text) printf %b "$2" >"$sw_j/stdin.$3" && mv -f -- "$sw_j/stdin.$3" "$sw_j/stdin" || return ;;
  feed) sw_take "$sw_j/stdin.$3" "$2" && mv -f -- "$sw_j/stdin.$3" "$sw_j/stdin" || return ;;
  esac
  if [ -n "$5" ]; then printf %s "$5" >"$sw_j/origin.$3" && mv -f -- "$sw_j/origin.$3" "$sw_j/origin" || return; fi
  # By rename: another start of the same key may be reading it.
  printf '%s\n' "$4" >"$sw_j/cmd.$3" && mv -f -- "$sw_j/cmd.$3" "$sw_j/cmd"
}
# key stdout-from stderr-from wait-ms limit
sw_job_poll() {
  sw_t=0 sw_step=100 sw_new=
  while :; do
    sw_look "$1"
    if [ "$sw_state" != running ] || [ "$sw_t" -ge "$4" ]; then break; fi
    sw_news "$2" "$3" $(stat -c %s -- "$sw_j/out" "$sw_j/err" 2>/dev/null) && break
    if [ $((sw_t + sw_step)) -gt "$4" ]; then sw_step=$(($4 - sw_t)); fi
    sw_nap "$sw_step"
    sw_t=$((sw_t + sw_step))
    if [ "$sw_step" -lt 500 ]; then sw_step=$((sw_step + 100)); fi
  done
  # The program has ended, and its wrapper waits for room to say so.
  if [ "$sw_state" = running ] && [ -f "$sw_j/rc.new" ] && [ ! -s "$sw_j/rc.new" ]; then sw_new=full; fi
  sw_tell
  if [ -f "$sw_j/out" ]; then tail -c "+$(($2 + 1))" -- "$sw_j/out" | head -c "$5"; fi
  if [ -f "$sw_j/err" ]; then tail -c "+$(($3 + 1))" -- "$sw_j/err" | head -c "$5" >&2; fi
  return 0
}
sw_news() { [ "${3:-0}" -gt "$1" ] || [ "${4:-0}" -gt "$2" ]; }
# Sleeps $1 ms; where sleep knows no fractions, a second.
sw_nap() {
  sw_ms=000$1
  sw_ms=${sw_ms#"${sw_ms%???}"}
  sleep "$(($1 / 1000)).$sw_ms" 2>/dev/null || sleep 1
}
sw_job_kill() {
  sw_new=
  sw_look "$1"
  if [ "$sw_state" = running ]; then
    for sw_signal in TERM KILL; do
      sw_t=0 sw_program=
      while [ "$sw_t" -lt 50 ]; do
        # The record of a job that has just begun may not name its program yet.
        if [ -z "$sw_program" ]; then
          sw_line "$sw_j/program"; sw_program=${sw_got% *}
          # Its number may be another's by now.
          if [ -n "$sw_program" ] && sw_alive "$sw_program" "${sw_got#* }"; then
            kill -s "$sw_signal" -- "-$sw_program" 2>/dev/null || kill -s "$sw_signal" "$sw_program" 2>/dev/null
          fi
        fi
        sw_look "$1"
        if [ "$sw_state" != running ]; then break 2; fi
        sw_nap 100
        sw_t=$((sw_t + 1))
      done
    done
    if [ "$sw_state" = running ]; then printf 'the job does not end\n' >&2; return 1; fi
  fi
  sw_tell
}
sw_job_forget() {
  sw_look "$1"
  if [ "$sw_state" = running ]; then printf 'the job is still running\n' >&2; return 1; fi
  rm -rf -- "$sw_j"
}
# Tells of job $1 of a list: its key, as sw_tell, and whose it is.
sw_job_row() {
  sw_new=
  sw_look "$1"
  if [ "$sw_state" = absent ]; then return 0; fi
  printf '%s\0' "$1"
  sw_tell
  sw_run= sw_owner= sw_task=
  if [ -f "$sw_j/origin" ]; then
    { IFS= read -r sw_run; IFS= read -r sw_owner; IFS= read -r sw_task; } <"$sw_j/origin"
  fi
  printf '%s\0%s\0%s\0' "$sw_run" "$sw_owner" "$sw_task"
}
sw_job_list() {
  sw_folder .
  for sw_d in "${sw_j%.}"*/; do
    sw_d=${sw_d%/}
    # Not ours: no key of ours has such a name.
    case ${sw_d##*/} in *[!A-Za-z0-9._-]*) continue ;; esac
    if [ -d "$sw_d/begun" ]; then sw_job_row "${sw_d##*/}"; fi
  done
  return 0
}
# Removes what ended $1 seconds ago or earlier. A clock that is set makes nothing old that ended in this boot.
sw_job_clean() {
  sw_limit=$(($(date +%s) - $1)) sw_up=
  { read -r sw_up sw_got </proc/uptime; } 2>/dev/null
  sw_up=${sw_up%%.*}
  sw_line /proc/sys/kernel/random/boot_id; sw_now=$sw_got
  sw_folder .
  for sw_d in "${sw_j%.}"*/; do
    sw_d=${sw_d%/}
    if [ ! -f "$sw_d/rc" ]; then continue; fi
    sw_line "$sw_d/rc"
    sw_end=${sw_got#* }
    case $sw_end in '' | *[!0-9]*) continue ;; esac
    if [ "$sw_end" -gt "$sw_limit" ]; then continue; fi
    sw_line "$sw_d/boot"
    if [ -n "$sw_up" ] && [ "$sw_got" = "$sw_now" ]; then
      sw_line "$sw_d/up"
      if [ "$((sw_up - ${sw_got:-$sw_up}))" -lt "$1" ]; then continue; fi
    fi
    rm -rf -- "$sw_d" || return
  done
  return 0
}
