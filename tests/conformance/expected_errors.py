# SPDX-License-Identifier: Apache-2.0
"""What AWS answers to an input, worked out from its model: a type error, or every violation in order.

Type errors come first, and end it; their words are those that kinesalite recorded of Kinesis, violations those of the
Coral framework, as all services of AWS JSON have them.
"""
import base64
import binascii
import re

VIOLATIONS_MAX = 10
INTEGER_MIN, INTEGER_MAX = -2**31, 2**31 - 1
BOOLEAN_TEXTS = {"true", "yes", "y", "t", "1", "false", "no", "n", "f", "0"}
NUMBER = "class com.amazon.coral.value.json.numbers.TruncatingBigNumber"
TARGETS = {"string": "an String", "integer": "an Integer", "long": "an Long", "double": "an Double", "boolean": "an Boolean",
           "blob": "a Blob", "timestamp": "milliseconds since epoch"}


def java_class(value) -> str:
    if isinstance(value, bool):
        return "class java.lang.Boolean"
    return NUMBER if isinstance(value, (int, float)) else "class java.lang.String"


def scalar_error(kind: str, value) -> str | None:
    if isinstance(value, list):
        return "Start of list found where not expected"
    if isinstance(value, dict):
        return "Start of structure or map found where not expected."
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    right = {"string": isinstance(value, str), "blob": isinstance(value, str), "boolean": isinstance(value, (bool, str)),
             "integer": is_number, "long": is_number, "double": is_number, "timestamp": is_number}[kind]
    if not right:
        return f"{java_class(value)} can not be converted to {TARGETS[kind]}"
    if kind == "blob":
        return blob_error(value)
    if kind == "boolean" and isinstance(value, str) and value.lower() not in BOOLEAN_TEXTS:
        return f"'{value.upper()}' can not be converted to an Boolean"
    return None


def blob_error(text: str) -> str | None:
    start = f"'{text}' can not be converted to a Blob: "
    if len(text) % 4:
        return f"{start}Base64 encoded length is expected a multiple of 4 bytes but found: {len(text)}"
    if outside := re.search(r"[^a-zA-Z0-9+/=]|=(?=[^=])", text):
        return f"{start}Invalid Base64 character: '{outside.group()}'"
    try:
        if base64.b64encode(base64.b64decode(text, validate=True)).decode() == text:
            return None
    except binascii.Error:
        pass
    return f"{start}Invalid last non-pad Base64 character dectected"  # sic


def type_error(shape, value) -> str | None:
    """None: every value has its type."""
    if value is None:
        return None
    kind = shape.type_name
    if kind == "structure":
        if isinstance(value, list):
            return "Start of list found where not expected"
        if not isinstance(value, dict):
            return "Expected null"
        return first(type_error(member, value.get(name)) for name, member in shape.members.items())
    if kind == "list":
        if isinstance(value, dict):
            return "Start of structure or map found where not expected."
        if not isinstance(value, list):
            return "Expected list or null"
        return first(type_error(shape.member, item) for item in value)
    if kind == "map":
        if isinstance(value, list):
            return "Start of list found where not expected"
        if not isinstance(value, dict):
            return "Expected map or null"
        return first(type_error(shape.value, item) for item in value.values())
    return scalar_error(kind, value)


def first(errors) -> str | None:
    return next((error for error in errors if error), None)


def printed(shape, value) -> str:
    """As Java prints it. A structure ends in a hash that nobody can foresee: #."""
    kind = shape.type_name
    if kind == "blob":
        size = len(base64.b64decode(value))
        return f"java.nio.HeapByteBuffer[pos=0 lim={size} cap={size}]"
    if kind == "list":
        return f"[{', '.join(printed(shape.member, item) for item in value)}]"
    if kind == "map":
        return "{" + ", ".join(f"{k}={printed(shape.value, v)}" for k, v in sorted(value.items())) + "}"
    if kind == "structure":
        return f"com.amazonaws.kinesis.v20131202.{shape.name}@#"
    if kind == "integer":
        return str(min(max(int(value), INTEGER_MIN), INTEGER_MAX))
    return str(value)


