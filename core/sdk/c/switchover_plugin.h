/* switchover_plugin.h - the plugin interface of Switchover, version 1.
 *
 * A plugin is a shared library named libswitchover_NAME.so that exports one function, switchover_plugin_v1.
 * This header needs nothing else and works in C99 and C++. See example/hello.c for a whole module.
 *
 * LIFE OF A PLUGIN
 *
 *   1. The library is loaded (RTLD_NOW | RTLD_LOCAL) and switchover_plugin_v1() is called once. The table that
 *      it returns must stay valid for ever: make it static.
 *   2. describe() is called once and says which modules there are.
 *   3. invoke() is called for every question about every host, from several threads at once. Keep no state
 *      between calls, or guard it.
 *   4. The library is never unloaded.
 *
 *   A plugin that did not come with the program runs in a process of its own, unless the operator says otherwise: a
 *   crash there is a failed task that names the plugin. Do not count on it: with --isolate=none the same crash, exit or
 *   C++ exception that escapes takes the run with it. A plugin must not write to standard output, and must not change
 *   the working directory, the environment, signal handlers or the locale.
 *
 * WHO FREES
 *
 *   Whoever fills a SwitchoverBuffer sets its `free`; whoever receives it calls that once, with the buffer as
 *   it was filled, and then never touches `data` again. `free` may be NULL when there is nothing to free (text
 *   that is part of the library). The bytes of a request belong to the caller and are valid during the call only.
 *
 * BYTES
 *
 *   All payloads are UTF-8 JSON without a terminating zero byte; read `len` bytes. Unknown keys must be
 *   ignored: they are how the interface grows. Content of files and output of programs is a JSON string when
 *   it is UTF-8, else {"base64": "..."}. A plugin may answer at most 16 MiB to describe and 256 MiB to invoke.
 *
 * WHAT DESCRIBE ANSWERS  (lists and texts that are empty may be left out, except params)
 *
 *   describe: {"name": "example", "version": "0.1.0", "modules": [{"name": "example.motd", "aliases": ["motd"], "summary": "Ensures a line in a file.", "description": "", "effect": "changes", "long": false, "free_form": false, "params": [{"name": "line", "aliases": [], "doc": "The line.", "kind": "str", "required": true}, {"name": "state", "doc": "Whether it is there.", "kind": "str", "default": "present", "choices": ["present", "absent"]}, {"name": "words", "doc": "Any words.", "kind": {"list": "str"}}, {"name": "in_place", "doc": "Writes into the file itself.", "kind": "bool", "default": false, "refused": "the file is replaced"}, {"name": "copies", "aliases": ["times"], "old_names": ["times"], "doc": "How often.", "kind": "int", "default": 1, "min": 1, "max": 9}], "mutually_exclusive": [["line", "words"]], "required_one_of": [], "required_together": [], "requires": [{"param": "state", "is": "absent", "params": ["line"]}, {"param": "copies", "params": ["line"]}], "examples": [{"title": "Greet", "yaml": "example.motd:\n  line: Hello\n"}], "returns": [{"name": "path", "doc": "The file."}]}]}
 *
 *   Names of modules are lowercase words with dots between, at least two. `effect` is "reads", "changes", or
 *   {"destroys": {"what": "all tables of the standby"}}: it runs only after an approval. `kind` is "str",
 *   "bool", "int", "float", "path", "dict", "raw", or {"list": KIND}. The host side checks and converts the
 *   arguments by this before invoke(), and fills in defaults; `secret` masks a value in all output. `requires` names
 *   what must be given when a parameter is, or when it has one value; `old_names` are those aliases that still work
 *   with a warning, as a parameter with "deprecated": "what to use instead" does.
 *
 *   A "path" arrives as it was written: `~` and `$NAME` in it are not expanded, and host calls do not expand them
 *   either. Where users may write them, ask the host once, with the path as an argument and never within the text:
 *   {"exec": {"program": {"argv": ["sh", "-c", "case $1 in '~/'*) echo \"$HOME/${1#'~/'}\";; *) echo \"$1\";; esac",
 *   "sh", "~/motd"]}, "reads": true}}. A path that does not begin with / is below the home of who logs in, and on a
 *   local connection below the folder of the run.
 *
 * WHAT INVOKE IS ASKED  (`about` holds facts about the run, such as inventory_hostname)
 *
 *   "What would change?" Write nothing; the host side refuses every call that would.
 *   request: {"module": "example.motd", "operation": "check", "params": {"line": "Hello", "state": "present"}, "check_mode": false, "diff": true, "verbosity": 0, "about": {"inventory_hostname": "web1"}}
 *
 *   "Change it." `delta` is what check answered, `state` included. It may be minutes old.
 *   request: {"module": "example.motd", "operation": {"apply": {"delta": {"delta": "some", "changes": [{"what": "/etc/motd", "before": "", "after": "Hello\n"}], "result": {}, "state": null}}}, "params": {"line": "Hello"}, "check_mode": false, "diff": true, "verbosity": 0, "about": {}}
 *
 * WHAT INVOKE ANSWERS
 *
 *   To check: it is already so; these would change; or only doing it can tell.
 *   reply: {"delta": {"delta": "none", "result": {"path": "/etc/motd"}}}
 *   reply: {"delta": {"delta": "some", "changes": [{"what": "/etc/motd", "before": "", "after": "Hello\n"}], "result": {"path": "/etc/motd"}, "state": {"any": "memory for apply"}}}
 *   reply: {"delta": {"delta": "unknown", "state": null}}
 *
 *   To apply: what was done. `result` is what `register` stores; `changes` only when they differ from the delta.
 *   reply: {"outcome": {"changed": true, "result": {"path": "/etc/motd"}, "changes": [], "warnings": [], "facts": {}}}
 *
 *   To both: why it did not work. `kind` is "failed", "arguments", "unreachable", "unknown" (it was started,
 *   and how it ended cannot be told: never say "failed" then), "panicked" (a bug of the plugin), "cancelled".
 *   reply: {"failure": {"kind": "failed", "msg": "the disk is full", "remedy": "free 2 GB below /var", "result": {"rc": 1}}}
 *
 *   invoke() returns 0 when `out` holds such a reply. Any other number means that there is none: then `out`
 *   may hold a message as plain text, and the step fails as a bug of the plugin.
 *
 * WHAT A PLUGIN MAY ASK OF ITS HOST  (host->call, during invoke(), on the thread of that invoke() only)
 *
 *   A plugin touches the target machine through these calls only; it may be on the other side of the world.
 *   call: {"exec": {"program": {"argv": ["uptime", "-p"]}, "reads": true}}
 *   call: {"exec": {"program": {"shell": {"text": "echo $HOME | tr a-z A-Z"}}, "stdin": "text", "env": {"LANG": "C"}, "cwd": "/tmp", "timeout": 60, "reads": false, "live": true}}
 *   answer: {"exec": {"rc": 0, "stdout": "up 3 days\n", "stderr": "", "timed_out": false}}
 *
 *   Only an exec that says "reads" runs during check; that is the author's word that it changes nothing.
 *   call: {"stat": {"path": "/etc/motd", "follow": true, "checksum": "sha256"}}
 *   answer: {"stat": null}
 *   answer: {"stat": {"kind": "file", "mode": 420, "uid": 0, "gid": 0, "owner": "root", "group": "root", "size": 6, "inode": 7, "dev": 1, "nlink": 1, "atime": 0.0, "mtime": 0.0, "ctime": 0.0, "readable": true, "writable": true, "executable": false}}
 *   call: {"read": {"path": "/etc/motd", "limit": 1048576}}
 *   answer: {"content": "Hello\n"}
 *   call: {"write": {"path": "/etc/motd", "content": {"inline": "Hello\n"}, "attributes": {"mode": "0644", "owner": "root", "group": "root"}, "backup": false, "follow": true}}
 *   answer: {"written": {"backup": null}}
 *   call: {"write": {"path": "/srv/big", "content": {"controller": "/home/me/files/big"}}}
 *   call: {"set_attributes": {"path": "/etc/motd", "attributes": {"mode": "u=rw,go=r"}, "recursive": false}}
 *   call: {"remove": {"path": "/tmp/x", "recursive": true}}
 *   call: {"mkdir": {"path": "/srv/www", "attributes": {"mode": "0755"}}}
 *   call: {"symlink": {"target": "/srv/www-2", "path": "/srv/current", "force": true}}
 *   call: {"hardlink": {"target": "/srv/a", "path": "/srv/b"}}
 *   call: {"rename": {"from": "/srv/a", "to": "/srv/b"}}
 *   call: {"fetch": {"path": "/var/log/x", "to": "/home/me/x"}}
 *   answer: "done"
 *   call: {"list": {"path": "/srv", "recursive": false}}
 *   answer: {"list": []}
 *   call: {"checksum": {"path": "/srv/big", "algorithm": "sha256"}}
 *   answer: {"checksum": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}
 *   answer: {"checksum": null}
 *
 *   Several calls in one round trip; it stops at the first that fails.
 *   call: {"many": [{"read": {"path": "/a"}}, {"read": {"path": "/b"}}]}
 *   answer: {"many": [{"content": "A"}, {"error": {"kind": "failed", "what": "read /b", "rc": 1, "stderr": "no such file"}}]}
 *
 *   Long work runs detached, outlives the run, and is never started twice for one key.
 *   call: {"job_start": {"key": "rebuild", "exec": {"program": {"argv": ["/opt/x/rebuild"]}}}}
 *   call: {"job_poll": {"key": "rebuild", "stdout_from": 0, "stderr_from": 0, "wait_ms": 5000}}
 *   call: {"job_status": {"key": "rebuild"}}
 *   call: {"job_kill": {"key": "rebuild"}}
 *   call: {"job_forget": {"key": "rebuild"}}
 *   call: {"read_from": {"path": "/var/log/x", "offset": 100, "limit": 65536}}
 *
 *   Towards the operator and the controller:
 *   call: {"log": {"level": "warning", "text": "the file is large"}}
 *   call: {"progress": {"done": 10, "total": 100, "unit": "bytes", "note": "copying"}}
 *   call: {"render": {"text": "{{ inventory_hostname }}", "name": "motd.j2", "options": {}}}
 *   answer: {"value": "web1"}
 *   call: {"controller_file": {"path": "motd.j2", "search": "templates"}}
 *   answer: {"controller_file": {"path": "/home/me/templates/motd.j2", "size": 20, "is_dir": false, "checksum": null}}
 *   call: {"controller_read": {"path": "/home/me/templates/motd.j2"}}
 *   call: {"controller_list": {"path": "/home/me/files"}}
 *
 *   Every call may be answered by an error. `kind` is "refused_during_check", "failed", "too_large",
 *   "unreachable", "lost" (it may or may not have happened: reply with kind "unknown"), "cancelled", "invalid".
 *   answer: {"error": {"kind": "failed", "what": "read /etc/motd", "rc": 1, "stderr": "Permission denied"}}
 *   answer: {"error": {"kind": "lost", "what": "exec", "reason": "connection reset"}}
 *   answer: {"error": {"kind": "cancelled"}}
 *
 *   host->call() returns 0 when `out` holds an answer. Another number means a call that could not even be
 *   taken: after the end of invoke(), from another thread, or without bytes.
 */

