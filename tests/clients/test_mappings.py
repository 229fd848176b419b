# SPDX-License-Identifier: Apache-2.0
"""Event source mappings, each parameter with boto3 and functions that run and print what they saw."""
import base64
import json
import subprocess
import time
import urllib.request
import uuid
import zipfile

import botocore.exceptions
import pytest
from conftest import MILLRACE, running_server
from test_lambda import ROLE, Functions, zipped
from walkthrough import log_messages, until

# Prints what it is given. Records that say "poison" it dislikes.
CODE = """
import base64, json, os, time

def handler(event, context):
    records = [base64.b64decode(r["kinesis"]["data"]).decode() for r in event["Records"]]
    bad = [r for r, data in zip(event["Records"], records) if "poison" in data]
    mode = os.environ.get("MODE", "")
    print("SEEN " + json.dumps({
        "records": records, "state": event.get("state"), "final": event.get("isFinalInvokeForWindow"),
        "request": context.aws_request_id, "window": event.get("window"), "source": [r["eventSourceARN"] for r in event["Records"]][:1]}), flush=True)
    time.sleep(float(os.environ.get("TAKES", "0")))
    if mode == "window":
        return {"state": {"n": event["state"].get("n", 0) + len(records)}}
    if bad and mode == "report":
        return {"batchItemFailures": [{"itemIdentifier": bad[0]["kinesis"]["sequenceNumber"]}]}
    if bad:
        raise ValueError("poison")
"""


