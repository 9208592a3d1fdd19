#!/usr/bin/python3
"""Are answers what docs/openapi.json says of their paths and statuses? Each line of stdin, "METHOD PATH STATUS FILE" with
tabs between, is answered by a line: what is wrong, or nothing. One process for all, for starting one takes the longest."""
import json
import pathlib
import re
import sys

import jsonschema

api = json.loads((pathlib.Path(__file__).resolve().parents[2] / "docs" / "openapi.json").read_text("utf-8"))


def route(path):
    for pattern, operations in api["paths"].items():
        if re.fullmatch(re.sub(r"\\\{[a-z]+\\\}", "[^/]+", re.escape(pattern)), path.split("?")[0]):
            return pattern, operations
    raise ValueError("%s: not in docs/openapi.json" % path)


def wanted(node, key, wrong):
    if key not in node:
        raise ValueError(wrong)
    return node[key]


def check(method, path, status, file):
    pattern, operations = route(path)
    operation = wanted(operations, method.lower(), "%s: not by %s" % (pattern, method))
    response = wanted(operation["responses"], status, "%s: no answer with %s" % (path, status))
    if "$ref" in response:
        response = api["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    text = pathlib.Path(file).read_text("utf-8")
    asked = re.search("[?&]format=([a-z]+)", path)  # where there is a choice; the first where nothing is asked
    media = next((m for m in response["content"] if asked and asked[1] in m), next(iter(response["content"])))
    content = response["content"][media]
    if "json" in media:
        schema = {**content["schema"], "components": api["components"]}
        for body in text.splitlines() if media == "application/x-ndjson" else [text]:
            jsonschema.Draft202012Validator(schema).validate(json.loads(body))


for line in sys.stdin:
    wrong = ""
    try:
        check(*line.rstrip("\n").split("\t"))
    except (ValueError, KeyError, OSError, jsonschema.ValidationError) as e:
        wrong = " ".join(("%s: %s" % (type(e).__name__, e)).split()) or "wrong"
    print(wrong, flush=True)
