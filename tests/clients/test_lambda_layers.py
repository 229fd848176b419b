# SPDX-License-Identifier: Apache-2.0
"""Layers with boto3, the AWS CLI and templates: what functions see below /opt, also over kill -9 and after a version is deleted."""
import io
import json
import subprocess
import zipfile

import pytest
from conftest import aws_commands, running_server, zipped

ROLE = "arn:aws:iam::000000000000:role/test"
CODE = """
import json, os, subprocess, sys
def handler(event, context):
    import greeting
    tool = subprocess.run(["tool"], capture_output=True, text=True)
    tree = sorted(os.path.join(d, f) for d, _, files in os.walk("/opt") for f in files)
    writable = os.access("/opt", os.W_OK)
    return {"text": greeting.TEXT, "tool": tool.stdout.strip(), "tree": tree, "writable": writable, "argv": sys.argv[1:],
            "path": [p for p in sys.path if p.startswith("/opt")], "libraries": os.environ["LD_LIBRARY_PATH"].split(":")[-1]}
"""


@pytest.fixture(scope="module")
def server():
    with running_server() as one:
        yield one


@pytest.fixture(scope="module")
def functions(server):
    return server.client("lambda", read_timeout=60)


def publish(functions, name: str, files: dict[str, str], **more) -> str:
    return functions.publish_layer_version(LayerName=name, Content={"ZipFile": zipped(files)}, **more)["LayerVersionArn"]


def create(functions, name: str, layers: list[str], code: str = CODE):
    return functions.create_function(FunctionName=name, Runtime="python3.11", Role=ROLE, Handler="app.handler", Timeout=20,
                                     Layers=layers, Code={"ZipFile": zipped({"app.py": code})})


def ask(functions, name: str):
    answer = functions.invoke(FunctionName=name, Payload=b"{}")
    payload = json.load(answer["Payload"])
    assert "FunctionError" not in answer, payload
    return payload


TOOL = {"bin/tool": "#!/bin/sh\necho a tool\n", "python/greeting.py": "TEXT = 'of the tool'"}
GREETING = {"python/greeting.py": "TEXT = 'hello'", "python/lib/python3.11/site-packages/deep.py": ""}


def test_a_function_sees_its_layers_below_opt(functions):
    layers = [publish(functions, "tools", TOOL), publish(functions, "greetings", GREETING)]
    made = create(functions, "both", layers)
    assert [layer["Arn"] for layer in made["Layers"]] == layers
    assert made["Layers"][0]["CodeSize"] == len(zipped(TOOL))
    seen = ask(functions, "both")
    assert seen == {"text": "hello", "tool": "a tool", "writable": False, "argv": [], "libraries": "/opt/lib",
                    "tree": ["/opt/bin/tool", "/opt/python/greeting.py", "/opt/python/lib/python3.11/site-packages/deep.py"],
                    "path": ["/opt/python/lib/python3.11/site-packages", "/opt/python"]}
    # The later over the earlier.
    functions.update_function_configuration(FunctionName="both", Layers=layers[::-1])
    assert ask(functions, "both")["text"] == "of the tool"
    functions.update_function_configuration(FunctionName="both", Layers=layers[:1])
    assert ask(functions, "both")["tree"] == ["/opt/bin/tool", "/opt/python/greeting.py"]
    functions.update_function_configuration(FunctionName="both", Layers=[])
    assert "Layers" not in functions.get_function_configuration(FunctionName="both")
    assert json.load(functions.invoke(FunctionName="both")["Payload"])["errorType"] == "ModuleNotFoundError"


def test_a_bootstrap_may_come_from_a_layer(functions):
    bootstrap = """#!/bin/sh
while true; do
    headers=$(mktemp)
    curl -sS -D "$headers" "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/next" >/dev/null
    id=$(grep -i lambda-runtime-aws-request-id "$headers" | tr -d '[:space:]' | cut -d: -f2)
    curl -sS -X POST "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/$id/response" -d "\\"$0\\"" >/dev/null
done
"""
    layer = publish(functions, "runtime", {"bootstrap": bootstrap})
    functions.create_function(FunctionName="own", Runtime="provided.al2023", Role=ROLE, Handler="x", Timeout=20, Layers=[layer],
                              Code={"ZipFile": zipped({"data": "x"})})
    assert ask(functions, "own") == "/opt/bootstrap"


def test_versions_survive_kill_and_functions_their_deletion(server, functions):
    layer = publish(functions, "kept", {**GREETING, **TOOL}, CompatibleRuntimes=["python3.11"], LicenseInfo="MIT", Description="d")
    create(functions, "keeper", [layer])
    told = functions.get_layer_version_by_arn(Arn=layer)
    server.kill()
    server.restart()
    again = functions.get_layer_version(LayerName="kept", VersionNumber=1)
    for member in ("Content", "CreatedDate", "CompatibleRuntimes", "LicenseInfo", "Description", "LayerArn"):
        assert again[member] == told[member]
    functions.delete_layer_version(LayerName="kept", VersionNumber=1)
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.get_layer_version(LayerName="kept", VersionNumber=1)
    server.kill()
    server.restart()
    assert ask(functions, "keeper")["tool"] == "a tool"
    with pytest.raises(functions.exceptions.InvalidParameterValueException, match="kept:1 does not exist."):
        create(functions, "late", [layer])
    assert publish(functions, "kept", GREETING).endswith(":layer:kept:2")


