# SPDX-License-Identifier: Apache-2.0
"""Every bad input of an operation, from AWS's model: one thing wrong in each, or several."""
import base64
import copy
import json
import random
import re

RESERVED = {"StreamId"}  # AWS: not implemented, accepted and ignored
ACCOUNT = "arn:aws:kinesis:us-east-1:000000000000"
CANDIDATES = ["a", "0", f"{ACCOUNT}:stream/a", f"{ACCOUNT}:stream/a/consumer/b:1"]
WRONG_TYPES = {  # what AWS does not convert
    "string": [5, 1.5, True, [], {}], "integer": ["5", True, [], {}], "long": ["5", True, [], {}],
    "double": ["5", True, [], {}], "boolean": ["maybe", 5, [], {}], "blob": [5, True, [], {}],
    "timestamp": ["5", "2018-12-17T22:10:50Z", True, [], {}], "structure": ["x", 5, True, []],
    "list": ["x", 5, True, {}], "map": ["x", 5, True, []]}
NO_BASE64 = ["abcde", "=+/=", "ab-=", "+/+="]


def low(shape, otherwise: int) -> int:
    return shape.metadata.get("min", otherwise)


def good(shape):
    """The least that the model takes."""
    kind = shape.type_name
    if kind == "structure":
        return {name: good(shape.members[name]) for name in shape.required_members}
    if kind == "list":
        return [good(shape.member)] * max(1, low(shape, 1))
    if kind == "map":
        return {good(shape.key): good(shape.value)}
    if kind == "string":
        return good_text(shape)
    return {"integer": low(shape, 1), "long": low(shape, 1), "double": 1.5, "boolean": True, "blob": "",
            "timestamp": 1}[kind]


def good_text(shape) -> str:
    if getattr(shape, "enum", None):
        return shape.enum[0]
    pattern = shape.metadata.get("pattern", ".*")
    return next(text for text in CANDIDATES if re.fullmatch(pattern, text))


def too_long(shape) -> str:
    text = good_text(shape)
    return text + text[-1] * (shape.metadata["max"] + 1 - len(text))


def bad_texts(shape):
    if getattr(shape, "enum", None):
        yield "bad enum", "NOT_ONE_OF_THEM"
    if "pattern" in shape.metadata:
        yield "bad pattern", good_text(shape) + " !"
    if low(shape, 0) > 0:
        yield "too short", ""
    if "max" in shape.metadata:
        yield "too long", too_long(shape)


def bad_numbers(shape):
    if "min" in shape.metadata:
        yield "too small", shape.metadata["min"] - 1
    if "max" in shape.metadata:
        yield "too big", shape.metadata["max"] + 1
        yield "beyond 32 bits", 100_000_000_000


def bad_list(shape):
    item = good(shape.member)
    if low(shape, 0) > 0:
        yield "too short", []
    if "max" in shape.metadata:
        yield "too long", [item] * (shape.metadata["max"] + 1)
    for what, value in bad(shape.member):
        yield f"second element {what}", [item, value]


def bad_map(shape):
    key, item = good(shape.key), good(shape.value)
    if low(shape, 0) > 0:
        yield "too short", {}
    if "max" in shape.metadata:
        yield "too long", {f"{key}{n}": item for n in range(shape.metadata["max"] + 1)}
    for what, value in bad_texts(shape.key):
        yield f"key {what}", {value: item}
    for what, value in bad(shape.value):
        yield f"value {what}", {key: value}


def bad_structure(shape):
    for name, member in shape.members.items():
        if name in RESERVED:
            continue
        if name in shape.required_members:
            without = good(shape)
            del without[name]
            yield f"{name} missing", without
            yield f"{name} null", {**without, name: None}
        for what, value in bad(member):
            yield f"{name} {what}", {**good(shape), name: value}


def bad(shape):
    """What is wrong, and a value that has it."""
    kind = shape.type_name
    for value in WRONG_TYPES[kind]:
        yield f"is {json.dumps(value)}", value
    if kind == "string":
        yield from bad_texts(shape)
    if kind in ("integer", "long", "double"):
        yield from bad_numbers(shape)
    if kind == "blob":
        yield from ((f"is {text}", text) for text in NO_BASE64)
        if "max" in shape.metadata:
            yield "too long", base64.b64encode(b"x" * (shape.metadata["max"] + 1)).decode()
    if kind == "list":
        yield from bad_list(shape)
    if kind == "map":
        yield from bad_map(shape)
    if kind == "structure":
        yield from bad_structure(shape)


def several(shape, seed: str, count: int):
    """Inputs with more than one thing wrong, none of them a type."""
    chance = random.Random(seed)
    wrong: dict[str, list] = {}
    for name, member in shape.members.items():
        if name in RESERVED:
            continue
        types = WRONG_TYPES[member.type_name]
        values = [value for _, value in bad(member) if value not in types and len(json.dumps(value)) < 100_000]
        if name in shape.required_members:
            values.append(None)
        if values:
            wrong[name] = values
    if len(wrong) < 2:
        return
    for _ in range(count):
        names = chance.sample(sorted(wrong), chance.randint(2, len(wrong)))
        value = copy.deepcopy(good(shape)) | {name: chance.choice(wrong[name]) for name in names}
        yield f"several of {', '.join(sorted(names))}", value
