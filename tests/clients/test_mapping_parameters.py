# SPDX-License-Identifier: Apache-2.0
"""Event source mappings, by what each parameter makes of the records: with boto3, a server that runs, and Python and C++ functions."""
import contextlib
import datetime
import json
import socket
import threading
import time
import urllib.request
import uuid
import zipfile

import botocore.exceptions
import pytest
from conftest import MILLRACE, running_server
from test_mappings import World, refused
from walkthrough import until

# Prints what it is given and when. A record's data is what it makes of the batch: JSON {"fail": true} is an error,
# {"answer": ...} is the answer, in which SEQ stands for the record's number; anything else is fine.
CODE = """
import base64, json, os, time

def handler(event, context):
    records = [(r["kinesis"], base64.b64decode(r["kinesis"]["data"]).decode()) for r in event["Records"]]
    print("SEEN " + json.dumps({
        "records": [data for _, data in records], "at": time.time(), "final": event.get("isFinalInvokeForWindow"),
        "early": event.get("isWindowTerminatedEarly"), "state": len(json.dumps(event.get("state"))),
        "arrivals": [r["approximateArrivalTimestamp"] for r, _ in records]}), flush=True)
    time.sleep(float(os.environ.get("TAKES", "0")))
    if "STATE" in os.environ:
        return {"state": {"much": "x" * int(os.environ["STATE"])}}
    for record, data in records:
        said = json.loads(data) if data.startswith("{") else {}
        if said.get("fail"):
            raise ValueError("told to")
        if "answer" in said:
            return json.loads(json.dumps(said["answer"]).replace("SEQ", record["sequenceNumber"]))
"""
FAIL = json.dumps({"fail": True})
REPORTS = ["ReportBatchItemFailures"]
INVALID = "InvalidParameterValueException"