class World:
    """A server with streams, functions and mappings between them."""

    def __init__(self, server):
        self.server = server
        self.kinesis = server.client("kinesis")
        self.client = server.client("lambda")
        self.functions = Functions(server)

    def stream(self, shards: int = 1) -> str:
        name = f"in-{uuid.uuid4().hex[:8]}"
        self.kinesis.create_stream(StreamName=name, ShardCount=shards)
        return self.kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]

    def function(self, **environment: str) -> str:
        name = f"f-{uuid.uuid4().hex[:8]}"
        return self.functions.create(name, CODE, Environment={"Variables": environment})

    def map(self, source: str, function: str, **options) -> str:
        mapping = self.client.create_event_source_mapping(
            **{"EventSourceArn": source, "FunctionName": function, "StartingPosition": "TRIM_HORIZON", **options})
        until(lambda: self.client.get_event_source_mapping(UUID=mapping["UUID"])["State"] in ("Enabled", "Disabled"),
              "the mapping is ready")
        return mapping["UUID"]

    def put(self, stream_arn: str, *data: str, key: str = "k"):
        for text in data:
            self.kinesis.put_record(StreamARN=stream_arn, PartitionKey=key, Data=text)

    def seen(self, function: str) -> list[dict]:
        return [json.loads(m[len("SEEN "):]) for m in log_messages(self.server, function) if m.startswith("SEEN ")]

    def batches(self, function: str) -> list[list[str]]:
        return [e["records"] for e in self.seen(function)]

    def result(self, mapping: str) -> str:
        return self.client.get_event_source_mapping(UUID=mapping)["LastProcessingResult"]

    def cli(self, *words: str) -> str:
        return subprocess.run([MILLRACE, "mapping", *words, "--endpoint", self.server.url], check=True,
                              capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def world():
    with running_server() as server:
        yield World(server)


def refused(call, **arguments) -> tuple[str, str]:
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def test_all_parameters_are_shown_and_changed(world):
    source, function = world.stream(), world.function()
    queue = "arn:aws:sqs:us-east-1:000000000000:failed"
    key = world.server.client("kms").create_key()["KeyMetadata"]["Arn"]
    settings = dict(BatchSize=7, MaximumBatchingWindowInSeconds=1, ParallelizationFactor=3, MaximumRetryAttempts=5,
                    MaximumRecordAgeInSeconds=600, BisectBatchOnFunctionError=True,
                    FunctionResponseTypes=["ReportBatchItemFailures"],
                    FilterCriteria={"Filters": [{"Pattern": '{"data":{"a":[1]}}'}]},
                    DestinationConfig={"OnFailure": {"Destination": queue}}, MetricsConfig={"Metrics": ["EventCount"]},
                    KMSKeyArn=key)
    mapping = world.map(source, function, Tags={"team": "orders"}, **settings)
    shown = world.client.get_event_source_mapping(UUID=mapping)
    assert {name: shown[name] for name in settings} == settings
    assert shown["StateTransitionReason"] == "User action"
    assert shown["LastProcessingResult"] == "No records processed"
    (listed,) = world.client.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    assert listed["KMSKeyArn"] == settings["KMSKeyArn"] and "FilterCriteria" not in listed, "encrypted, for all a list tells"

    arn = shown["EventSourceMappingArn"]
    assert world.client.list_tags(Resource=arn)["Tags"] == {"team": "orders"}
    world.client.tag_resource(Resource=arn, Tags={"cost": "1"})
    world.client.untag_resource(Resource=arn, TagKeys=["team"])
    assert world.client.list_tags(Resource=arn)["Tags"] == {"cost": "1"}

    world.client.update_event_source_mapping(UUID=mapping, FilterCriteria={}, DestinationConfig={"OnFailure": {}},
                                             ParallelizationFactor=1, TumblingWindowInSeconds=30)
    until(lambda: world.client.get_event_source_mapping(UUID=mapping)["State"] == "Enabled",
          "the change is carried out")
    shown = world.client.get_event_source_mapping(UUID=mapping)
    assert "FilterCriteria" not in shown
    assert shown["DestinationConfig"] == {"OnFailure": {}}
    assert (shown["ParallelizationFactor"], shown["TumblingWindowInSeconds"]) == (1, 30)


def test_what_aws_refuses_is_refused_in_its_words(world):
    source, function = world.stream(), world.function()

    def create(**options):
        return refused(world.client.create_event_source_mapping,
                       **{"EventSourceArn": source, "FunctionName": function, "StartingPosition": "LATEST", **options})

    invalid = "InvalidParameterValueException"
    code, message = create(KMSKeyArn="arn:aws:kms:us-east-1:000000000000:key/nobodys")
    assert code == invalid and "KMS Exception: NotFoundException" in message
    for name, value in {"Topics": ["t"], "Queues": ["q"], "ScalingConfig": {"MaximumConcurrency": 5},
                        "DocumentDBEventSourceConfig": {"DatabaseName": "d"},
                        "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["h:1"]}}}.items():
        assert create(**{name: value}) == (invalid,
                                           f"Unsupported {name} parameter for given event source mapping type.")
    for pattern in ("null", "[]", '"text"', "{", '{"data":"plain"}', '{"data":{"a":[{"wildcard":"x*"}]}}'):
        assert create(FilterCriteria={"Filters": [{"Pattern": pattern}]}) == (invalid, "Invalid filter pattern definition.")
    assert create(DestinationConfig={"OnSuccess": {"Destination": "arn:aws:sqs:us-east-1:000000000000:q"}}) == (
        invalid, "Unsupported DestinationConfig parameter for given event source mapping type.")
    assert create(EventSourceArn=source + "-none") == (invalid, f"Stream not found: {source}-none")
    assert create(EventSourceArn=source + "/consumer/none:1")[0] == invalid
    assert create(ParallelizationFactor=2, TumblingWindowInSeconds=5)[0] == invalid
    assert create(ParallelizationFactor=11)[0] == "ValidationException"
    assert create(MaximumRecordAgeInSeconds=30)[0] == invalid
    assert create(DestinationConfig={"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:000000000000:q.fifo"}})[0] == invalid


def test_filters_look_at_keys_and_data(world):
    source, function = world.stream(), world.function()
    patterns = [{"data": {"city": [{"prefix": "S"}], "n": [{"numeric": [">", 0, "<=", 5]}]}}, {"partitionKey": ["vip"]}]
    world.map(source, function, FilterCriteria={"Filters": [{"Pattern": json.dumps(p)} for p in patterns]})
    wanted = json.dumps({"city": "Seattle", "n": 5})
    world.put(source, "no json", json.dumps({"city": "Seattle", "n": 6}), wanted, json.dumps({"city": "Lima", "n": 1}))
    world.put(source, "plain", key="vip")
    until(lambda: sum(world.batches(function), []) == [wanted, "plain"], "all are delivered")


def test_a_poisoned_record_is_bisected_and_told_to_a_bucket(world):
    source, function = world.stream(), world.function()
    s3 = world.server.client("s3")
    s3.create_bucket(Bucket="failed-records")
    mapping = world.map(source, function, BisectBatchOnFunctionError=True, MaximumRetryAttempts=1, Enabled=False,
                        DestinationConfig={"OnFailure": {"Destination": "arn:aws:s3:::failed-records"}})
    world.put(source, "1", "2", "poison", "3")
    world.client.update_event_source_mapping(UUID=mapping, Enabled=True)
    until(lambda: world.batches(function)[-1:] == [["3"]], "the batch is delivered")
    assert world.batches(function) == [["1", "2", "poison", "3"], ["1", "2"], ["poison", "3"], ["poison"], ["poison"], ["3"]]
    keys = [o["Key"] for o in s3.list_objects_v2(Bucket="failed-records")["Contents"]]
    assert len(keys) == 1 and keys[0].startswith(f"aws/lambda/{mapping}/shardId-000000000000/")
    document = json.loads(s3.get_object(Bucket="failed-records", Key=keys[0])["Body"].read())
    assert document["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert document["requestContext"]["approximateInvokeCount"] == 2
    assert document["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
    assert document["KinesisBatchInfo"]["batchSize"] == 1
    assert base64.b64decode(document["payload"]["Records"][0]["kinesis"]["data"]) == b"poison"

    shown = json.loads(world.cli("show", mapping, "--output", "json"))
    assert (shown["counts"]["dropped"], shown["discarded_records"]) == (1, 1)
    assert "0 records behind" in world.cli("show", mapping)
    world.functions.client.update_function_code(FunctionName=function, ZipFile=zipped(
        {"app.py": CODE.replace('raise ValueError("poison")', "pass")}))
    assert "1 records handled" in world.cli("replay-failed", mapping)
    assert world.batches(function)[-1] == ["poison"]


def test_a_poisoned_record_is_told_to_a_queue_and_to_a_topic(world):
    sqs, sns = world.server.client("sqs"), world.server.client("sns")
    queue = sqs.create_queue(QueueName="failed-records")["QueueUrl"]
    queue_arn = "arn:aws:sqs:us-east-1:000000000000:failed-records"
    topic_arn = sns.create_topic(Name="failed-records")["TopicArn"]
    sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=queue_arn, Attributes={"RawMessageDelivery": "true"})
    for destination in (queue_arn, topic_arn):
        source, function = world.stream(), world.function()
        world.map(source, function, MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": destination}})
        world.put(source, "poison")
        (message,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"]
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        document = json.loads(message["Body"])
        assert document["requestContext"]["condition"] == "RetryAttemptsExhausted"
        assert document["requestContext"]["functionArn"].endswith(f":{function}")
        assert document["KinesisBatchInfo"]["batchSize"] == 1


def test_a_partial_answer_is_the_cut(world):
    source, function = world.stream(), world.function(MODE="report")
    world.put(source, "1", "poison", "2")
    world.map(source, function, MaximumRetryAttempts=1, FunctionResponseTypes=["ReportBatchItemFailures"])
    world.put(source, "3")
    until(lambda: world.batches(function)[-1:] == [["3"]], "the next batch comes")
    assert world.batches(function) == [["1", "poison", "2"], ["poison", "2"], ["3"]], "a partial answer uses up a retry"


def test_lanes_keep_the_order_of_a_key(world):
    source, function = world.stream(), world.function(TAKES="0.2")
    world.map(source, function, ParallelizationFactor=10, BatchSize=1)
    began = time.monotonic()
    for n in range(4):
        for key in "abcdefgh":
            world.put(source, f"{key}{n}", key=key)
    until(lambda: len(world.batches(function)) >= 32, "all are delivered")
    seen = sum(world.batches(function), [])
    for key in "abcdefgh":
        assert [r for r in seen if r[0] == key] == [f"{key}{n}" for n in range(4)]
    assert time.monotonic() - began < 32 * 0.2, "no two lanes worked at once"


def test_windows_hand_on_their_state(world):
    source, function = world.stream(), world.function(MODE="window")
    world.map(source, function, TumblingWindowInSeconds=3, BatchSize=2)
    world.put(source, "1", "2", "3", "4", "5")
    until(lambda: sum(e["state"]["n"] for e in world.seen(function) if e["final"]) == 5, "the windows end", seconds=20)
    first = world.seen(function)[0]
    assert first["state"] == {} and first["final"] is False
    assert first["window"]["start"].endswith("Z")


def test_a_consumer_is_a_source_while_it_is_registered(world):
    source, function = world.stream(), world.function()
    consumer = world.kinesis.register_stream_consumer(StreamARN=source, ConsumerName="c")["Consumer"]["ConsumerARN"]
    mapping = world.map(consumer, function)
    world.put(source, "1")
    until(lambda: world.batches(function) == [["1"]], "the batch is delivered")
    assert world.seen(function)[0]["source"] == [consumer]
    world.kinesis.deregister_stream_consumer(ConsumerARN=consumer)
    world.put(source, "2")
    until(lambda: world.result(mapping).startswith("PROBLEM: "), "the mapping tells")
    assert world.batches(function) == [["1"]]


def test_a_stream_that_replaces_another_is_read_from_its_beginning(world):
    function, stream = world.function(), world.stream()
    name = stream.rpartition("/")[2]
    mapping = world.map(stream, function)
    world.put(stream, "1", "2")
    until(lambda: sum(len(b) for b in world.batches(function)) == 2, "the records arrive")
    world.client.update_event_source_mapping(UUID=mapping, Enabled=False)
    until(lambda: world.client.get_event_source_mapping(UUID=mapping)["State"] == "Disabled", "the mapping is disabled")
    for data in (["3", "4", "5"], ["6"]):
        world.kinesis.delete_stream(StreamName=name)
        world.kinesis.get_waiter("stream_not_exists").wait(StreamName=name)
        world.kinesis.create_stream(StreamName=name, ShardCount=1)
        world.kinesis.get_waiter("stream_exists").wait(StreamName=name)
        world.put(stream, *data)
        if data[0] == "3":
            world.client.update_event_source_mapping(UUID=mapping, Enabled=True)
        until(lambda: world.batches(function)[-1][-1] == data[-1], "the new stream's records arrive")
    assert [r for b in world.batches(function) for r in b] == ["1", "2", "3", "4", "5", "6"]


def test_two_mappings_never_share_stream_and_function(world):
    first, second, stream = world.function(), world.function(), world.stream()
    world.map(stream, first)
    mapping = world.map(stream, second)
    code, message = refused(world.client.update_event_source_mapping, UUID=mapping, FunctionName=first)
    assert code == "ResourceConflictException" and "already exists" in message
    world.client.update_event_source_mapping(UUID=mapping, FunctionName=second)


def test_rewinding_delivers_again(world):
    source, function = world.stream(), world.function()
    mapping = world.map(source, function, BatchSize=10)
    world.put(source, "1", "2")
    until(lambda: sum(world.batches(function), []) == ["1", "2"], "all are delivered")
    world.cli("rewind", mapping, "--to", "TRIM_HORIZON")
    until(lambda: sum(world.batches(function), []) == ["1", "2", "1", "2"], "all are delivered")


def test_metrics_tell_of_each_mapping(world):
    source, function = world.stream(), world.function()
    mapping = world.map(source, function)
    world.put(source, "1")
    until(lambda: world.batches(function) == [["1"]], "the batch is delivered")
    with urllib.request.urlopen(world.server.url + "/metrics") as answer:
        text = answer.read().decode()
    assert f'millrace_mapping_polled_total{{uuid="{mapping}"}} 1' in text


def test_a_kill_in_mid_batch_repeats_that_batch_only():
    with running_server() as server:
        world = World(server)
        source, function = world.stream(), world.function(TAKES="1")
        world.put(source, "a1", "a2", "a3", "a4", key="a")
        world.map(source, function, BatchSize=2, ParallelizationFactor=2)
        until(lambda: ["a3", "a4"] in world.batches(function), "the second batch")
        before = {e["request"] for e in world.seen(function)}
        server.kill()
        server.restart()

        def repeated() -> list[list[str]]:
            return [e["records"] for e in world.seen(function) if e["request"] not in before]

        until(repeated, "the batch comes again")
        world.put(source, "a5", key="a")
        until(lambda: ["a5"] in repeated(), "the next one comes")
        assert repeated() == [["a3", "a4"], ["a5"]]


# Counts in the window's state, and reports the first record that says "poison".
CPP = r"""
#include <millrace/lambda.h>
#include <iostream>

using millrace::json;

json consume(const json& event, const millrace::Context&) {
    json state = event.at("state");
    json failures = json::array();
    for (const auto& record : millrace::kinesis_records(event)) {
        if (record.data.find("poison") != std::string::npos) {
            failures.push_back({{"itemIdentifier", record.sequence_number}});
            break;
        }
        state["n"] = state.value("n", 0) + 1;
    }
    std::cout << "SEEN " << json({{"state", state}, {"final", event.at("isFinalInvokeForWindow")}}).dump() << std::endl;
    return {{"state", state}, {"batchItemFailures", failures}};
}

int main() { return millrace::run(consume); }
"""


def test_a_cpp_function_answers_with_state_and_failures(world, tmp_path):
    sdk = MILLRACE.parent.parent / "sdk"
    (tmp_path / "main.cpp").write_text(CPP)
    subprocess.run(["clang++-19", "-std=c++20", "-O1", "-static", "-s", f"-I{sdk}/include", "main.cpp", "-o", "bootstrap",
                    f"-L{sdk}/lib", "-lmillrace-runtime", "-lssl", "-lcrypto"], cwd=tmp_path, check=True)
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as archive:
        archive.write(tmp_path / "bootstrap", "bootstrap")
    source = world.stream()
    function = world.functions.create(f"f-{uuid.uuid4().hex[:8]}", (tmp_path / "code.zip").read_bytes(),
                                      Runtime="provided.al2023", Handler="bootstrap")
    mapping = world.map(source, function, TumblingWindowInSeconds=2, MaximumRetryAttempts=0,
                        FunctionResponseTypes=["ReportBatchItemFailures"])
    world.put(source, "1", "2", "poison")
    until(lambda: sum(e["state"]["n"] for e in world.seen(function) if e["final"]) == 2, "the windows end", seconds=20)
    assert json.loads(world.cli("show", mapping, "--output", "json"))["counts"]["dropped"] == 1
