# SPDX-License-Identifier: Apache-2.0
"""SSM's parameters with boto3 and the AWS CLIs: versions, labels, paths, and SecureStrings kept as they are."""
import json
import subprocess

import botocore.exceptions
import pytest
from conftest import aws_commands, running_server


@pytest.fixture(scope="module")
def server():
    with running_server() as one:
        yield one


@pytest.fixture(scope="module")
def ssm(server):
    return server.client("ssm")


def test_a_parameter_survives_kill_9_with_its_versions(server, ssm):
    assert ssm.put_parameter(Name="/kept/e", Value="ein Wert: é", Type="String")["Version"] == 1
    assert ssm.put_parameter(Name="/kept/e", Value="two", Overwrite=True)["Version"] == 2
    assert ssm.label_parameter_version(Name="/kept/e", ParameterVersion=1, Labels=["prod"])["InvalidLabels"] == []
    server.kill()
    server.restart()
    assert ssm.get_parameter(Name="/kept/e")["Parameter"]["Value"] == "two"
    told = ssm.get_parameter(Name="/kept/e:prod")["Parameter"]
    assert told["Value"] == "ein Wert: é" and told["Version"] == 1 and told["Selector"] == ":prod"
    history = ssm.get_parameter_history(Name="/kept/e")["Parameters"]
    assert [v["Value"] for v in history] == ["ein Wert: é", "two"] and history[0]["Labels"] == ["prod"]
    assert ssm.unlabel_parameter_version(Name="/kept/e", ParameterVersion=1, Labels=["prod"])["RemovedLabels"] == ["prod"]
    with pytest.raises(ssm.exceptions.ParameterAlreadyExists):
        ssm.put_parameter(Name="/kept/e", Value="x", Type="String")
    with pytest.raises(ssm.exceptions.ParameterVersionNotFound):
        ssm.get_parameter(Name="/kept/e:7")
    ssm.delete_parameter(Name="/kept/e")
    with pytest.raises(ssm.exceptions.ParameterNotFound):
        ssm.get_parameter(Name="/kept/e")


def test_paths_and_pages(ssm):
    for i in range(13):
        ssm.put_parameter(Name=f"/app/p{i:02}", Value=str(i), Type="String", Tags=[{"Key": "n", "Value": str(i)}])
    ssm.put_parameter(Name="/app/deep/q", Value="q", Type="StringList")
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path="/app", Recursive=True)
    assert [p["Name"] for page in pages for p in page["Parameters"]] == ["/app/deep/q", *(f"/app/p{i:02}" for i in range(13))]
    found = ssm.describe_parameters(ParameterFilters=[{"Key": "tag:n", "Values": ["7"]}])["Parameters"]
    assert [p["Name"] for p in found] == ["/app/p07"]
    both = ssm.get_parameters(Names=["/app/p01", "/app/none"])
    assert [p["Value"] for p in both["Parameters"]] == ["1"] and both["InvalidParameters"] == ["/app/none"]
    assert ssm.delete_parameters(Names=["/app/p01", "/app/none"])["DeletedParameters"] == ["/app/p01"]


def test_a_secure_string_is_kept_and_told_when_asked(ssm):
    ssm.put_parameter(Name="secret", Value="hidden", Type="SecureString")
    assert ssm.get_parameter(Name="secret")["Parameter"]["Value"] != "hidden"
    assert ssm.get_parameter(Name="secret", WithDecryption=True)["Parameter"]["Value"] == "hidden"


def test_tags_and_refusals(ssm):
    ssm.put_parameter(Name="tagged", Value="1", Type="String")
    which = {"ResourceType": "Parameter", "ResourceId": "tagged"}
    ssm.add_tags_to_resource(**which, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    ssm.remove_tags_from_resource(**which, TagKeys=["a"])
    assert ssm.list_tags_for_resource(**which)["TagList"] == [{"Key": "b", "Value": "2"}]
    with pytest.raises(ssm.exceptions.InvalidResourceId):
        ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="none")
    with pytest.raises(botocore.exceptions.ClientError, match="SendCommand"):
        ssm.send_command(DocumentName="x")


@pytest.mark.parametrize("aws", aws_commands())
def test_aws_cli(server, aws, tmp_path):
    def run(*arguments: str) -> dict:
        done = subprocess.run([*aws, "--endpoint-url", server.url, "ssm", *arguments], env=server.environment(),
                              capture_output=True, text=True, check=True)
        return json.loads(done.stdout or "{}")

    run("put-parameter", "--name", "/cli/a", "--value", "one", "--type", "String")
    run("put-parameter", "--name", "/cli/a", "--value", "two", "--overwrite")
    assert run("get-parameter", "--name", "/cli/a:1")["Parameter"]["Value"] == "one"
    assert len(run("get-parameters-by-path", "--path", "/cli")["Parameters"]) == 1
    run("delete-parameter", "--name", "/cli/a")
