# SPDX-License-Identifier: Apache-2.0
"""What functions do to their event source mappings: throttled ones, an alias that is moved, and the C++ consumer of the orders: with
boto3 and a server that runs."""
import json
import re
import threading
import uuid

import pytest
from conftest import running_server
from test_lambda import zipped
from test_mapping_parameters import FAIL, REPORTS, Streams, to_queue
from walkthrough import deploy_orders, log_messages, until

# Prints what it is given, by which version of it, from when to when.
CODE = """
import base64, json, os, time

def handler(event, context):
    began = time.time()
    records = [base64.b64decode(r["kinesis"]["data"]).decode() for r in event["Records"]]
    time.sleep(float(os.environ.get("TAKES", "0")))
    print("SEEN " + json.dumps({"records": records, "version": context.function_version, "span": [began, time.time()]}), flush=True)
    if any("fail" in record for record in records):
        raise ValueError("told to")
"""


@pytest.fixture(scope="module")
def world():
    with running_server() as server:
        yield Streams(server)


def shown(world, mapping: str) -> dict:
    return json.loads(world.cli("show", mapping, "--output", "json"))


def waiting_batch(world, mapping: str) -> dict:
    """That of its first shard, once it has waited for more than one attempt."""
    def found():
        batch = shown(world, mapping)["shards"][0]["lanes"][0]["batch"]
        return batch if batch and batch["attempts"] > 1 else None
    return until(found, "the batch is tried again")


def test_records_of_a_function_without_concurrency_wait(world):
    (queue, arn), source = world.queue(), world.stream()
    throttled, other = world.function(CODE), world.function(CODE)
    world.client.put_function_concurrency(FunctionName=throttled, ReservedConcurrentExecutions=0)
    mapping = world.map(source, throttled, MaximumRetryAttempts=0, BisectBatchOnFunctionError=True,
                        DestinationConfig=to_queue(arn))
    world.map(source, other)
    texts = ["1", "2", "3"]
    world.put(source, *texts)
    until(lambda: world.all_seen(other) == texts, "another function of the same shard goes on")
    batch = waiting_batch(world, mapping)
    assert batch["doing"] in ("retrying", "invoking")
    assert world.result(mapping) == "PROBLEM: Rate Exceeded."
    assert world.seen(throttled) == []
    world.client.delete_function_concurrency(FunctionName=throttled)
    until(lambda: world.all_seen(throttled) == texts, "they are delivered")
    until(lambda: world.counts(mapping)["invoked"] == 3, "and counted")
    assert world.counts(mapping)["dropped"] == 0, "being throttled is no attempt"
    world.put(source, "fail")
    (document,) = world.documents(queue)
    assert document["requestContext"]["approximateInvokeCount"] == 1, "the first failure is the first attempt"
    assert document["KinesisBatchInfo"]["batchSize"] == 1


def test_shards_take_turns_at_a_function_that_runs_once_at_a_time(world):
    source, function = world.stream(shards=4), world.function(CODE, TAKES="0.2")
    world.client.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=1)
    shards = {}
    for n in range(3):
        for key in "abcdefgh":
            answer = world.kinesis.put_record(StreamARN=source, PartitionKey=key, Data=f"{key}{n}")
            shards.setdefault(answer["ShardId"], []).append(f"{key}{n}")
    assert len(shards) > 1, "the keys are of several shards"
    mapping = world.map(source, function, MaximumRetryAttempts=0)
    due = sum(len(texts) for texts in shards.values())
    until(lambda: len(world.all_seen(function)) >= due, "all are delivered", seconds=30)
    seen = world.all_seen(function)
    for texts in shards.values():
        assert [text for text in seen if text in texts] == texts, "each once, in order"
    spans = sorted(event["span"] for event in world.seen(function))
    assert all(ended <= begins for (_, ended), (begins, _) in zip(spans, spans[1:])), "never two at once"
    until(lambda: world.counts(mapping)["invoked"] == due, "all are counted")
    assert world.counts(mapping)["dropped"] == 0


