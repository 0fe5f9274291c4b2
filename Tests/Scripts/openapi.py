#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks an OpenAPI 3.1 document of Specs/openapi, and answers of a server against it.

    openapi.py FILE                    prints {"METHOD /path": [status, …]} as JSON
    openapi.py FILE --answers LINES    and validates recorded answers: one JSON object a line,
                                       {"method","route","status","type","headers","body"}

Checked are: every reference leads somewhere; every operation has an identifier of its own, a summary
and responses with descriptions; parameters of paths are declared; every schema is one; every example
is valid under its schema. Where openapi-spec-validator is installed, it has its say as well.

Exit status: 0 good, 1 not, 2 usage, 4 a file cannot be read.
"""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys

import jsonschema
import yaml

BASE = "https://urna.example/"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class Document:
    def __init__(self, path):
        self.path = path
        self.root = yaml.safe_load(path.read_text(encoding="utf-8"))
        self.uri = f"{BASE}openapi/{path.name}"
        self.store = {self.uri: self.root}
        for file in sorted((path.parent.parent / "schemas").glob("*.schema.json")):
            schema = json.loads(file.read_text(encoding="utf-8"))
            self.store[f"{BASE}schemas/{file.name}"] = schema
        self.resolver = jsonschema.RefResolver(self.uri, self.root, store=self.store)
        # A reference that leads to the network is wrong here.
        self.resolver.resolve_remote = self._missing
        self.faults = []

    @staticmethod
    def _missing(uri):
        raise jsonschema.RefResolutionError(f"{uri} is none of the schemas")

    def complain(self, place, text):
        self.faults.append(f"{place}: {text}")

    def follow(self, node):
        """What an object of OpenAPI stands for; references of schemas are left alone."""
        seen = 0
        while isinstance(node, dict) and "$ref" in node:
            seen += 1
            if seen > 10:
                raise jsonschema.RefResolutionError(f"{node['$ref']} leads in a circle")
            node = self.resolver.resolve(node["$ref"])[1]
        return node

    def errors(self, schema, value):
        validator = jsonschema.Draft202012Validator(schema, resolver=self.resolver)
        return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(value)]

    def references(self, node, place="#"):
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                try:
                    self.resolver.resolve(node["$ref"])
                except jsonschema.RefResolutionError as error:
                    self.complain(place, str(error))
            for name, member in node.items():
                self.references(member, f"{place}/{name}")
        elif isinstance(node, list):
            for index, member in enumerate(node):
                self.references(member, f"{place}/{index}")

    def media(self, content, place):
        for kind, media in content.items():
            schema = media.get("schema")
            if not isinstance(schema, dict):
                self.complain(f"{place} {kind}", "no schema")
                continue
            self.schema(schema, f"{place} {kind}")
            for name, example in (media.get("examples") or {}).items():
                for error in self.errors(schema, self.follow(example)["value"]):
                    self.complain(f"{place} {kind}, example {name}", error)

    def schema(self, schema, place):
        try:
            jsonschema.Draft202012Validator.check_schema(schema)
        except jsonschema.SchemaError as error:
            self.complain(place, error.message)

    def check(self):
        root = self.root
        if not re.fullmatch(r"3\.1\.[0-9]+", str(root.get("openapi"))):
            self.complain("openapi", "not 3.1")
        for member in ("title", "version"):
            if not isinstance(root.get("info", {}).get(member), str):
                self.complain(f"info.{member}", "a text is required")
        self.references(root)
        if self.faults:
            return {}
        routes, identifiers = {}, set()
        for path, item in root["paths"].items():
            for method in METHODS:
                if method in item:
                    route = f"{method.upper()} {path}"
                    routes[route] = self.operation(route, path, item, item[method], identifiers)
            unknown = set(item) - set(METHODS) - {"parameters", "summary", "description"}
            if unknown:
                self.complain(path, f"unknown members {sorted(unknown)}")
        tags = {tag["name"] for tag in root.get("tags", [])}
        for path, item in root["paths"].items():
            for method in METHODS:
                for tag in item.get(method, {}).get("tags", []):
                    if tag not in tags:
                        self.complain(f"{method} {path}", f"the tag {tag} is not declared")
        for kind in ("parameters", "responses", "examples", "headers", "requestBodies"):
            text = self.path.read_text(encoding="utf-8")
            for name in root.get("components", {}).get(kind, {}):
                if f'"#/components/{kind}/{name}"' not in text:
                    self.complain(f"components.{kind}.{name}", "nothing refers to it")
        return routes

    def operation(self, route, path, item, operation, identifiers):
        identifier = operation.get("operationId")
        if not identifier or identifier in identifiers:
            self.complain(route, "an operationId of its own is required")
        identifiers.add(identifier)
        if not operation.get("summary"):
            self.complain(route, "a summary is required")
        declared = set()
        for parameter in item.get("parameters", []) + operation.get("parameters", []):
            parameter = self.follow(parameter)
            self.schema(parameter["schema"], f"{route} {parameter['name']}")
            examples = [self.follow(e)["value"] for e in parameter.get("examples", {}).values()]
            for example in examples + ([parameter["example"]] if "example" in parameter else []):
                for error in self.errors(parameter["schema"], example):
                    self.complain(f"{route} {parameter['name']}, example", error)
            if parameter["in"] == "path":
                declared.add(parameter["name"])
                if parameter.get("required") is not True:
                    self.complain(f"{route} {parameter['name']}", "required: true")
        if declared != set(re.findall(r"{([^}]+)}", path)):
            self.complain(route, f"parameters of the path: {sorted(declared)}")
        if "requestBody" in operation:
            self.media(self.follow(operation["requestBody"])["content"], f"{route} body")
        for status, response in operation["responses"].items():
            response = self.follow(response)
            if not re.fullmatch("[1-5][0-9][0-9]", status) or not response.get("description"):
                self.complain(f"{route} {status}", "a status with a description is required")
            for header in response.get("headers", {}).values():
                self.schema(self.follow(header)["schema"], f"{route} {status}")
            self.media(response.get("content", {}), f"{route} {status}")
        return sorted(int(status) for status in operation["responses"])

    def answer(self, line):
        """One recorded answer."""
        place = f"{line['method']} {line['route']} {line['status']}"
        operation = self.root["paths"].get(line["route"], {}).get(line["method"].lower(), {})
        response = operation.get("responses", {}).get(str(line["status"]))
        if response is None:
            return self.complain(place, "not documented")
        response = self.follow(response)
        kind = line["type"].split(";")[0]
        media = response.get("content", {}).get(kind)
        if media is None:
            return self.complain(place, f"the media type {kind} is not documented")
        for name, header in response.get("headers", {}).items():
            header = self.follow(header)
            value = line["headers"].get(name.lower())
            if value is None:
                self.complain(place, f"no field {name}")
                continue
            if header["schema"].get("type") == "integer" and value.isascii() and value.isdecimal():
                value = int(value)
            for error in self.errors(header["schema"], value):
                self.complain(f"{place}, {name}", error)
        if kind.endswith("json"):
            for error in self.errors(media["schema"], json.loads(line["body"])):
                self.complain(place, error)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--answers", type=pathlib.Path, metavar="LINES")
    options = parser.parse_args()
    try:
        document = Document(options.file.resolve())
        routes = document.check()
        if options.answers and not document.faults:
            for line in options.answers.read_text(encoding="utf-8").splitlines():
                document.answer(json.loads(line))
    except (OSError, ValueError, yaml.YAMLError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 4
    validator = shutil.which("openapi-spec-validator")
    if validator:
        run = subprocess.run([validator, options.file], capture_output=True, text=True, check=False)
        if run.returncode != 0:
            document.faults.append(run.stdout + run.stderr)
    for fault in document.faults[:40]:
        print(fault, file=sys.stderr)
    if document.faults:
        return 1
    print(json.dumps(routes, sort_keys=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
