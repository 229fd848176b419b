# SPDX-License-Identifier: Apache-2.0
"""kill -9 of the real program: by mill_crash (./mill crash), and during the demo's puts: nothing acknowledged is lost, at most
the batch in flight repeats."""
import json
import subprocess
import threading

import botocore.exceptions
import pytest
from conftest import BUILD
from walkthrough import deploy_orders, log_messages, stream_records, until

BATCH_SIZE = 10


class Producer(threading.Thread):
    """Invokes the producer until told to stop; keeps every order whose invocation was answered."""

    def __init__(self, server):
        super().__init__()
        self.client = server.client("lambda", read_timeout=20)
        self.acknowledged: list[str] = []
        self.first_answer = threading.Event()
        self.stopping = threading.Event()

    def run(self):
        while not self.stopping.is_set():
            try:
                answer = self.client.invoke(FunctionName="LambdaProducer", Payload=b"{}")
                payload = json.loads(answer["Payload"].read())
            except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError, OSError):
                continue  # the server is down: this order may or may not be on the stream
            if "FunctionError" not in answer:
                self.acknowledged.append(payload["order"]["orderId"])
                self.first_answer.set()


def consumed(server) -> list[str]:
    return [line.split()[2] for line in log_messages(server, "LambdaConsumer", '"Order processed"')]


@pytest.mark.timeout(1800)
def test_every_promise_holds_through_kill_9_again_and_again(request):
    cycles = 300 if request.config.getoption("--long") else 20
    done = subprocess.run([BUILD / "bin" / "mill_crash", "--cycles", str(cycles)], text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{cycles} kills while clients worked" in done.stdout


def test_nothing_acknowledged_is_lost_by_kill_9(server, tmp_path):
    deploy_orders(server, tmp_path)
    producer = Producer(server)
    producer.start()
    kills = 3
    try:
        for _ in range(kills):
            assert producer.first_answer.wait(60)
            server.kill()
            server.restart()
            producer.first_answer.clear()
        assert producer.first_answer.wait(60)
    finally:
        producer.stopping.set()
        producer.join()

    on_stream = [json.loads(record["Data"])["orderId"] for record in stream_records(server, "OrderStream")]
    assert set(producer.acknowledged) <= set(on_stream), "an acknowledged order is not on the stream"
    assert [o for o in on_stream if o in set(producer.acknowledged)] == producer.acknowledged, "out of order"

    # The log is not acknowledged, so a line may be lost with the kill; the checkpoint is. What the consumer got is judged
    # by what came after the last restart: everything that was not checkpointed before.
    until(lambda: on_stream[-1] in consumed(server), "the last order consumed", seconds=60)
    lines = consumed(server)
    assert set(lines) <= set(on_stream)
    repeats = len(lines) - len(set(lines))
    assert repeats <= kills * BATCH_SIZE, f"{repeats} orders were consumed more than once"
    first_seen = list(dict.fromkeys(lines))
    assert first_seen == [order for order in on_stream if order in set(first_seen)], "consumed out of order"


def test_a_stopped_server_comes_back_with_everything(server, tmp_path):
    deploy_orders(server, tmp_path)
    client = server.client("lambda")
    orders = [json.loads(client.invoke(FunctionName="LambdaProducer", Payload=b"{}")["Payload"].read())["order"]["orderId"]
              for _ in range(3)]
    until(lambda: len(consumed(server)) >= 3, "three orders consumed")
    iterator = server.client("kinesis").get_shard_iterator(
        StreamName="OrderStream", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    server.process.terminate()
    assert server.process.wait(timeout=20) == 0
    server.restart()
    assert consumed(server) == orders, "the log survives a clean stop, and nothing is consumed twice"
    records = server.client("kinesis").get_records(ShardIterator=iterator)["Records"]
    assert [json.loads(r["Data"])["orderId"] for r in records] == orders, "an iterator survives the restart"
    assert {s["StackName"] for s in server.client("cloudformation").describe_stacks()["Stacks"]} == {
        "kinesis-consumer-producer", "aws-sam-cli-managed-default"}
    client.invoke(FunctionName="LambdaProducer", Payload=b"{}")
    until(lambda: len(consumed(server)) >= 4, "the fourth order consumed")
