#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Recomputes the worked example of Specs/credentials.md from its seed and keys, without Urna's code.

    Tests/Scripts/credentials.py Specs/vectors/credentials.json

With --write the computed values are written into the file instead of compared.
"""

import hashlib
import hmac
import json
import sys

# --- Ed25519 (RFC 8032, section 5.1), for public test keys only

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(a, b):
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    u, v = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = v - u, d - c, d + c, v + u
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(k, point):
    result = (0, 1, 1, 0)
    while k:
        if k & 1:
            result = add(result, point)
        point = add(point, point)
        k >>= 1
    return result


def base_point():
    y = 4 * pow(5, P - 2, P) % P
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x & 1:
        x = P - x
    return x, y, 1, x * y % P


def encode(point):
    x, y, z, _ = point
    inverse = pow(z, P - 2, P)
    return (y * inverse % P | (x * inverse % P & 1) << 255).to_bytes(32, "little")


def expand(seed):
    digest = hashlib.sha512(seed).digest()
    a = int.from_bytes(digest[:32], "little") & (1 << 254) - 8 | 1 << 254
    return a, digest[32:]


def public_key(seed):
    return encode(multiply(expand(seed)[0], base_point()))


def sign(seed, message):
    a, prefix = expand(seed)
    key = public_key(seed)
    r = int.from_bytes(hashlib.sha512(prefix + message).digest(), "little") % L
    point = encode(multiply(r, base_point()))
    h = int.from_bytes(hashlib.sha512(point + key + message).digest(), "little") % L
    return point + ((r + h * a) % L).to_bytes(32, "little")


# --- HKDF, EMSA-PSS without salt, RSA


def hkdf(secret, salt, info, length):
    key = hmac.new(salt, secret, hashlib.sha256).digest()
    output = block = b""
    number = 1
    while len(output) < length:
        block = hmac.new(key, block + info + bytes([number]), hashlib.sha256).digest()
        output += block
        number += 1
    return output[:length]


def sha384(data):
    return hashlib.sha384(data).digest()


def pss(message, bits):
    length = (bits - 1 + 7) // 8
    digest = sha384(bytes(8) + sha384(message))
    block = bytes(length - 48 - 2) + b"\1"
    mask = b"".join(sha384(digest + i.to_bytes(4, "big")) for i in range(length // 48 + 1))
    block = bytearray(a ^ b for a, b in zip(block, mask))
    block[0] &= 0xFF >> 8 * length - (bits - 1)
    return bytes(block) + digest + b"\xbc"


# --- The formats of Specs/credentials.md


def u32(number):
    return number.to_bytes(4, "big")


def scope(name, identifier):
    return len(name).to_bytes(2, "big") + name.encode() + identifier


def compute(example):
    seed = bytes.fromhex(example["seed"])
    identifier = bytes.fromhex(example["scope"]["id"])
    place = scope(example["scope"]["name"], identifier)
    district, index, attempt = (example[name] for name in ("district", "index", "attempt"))
    register, salt = bytes.fromhex(example["register"]), bytes.fromhex(example["salt"])

    def derive(label, length, tail=b""):
        info = label.encode() + b"\0" + place + u32(district) + u32(attempt) + tail
        return hkdf(seed, b"urna/wallet/v1", info, length)

    computed = {}
    pseudonym_seed = derive("pseudonym", 32)
    pseudonym = public_key(pseudonym_seed)
    nonce = derive("nonce", 32)
    message = b"urna/credential/v1\0" + place + u32(district) + nonce + pseudonym
    computed["pseudonymSeed"] = pseudonym_seed
    computed["pseudonym"] = pseudonym
    computed["requestSeed"] = derive("request", 32)
    computed["nonce"] = nonce
    computed["message"] = message
    blinded_messages, answers = [], []
    for number, issuer in enumerate(example["issuers"], 1):
        n, e, d = (int(issuer[name], 16) for name in ("n", "e", "d"))
        size = len(issuer["n"]) // 2
        for counter in range(256):
            material = derive("blind", size + 16, bytes([number, counter]))
            factor = int.from_bytes(material, "big") % n
            try:
                inverse = pow(factor, -1, n)
                break
            except ValueError:
                continue
        encoded = int.from_bytes(pss(message, 8 * size), "big")
        blinded = encoded * pow(factor, e, n) % n
        blind_signature = pow(blinded, d, n)
        signature = blind_signature * inverse % n
        assert pow(signature, e, n) == encoded
        blinded_messages.append(blinded.to_bytes(size, "big"))
        answers.append(
            {
                "factor": factor.to_bytes(size, "big"),
                "blinded": blinded_messages[-1],
                "blindSignature": blind_signature.to_bytes(size, "big"),
                "signature": signature.to_bytes(size, "big"),
            }
        )
    request = b"urna/request/v1\0" + place + u32(district) + u32(index) + u32(attempt)
    request += bytes([len(blinded_messages)])
    request += b"".join(hashlib.sha256(blinded).digest() for blinded in blinded_messages)
    request_hash = hashlib.sha256(request).digest()
    computed["request"] = request
    computed["requestHash"] = request_hash
    keys = [bytes.fromhex(key) for key in example["rollSeeds"]]
    computed["requestSignatures"] = [sign(key, request) for key in keys]
    leaf = b"urna/roll/v1\0" + register + u32(district) + u32(index) + salt
    leaf += bytes([1, len(keys)]) + b"".join(public_key(key) for key in keys)
    computed["rollLeaf"] = leaf
    computed["rollLeafHash"] = hashlib.sha256(b"\0" + leaf).digest()
    cancellation = b"urna/cancel/v1\0" + request_hash + pseudonym
    computed["cancellation"] = cancellation
    computed["cancellationSignatures"] = [sign(key, cancellation) for key in keys]
    computed["receipts"] = [
        b"urna/issued/v1\0" + u32(number) + request_hash
        + hashlib.sha256(answer["blindSignature"]).digest()
        for number, answer in enumerate(answers, 1)
    ]
    computed["answers"] = answers
    return computed


def text(value):
    if isinstance(value, bytes):
        return value.hex().upper()
    if isinstance(value, list):
        return [text(item) for item in value]
    return {name: text(item) for name, item in value.items()}


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--write"]
    with open(arguments[0], encoding="utf-8") as file:
        example = json.load(file)
    computed = text(compute(example))
    if "--write" in sys.argv:
        example["computed"] = computed
        with open(arguments[0], "w", encoding="utf-8") as file:
            json.dump(example, file, indent=2)
            file.write("\n")
        return 0
    wrong = [name for name in computed if example["computed"].get(name) != computed[name]]
    for name in wrong:
        print(f"{name} is another one", file=sys.stderr)
    if not wrong:
        print(f"{len(computed)} values agree")
    return 1 if wrong else 0


sys.exit(main())
