#!/usr/bin/env python3
"""Writes what ansible-core answers into the cases, except those that say `differs`.

Usage: PYTHON_OF_ANSIBLE record.py cases/*.json
"""

import json
import sys

from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar, trust_as_template


def trust(value):
    if isinstance(value, str):
        return trust_as_template(value)
    if isinstance(value, dict):
        return {key: trust(item) for key, item in value.items()}
    if isinstance(value, list):
        return [trust(item) for item in value]
    return value


def plain(value):
    if isinstance(value, bool) or value is None or isinstance(value, (int, float)):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return [plain(item) for item in value]


def answer(case, variables):
    templar = Templar(loader=DataLoader(), variables=trust(variables))
    text = trust(case["template"])
    try:
        if case.get("kind") == "condition":
            return {"expect": plain(templar.evaluate_conditional(text))}
        return {"expect": plain(templar.template(text))}
    except Exception as error:  # every error of Ansible is an answer
        return {"error": case.get("error", ""), "ansible": str(error)}


def record(path):
    with open(path) as file:
        corpus = json.load(file)
    for case in corpus["cases"]:
        if "differs" in case:
            continue
        found = answer(case, corpus["vars"])
        print_error = found.pop("ansible", None)
        if print_error and not found["error"]:
            print(f"{path}: {case['template']!r} fails: {print_error}", file=sys.stderr)
        for key in ("expect", "error"):
            case.pop(key, None)
        case.update(found)
    write(path, corpus)


def write(path, corpus):
    with open(path, "w") as file:
        file.write('{\n "vars": ' + json.dumps(corpus["vars"]) + ',\n "cases": [\n')
        file.write(",\n".join("  " + json.dumps(case) for case in corpus["cases"]))
        file.write("\n ]\n}\n")


if __name__ == "__main__":
    init_plugin_loader([])
    for name in sys.argv[1:]:
        record(name)