def test_an_alias_that_is_moved_takes_the_mapping_along(world):
    (queue, arn), source, function = world.queue(), world.stream(), world.function(CODE)
    first = world.client.publish_version(FunctionName=function)["Version"]
    world.client.update_function_code(FunctionName=function, ZipFile=zipped({"app.py": CODE + "\n# anew\n"}))
    second = world.client.publish_version(FunctionName=function)["Version"]
    assert first != second
    world.client.create_alias(FunctionName=function, Name="live", FunctionVersion=first)
    made = world.create(source, f"{function}:live", BatchSize=1, MaximumRetryAttempts=0, DestinationConfig=to_queue(arn))
    assert made["FunctionArn"].endswith(f":function:{function}:live")
    texts: list[str] = []
    is_over = threading.Event()

    def flow():
        while not is_over.is_set():
            world.put(source, f"{len(texts):04}")
            texts.append(f"{len(texts):04}")
            is_over.wait(0.01)

    flowing = threading.Thread(target=flow)
    flowing.start()
    try:
        until(lambda: len(world.seen(function)) >= 3, "the first version has some")
        world.client.update_alias(FunctionName=function, Name="live", FunctionVersion=second)
        moved = len(texts) + 1  # one may be on its way
        until(lambda: len(texts) > moved + 3 and world.seen(function)[-1]["version"] == second, "the second has some")
    finally:
        is_over.set()
        flowing.join()
    until(lambda: len(world.all_seen(function)) >= len(texts), "all are delivered")
    assert world.all_seen(function) == texts, "each once, in order"
    by = [event["version"] for event in world.seen(function)]
    assert by == sorted(by) and set(by) == {first, second}, "and never by the first again"
    assert set(by[moved:]) == {second}
    world.put(source, "fail")
    (document,) = world.documents(queue)
    assert document["responseContext"]["executedVersion"] == second
    assert document["requestContext"]["functionArn"] == made["FunctionArn"]


def test_the_orders_consumer_with_every_parameter_of_failing_batches(tmp_path):
    """An order that is none makes the C++ program throw. It is told of alone, the orders around it are processed once in the end, and
    what the filter keeps out is not."""
    with running_server() as server:
        world = Streams(server)
        deploy_orders(server, tmp_path)
        (queue, arn), source = world.queue(), world.stream()
        made = world.create(source, "LambdaConsumer", Enabled=False, BisectBatchOnFunctionError=True, MaximumRetryAttempts=1,
                            FunctionResponseTypes=REPORTS, DestinationConfig=to_queue(arn),
                            FilterCriteria={"Filters": [{"Pattern": json.dumps({"data": {"product": [{"anything-but": "Sand"}]}})}]})

        def order(name: str, product: str) -> str:
            return json.dumps({"orderId": name, "product": product, "quantity": 1, "price": 2.5, "total": 2.5})

        world.put(source, order("o-1", "Lamp"), order("o-2", "Sand"), json.dumps({"product": "none"}), order("o-3", "Lamp"),
                  order("o-4", "Lamp"))
        until(lambda: world.state(made["UUID"]) == "Disabled", "it may be changed")
        world.client.update_event_source_mapping(UUID=made["UUID"], Enabled=True)
        (document,) = world.documents(queue)
        assert document["requestContext"]["condition"] == "RetryAttemptsExhausted"
        assert document["requestContext"]["approximateInvokeCount"] == 2
        assert document["KinesisBatchInfo"]["startSequenceNumber"] == world.records(source)[2]["SequenceNumber"]
        assert document["KinesisBatchInfo"]["batchSize"] == 1

        def processed() -> list[str]:
            lines = log_messages(server, "LambdaConsumer", '"Order processed"')
            return [found.group() for line in lines if (found := re.search(r"o-\d", line))]

        until(lambda: processed()[-1:] == ["o-4"], "the batch is done with")
        assert sorted(set(processed())) == ["o-1", "o-3", "o-4"]
