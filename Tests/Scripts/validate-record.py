#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Validates every leaf and every payload of a record against Specs/schemas.

    validate-record.py [--schemas DIR] [--self-test] RECORD_DIR
    validate-record.py --report FILE       a report of `verifier record DIR --json`
    validate-record.py --status-proof FILE a proof of `voter status --proof`

Reads checkpoint, entry bundles and payload bundles as Specs/entries.md describes them, with nothing
of the programs under test. Besides the schemas it checks what they cannot say: canonical form (all
payloads but the manifest), and length and SHA-256 of every payload. Signatures, the tree and the
rules are the verifier's work.

--self-test breaks one payload of each type in memory, in every object: a member is removed, an
unknown one is added, a value gets another type or another length. Each must be refused.

Of a status proof the hashes are checked as well, by Specs/credentials.md: payloads, and the paths to the
checkpoint, to the issuance root and to the roll's root.

Exit status: 0 all valid, 1 something is not, 2 usage, 4 the record cannot be read.
"""

import argparse
import base64
import collections
import copy
import hashlib
import json
import pathlib
import re
import sys

import jsonschema
from jsonschema import Draft202012Validator

BASE = "https://urna.example/schemas/"
LEAF = "ledger-entry"
MAXIMUM_PRINTED = 20


class Unreadable(Exception):
    """The record cannot be read at all."""


def pattern(validator, expression, instance, schema):
    """`$` as ECMA-262 means it: the end, not the newline before the end."""
    if isinstance(instance, str) and not re.search(re.sub(r"\$$", r"\\Z", expression), instance):
        yield jsonschema.ValidationError(f"{short(instance)} does not match {expression!r}")


def integer(_, instance):
    """1.0 is a number of Python and no integer of a payload."""
    return isinstance(instance, int) and not isinstance(instance, bool)


Validator = jsonschema.validators.extend(
    Draft202012Validator,
    {"pattern": pattern},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", integer),
)


def validators(folder):
    """A validator for every schema of the folder. References are resolved inside it, never outside."""
    documents = {}
    for path in sorted(folder.glob("*.schema.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        if document.get("$id") != BASE + path.name:
            raise Unreadable(f"{path}: $id is not {BASE + path.name}")
        Validator.check_schema(document)
        documents[path.name] = document
    try:
        from referencing import Registry
        from referencing.jsonschema import DRAFT202012

        registry = Registry().with_resources(
            (document["$id"], DRAFT202012.create_resource(document))
            for document in documents.values()
        )
        made = {name: Validator(d, registry=registry) for name, d in documents.items()}
    except ImportError:  # jsonschema before 4.18
        store = {document["$id"]: document for document in documents.values()}
        made = {
            name: Validator(d, resolver=jsonschema.RefResolver(d["$id"], d, store=store))
            for name, d in documents.items()
        }
    return {name.removesuffix(".schema.json"): validator for name, validator in made.items()}


def group_of_three(index):
    """1234067 is x001/x234/067 (c2sp.org/tlog-tiles)."""
    text = f"{index % 1000:03}"
    while index >= 1000:
        index //= 1000
        text = f"x{index % 1000:03}/{text}"
    return text


def bundle(record, kind, index, width, prefix):
    """The first `width` items of a bundle; the full one where the partial one is gone."""
    name = f"tile/{kind}/{group_of_three(index)}"
    path = record / (name if width == 256 else f"{name}.p/{width}")
    if not path.exists():
        path = record / name
    data = path.read_bytes()
    items, offset = [], 0
    while offset < len(data):
        length = int.from_bytes(data[offset : offset + prefix], "big")
        offset += prefix
        if offset + length > len(data):
            raise Unreadable(f"{path}: an item is cut")
        items.append(data[offset : offset + length])
        offset += length
    if len(items) not in (width, 256):
        raise Unreadable(f"{path}: {len(items)} items instead of {width}")
    return items[:width]


def entries(record):
    """(index, leaf, payload) of every entry that the checkpoint covers."""
    lines = (record / "checkpoint").read_text(encoding="utf-8").split("\n")
    if len(lines) < 3 or not re.fullmatch("0|[1-9][0-9]*", lines[1]):
        raise Unreadable(f"{record}/checkpoint: the second line is the size")
    size = int(lines[1])
    for first in range(0, size, 256):
        width = min(256, size - first)
        leaves = bundle(record, "entries", first // 256, width, 2)
        payloads = bundle(record, "payloads", first // 256, width, 4)
        for offset in range(width):
            yield first + offset, leaves[offset], payloads[offset]


def parse(data):
    """JSON in UTF-8 without a name twice in one object."""

    def members(pairs):
        names = [name for name, _ in pairs]
        if len(set(names)) != len(names):
            raise ValueError("a member occurs twice")
        return dict(pairs)

    return json.loads(data.decode("utf-8"), object_pairs_hook=members)


def canonical(value):
    """RFC 8785 for integers and names in ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def short(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:40]}… ({len(text)} characters)"


