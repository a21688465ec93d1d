#!/bin/sh
# Groups of the oldest scripts, which are hosts, and texts that are no templates.
cat <<X
{"web": {"hosts": ["a"], "vars": {"x": {"__ansible_unsafe": "{{ no template }}"}, "l": [{"__ansible_unsafe": "u"}, "{{ 1 }}"]}},
 "alone": {"v": "{{ 3 }}", "n": 1, "deep": {"k": ["{{ 4 }}"]}}, "nothing": {}, "list": ["b"],
 "_meta": {"hostvars": {"a": {"y": {"__ansible_unsafe": "{{ y }}"}}}}}
X
