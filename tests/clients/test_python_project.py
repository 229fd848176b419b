# SPDX-License-Identifier: Apache-2.0
"""A user's own Python project of the seed's layout: boto3 in the producer, no change for Millrace."""
import json
import pathlib

from conftest import MILLRACE
from walkthrough import STACK, copy_project, deploy, log_messages, run, stream_records, until

PROJECT = pathlib.Path(__file__).parent / "python_project"


def test_it_deploys_and_runs(server, tmp_path):
    project = copy_project(PROJECT, tmp_path / "project")
    output = deploy(server, project)
    assert f"Successfully created/updated stack - {STACK}" in output
    client = server.client("lambda")
    orders = []
    for _ in range(3):
        answer = client.invoke(FunctionName="LambdaProducer", Payload=(project / "events/invoke-producer.json").read_bytes())
        body = answer["Payload"].read()
        assert "FunctionError" not in answer, body
        orders.append(json.loads(json.loads(body)["body"])["order_id"])
    assert [json.loads(r["Data"])["order_id"] for r in stream_records(server, "OrderStream")] == orders

    def consumed():
        lines = log_messages(server, "LambdaConsumer", '"Processing order"')
        return lines if len(lines) >= 3 else None

    assert [line.split()[2].rstrip(":") for line in until(consumed, "three lines of the consumer")] == orders
    run(server, MILLRACE, "sam", "delete", "--no-prompts", directory=project)