def failures(validator, value):
    """(JSON path, message) of every error."""
    for error in validator.iter_errors(value):
        message = error.message
        yield error.json_path, message if len(message) <= 160 else f"{message[:160]}…"


def check(record, schemas):
    """Counts by type, and (entry, path, message) of every failure."""
    counts, found, samples = collections.Counter(), [], {}
    for index, leaf, payload in entries(record):
        try:
            value = parse(leaf)
        except ValueError as error:
            found.append((index, "leaf $", str(error)))
            continue
        found += [(index, f"leaf {path}", text) for path, text in failures(schemas[LEAF], value)]
        if canonical(value) != leaf or len(leaf) > 1024:
            found.append((index, "leaf $", "not in canonical form, or longer than 1024 bytes"))
        kind = value.get("type") if isinstance(value, dict) else None
        named = value.get("payload") if isinstance(value, dict) else None
        digest = hashlib.sha256(payload).hexdigest().upper()
        if named != {"sha256": digest, "size": len(payload)}:
            found.append((index, "leaf $.payload", "the payload has another length or SHA-256"))
        counts[kind] += 1
        if kind not in schemas:
            found.append((index, "leaf $.type", f"no schema for the type {kind}"))
            continue
        try:
            content = parse(payload)
        except ValueError as error:
            found.append((index, f"{kind} $", str(error)))
            continue
        if kind != "election.manifest" and canonical(content) != payload:
            found.append((index, f"{kind} $", "not in canonical form"))
        bad = [(index, f"{kind} {path}", text) for path, text in failures(schemas[kind], content)]
        found += bad
        if not bad:
            samples.setdefault(LEAF, value)
            # The largest payload of a type has most optional members.
            if kind not in samples or len(payload) > len(canonical(samples[kind])):
                samples[kind] = content
    return counts, found, samples


