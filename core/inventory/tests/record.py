#!/usr/bin/env python3
"""Writes down what ansible-inventory and ansible say about cases/*/: list.json, export.json, graph.txt, patterns.json.

Each case holds inventories; `sources` names them, one a line. `patterns.json` is a map from patterns to hosts; its keys
are what is asked. Run it with the Python that ansible-core 2.19 is installed in, after adding cases.
"""
import json, os, pathlib, subprocess, sys
from ansible.errors import AnsibleError
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader

BIN = pathlib.Path(sys.executable).parent
os.environ.update(ANSIBLE_DEPRECATION_WARNINGS="False", ANSIBLE_NOCOLOR="1")


def ask(case, sources, *arguments):
    command = [BIN / "ansible-inventory", *(part for s in sources for part in ("-i", s)), *arguments]
    return subprocess.run(command, cwd=case, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, text=True).stdout


def select(manager, text):
    try:
        return [str(host) for host in manager.list_hosts(text)]
    except AnsibleError:
        return []


for case in sorted(pathlib.Path(__file__).with_name("cases").resolve().iterdir()):
    if sys.argv[1:] and case.name not in sys.argv[1:]:
        continue
    sources = (case / "sources").read_text().split()
    (case / "list.json").write_text(ask(case, sources, "--list"))
    (case / "export.json").write_text(ask(case, sources, "--list", "--export"))
    (case / "graph.txt").write_text(ask(case, sources, "--graph", "--vars"))
    patterns = case / "patterns.json"
    if patterns.exists():
        os.chdir(case)
        answers = {text: select(InventoryManager(DataLoader(), sources), text) for text in json.loads(patterns.read_text())}
        patterns.write_text(json.dumps(answers, indent=0, ensure_ascii=False) + "\n")
