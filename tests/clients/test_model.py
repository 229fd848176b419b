# SPDX-License-Identifier: Apache-2.0
"""Every operation that Millrace serves, compared with the service model that AWS publishes (botocore's, pinned).

A member of AWS's input is carried out, or refused in a sentence (wire::refused), or listed below with the reason why
passing over it is right. Nothing is accepted and ignored.
"""
import fnmatch
import json
import subprocess

import botocore.session
import pytest
from conftest import BUILD

# Why a difference is right, and where: patterns of fnmatch over "service.Operation.input.Member: aspect".
EXCEPTIONS = {
    # Inputs.
    "reserved by AWS: 'not implemented', accepted and ignored there as well": [
        "kinesis.*.input.StreamId: missing"],
    "read-only on AWS: clients echo what DescribeStacks answered, it sets nothing": [
        "cloudformation.*.input.Parameters[[]].ResolvedValue: missing"],
    "in the service's documentation, not in its model": [
        "cloudformation.*.input.StackName: length", "cloudformation.*.input.StackName: pattern",
        "cloudformation.*.input.TemplateBody: length"],
    "a parameter without a key means nothing": [
        "cloudformation.*.input.Parameters[[]].ParameterKey: required"],
    "optional on AWS only beside ChangeSetName, which is refused": [
        "cloudformation.GetTemplate.input.StackName: required"],
    "parse_function_name() checks names, ARNs and qualifiers, and knows that a name has 64 characters": [
        "lambda.*.input.FunctionName: length", "lambda.*.input.FunctionName: pattern",
        "lambda.*.input.Qualifier: length", "lambda.*.input.Qualifier: pattern"],
    "more than 900 s and 10240 MB are for capacity providers, which are refused": [
        "lambda.*.input.Timeout: range", "lambda.*.input.MemorySize: range"],
    "runtime_kind() tells unknown, retired and missing runtimes apart": ["lambda.*.input.Runtime: enum"],
    "the pattern looks behind, which RE2 cannot; no bucket has a name that it would exclude": [
        "lambda.*S3Bucket: pattern"],
    "create_bucket.cc compares it with the region of the signature": [
        "s3.CreateBucket.input.CreateBucketConfiguration.LocationConstraint: enum"],
    "one member takes all x-amz-checksum- headers: CRC32, CRC32C, CRC64NVME, SHA1 and SHA256 are verified, others refused": [
        "s3.PutObject.input.Checksum*: missing", "s3.PutObject.*.Checksums: unknown",
        "s3.*Object.output.Checksum[CMSX]*: missing", "s3.*Object.output.Checksums: unknown"],
    "HTTP's own: the framing of the request and of the answer": [
        "s3.PutObject.input.ContentLength: missing", "s3.PutObject.input.ContentSHA256: unknown",
        "s3.PutObject.input.DecodedContentLength: unknown", "s3.*Object.output.StatusCode: unknown",
        "lambda.DeleteFunction.output.StatusCode: missing"],
    "headers that AWS sends with every invocation, outside the model": [
        "lambda.Invoke.output.RequestId: unknown", "lambda.Invoke.output.TraceId: unknown"],
    "makes a PutObject a CopyObject, which is refused": ["s3.PutObject.input.CopySource: unknown"],
    "204 until 2025, which every SDK takes": ["lambda.DeleteFunction: status"],
    "SQS says InvalidAttributeName for another name": [
        "sqs.*.input.AttributeNames: enum", "sqs.ReceiveMessage.input.MessageSystemAttributeNames: enum"],
    # Outputs.
    "headers of every answer of AWS's; here they must be the invocation's own": [
        "lambda.Invoke.output.RequestId: unknown", "lambda.Invoke.output.TraceId: unknown"],
    "NONE may be left out": ["kinesis.*.output*EncryptionType: missing"],
    "reserved by AWS": ["kinesis.*.output*.StreamId: missing"],
    "a document that says {OnFailure: {}}: destinations are refused": ["lambda.*.DestinationConfig: kind"],
    "answered about what is refused: encrypted filters, durable functions, images, keys, signatures, replicas": [
        "lambda.*.FilterCriteriaError: missing", "lambda.*.DurableExecutionArn: missing",
        "lambda.*.ImageConfigResponse: missing", "lambda.*.Signing*: missing", "lambda.*.MasterArn: missing",
        "lambda.*ImageUri: missing", "lambda.*.Error: missing", "lambda.*.TagsError: missing"],
    "functions have no layers and no reserved concurrency": [
        "lambda.*.Layers: missing", "lambda.*.Concurrency: missing"],
    "the zip is not reachable by URL": ["lambda.GetFunction.output.Code.Location: missing"],
    "how AWS computes it is not published": ["lambda.*.ConfigSha256: missing"],
    "no hooks, nested stacks, change sets, modules, drift detection or operation ids": [
        "cloudformation.*.Hook*: missing", "cloudformation.*.ParentId: missing", "cloudformation.*.RootId: missing",
        "cloudformation.*.ChangeSetId: missing", "cloudformation.*.ModuleInfo: missing",
        "cloudformation.*.LastCheckTimestamp: missing", "cloudformation.*.OperationId: missing",
        "cloudformation.*.LastOperations: missing", "cloudformation.*.DetailedStatus: missing"],
    "no resource has a description of its own; parameters show values only": [
        "cloudformation.DescribeStackResource*.Description: missing",
        "cloudformation.*.output.*.ResolvedValue: missing", "cloudformation.*.output.*.UsePreviousValue: missing"],
    "the configuration is empty, as it is refused": ["cloudformation.*.RollbackConfiguration.*: missing"],
    "log groups have no data protection, inherit nothing and take no bearer tokens": [
        "logs.*.dataProtectionStatus: missing", "logs.*.inheritedProperties: missing",
        "logs.*.bearerTokenAuthenticationEnabled: missing"],
    "entities are refused": ["logs.PutLogEvents.output.rejectedEntityInfo: missing"],
    "nobody is charged": ["s3.*.RequestCharged: missing"],
    "headers that S3 sends for versions, locks, tags, parts, archives, lifecycles and replication only": [
        "s3.*.DeleteMarker: missing", "s3.*.ReplicationStatus: missing", "s3.*.Restore*: missing",
        "s3.*.Expiration: missing", "s3.*.TagCount: missing", "s3.*.PartsCount: missing",
        "s3.*.ArchiveStatus: missing", "s3.*.MissingMeta: missing", "s3.PutObject.output.Size: missing"],
    "of directory buckets": ["s3.*.BucketArn: missing", "s3.HeadBucket.output.BucketLocation*: missing"],
    "the root element is the text: get_bucket_location.cc writes the document": [
        "s3.GetBucketLocation.output.ContentType: unknown", "s3.GetBucketLocation.output.LocationConstraint: location"],
    "GetObject and HeadObject share a shape; an answer to HEAD has no body": ["s3.HeadObject.output.Body: unknown"],
    "list elements have their own name, <Buckets><Bucket>, as a structure with a list says": [
        "s3.ListBuckets.output.Buckets: kind"],
}
PATTERNS = [pattern for patterns in EXCEPTIONS.values() for pattern in patterns]