class Streams(World):
    def function(self, code: str = CODE, **environment: str) -> str:
        return self.functions.create(f"f-{uuid.uuid4().hex[:8]}", code, Environment={"Variables": environment})

    def create(self, source: str, function: str, **options) -> dict:
        return self.client.create_event_source_mapping(
            **{"EventSourceArn": source, "FunctionName": function, "StartingPosition": "TRIM_HORIZON", **options})

    def all_seen(self, function: str) -> list[str]:
        return [record for batch in self.batches(function) for record in batch]

    def state(self, mapping: str) -> str:
        return self.client.get_event_source_mapping(UUID=mapping)["State"]

    def counts(self, mapping: str) -> dict:
        return json.loads(self.cli("show", mapping, "--output", "json"))["counts"]

    def queue(self) -> tuple[str, str]:
        """Of failure documents: its URL and its ARN."""
        name = f"failed-{uuid.uuid4().hex[:8]}"
        return (self.server.client("sqs").create_queue(QueueName=name)["QueueUrl"],
                f"arn:aws:sqs:us-east-1:000000000000:{name}")

    def documents(self, queue: str, seconds: int = 20) -> list[dict]:
        """At least one, waited for."""
        sqs = self.server.client("sqs", read_timeout=60)
        answer = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=seconds, MaxNumberOfMessages=10)
        messages = answer.get("Messages", [])
        for message in messages:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]

    def records(self, stream_arn: str) -> list[dict]:
        """Of its first shard."""
        iterator = self.kinesis.get_shard_iterator(StreamARN=stream_arn, ShardId="shardId-000000000000",
                                                   ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        return self.kinesis.get_records(ShardIterator=iterator)["Records"]


def to_queue(arn: str) -> dict:
    return {"OnFailure": {"Destination": arn}}


@pytest.fixture(scope="module")
def world():
    with running_server() as server:
        yield Streams(server)


@pytest.fixture(scope="module", autouse=True)
def growing_old(world):
    """A record on which a function fails until its minute is over; looked at by the last test of this file."""
    (queue, arn), source, function = world.queue(), world.stream(), world.function()
    world.create(source, function, MaximumRecordAgeInSeconds=60, DestinationConfig=to_queue(arn))
    world.put(source, FAIL)
    return queue, source, function


def test_latest_begins_with_the_answer_of_the_call(world):
    source, function = world.stream(shards=4), world.function()
    before = [f"before {n}" for n in range(20)]
    after = [f"after {n}" for n in range(20)]
    for text in before:
        world.put(source, text, key=text)
    world.create(source, function, StartingPosition="LATEST")  # not waited for until it is Enabled
    for text in after:
        world.put(source, text, key=text)
    until(lambda: len(world.all_seen(function)) >= len(after), "all that came after it")
    assert sorted(world.all_seen(function)) == sorted(after)


def exact_time(seconds: float):
    """boto3 sends whole seconds only; the API takes fractions."""
    def change(params, **_):
        body = json.loads(params["body"])
        body["StartingPositionTimestamp"] = seconds
        params["body"] = json.dumps(body)
    return change


def test_at_timestamp_begins_with_the_record_of_that_millisecond(world):
    source, function = world.stream(), world.function()
    for n in range(8):
        world.put(source, str(n))
    stored = world.records(source)
    boundary = stored[4]["ApproximateArrivalTimestamp"]
    client = world.server.client("lambda")
    client.meta.events.register("before-call.lambda.CreateEventSourceMapping", exact_time(boundary.timestamp()))
    made = client.create_event_source_mapping(EventSourceArn=source, FunctionName=function,
                                              StartingPosition="AT_TIMESTAMP", StartingPositionTimestamp=boundary)
    assert abs((made["StartingPositionTimestamp"] - boundary).total_seconds()) < 0.001
    due = [r["Data"].decode() for r in stored if r["ApproximateArrivalTimestamp"] >= boundary]
    until(lambda: len(world.all_seen(function)) >= len(due), "all from there on")
    assert world.all_seen(function) == due


def test_at_timestamp_of_whole_seconds(world):
    source, function = world.stream(), world.function()
    seconds: set[int] = set()
    while len(seconds) < 2:
        world.put(source, str(len(seconds)))
        seconds = {int(r["ApproximateArrivalTimestamp"].timestamp()) for r in world.records(source)}
    boundary = max(seconds)
    world.create(source, function, StartingPosition="AT_TIMESTAMP",
                 StartingPositionTimestamp=datetime.datetime.fromtimestamp(boundary, datetime.timezone.utc))
    until(lambda: world.seen(function), "all from there on")
    (seen,) = world.seen(function)
    assert min(seen["arrivals"]) >= boundary
    assert len(seen["records"]) == len([r for r in world.records(source)
                                        if r["ApproximateArrivalTimestamp"].timestamp() >= boundary])


def test_a_batch_waits_for_its_window_and_a_full_one_does_not(world):
    source, waits, fills = world.stream(), world.function(), world.function()
    world.map(source, waits, MaximumBatchingWindowInSeconds=2)
    world.map(source, fills, MaximumBatchingWindowInSeconds=300, BatchSize=3)
    world.put(source, "1", "2")
    until(lambda: world.seen(waits), "the window is over")
    (seen,) = world.seen(waits)
    assert seen["records"] == ["1", "2"]
    assert seen["at"] - seen["arrivals"][0] >= 1.9, "the window begins with the first record"
    assert world.seen(fills) == [], "it is not full, and its window lasts minutes"
    world.put(source, "3", "4")
    until(lambda: world.seen(fills), "the batch is full")
    assert world.batches(fills) == [["1", "2", "3"]]


# Prints how large everything is.
SIZES = """
import base64, json

def handler(event, context):
    print("SEEN " + json.dumps({"records": [len(base64.b64decode(r["kinesis"]["data"])) for r in event["Records"]],
                                "bytes": len(json.dumps(event, separators=(",", ":")))}), flush=True)
"""


def test_an_event_has_six_megabytes_at_most(world):
    (queue, arn), source, function = world.queue(), world.stream(), world.function(SIZES)
    world.kinesis.update_max_record_size(StreamARN=source, MaxRecordSizeInKiB=10240)
    world.kinesis.get_waiter("stream_exists").wait(StreamARN=source)
    megabyte, most = 1024 * 1024, 6 * 1024 * 1024
    world.put(source, *["x" * megabyte] * 6, "x" * most, "behind")
    world.create(source, function, MaximumRetryAttempts=0, DestinationConfig=to_queue(arn))
    until(lambda: world.batches(function)[-1:] == [[len("behind")]], "all are delivered")
    assert world.batches(function) == [[megabyte] * 4, [megabyte] * 2, [len("behind")]], "no more fit in, as base64"
    assert max(event["bytes"] for event in world.seen(function)) <= most
    (document,) = world.documents(queue)
    assert document["KinesisBatchInfo"]["batchSize"] == 1, "of the record that no event can hold"
    assert document["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert "responseContext" not in document, "nobody has answered"


def test_retries_are_counted(world):
    (queue, arn), source, function = world.queue(), world.stream(), world.function()
    world.map(source, function, MaximumRetryAttempts=2, BatchSize=1, DestinationConfig=to_queue(arn))
    world.put(source, FAIL, "behind")
    (document,) = world.documents(queue)
    assert document["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert document["requestContext"]["approximateInvokeCount"] == 3
    assert document["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
    until(lambda: world.batches(function)[-1:] == [["behind"]], "the shard goes on")
    assert world.batches(function) == [[FAIL], [FAIL], [FAIL], ["behind"]]


# What the Developer Guide's table says of each answer: does the batch, of this one record, succeed?
ANSWERS = [
    ("", True), ([], True), ({}, True), ({"batchItemFailures": []}, True), ({"batchItemFailures": None}, True),
    ({"x": 1}, True), ("text", True), (5, True),
    ({"batchItemFailures": [{"itemIdentifier": "SEQ"}]}, False), ({"batchItemFailures": [{"itemIdentifier": ""}]}, False),
    ({"batchItemFailures": [{"itemIdentifier": None}]}, False), ({"batchItemFailures": [{"foo": 123}]}, False),
    ({"batchItemFailures": [{"foo": None}]}, False), ({"batchItemFailures": [{"itemIdentifier": 123}]}, False),
    ({"batchItemFailures": [{"itemIdentifier": "123"}]}, False), ({"batchItemFailures": "SEQ"}, False),
]


def test_every_answer_is_judged_as_aws_judges_it(world):
    (queue, arn), source, function = world.queue(), world.stream(), world.function()
    for answer, _ in ANSWERS:
        world.put(source, json.dumps({"answer": answer}))
    world.put(source, FAIL)
    mapping = world.map(source, function, BatchSize=1, MaximumRetryAttempts=0, FunctionResponseTypes=REPORTS,
                        DestinationConfig=to_queue(arn))
    numbers = {r["SequenceNumber"]: place for place, r in enumerate(world.records(source))}
    documents: list[dict] = []
    expected = [place for place, (_, succeeds) in enumerate(ANSWERS) if not succeeds] + [len(ANSWERS)]
    until(lambda: documents.extend(world.documents(queue, 2)) or len(documents) >= len(expected), "the documents")
    failed = {numbers[d["KinesisBatchInfo"]["startSequenceNumber"]]: d["responseContext"]["functionError"] for d in documents}
    assert sorted(failed) == expected
    assert failed.pop(len(ANSWERS)) == "Unhandled"
    assert set(failed.values()) == {None}, "the function answered, if only to say what failed"
    assert len(world.seen(function)) == len(ANSWERS) + 1
    counts = world.counts(mapping)
    assert counts["polled"] == len(ANSWERS) + 1
    assert counts["dropped"] == counts["delivered_to_destination"] == len(expected)
    assert counts["invoked"] + counts["dropped"] == counts["polled"]


def test_answers_are_ignored_unless_they_are_asked_for(world):
    source, function = world.stream(), world.function()
    mapping = world.map(source, function, MaximumRetryAttempts=0)
    world.put(source, json.dumps({"answer": {"batchItemFailures": [{"itemIdentifier": "SEQ"}]}}))
    until(lambda: world.counts(mapping)["invoked"] == 1, "it is handled")
    assert world.counts(mapping)["dropped"] == 0


def test_a_window_whose_state_grows_too_large_ends_early(world):
    source, function = world.stream(), world.function(STATE=str(1024 * 1024))
    world.map(source, function, TumblingWindowInSeconds=900)
    world.put(source, "1")
    until(lambda: [e for e in world.seen(function) if e["final"]], "the window ends")
    first, last = world.seen(function)[:2]
    assert (first["records"], first["final"], first["early"]) == (["1"], False, False)
    assert (last["records"], last["final"], last["early"]) == ([], True, True)
    assert last["state"] > 1024 * 1024


def test_a_disabled_mapping_waits_and_goes_on_where_it_was(world):
    source, function = world.stream(), world.function()
    made = world.create(source, function, Enabled=False)
    until(lambda: world.state(made["UUID"]) == "Disabled", "it was made disabled")
    world.put(source, "1")
    for text in ("2", "3"):
        assert world.client.update_event_source_mapping(UUID=made["UUID"], Enabled=True)["State"] == "Enabling"
        until(lambda: world.state(made["UUID"]) == "Enabled", "it is enabled")
        until(lambda: len(world.all_seen(function)) == int(text) - 1, "the record before comes")
        assert world.client.update_event_source_mapping(UUID=made["UUID"], Enabled=False)["State"] == "Disabling"
        until(lambda: world.state(made["UUID"]) == "Disabled", "it is disabled")
        world.put(source, text)
    assert world.all_seen(function) == ["1", "2"]


def test_another_function_goes_on_where_the_first_has_come(world):
    source, first, second = world.stream(), world.function(), world.function()
    mapping = world.map(source, first)
    world.put(source, "1")
    until(lambda: world.all_seen(first) == ["1"], "the first function has it")
    changed = world.client.update_event_source_mapping(UUID=mapping, FunctionName=second)
    assert changed["State"] == "Updating" and changed["FunctionArn"].endswith(f":{second}")
    until(lambda: world.state(mapping) == "Enabled", "the change is carried out")
    world.put(source, "2")
    until(lambda: world.all_seen(second) == ["2"], "the second function has the next")
    assert world.all_seen(first) == ["1"]


def test_deleting_lets_the_batch_in_flight_end(world):
    source, function = world.stream(), world.function(TAKES="1")
    mapping = world.map(source, function, BatchSize=1)
    world.put(source, "1", "2")
    until(lambda: world.all_seen(function) == ["1"], "the first batch is in flight")
    assert world.client.delete_event_source_mapping(UUID=mapping)["State"] == "Deleting"
    assert world.state(mapping) == "Deleting"
    code, message = refused(world.client.delete_event_source_mapping, UUID=mapping)
    assert code == "ResourceInUseException" and "it is in use" in message

    def is_gone() -> bool:
        with contextlib.suppress(world.client.exceptions.ResourceNotFoundException):
            world.state(mapping)
            return False
        return True

    until(is_gone, "the mapping is gone")
    assert world.all_seen(function) == ["1"]
    world.map(source, function)  # a new one begins where it is told to
    until(lambda: world.all_seen(function)[1:] == ["1", "2"], "all are delivered")


def test_what_aws_rejects_for_kinesis(world):
    source, function = world.stream(), world.function()
    unchecked = world.server.client("lambda", parameter_validation=False)  # the SDK would refuse much of it itself

    def create(**options):
        options = {"EventSourceArn": source, "FunctionName": function, "StartingPosition": "LATEST", **options}
        return refused(unchecked.create_event_source_mapping, **{k: v for k, v in options.items() if v is not None})

    def violation(name: str, value, rule: str) -> tuple[str, str]:
        return ("ValidationException", f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy "
                                       f"constraint: Member must {rule}")

    assert create(FunctionName="nobody") == (INVALID, "Function does not exist")
    assert create(EventSourceArn=None) == (INVALID, "Unrecognized event source.")
    assert create(EventSourceArn="arn:aws:kinesis:us-east-1:000000000000:table/t") == (INVALID, "Unrecognized event source.")
    assert create(StartingPosition=None) == (
        INVALID, "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must "
                 "not be null.")
    assert create(StartingPosition="invalid") == violation(
        "startingPosition", "invalid", "satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]")
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    assert create(StartingPosition="AT_TIMESTAMP")[0] == INVALID
    assert create(StartingPositionTimestamp=soon)[0] == INVALID
    assert create(StartingPosition="AT_TIMESTAMP", StartingPositionTimestamp=soon)[0] == INVALID
    most, least = "have value less than or equal to {}", "have value greater than or equal to {}"
    for name, low, high in (("BatchSize", 1, 10000), ("MaximumBatchingWindowInSeconds", 0, 300),
                            ("ParallelizationFactor", 1, 10), ("MaximumRetryAttempts", -1, 10000),
                            ("MaximumRecordAgeInSeconds", -1, 604800), ("TumblingWindowInSeconds", 0, 900)):
        member = name[0].lower() + name[1:]
        assert create(**{name: high + 1}) == violation(member, high + 1, most.format(high))
        assert create(**{name: low - 1}) == violation(member, low - 1, least.format(low))
    assert create(MaximumRecordAgeInSeconds=59)[0] == INVALID
    assert create(FunctionResponseTypes=["ReportBatchItemFailures", "ReportBatchItemFailures"])[0] == "ValidationException"
    assert create(FunctionResponseTypes=["Other"])[0] == "ValidationException"
    assert create(FilterCriteria={"Filters": [{"Pattern": "{}"}] * 6})[0] == INVALID
    assert create(FilterCriteria={"Filters": [{"Pattern": json.dumps({"data": {"a": ["x" * 4096]}})}]})[0] == "ValidationException"
    assert create(DestinationConfig=to_queue("arn:aws:lambda:us-east-1:000000000000:function:f"))[0] == INVALID
    assert create(ProvisionedPollerConfig={"MinimumPollers": 1}) == (
        INVALID, "Unsupported ProvisionedPollerConfig parameter for given event source mapping type.")

    mapping = world.map(source, function)
    assert create() == (
        "ResourceConflictException",
        f'The event source arn (" {source} ") and function (" {function} ") provided mapping already exists. Please update or '
        f"delete the existing mapping with UUID {mapping}")
    update = dict(UUID=mapping)
    assert refused(world.client.update_event_source_mapping, **update, BatchSize=10001)[0] == "ValidationException"
    assert refused(world.client.update_event_source_mapping, **update, FunctionName="nobody") == (
        INVALID, "Function does not exist")
    assert refused(world.client.update_event_source_mapping, **update,
                   FilterCriteria={"Filters": [{"Pattern": "null"}]}) == (INVALID, "Invalid filter pattern definition.")
    for call in (world.client.get_event_source_mapping, world.client.delete_event_source_mapping,
                 world.client.update_event_source_mapping):
        assert refused(call, UUID=str(uuid.uuid4())) == ("ResourceNotFoundException",
                                                         "The resource you requested does not exist.")


def test_mappings_are_listed_by_source_and_function(world):
    source, other, function = world.stream(), world.stream(), world.function()
    first, second = world.map(source, function), world.map(other, function)

    def listed(**query) -> set[str]:
        pages = world.client.get_paginator("list_event_source_mappings").paginate(**query, PaginationConfig={"PageSize": 1})
        return {mapping["UUID"] for page in pages for mapping in page["EventSourceMappings"]}

    assert listed(FunctionName=function) == {first, second}
    assert listed(EventSourceArn=source) == {first}
    assert listed(EventSourceArn=other, FunctionName=function) == {second}
    assert {first, second} <= listed()


def test_a_rewind_to_a_moment_and_to_a_record(world):
    source, function = world.stream(), world.function()
    mapping = world.map(source, function)
    texts = [str(n) for n in range(6)]
    world.put(source, *texts)
    until(lambda: world.all_seen(function) == texts, "all are delivered")
    record = world.records(source)[4]
    world.cli("rewind", mapping, "--to", record["SequenceNumber"])
    until(lambda: world.all_seen(function)[6:] == ["4", "5"], "the record and what follows")
    moment = record["ApproximateArrivalTimestamp"].astimezone(datetime.timezone.utc)
    due = [r["Data"].decode() for r in world.records(source) if r["ApproximateArrivalTimestamp"] >= moment]
    world.cli("rewind", mapping, "--to", moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"))
    until(lambda: world.all_seen(function)[8:] == due, "what arrived then and later")


def metrics(world, mapping: str) -> dict[str, float]:
    with urllib.request.urlopen(world.server.url + "/metrics") as answer:
        lines = answer.read().decode().splitlines()
    mine = [line.split() for line in lines if f'uuid="{mapping}"' in line]
    return {name.partition("{")[0].removeprefix("millrace_mapping_"): float(value) for name, value in mine}


def test_metrics_account_for_every_record(world):
    (queue, arn), source, function = world.queue(), world.stream(), world.function()
    mapping = world.map(source, function, BatchSize=1, MaximumRetryAttempts=1, DestinationConfig=to_queue(arn),
                        FilterCriteria={"Filters": [{"Pattern": json.dumps({"partitionKey": ["k"]})}]})
    world.put(source, "1", FAIL, "2")
    world.put(source, "filtered", "filtered", key="other")
    world.put(source, "3")
    until(lambda: world.all_seen(function)[-1:] == ["3"], "all are delivered")
    until(lambda: metrics(world, mapping)["invoked_total"] == 3, "the last one is counted")
    found = metrics(world, mapping)
    age = found.pop("iterator_age_seconds")
    assert found == {"polled_total": 6, "filtered_out_total": 2, "invoked_total": 3, "failed_invoke_total": 2,
                     "dropped_total": 1, "on_failure_destination_delivered_total": 1, "destination_delivery_failures_total": 0}, "and none of what a stream has not"
    assert found["polled_total"] == found["filtered_out_total"] + found["invoked_total"] + found["dropped_total"]
    assert 0 <= age < 30, "of a record that was just put"
    assert len(world.documents(queue)) == 1


def test_iterator_age_tells_how_old_the_last_record_was(world):
    source, function = world.stream(), world.function(TAKES="1.5")
    mapping = world.map(source, function)
    world.put(source, "1")
    until(lambda: metrics(world, mapping)["invoked_total"] == 1, "it is handled")
    assert metrics(world, mapping)["iterator_age_seconds"] >= 1.5


class Sink:
    """Where tests/crash/consumer.cc, a C++ function, reports its batches and waits until they are taken."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.batches: list[list[str]] = []
        self.is_taking = threading.Event()
        self.is_taking.set()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):  # closed
            while True:
                threading.Thread(target=self.listen, args=(self.listener.accept()[0],), daemon=True).start()

    def listen(self, connection: socket.socket):
        with connection, contextlib.suppress(OSError):
            for line in connection.makefile():
                self.batches.append(line.split()[1:])
                self.is_taking.wait()
                connection.sendall(b"k")

    def taken(self) -> list[str]:
        return [number for batch in list(self.batches) for number in batch]


def test_a_cpp_function_killed_in_mid_batch_gets_that_batch_again_and_nothing_else(tmp_path):
    sink = Sink()
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as archive:
        archive.write(MILLRACE.parent / "crash-consumer", "bootstrap")
    with running_server() as server:
        world = Streams(server)
        source = world.stream()
        function = world.functions.create("consumer", (tmp_path / "code.zip").read_bytes(), Runtime="provided.al2023",
                                          Handler="none", Environment={"Variables": {"SINK_PORT": str(sink.port)}})
        mapping = world.map(source, function, BatchSize=4)
        numbers: list[str] = []

        def put(count: int):
            for _ in range(count):
                numbers.append(world.kinesis.put_record(StreamARN=source, PartitionKey="k", Data="x")["SequenceNumber"])

        repeated: list[str] = []
        for _ in range(3):
            put(10)
            until(lambda: len(set(sink.taken())) == len(numbers), "all are delivered")
            until(lambda: json.loads(world.cli("show", mapping, "--output", "json"))["shards"][0]["lag_records"] == 0,
                  "and done with")
            sink.is_taking.clear()
            begun = len(sink.batches)
            put(6)
            until(lambda: len(sink.batches) > begun, "a batch is in flight")
            in_flight = sink.batches[begun]
            server.kill()
            sink.is_taking.set()
            server.restart()
            put(1)
            until(lambda: set(sink.taken()) >= set(numbers), "all are delivered")
            assert sink.batches[begun + 1][:len(in_flight)] == in_flight, "the batch in flight comes first"
            repeated += in_flight
        seen = sink.taken()
        assert list(dict.fromkeys(seen)) == numbers, "nothing is lost, and first deliveries are in order"
        assert sorted(n for n in set(seen) for _ in range(seen.count(n) - 1)) == sorted(repeated), "only what was in flight"
    sink.listener.close()


def test_a_record_that_grows_too_old_is_given_up(world, growing_old):
    queue, source, function = growing_old
    documents: list[dict] = []
    until(lambda: documents.extend(world.documents(queue)) or documents, "the minute is over", seconds=75)
    (document,) = documents
    (record,) = world.records(source)
    assert document["requestContext"]["condition"] == "RecordAgeExceeded"
    assert document["requestContext"]["approximateInvokeCount"] == len(world.seen(function))
    assert 5 <= len(world.seen(function)) <= 10, "about eight, as on AWS"
    assert "responseContext" not in document
    assert document["KinesisBatchInfo"]["startSequenceNumber"] == record["SequenceNumber"]
    given_up = datetime.datetime.fromisoformat(document["timestamp"].replace("Z", "+00:00"))
    assert (given_up - record["ApproximateArrivalTimestamp"]).total_seconds() >= 60