def test_sizes_are_bounded(server, functions):
    s3 = server.client("s3")
    s3.create_bucket(Bucket="layers")

    def large(name: str, megabytes: int) -> str:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr("zeros", bytes(megabytes << 20))
        s3.put_object(Bucket="layers", Key=name, Body=buffer.getvalue())
        content = {"S3Bucket": "layers", "S3Key": name}
        return functions.publish_layer_version(LayerName=name, Content=content)["LayerVersionArn"]

    with pytest.raises(functions.exceptions.InvalidParameterValueException, match="Unzipped size must be smaller"):
        large("huge", 251)
    with pytest.raises(functions.exceptions.InvalidParameterValueException, match="NoSuchKey"):
        functions.publish_layer_version(LayerName="none", Content={"S3Bucket": "layers", "S3Key": "missing"})
    both = [large("first", 130), large("second", 130)]
    with pytest.raises(functions.exceptions.InvalidParameterValueException,
                       match="combined with layers exceeds the maximum allowed size of 262144000 bytes. The actual size is"):
        create(functions, "over", both)
    create(functions, "within", both[:1])


@pytest.mark.parametrize("command", aws_commands())
def test_with_the_aws_cli(server, functions, command, tmp_path):
    def aws(*arguments):
        done = subprocess.run([*command, "lambda", *arguments, "--endpoint-url", server.url], env=server.environment(),
                              capture_output=True, text=True, check=True)
        return json.loads(done.stdout) if done.stdout.strip() else None

    archive = tmp_path / "layer.zip"
    archive.write_bytes(zipped(GREETING))
    name = "cli" + command[0].count("venv") * "-1"
    made = aws("publish-layer-version", "--layer-name", name, "--zip-file", f"fileb://{archive}", "--compatible-runtimes",
               "python3.11", "python3.12", "--compatible-architectures", "x86_64")
    assert made["Version"] == 1 and made["CompatibleRuntimes"] == ["python3.11", "python3.12"]
    assert made["LayerVersionArn"] in str(aws("list-layer-versions", "--layer-name", name))
    assert name in str(aws("list-layers", "--compatible-runtime", "python3.12"))
    aws("add-layer-version-permission", "--layer-name", name, "--version-number", "1", "--statement-id", "all", "--action",
        "lambda:GetLayerVersion", "--principal", "*")
    policy = json.loads(aws("get-layer-version-policy", "--layer-name", name, "--version-number", "1")["Policy"])
    assert policy["Statement"] == [{"Sid": "all", "Effect": "Allow", "Principal": "*", "Action": "lambda:GetLayerVersion",
                                    "Resource": made["LayerVersionArn"]}]
    aws("remove-layer-version-permission", "--layer-name", name, "--version-number", "1", "--statement-id", "all")
    aws("delete-layer-version", "--layer-name", name, "--version-number", "1")
    assert aws("list-layer-versions", "--layer-name", name) == {"LayerVersions": []}


TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Greetings:
    Type: AWS::Serverless::LayerVersion
    Properties:
      LayerName: sam-greetings
      ContentUri: s3://code/{layer}
      CompatibleRuntimes: [python3.11]
      RetentionPolicy: Delete
  Tools:
    Type: AWS::Lambda::LayerVersion
    Properties: {{Content: {{S3Bucket: code, S3Key: tools.zip}}}}
  Shared:
    Type: AWS::Lambda::LayerVersionPermission
    Properties: {{Action: 'lambda:GetLayerVersion', LayerVersionArn: !Ref Tools, Principal: '*'}}
  Function:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: templated
      Runtime: python3.11
      Handler: app.handler
      Timeout: 20
      CodeUri: s3://code/app.zip
      Layers: [!Ref Tools, !Ref Greetings]
Outputs:
  Layer: {{Value: !Ref Greetings}}
  Tools: {{Value: !Ref Tools}}
"""


def test_templates_make_replace_and_remove_layers(server, functions):
    s3, stacks = server.client("s3"), server.client("cloudformation")
    s3.create_bucket(Bucket="code")
    for key, files in (("app.zip", {"app.py": CODE}), ("tools.zip", TOOL), ("one.zip", GREETING),
                       ("two.zip", {"python/greeting.py": "TEXT = 'again'"})):
        s3.put_object(Bucket="code", Key=key, Body=zipped(files))
    wants = {"StackName": "layered", "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]}
    stacks.create_stack(TemplateBody=TEMPLATE.format(layer="one.zip"), **wants)
    stacks.get_waiter("stack_create_complete").wait(StackName="layered", WaiterConfig={"Delay": 1})

    def outputs() -> dict[str, str]:
        return {o["OutputKey"]: o["OutputValue"] for o in stacks.describe_stacks(StackName="layered")["Stacks"][0]["Outputs"]}

    assert outputs()["Layer"].endswith(":layer:sam-greetings:1")
    assert ask(functions, "templated")["text"] == "hello" and ask(functions, "templated")["tool"] == "a tool"
    name, version = outputs()["Tools"].split(":")[-2:]
    assert "Policy" in functions.get_layer_version_policy(LayerName=name, VersionNumber=int(version))
    stacks.update_stack(TemplateBody=TEMPLATE.format(layer="two.zip"), **wants)
    stacks.get_waiter("stack_update_complete").wait(StackName="layered", WaiterConfig={"Delay": 1})
    assert ask(functions, "templated")["text"] == "again"
    versions = functions.list_layer_versions(LayerName="sam-greetings")["LayerVersions"]
    assert [layer["Version"] for layer in versions] == [2]
    stacks.delete_stack(StackName="layered")
    stacks.get_waiter("stack_delete_complete").wait(StackName="layered", WaiterConfig={"Delay": 1})
    assert functions.list_layer_versions(LayerName="sam-greetings")["LayerVersions"] == []
    assert functions.list_layer_versions(LayerName=name)["LayerVersions"] == []
