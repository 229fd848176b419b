# SPDX-License-Identifier: Apache-2.0
"""What Millrace serves, compared with the service model that AWS publishes (botocore's, pinned).

A member of AWS's input is carried out, or refused in a sentence (wire::refused), or listed in exceptions.py with the
reason why passing over it is right. Nothing is accepted and ignored. An error is one that AWS's model names, with its
status, or listed as well.
"""
import dataclasses
import fnmatch
import json
import pathlib
import subprocess

import botocore.session
from aws_model.exceptions import COMPLETE, EXCEPTIONS, UNDER_WAY
from aws_model.source_errors import errors_in_source

KINDS = {"string": "string", "character": "string", "integer": "integer", "long": "integer", "boolean": "boolean",
         "float": "real", "double": "real", "timestamp": "timestamp", "blob": "blob", "structure": "structure",
         "list": "list", "map": "map"}
LOCATIONS = {None: "body", "uri": "uri", "querystring": "query", "header": "header", "headers": "header",
             "statusCode": "status"}


def model_kind(shape) -> str:
    return KINDS[shape.type_name]


def members_of(shape, is_xml: bool) -> dict:
    """By our names: in the bodies of REST-XML a member is called as the document calls it."""
    def name_of(name, member):
        return member.serialization.get("name", name) if is_xml and "location" not in member.serialization else name

    if not shape:
        return {}
    payload = shape.serialization.get("payload")
    return {name if name == payload else name_of(name, member): member for name, member in shape.members.items()}


def is_wrapped(ours: dict, shape, is_xml: bool) -> bool:
    """<TagSet><Tag>..</Tag><Tag>..</Tag></TagSet>: to us a structure whose one member is a list."""
    if not is_xml or shape.type_name != "list" or shape.serialization.get("flattened") or ours["kind"] != "structure":
        return False
    members = ours["structure"]["members"]
    return len(members) == 1 and members[0]["kind"] == "list" and \
        members[0]["name"] == shape.member.serialization.get("name", "member")


