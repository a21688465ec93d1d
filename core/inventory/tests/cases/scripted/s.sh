#!/bin/sh
case "$1" in
--list) cat <<X
{"web": {"hosts": ["a", "b"], "vars": {"x": "{{ 1 + 1 }}", "l": [1, {"k": null}]}, "children": ["db", "undeclared"]},
 "db": ["c", "d:22"], "none": [],
 "_meta": {"hostvars": {"a": {"y": 1e3, "z": true}, "nobody": {"q": 1}}}}
X
;;
esac
