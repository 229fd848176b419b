# SPDX-License-Identifier: Apache-2.0
"""Functions' URLs over plain HTTP, set up with boto3, the AWS CLI and templates."""
import base64
import http.client
import json
import subprocess
import urllib.parse
import urllib.request

import boto3.session
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from conftest import aws_commands, running_server, zipped

ROLE = "arn:aws:iam::000000000000:role/test"
CODE = """
import json
def handler(event, context):
    path = event["rawPath"]
    if path == "/fail":
        raise ValueError("no")
    if path == "/page":
        return {"statusCode": 418, "headers": {"Content-Type": "text/html", "X-Answer": 42}, "cookies": ["a=1", "b=2; Path=/"],
                "body": "<p>tea</p>"}
    if path == "/bytes":
        return {"statusCode": 200, "isBase64Encoded": True, "body": event["body"], "headers": {"Content-Type": "image/png"}}
    if path == "/text":
        return "plain"
    return {"event": event, "id": context.aws_request_id}
"""


@pytest.fixture(scope="module")
def server():
    with running_server() as one:
        yield one


@pytest.fixture(scope="module")
def functions(server):
    return server.client("lambda", read_timeout=60)


def create(functions, name: str):
    functions.create_function(FunctionName=name, Runtime="python3.11", Role=ROLE, Handler="app.handler", Timeout=20,
                              Code={"ZipFile": zipped({"app.py": CODE})})


@pytest.fixture(scope="module")
def url(functions) -> str:
    create(functions, "open")
    return functions.create_function_url_config(FunctionName="open", AuthType="NONE")["FunctionUrl"]