def lower_first(name: str) -> str:
    return name[:1].lower() + name[1:]


def length(shape, value) -> int:
    return len(base64.b64decode(value)) if shape.type_name == "blob" else len(value)


def length_limits(shape) -> list[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    return ([f"Member must have length less than or equal to {high}"] if high is not None else []) + (
        [f"Member must have length greater than or equal to {low}"] if low is not None else [])


def holds_length(shape, value) -> bool:
    size = length(shape, value)
    return shape.metadata.get("min", 0) <= size <= shape.metadata.get("max", size)


def enum_text(shape) -> str:
    # The order of AWS's set cannot be told from the model.
    return f"Member must satisfy enum value set: [{'|'.join(sorted(shape.enum))}]"


def of_scalar(shape, value):
    """The constraints that a value does not satisfy."""
    kind, low, high = shape.type_name, shape.metadata.get("min"), shape.metadata.get("max")
    if kind == "string" and getattr(shape, "enum", None) and value not in shape.enum:
        yield enum_text(shape)
    if kind == "string" and (pattern := shape.metadata.get("pattern")) and not re.fullmatch(pattern, value):
        yield f"Member must satisfy regular expression pattern: {pattern}"
    number = {"integer": lambda: min(max(int(value), INTEGER_MIN), INTEGER_MAX), "long": lambda: int(value),
              "double": lambda: value}.get(kind)
    measured = number() if number else length(shape, value) if kind in ("string", "blob", "list", "map") else 0
    what = "value" if number else "length"
    if low is not None and measured < low:
        yield f"Member must have {what} greater than or equal to {low}"
    if high is not None and measured > high:
        yield f"Member must have {what} less than or equal to {high}"


def of_parts(shape, value):
    """Those of a list's scalars, and of a map's keys and values: the list or map is complained about."""
    if shape.type_name == "list" and shape.member.type_name in ("string", "blob"):
        for item in value:
            if not holds_length(shape.member, item):
                yield f"Member must satisfy constraint: [{', '.join(length_limits(shape.member))}]"
                break
            if getattr(shape.member, "enum", None) and item not in shape.member.enum:
                yield f"Member must satisfy constraint: [{enum_text(shape.member)}]"
                break
    if shape.type_name == "map":
        if not all(holds_length(shape.key, key) for key in value):
            yield f"Map keys must satisfy constraint: [{', '.join(length_limits(shape.key))}]"
        if shape.value.type_name == "string" and not all(holds_length(shape.value, v) for v in value.values()):
            yield f"Map value must satisfy constraint: [{', '.join(length_limits(shape.value))}]"


class Violations:
    """`orders` gives the members of a structure in the order in which they are complained about, by its path."""

    def __init__(self, orders):
        self.orders = orders
        self.found: list[str] = []

    def structure(self, shape, value: dict, path: str = "", place: str = ""):
        for name in self.orders(place, shape):
            member, at = shape.members[name], f"{path}.{lower_first(name)}" if path else lower_first(name)
            if value.get(name) is None:
                if name in shape.required_members:
                    self.found.append(f"Value null at '{at}' failed to satisfy constraint: Member must not be null")
                continue
            for constraint in [*of_scalar(member, value[name]), *of_parts(member, value[name])]:
                self.found.append(f"Value '{printed(member, value[name])}' at '{at}' failed to satisfy constraint: "
                                  f"{constraint}")
            self.inside(member, value[name], at, f"{place}.{name}")

    def inside(self, shape, value, path: str, place: str):
        if shape.type_name == "structure":
            self.structure(shape, value, path, place)
        if shape.type_name == "list":
            for number, item in enumerate(value, 1):
                self.inside(shape.member, item or {}, f"{path}.{number}.member", place)
        if shape.type_name == "map":
            for key, item in sorted(value.items()):
                self.inside(shape.value, item, f"{path}.{key}.member", place)


def violations_text(found: list[str]) -> str | None:
    told = found[:VIOLATIONS_MAX]
    if not told:
        return None
    return f"{len(told)} validation error{'s' if len(told) > 1 else ''} detected: {'; '.join(told)}"
