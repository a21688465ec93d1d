#!/usr/bin/env python3
"""Fills `expect` in cases/*.json with what PyYAML reads. Run it after adding texts; needs python3 and PyYAML.

Dates stay text here, so their resolver is taken away. Forms that JSON lacks: {"$float": "inf"}, {"$pairs": [[key,
value], ...]} for mappings with keys that are not text, {"$error": true} for what PyYAML refuses, {"$python": ...} for what
only Python has.
"""
import json, math, pathlib, yaml


class Loader(yaml.CSafeLoader):
    yaml_implicit_resolvers = {
        first: [(tag, expression) for tag, expression in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


for name in ("vault", "unsafe"):
    def construct(loader, node):
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return loader.construct_sequence(node, deep=True)
        return loader.construct_scalar(node)
    Loader.add_constructor("!" + name, construct)


def form(value):
    if isinstance(value, float) and (math.isinf(value) or math.isnan(value)):
        return {"$float": str(value)}
    if isinstance(value, list):
        return [form(item) for item in value]
    if isinstance(value, dict):
        if all(isinstance(key, str) for key in value):
            return {key: form(item) for key, item in value.items()}
        return {"$pairs": [[form(key), form(item)] for key, item in value.items()]}
    if isinstance(value, (set, tuple, bytes)):
        return {"$python": type(value).__name__}
    return value


def expect(text):
    try:
        return [form(document) for document in yaml.load_all(text, Loader)]
    except (yaml.YAMLError, ValueError, KeyError):
        return {"$error": True}


for path in sorted(pathlib.Path(__file__).with_name("cases").glob("*.json")):
    cases = json.loads(path.read_text())
    lines = [json.dumps({"yaml": case["yaml"], "expect": expect(case["yaml"])}, ensure_ascii=True) for case in cases]
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n")
