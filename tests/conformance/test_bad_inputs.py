# SPDX-License-Identifier: Apache-2.0
"""Every bad input that AWS's model of Kinesis knows, sent to a real server: the type of the error, and its words.

The order of violations is that of Millrace's own tables, as the model tells nothing of it; for the operations below it
is the order in which kinesalite found AWS to answer.
"""
import json
import re

import pytest
from aws_model.comparison import printed_shapes
from conformance import bad_inputs
from conformance.expected_errors import Violations, type_error, violations_text
from conftest import BUILD, running_server
from wire_client import WireClient, service_model

MODEL = service_model("kinesis")
SEVERAL = 30
SHOWN_MAX = 5
RECORDED_ORDERS = {
    "CreateStream": ["ShardCount", "StreamName"],
    "DescribeStream": ["Limit", "ExclusiveStartShardId", "StreamName"],
    "GetRecords": ["Limit", "ShardIterator"],
    "GetShardIterator": ["ShardId", "ShardIteratorType", "StartingSequenceNumber", "StreamName"],
    "ListTagsForStream": ["Limit", "ExclusiveStartTagKey", "StreamName"],
    "MergeShards": ["ShardToMerge", "AdjacentShardToMerge", "StreamName"],
    "SplitShard": ["NewStartingHashKey", "StreamName", "ShardToSplit"],
    "ListStreams": ["Limit", "ExclusiveStartStreamName"],
    "PutRecord": ["SequenceNumberForOrdering", "PartitionKey", "ExplicitHashKey", "Data", "StreamName"],
    "PutRecords": ["Records", "StreamName"],
    "AddTagsToStream": ["Tags", "StreamName"],
    "RemoveTagsFromStream": ["TagKeys", "StreamName"],
}


@pytest.fixture(scope="module")
def roster() -> dict[str, dict]:
    return printed_shapes(BUILD / "bin" / "print_shapes")["kinesis"]


@pytest.fixture(scope="module")
def client():
    with running_server() as server:
        yield WireClient(server.port, "kinesis")


def orders_of(operation: dict):
    """The members of a structure in Millrace's order; the place is '.Records' and the like."""
    def order(place: str, shape) -> list[str]:
        at = {"structure": operation["input"]}
        for name in filter(None, place.split(".")):
            at = next(m for m in at["structure"]["members"] if m["name"] == name)
            while "element" in at:
                at = at["element"]
        return [m["name"] for m in at["structure"]["members"] if m["name"] in shape.members]

    return order


def expected(shape, value: dict, order) -> tuple[str, str] | None:
    if text := type_error(shape, value):
        return "SerializationException", text
    violations = Violations(order)
    violations.structure(shape, value)
    text = violations_text(violations.found)
    return text and ("ValidationException", text)


def without_what_nobody_foresees(text: str) -> str:
    """Of a structure's hash, and of the order of an enum's values."""
    text = re.sub(r"@[0-9a-f]+", "@#", text)
    return re.sub(r"enum value set: \[([^\]]*)\]",
                  lambda found: f"enum value set: [{'|'.join(sorted(found.group(1).split(', ')))}]", text)


def answered(client: WireClient, operation: str, value: dict) -> tuple[str, str] | str:
    answer = client.post_json(operation, json.dumps(value).encode())
    if answer.status != 400:
        return f"answered {answer.status} {answer.body[:200]!r}"
    body = answer.json()
    text = "Message" if body["__type"] == "SerializationException" else "message"
    if body.keys() != {"__type", text}:
        return f"the error's members are {sorted(body)}"
    return body["__type"], without_what_nobody_foresees(body[text])


def shortened(value) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) < 400 else f"{text[:200]}...{text[-100:]}"


@pytest.mark.parametrize("operation", MODEL.operation_names)
def test_bad_inputs_get_aws_errors(client, roster, operation):
    if operation not in roster:
        pytest.skip("not served yet; model_check says so")
    shape = MODEL.operation_model(operation).input_shape
    if not shape.members:
        return
    order = orders_of(roster[operation])
    assert expected(shape, bad_inputs.good(shape), order) is None
    wrong = []
    for what, value in [*bad_inputs.bad_structure(shape), *bad_inputs.several(shape, operation, SEVERAL)]:
        wanted = expected(shape, value, order)
        if wanted is None:
            assert what.startswith("several")  # chance may put nothing but right values together
            continue
        got = answered(client, operation, value)
        if got != wanted:
            wrong.append(f"{what}: {shortened(value)}\n  answered {shortened(got)}\n  expected {shortened(wanted)}")
    assert not wrong, f"{len(wrong)} wrong answers:\n" + "\n".join(wrong[:SHOWN_MAX])


@pytest.mark.parametrize("body", [b"", b"{", b"null", b'"x"', b"5", b'{"Limit":1,}'])
def test_a_body_that_is_no_structure_gets_no_words(client, body):
    answer = client.post_json("ListStreams", body)
    assert (answer.status, answer.json()) == (400, {"__type": "SerializationException"})


def test_a_list_for_a_body_is_told(client):
    assert client.post_json("ListStreams", b"[]").json() == {
        "__type": "SerializationException", "Message": "Start of list found where not expected"}


def test_what_is_right_though_odd_is_taken(client):
    for body in ({"Limit": 5.0}, {"Limit": 5.9}, {"Limit": None}, {"Unknown": [{}]}, {"NextToken": None}):
        assert client.post_json("ListStreams", json.dumps(body).encode()).status == 200, body


@pytest.mark.parametrize("operation", RECORDED_ORDERS)
def test_members_are_in_the_order_that_aws_was_found_to_have(roster, operation):
    recorded = RECORDED_ORDERS[operation]
    ours = [m["name"] for m in roster[operation]["input"]["members"]]
    assert [name for name in ours if name in recorded] == recorded


def test_the_table_is_long():
    """Lest a change of the generator leaves nothing to test."""
    count = sum(1 for name in MODEL.operation_names
                for _ in bad_inputs.bad_structure(MODEL.operation_model(name).input_shape))
    assert count > 1_000