def ask(url: str, path: str = "/", method: str = "GET", body: bytes | None = None, **headers: str):
    """As a client that resolves names below localhost: not every system's library does."""
    place = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", place.port, timeout=30)
    headers = {"Host": place.netloc} | {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    answer.content = answer.read()
    connection.close()
    return answer


def test_the_url_works_as_it_is(server, url):
    assert url.endswith(f".lambda-url.us-east-1.localhost:{server.port}/")
    got = subprocess.run(["curl", "-sS", "-H", "X-Test: yes", "-b", "one=1; two=2", f"{url}my/path?a=1&a=2&b=%C3%A9"],
                         capture_output=True, text=True, check=True).stdout
    event = json.loads(got)["event"]
    assert (event["version"], event["rawPath"], event["rawQueryString"]) == ("2.0", "/my/path", "a=1&a=2&b=%C3%A9")
    assert event["queryStringParameters"] == {"a": "1,2", "b": "é"} and event["cookies"] == ["one=1", "two=2"]
    assert event["headers"]["x-test"] == "yes" and event["headers"]["x-forwarded-for"] == "127.0.0.1"
    context = event["requestContext"]
    assert context["accountId"] == "anonymous" and context["domainPrefix"] == url[7:39]
    assert context["http"]["method"] == "GET" and context["http"]["sourceIp"] == "127.0.0.1"
    assert context["http"]["userAgent"].startswith("curl/") and context["requestId"] == json.loads(got)["id"]
    assert "body" not in event and event["isBase64Encoded"] is False


def test_the_path_form_works_for_every_client(server, url):
    with urllib.request.urlopen(f"{server.url}/_millrace/url/{url[7:39]}/my/path?a=1") as answer:
        event = json.load(answer)["event"]
    assert event["rawPath"] == "/my/path" and event["queryStringParameters"] == {"a": "1"}


def test_answers_are_what_the_function_says(url):
    page = ask(url, "/page")
    assert page.status == 418 and page.content == b"<p>tea</p>"
    assert page.headers["Content-Type"] == "text/html" and page.headers["X-Answer"] == "42"
    assert page.headers.get_all("Set-Cookie") == ["a=1", "b=2; Path=/"]
    assert ask(url, "/page", "HEAD").content == b""
    data = bytes(range(256))
    image = ask(url, "/bytes", "POST", data, Content_Type="application/octet-stream")
    assert image.content == data and image.headers["Content-Type"] == "image/png"
    assert ask(url, "/text").content == b"plain"
    event = json.loads(ask(url, "/", "PUT", '{"ü": 1}'.encode(), Content_Type="application/json").content)["event"]
    assert event["body"] == '{"ü": 1}' and event["isBase64Encoded"] is False
    form = json.loads(ask(url, "/", "POST", b"a=1", Content_Type="application/x-www-form-urlencoded").content)["event"]
    assert base64.b64decode(form["body"]) == b"a=1" and form["isBase64Encoded"] is True


def test_failures_are_told_as_aws_does(server, url):
    failed = ask(url, "/fail")
    assert failed.status == 502 and failed.content == b"Internal Server Error"
    assert failed.headers["x-amzn-RequestId"]
    unknown = ask(url.replace(url[7:39], 32 * "0"))
    assert unknown.status == 403 and json.loads(unknown.content) == {"Message": None}
    assert ask(url, "/", "POST", bytes(7 << 20), Content_Type="text/plain").status == 413


def test_iam_asks_for_a_signature(server, functions):
    create(functions, "signed")
    url = functions.create_function_url_config(FunctionName="signed", AuthType="AWS_IAM")["FunctionUrl"]
    refused = ask(url)
    assert refused.status == 403 and json.loads(refused.content) == {"Message": "Forbidden"}
    session = boto3.session.Session(aws_access_key_id="111122223333", aws_secret_access_key="x", region_name="us-east-1")
    request = AWSRequest("GET", url)
    SigV4Auth(session.get_credentials(), "lambda", "us-east-1").add_auth(request)
    event = json.loads(ask(url, **{name.replace("-", "_"): value for name, value in request.headers.items()}).content)["event"]
    assert event["requestContext"]["authorizer"]["iam"]["accountId"] == "111122223333"


def test_cors_is_carried_out(functions):
    create(functions, "crossed")
    cors = {"AllowOrigins": ["https://app.example"], "AllowMethods": ["GET", "POST"], "AllowHeaders": ["x-a"],
            "ExposeHeaders": ["x-b"], "MaxAge": 60}
    made = functions.create_function_url_config(FunctionName="crossed", AuthType="NONE", Cors=cors)
    assert made["Cors"] == cors
    url = made["FunctionUrl"]
    preflight = ask(url, "/", "OPTIONS", Origin="https://app.example", Access_Control_Request_Method="POST")
    assert preflight.status == 200 and preflight.content == b""
    assert preflight.headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert preflight.headers["Access-Control-Allow-Methods"] == "GET,POST"
    assert preflight.headers["Access-Control-Allow-Headers"] == "x-a" and preflight.headers["Access-Control-Max-Age"] == "60"
    answer = ask(url, Origin="https://app.example")
    assert answer.status == 200 and answer.headers["Access-Control-Expose-Headers"] == "x-b"
    foreign = ask(url, Origin="https://evil.example")
    assert foreign.status == 403 and b"AllowOrigins" in foreign.content
    functions.update_function_url_config(FunctionName="crossed", Cors={"AllowOrigins": ["*"]})
    assert ask(url, Origin="https://evil.example").headers["Access-Control-Allow-Origin"] == "*"


def test_urls_survive_kill_and_go_with_their_function(server, functions):
    create(functions, "brief")
    made = functions.create_function_url_config(FunctionName="brief", AuthType="NONE", InvokeMode="BUFFERED")
    server.kill()
    server.restart()
    kept = functions.get_function_url_config(FunctionName="brief")
    assert kept["FunctionUrl"] == made["FunctionUrl"] and kept["CreationTime"] == made["CreationTime"]
    assert ask(made["FunctionUrl"], "/text").content == b"plain"
    with pytest.raises(functions.exceptions.ResourceConflictException, match="FunctionUrlConfig exists"):
        functions.create_function_url_config(FunctionName="brief", AuthType="NONE")
    with pytest.raises(functions.exceptions.InvalidParameterValueException, match="InvokeMode"):
        functions.update_function_url_config(FunctionName="brief", InvokeMode="RESPONSE_STREAM")
    functions.delete_function(FunctionName="brief")
    assert ask(made["FunctionUrl"]).status == 403
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.get_function_url_config(FunctionName="brief")


def test_an_alias_has_its_own_and_takes_it_along(functions):
    create(functions, "aliased")
    functions.publish_version(FunctionName="aliased")
    functions.create_function_url_config(FunctionName="aliased", AuthType="NONE")
    functions.create_alias(FunctionName="aliased", Name="live", FunctionVersion="1")
    url = functions.create_function_url_config(FunctionName="aliased", Qualifier="live", AuthType="NONE")["FunctionUrl"]
    assert ask(url, "/text").content == b"plain"
    pages = functions.get_paginator("list_function_url_configs").paginate(FunctionName="aliased", PaginationConfig={"PageSize": 1})
    arns = [config["FunctionArn"] for page in pages for config in page["FunctionUrlConfigs"]]
    assert [arn.split(":", 6)[6] for arn in arns] == ["aliased", "aliased:live"]
    functions.delete_alias(FunctionName="aliased", Name="live")
    assert ask(url, "/text").status == 403
    functions.create_alias(FunctionName="aliased", Name="live", FunctionVersion="1")
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.get_function_url_config(FunctionName="aliased", Qualifier="live")


@pytest.mark.parametrize("command", aws_commands())
def test_with_the_aws_cli(server, functions, command):
    name = f"cli{len(command[0])}"
    create(functions, name)

    def aws(*arguments):
        done = subprocess.run([*command, "lambda", *arguments, "--function-name", name, "--endpoint-url", server.url],
                              env=server.environment(), capture_output=True, text=True, check=True)
        return json.loads(done.stdout) if done.stdout.strip() else None

    made = aws("create-function-url-config", "--auth-type", "NONE")
    assert subprocess.run(["curl", "-sS", made["FunctionUrl"] + "text"], capture_output=True, text=True).stdout == "plain"
    assert aws("update-function-url-config", "--auth-type", "AWS_IAM")["AuthType"] == "AWS_IAM"
    assert aws("get-function-url-config")["FunctionUrl"] == made["FunctionUrl"]
    assert len(aws("list-function-url-configs")["FunctionUrlConfigs"]) == 1
    aws("delete-function-url-config")
    assert aws("list-function-url-configs") == {"FunctionUrlConfigs": []}


TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.11
      Handler: index.handler
      Timeout: 20
      InlineCode: "def handler(event, context): return event['rawPath']"
      FunctionUrlConfig: {{AuthType: NONE, Cors: {{AllowOrigins: [{origin}]}}}}
Outputs:
  Url: {{Value: !GetAtt FunctionUrl.FunctionUrl}}
  Arn: {{Value: !Ref FunctionUrl}}
"""


def test_templates_make_change_and_remove_urls(server, functions):
    stacks = server.client("cloudformation")
    wants = {"StackName": "hosted", "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]}
    stacks.create_stack(TemplateBody=TEMPLATE.format(origin="https://one.example"), **wants)
    stacks.get_waiter("stack_create_complete").wait(StackName="hosted", WaiterConfig={"Delay": 1})
    outputs = {o["OutputKey"]: o["OutputValue"] for o in stacks.describe_stacks(StackName="hosted")["Stacks"][0]["Outputs"]}
    assert outputs["Arn"].startswith("arn:aws:lambda:us-east-1:000000000000:function:hosted-Function-")
    assert ask(outputs["Url"], "/here").content == b"/here"
    stacks.update_stack(TemplateBody=TEMPLATE.format(origin="https://two.example"), **wants)
    stacks.get_waiter("stack_update_complete").wait(StackName="hosted", WaiterConfig={"Delay": 1})
    assert ask(outputs["Url"], Origin="https://two.example").status == 200
    stacks.delete_stack(StackName="hosted")
    stacks.get_waiter("stack_delete_complete").wait(StackName="hosted", WaiterConfig={"Delay": 1})
    assert ask(outputs["Url"]).status == 403