class Comparison:
    """Collects differences as 'place: what', the place being service.Operation.input.Member."""

    def __init__(self):
        self.found: dict[str, str] = {}
        self.refused: set[tuple[str, str]] = set()  # service and member
        self.is_xml = False  # the protocol is REST-XML

    def differ(self, place: str, aspect: str, ours, theirs):
        if ours != theirs:
            self.found[f"{place}: {aspect}"] = f"ours {ours!r}, AWS's {theirs!r}"

    def operation(self, place: str, ours: dict, model):
        path, _, query = model.http["requestUri"].partition("?")
        self.differ(place, "method", ours["http"]["method"], model.http["method"])
        self.differ(place, "path", ours["http"]["path"], path.rstrip("/") or "/")
        self.differ(place, "query", ours["http"]["required_query"], query)
        if model.service_model.protocol.startswith("rest"):
            self.differ(place, "status", ours["http"]["status"], model.http.get("responseCode", 200))
        self.input(f"{place}.input", ours["input"], model.input_shape)
        self.output(f"{place}.output", ours["output"], model.output_shape)

    def input(self, place: str, ours: dict, shape):
        theirs = members_of(shape, self.is_xml)
        required = {name for name, member in theirs.items()
                    if any(shape.members[r] is member for r in shape.required_members)}
        payload = shape.serialization.get("payload") if shape else None
        members = {m["name"]: m for m in ours["members"]}
        for name in sorted(theirs.keys() - members.keys()):
            self.found[f"{place}.{name}: missing"] = "neither supported nor refused"
        for name in sorted(members.keys() - theirs.keys()):
            self.found[f"{place}.{name}: unknown"] = "not in AWS's model"
        for name in sorted(members.keys() & theirs.keys()):
            at = f"{place}.{name}"
            self.bound(at, members[name], theirs[name], payload == name)
            if members[name]["refused"]:
                self.refused.add((place.partition(".")[0], name))
                continue
            self.differ(at, "required", members[name]["required"], name in required)
            self.constraints(at, members[name], theirs[name])
            self.input_type(at, members[name], theirs[name])

    def input_type(self, place: str, ours: dict, shape):
        if is_wrapped(ours, shape, self.is_xml):
            ours = ours["structure"]["members"][0]
        self.differ(place, "kind", ours["kind"], model_kind(shape))
        if ours["kind"] != model_kind(shape):
            return
        if ours["kind"] == "structure":
            self.input(place, ours["structure"], shape)
        if ours["kind"] == "list":
            self.input_type(f"{place}[]", ours["element"], shape.member)
        if ours["kind"] == "map":
            self.input_type(f"{place}{{}}", ours["element"], shape.value)

    def bound(self, place: str, ours: dict, shape, is_payload: bool):
        """Where the protocol carries the member."""
        location = shape.serialization.get("location")
        self.differ(place, "location", ours["location"], "payload" if is_payload else LOCATIONS[location])
        name = shape.serialization.get("name", ours["name"])
        if location in ("header", "headers", "querystring"):
            self.differ(place, "name", ours["location_name"].lower(), name.lower())

    def constraints(self, place: str, ours: dict, shape):
        is_number = ours["kind"] in ("integer", "real")
        aspect = "range" if is_number else "length"
        self.differ(place, aspect, self.bounds(ours[aspect], is_number), self.bounds(self.limits(shape), is_number))
        of_items = ours["kind"] == "list" and shape.type_name == "list"
        enum = getattr(shape.member if of_items else shape, "enum", [])
        self.differ(place, "enum", sorted(ours["enum"]), sorted(enum or []))
        self.differ(place, "pattern", ours["pattern"], shape.metadata.get("pattern"))
        if ours["kind"] == "list" and shape.type_name == "list":
            self.parts(place, "item", ours["item_length"], shape.member)
        if ours["kind"] == "map" and shape.type_name == "map":
            self.parts(place, "key", ours["key_length"], shape.key)
            self.parts(place, "value", ours["item_length"], shape.value)

    def parts(self, place: str, part: str, our_length: list | None, shape):
        """Scalars of lists and maps. Millrace has no other constraints for them than lengths, and a list's enum."""
        kind = model_kind(shape)
        if kind in ("structure", "list", "map"):
            return
        is_number = kind in ("integer", "real")
        limits = self.bounds(self.limits(shape), is_number)
        if kind in ("string", "blob"):
            self.differ(place, f"{part} length", self.bounds(our_length, False), limits)
        else:
            self.differ(place, f"{part} range", [None, None], limits)
        self.differ(place, f"{part} pattern", None, shape.metadata.get("pattern"))
        if part != "item":
            self.differ(place, f"{part} enum", [], list(getattr(shape, "enum", [])))

    @staticmethod
    def limits(shape) -> list:
        return [shape.metadata.get("min"), shape.metadata.get("max")]

    @staticmethod
    def bounds(pair: list | None, is_number: bool) -> list:
        """No length is less than 0: saying so or not is the same."""
        low, high = pair or (None, None)
        return [None if low == 0 and not is_number else low, high]

    def output(self, place: str, ours: dict, shape):
        theirs = members_of(shape, self.is_xml)
        payload = shape.serialization.get("payload") if shape else None
        members = {m["name"]: m for m in ours["members"] if not m["refused"]}
        for name in sorted(theirs.keys() - members.keys()):
            self.found[f"{place}.{name}: missing"] = "never answered"
        for name in sorted(members.keys() - theirs.keys()):
            self.found[f"{place}.{name}: unknown"] = "not in AWS's model"
        for name in sorted(members.keys() & theirs.keys()):
            at = f"{place}.{name}"
            self.bound(at, members[name], theirs[name], payload == name)
            self.output_type(at, members[name], theirs[name])

    def without_what_cannot_be_set(self) -> dict[str, str]:
        """An output has no use for a member that the service's inputs refuse."""
        def shows_refused(place: str) -> bool:
            path, _, aspect = place.partition(": ")
            parts = path.split(".")
            return "output" in parts and aspect == "missing" and (parts[0], parts[-1]) in self.refused

        return {place: what for place, what in self.found.items() if not shows_refused(place)}

    def output_type(self, place: str, ours: dict, shape):
        if is_wrapped(ours, shape, self.is_xml):
            ours = ours["structure"]["members"][0]
        self.differ(place, "kind", ours["kind"], model_kind(shape))
        if ours["kind"] != model_kind(shape):
            return
        if ours["kind"] == "structure":
            self.output(place, ours["structure"], shape)
        if ours["kind"] == "list":
            self.output_type(f"{place}[]", ours["element"], shape.member)
        if ours["kind"] == "map":
            self.output_type(f"{place}{{}}", ours["element"], shape.value)

    def operations(self, service: str, ours: dict, model):
        self.is_xml = model.protocol == "rest-xml"
        for name in sorted(model.operation_names - ours.keys() if service in COMPLETE else []):
            self.found[f"{service}.{name}: missing"] = "AWS has it, Millrace has not"
        for name, operation in ours.items():
            if name not in model.operation_names:
                self.found[f"{service}.{name}: unknown"] = "no operation of AWS's"
                continue
            self.operation(f"{service}.{name}", operation, model.operation_model(name))

    def errors(self, service: str, ours: dict[str, set[int]], model):
        """Ours: the codes that the service's source answers with, and their statuses."""
        theirs = {}
        for error in model.error_shapes:
            said = error.metadata.get("error", {})
            theirs[said.get("code", error.name)] = {said.get("httpStatusCode", 400)}
        for code in sorted(ours.keys() - theirs.keys()):
            self.found[f"{service}.error.{code}: unknown"] = "not in AWS's model"
        for code in sorted(theirs.keys() - ours.keys() if service in COMPLETE else []):
            self.found[f"{service}.error.{code}: missing"] = "never answered"
        for code in sorted(ours.keys() & theirs.keys()):
            self.differ(f"{service}.error.{code}", "status", sorted(ours[code]), sorted(theirs[code]))


@dataclasses.dataclass
class Report:
    services: dict[str, dict]  # as print_shapes prints them
    differences: dict[str, str]  # place and aspect, and what differs
    unexpected: list[str]
    under_way: list[str]
    stale_exceptions: list[str]


def aws_model(service: str):
    return botocore.session.get_session().get_service_model(service)


def printed_shapes(print_shapes: pathlib.Path) -> dict[str, dict]:
    return json.loads(subprocess.run([print_shapes], check=True, capture_output=True).stdout)


def compare(services: dict[str, dict]) -> Report:
    comparison = Comparison()
    for service, operations in services.items():
        model = aws_model(service)
        comparison.operations(service, operations, model)
        comparison.errors(service, errors_in_source(service), model)
    differences = comparison.without_what_cannot_be_set()
    patterns = [p for listed in EXCEPTIONS.values() for p in listed if p.partition(".")[0] in services]

    def known(place: str, listed: list[str]) -> bool:
        return any(fnmatch.fnmatchcase(place, pattern) for pattern in listed)

    return Report(
        services, differences,
        unexpected=[f"{place}: {what}" for place, what in sorted(differences.items())
                    if not known(place, patterns) and not known(place, UNDER_WAY)],
        under_way=[place for place in sorted(differences) if known(place, UNDER_WAY)],
        stale_exceptions=[p for p in patterns if not any(fnmatch.fnmatchcase(place, p) for place in differences)])