def objects(value, steps=()):
    """The paths of all objects; of an array, the first, a middle and the last item."""
    if isinstance(value, dict):
        yield steps
        for name, member in value.items():
            yield from objects(member, (*steps, name))
    elif isinstance(value, list) and value:
        for index in sorted({0, len(value) // 2, len(value) - 1}):
            yield from objects(value[index], (*steps, index))


def at(value, steps):
    for step in steps:
        value = value[step]
    return value


# Members that may be left out.
OPTIONAL = {
    ("ballot.submitted", "previous"),
    ("ballot.submitted", "data"),
    ("ballot.challenged", "data"),
    ("election.manifest", "text"),
    ("election.configuration", "auditors"),
    ("voting.closed", "voted"),
}

# Lists of counts, where 0 is as good as any.
COUNTS = {"issued", "voted"}

# Members that hold any text.
FREE_TEXT = {"name", "device", "witnessPolicy", "checkpoint", "text"}


def mutations(kind, sample):
    """(what, broken payload) for every member of every object."""
    for steps in objects(sample):
        place = "$" + "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in steps)
        names = list(at(sample, steps))
        is_text = kind == "election.manifest" and steps and steps[-1] in ("name", "text")
        broken = copy.deepcopy(sample)
        at(broken, steps)["unknown!"] = 0
        yield f"{place}: an unknown member", broken
        for name in names:
            value = at(sample, steps)[name]
            # Which languages a text must have is a rule that a schema cannot state.
            if (kind, name) not in OPTIONAL and not is_text:
                broken = copy.deepcopy(sample)
                del at(broken, steps)[name]
                yield f"{place}.{name}: removed", broken
            wrong = [1.5, [[]]]
            if isinstance(value, bool):
                wrong += [0, "true"]
            elif isinstance(value, int):
                wrong += [str(value), -1, 1 << 53]
            elif isinstance(value, str):
                wrong += [0, None, ""]
                if kind != "election.manifest" and name not in FREE_TEXT:
                    wrong += [f"{value}\n"]
                if re.fullmatch("[0-9A-F]{64,}", value):
                    wrong += [value[:-1], f"{value}0", f"0x{value[2:]}"]
                    if re.search("[A-F]", value):
                        wrong += [value.lower()]
            elif value is None:
                wrong += [0, ""]
            else:
                wrong += [None, str(value)]
            if isinstance(value, list) and value and not isinstance(value[0], (dict, list)):
                items = (None, "", [], f"{value[0]}\n") + (() if name in COUNTS else (0,))
                wrong += [[*value[:-1], item] for item in items]
            if name == "party":
                wrong = [item for item in wrong if item is not None]
            for item in wrong:
                broken = copy.deepcopy(sample)
                at(broken, steps)[name] = item
                yield f"{place}.{name}: {short(item)} instead of {short(value)}", broken


# A record without a complaint has no example of one; the others are in every finished election.
COMPLAINT = {
    "accused": 2,
    "proof": {"challenge": "0A" * 32, "response": "0B" * 32},
    "round": 1,
    "shared": "0C" * 512,
    "version": 1,
}


# Only elections with credentials have these.
CREDENTIALS = {
    "activation.opened", "credential.activation", "credential.cancelled", "credential.issuance",
    "credential.list-frozen", "issuer.key-destroyed", "registration.opened",
}

# All that a petition has.
PETITION = CREDENTIALS | {"election.configuration", "log.batch", LEAF}


def self_test(schemas, samples):
    """Whether every broken payload is refused."""
    samples = {"trustee.complaint": COMPLAINT, **samples}
    # Entry types have a dot in their names; the other schemas are of what servers and programs answer.
    expected = {name for name in schemas if "." in name} | {LEAF}
    if "registration.opened" not in samples:
        expected -= CREDENTIALS
    if "scope" in samples.get("election.configuration", {}).get("eligibility", {}):
        # A credential is given up in few petitions.
        expected &= PETITION - {"credential.cancelled"}
    missing = sorted(expected - set(samples))
    if missing:
        print(f"self-test: no example of {', '.join(missing)}; use the record of an election that ended")
        return False
    survivors = 0
    for kind in sorted(samples):
        if list(failures(schemas[kind], samples[kind])):
            print(f"self-test: {kind}: the example itself is refused")
            return False
        count = 0
        for what, broken in mutations(kind, samples[kind]):
            count += 1
            if schemas[kind].is_valid(broken):
                survivors += 1
                print(f"self-test: {kind}: NOT REFUSED: {what}")
        print(f"{count:7} broken  {kind}")
    print("self-test: " + ("all refused" if survivors == 0 else f"{survivors} not refused"))
    return survivors == 0


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def path_root(leaf, index, size, path):
    """The root that a path of RFC 9162, section 2.1.3.2, leads to; None if its length is wrong."""
    value, last = hashlib.sha256(b"\0" + leaf).digest(), size - 1
    for sibling in map(bytes.fromhex, path):
        if last == 0:
            return None
        if index % 2 == 1 or index == last:
            value = node(sibling, value)
            while index % 2 == 0 and index != 0:
                index, last = index // 2, last // 2
        else:
            value = node(value, sibling)
        index, last = index // 2, last // 2
    return value if last == 0 else None


def proof_failures(proof):
    """What does not hold of a status proof that has the schema's form."""
    lines = proof["checkpoint"].split("\n")
    size, root = int(lines[1]), base64.b64decode(lines[2])
    for name, index in (("configuration", 0), ("frozen", proof["frozen"]["index"])):
        entry = proof[name]
        payload = canonical(entry["payload"])
        named = {"sha256": hashlib.sha256(payload).hexdigest().upper(), "size": len(payload)}
        if entry["leaf"]["payload"] != named:
            yield f"{name}: another payload"
        if path_root(canonical(entry["leaf"]), index, size, entry["path"]) != root:
            yield f"{name}: the path"
    election = hashlib.sha256(canonical(proof["configuration"]["payload"])).digest()
    terms = proof["configuration"]["payload"]["eligibility"]
    status = proof["status"]
    place = status["district"].to_bytes(4, "big") + status["index"].to_bytes(4, "big")
    district = terms["districts"][status["district"] - 1]
    leaf = b"urna/issuance-status/v1\0\0\x08election" + election + place
    leaf += len(status["attempts"]).to_bytes(1, "big")
    for attempt in status["attempts"]:
        leaf += attempt["entry"].to_bytes(8, "big") + attempt["time"].to_bytes(8, "big")
        leaf += bytes.fromhex(attempt["request"]) + bytes([attempt["cancelled"]])
    list_root = proof["frozen"]["payload"]["districts"][status["district"] - 1]["issuanceRoot"]
    position, count = status["index"] - 1, district["voters"]
    if path_root(leaf, position, count, status["path"]) != bytes.fromhex(list_root):
        yield "status: the path"
    if "roll" in proof:
        roll = proof["roll"]
        leaf = b"urna/roll/v1\0" + bytes.fromhex(terms["register"]) + place
        leaf += bytes.fromhex(roll["salt"])
        if "keys" in roll["identity"]:
            keys = roll["identity"]["keys"]
            leaf += bytes([1, len(keys)]) + b"".join(map(bytes.fromhex, keys))
        else:
            leaf += bytes([2, 1]) + bytes.fromhex(roll["identity"]["identifier"])
        if path_root(leaf, position, count, roll["path"]) != bytes.fromhex(district["root"]):
            yield "roll: the path"


def main():
    here = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("record", type=pathlib.Path, nargs="?", metavar="RECORD_DIR")
    parser.add_argument("--schemas", type=pathlib.Path, default=here / "Specs" / "schemas")
    parser.add_argument("--self-test", action="store_true", help="break payloads, demand refusal")
    parser.add_argument("--report", type=pathlib.Path, help="a report of the verifier, JSON")
    parser.add_argument("--status-proof", type=pathlib.Path, help="a proof of voter status")
    options = parser.parse_args()
    if options.record is None and options.report is None and options.status_proof is None:
        parser.error("name a record, a report or a proof")
    try:
        schemas = validators(options.schemas)
        found = []
        if options.report:
            report = parse(options.report.read_bytes())
            for path, text in failures(schemas["verification-report"], report):
                found.append((0, f"report {path}", text))
        if options.status_proof:
            data = options.status_proof.read_bytes()
            proof = parse(data)
            wrong = list(failures(schemas["status-proof"], proof))
            found += [(0, f"status proof {path}", text) for path, text in wrong]
            if canonical(proof) != data:
                found.append((0, "status proof $", "not in canonical form"))
            if not wrong:
                found += [(0, "status proof", text) for text in proof_failures(proof)]
        samples = {}
        if options.record:
            counts, wrong, samples = check(options.record, schemas)
            found += wrong
            for kind, count in sorted(counts.items(), key=str):
                print(f"{count:7}  {kind}")
            print(f"{sum(counts.values()):7}  entries")
    except (Unreadable, OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 4
    for index, path, text in found[:MAXIMUM_PRINTED]:
        print(f"entry {index}: {path}: {text}")
    if found:
        print(f"{len(found)} failures")
        return 1
    print("valid")
    if options.self_test and not self_test(schemas, samples):
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