KINDS = {"string": "string", "character": "string", "integer": "integer", "long": "integer", "boolean": "boolean",
         "float": "real", "double": "real", "timestamp": "timestamp", "blob": "blob", "structure": "structure",
         "list": "list", "map": "map"}
LOCATIONS = {None: "body", "uri": "uri", "querystring": "query", "header": "header", "headers": "header",
             "statusCode": "status"}


def model_kind(shape) -> str:
    return KINDS[shape.type_name]


class Comparison:
    """Collects differences as 'place: what', the place being service.Operation.input.Member."""

    def __init__(self):
        self.found: dict[str, str] = {}
        self.refused: set[tuple[str, str]] = set()  # service and member

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
        theirs = shape.members if shape else {}
        required = set(shape.required_members) if shape else set()
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
            if model_kind(shape.member) == "string":
                self.differ(place, "item length", self.bounds(ours["item_length"], False),
                            self.bounds(self.limits(shape.member), False))
        if ours["kind"] == "map" and shape.type_name == "map":
            self.differ(place, "key length", self.bounds(ours["key_length"], False),
                        self.bounds(self.limits(shape.key), False))
            if model_kind(shape.value) == "string":
                self.differ(place, "value length", self.bounds(ours["item_length"], False),
                            self.bounds(self.limits(shape.value), False))

    @staticmethod
    def limits(shape) -> list:
        return [shape.metadata.get("min"), shape.metadata.get("max")]

    @staticmethod
    def bounds(pair: list | None, is_number: bool) -> list:
        """No length is less than 0: saying so or not is the same."""
        low, high = pair or (None, None)
        return [None if low == 0 and not is_number else low, high]

    def output(self, place: str, ours: dict, shape):
        theirs = shape.members if shape else {}
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
        self.differ(place, "kind", ours["kind"], model_kind(shape))
        if ours["kind"] != model_kind(shape):
            return
        if ours["kind"] == "structure":
            self.output(place, ours["structure"], shape)
        if ours["kind"] == "list":
            self.output_type(f"{place}[]", ours["element"], shape.member)
        if ours["kind"] == "map":
            self.output_type(f"{place}{{}}", ours["element"], shape.value)


@pytest.fixture(scope="module")
def differences() -> dict[str, str]:
    printed = json.loads(subprocess.run([BUILD / "bin" / "print_shapes"], check=True, capture_output=True).stdout)
    session = botocore.session.get_session()
    comparison = Comparison()
    for service, operations in printed.items():
        model = session.get_service_model(service)
        assert operations or service == "iam", f"{service} has lost its operations"
        for name, ours in operations.items():
            assert name in model.operation_names, f"AWS's {service} has no operation {name}"
            comparison.operation(f"{service}.{name}", ours, model.operation_model(name))
    return comparison.without_what_cannot_be_set()


def test_shapes_equal_those_of_aws(differences):
    unexpected = [f"{place}: {what}" for place, what in sorted(differences.items())
                  if not any(fnmatch.fnmatchcase(place, known) for known in PATTERNS)]
    assert not unexpected, f"{len(unexpected)} differences:\n" + "\n".join(unexpected)


def test_every_exception_is_still_needed(differences):
    stale = [known for known in PATTERNS if not any(fnmatch.fnmatchcase(place, known) for place in differences)]
    assert not stale, "\n".join(stale)