#ifndef SWITCHOVER_PLUGIN_H
#define SWITCHOVER_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SWITCHOVER_ABI 1u

/* Bytes made by one side for the other. The receiver hands in an empty one to be filled. */
typedef struct SwitchoverBuffer {
    uint8_t *data;
    size_t len;
    size_t capacity; /* for the maker's own use */
    void (*free)(struct SwitchoverBuffer *buffer);
} SwitchoverBuffer;

/* What the host side offers during one invoke. Do not keep it. */
typedef struct SwitchoverHostApi {
    uint32_t abi;
    uint32_t size; /* grows as functions are added at the end; check it before you use a later one */
    void *ctx;     /* pass it back unread */
    int32_t (*call)(void *ctx, const uint8_t *request, size_t len, SwitchoverBuffer *out);
    int32_t (*cancelled)(void *ctx); /* 1 once the run is being stopped: finish soon */
} SwitchoverHostApi;

/* What a plugin offers. Set `size` to sizeof(SwitchoverPluginApi). */
typedef struct SwitchoverPluginApi {
    uint32_t abi; /* SWITCHOVER_ABI */
    uint32_t size;
    int32_t (*describe)(SwitchoverBuffer *out);
    int32_t (*invoke)(const uint8_t *request, size_t len, const SwitchoverHostApi *host, SwitchoverBuffer *out);
} SwitchoverPluginApi;

#if defined(__GNUC__)
#define SWITCHOVER_EXPORT __attribute__((visibility("default")))
#else
#define SWITCHOVER_EXPORT
#endif

/* The one function that a plugin exports. */
SWITCHOVER_EXPORT const SwitchoverPluginApi *switchover_plugin_v1(void);

#ifdef __cplusplus
}
#endif

#endif
