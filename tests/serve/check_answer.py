#!/usr/bin/python3
"""Is an answer what docs/openapi.json says of its path and status? check_answer.py METHOD PATH STATUS FILE"""
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
    sys.exit("%s: not in docs/openapi.json" % path)


def main(method, path, status, file):
    pattern, operations = route(path)
    operation = operations.get(method.lower()) or sys.exit("%s: not by %s" % (pattern, method))
    response = operation["responses"].get(status) or sys.exit("%s: no answer with %s" % (path, status))
    if "$ref" in response:
        response = api["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    ((media, content),) = response["content"].items()
    text = pathlib.Path(file).read_text("utf-8")
    if "json" in media:
        schema = {**content["schema"], "components": api["components"]}
        for body in text.splitlines() if media == "application/x-ndjson" else [text]:
            jsonschema.Draft202012Validator(schema).validate(json.loads(body))


main(*sys.argv[1:])
