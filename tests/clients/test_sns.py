# SPDX-License-Identifier: Apache-2.0
"""SNS with boto3 and the AWS CLIs: what is published reaches queues, functions and HTTP(S) endpoints."""
import http.server
import json
import os
import socket
import ssl
import subprocess
import threading
import urllib.request

import botocore.exceptions
import pytest
from conftest import MILLRACE, aws_commands, running_server

REGION, ACCOUNT = "us-east-1", "000000000000"


def own_names() -> list[str]:
    """Names at which the endpoints of these tests are found: this machine's own only where they listen."""
    name = socket.gethostname()
    try:
        return ["localhost", "hooks.localhost", *([name] if socket.gethostbyname(name) == "127.0.0.1" else [])]
    except OSError:
        return ["localhost", "hooks.localhost"]


NAMES = own_names()


def certificate(directory, name: str, names: str) -> str:
    """A file with a key and a certificate for it, signed by itself."""
    path = str(directory / name)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=test", "-addext", f"subjectAltName={names}", "-keyout", path, "-out", path + ".crt"],
                   check=True, capture_output=True)
    with open(path, "a") as both, open(path + ".crt") as public:
        both.write(public.read())
    return path


@pytest.fixture(scope="module")
def certificates(tmp_path_factory) -> dict[str, str]:
    directory = tmp_path_factory.mktemp("certificates")
    return {"trusted": certificate(directory, "trusted", ",".join(f"DNS:{name}" for name in NAMES) + ",IP:127.0.0.1"),
            "other": certificate(directory, "other", "DNS:localhost")}


@pytest.fixture(scope="module")
def server(certificates):
    with running_server("--ca-bundle", certificates["trusted"] + ".crt") as one:
        yield one


@pytest.fixture(scope="module")
def sns(server):
    return server.client("sns")


@pytest.fixture(scope="module")
def sqs(server):
    return server.client("sqs")


def queue(sqs, name: str) -> tuple[str, str]:
    attributes = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return url, f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"


def received(sqs, url: str) -> list[str]:
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
    for message in messages:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [message["Body"] for message in messages]


def test_a_queue_is_told(sns, sqs):
    url, arn = queue(sqs, "told")
    topic = sns.create_topic(Name="topic", Tags=[{"Key": "a", "Value": "b"}])["TopicArn"]
    assert topic == f"arn:aws:sns:{REGION}:{ACCOUNT}:topic"
    subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)["SubscriptionArn"]
    published = sns.publish(TopicArn=topic, Message="<hé&>", Subject="subject", MessageAttributes={
        "k": {"DataType": "String", "StringValue": "v"}, "b": {"DataType": "Binary", "BinaryValue": b"\x00\x01"}})
    told = json.loads(received(sqs, url)[0])
    assert told["Message"] == "<hé&>" and told["Subject"] == "subject" and told["Type"] == "Notification"
    assert told["MessageId"] == published["MessageId"]
    assert told["MessageAttributes"] == {"k": {"Type": "String", "Value": "v"}, "b": {"Type": "Binary", "Value": "AAE="}}
    sns.set_subscription_attributes(SubscriptionArn=subscription, AttributeName="RawMessageDelivery",
                                    AttributeValue="true")
    sns.publish(TopicArn=topic, Message="raw")
    assert received(sqs, url) == ["raw"]
    assert sns.list_tags_for_resource(ResourceArn=topic)["Tags"] == [{"Key": "a", "Value": "b"}]
    sns.tag_resource(ResourceArn=topic, Tags=[{"Key": "c", "Value": "d"}])
    sns.untag_resource(ResourceArn=topic, TagKeys=["a"])
    assert sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]["Endpoint"] == arn
    sns.unsubscribe(SubscriptionArn=subscription)
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []
    sns.delete_topic(TopicArn=topic)
    with pytest.raises(sns.exceptions.NotFoundException):
        sns.publish(TopicArn=topic, Message="x")


def test_filters_and_batches(sns, sqs):
    topic = sns.create_topic(Name="filtered")["TopicArn"]
    urls = {}
    for name, policy, scope in [("by-attribute", {"kind": ["a", {"prefix": "b"}]}, "MessageAttributes"),
                                ("by-body", {"order": {"price": [{"numeric": [">", 5]}]}}, "MessageBody")]:
        urls[name], arn = queue(sqs, name)
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={
            "RawMessageDelivery": "true", "FilterPolicy": json.dumps(policy), "FilterPolicyScope": scope})
    answer = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[
        {"Id": "1", "Message": "one", "MessageAttributes": {"kind": {"DataType": "String", "StringValue": "a"}}},
        {"Id": "2", "Message": json.dumps({"order": {"price": 7}})},
        {"Id": "3", "Message": "three", "MessageAttributes": {"kind": {"DataType": "String", "StringValue": "bb"}}},
        {"Id": "4", "Message": json.dumps({"order": {"price": 5}})}])
    assert [entry["Id"] for entry in answer["Successful"]] == ["1", "2", "3", "4"]
    assert received(sqs, urls["by-attribute"]) == ["one", "three"]
    assert received(sqs, urls["by-body"]) == [json.dumps({"order": {"price": 7}})]


def test_fifo(sns, sqs):
    url, arn = queue(sqs, "ordered.fifo")
    topic = sns.create_topic(Name="ordered.fifo", Attributes={
        "FifoTopic": "true", "ContentBasedDeduplication": "true"})["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    numbers = [sns.publish(TopicArn=topic, Message=f"m{n}", MessageGroupId="g")["SequenceNumber"] for n in (1, 2, 1, 3)]
    assert numbers[0] == numbers[2] < numbers[1] < numbers[3]
    assert received(sqs, url) == ["m1", "m2", "m3"]


def test_an_http_endpoint_confirms_and_is_told(sns):
    requests = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            requests.append((dict(self.headers), json.loads(body)))
            self.send_response(200)
            self.end_headers()
            if len(requests) == 2:
                done.set()
            else:
                urllib.request.urlopen(requests[0][1]["SubscribeURL"]).read()
                confirmed.set()

        def log_message(self, *_):
            pass

    done, confirmed = threading.Event(), threading.Event()
    endpoint = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=endpoint.serve_forever, daemon=True).start()
    topic = sns.create_topic(Name="hook")["TopicArn"]
    answer = sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"http://127.0.0.1:{endpoint.server_port}/x")
    assert answer["SubscriptionArn"] == "pending confirmation"
    assert confirmed.wait(20)
    sns.publish(TopicArn=topic, Message="hello")
    assert done.wait(20)
    endpoint.shutdown()
    assert requests[0][0]["x-amz-sns-message-type"] == "SubscriptionConfirmation"
    assert requests[1][1]["Message"] == "hello"


class SecureEndpoint(http.server.ThreadingHTTPServer):
    """Confirms what it is asked to confirm, and keeps what it is told."""
    daemon_threads = True

    def __init__(self, identity: str):
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.be(identity)
        self.context.sni_callback = self.greet
        self.socket = self.context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.names: list[str | None] = []
        self.told: list[tuple[str, str]] = []
        self.refusals: list[str] = []
        self.changed = threading.Condition()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def be(self, identity: str):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(identity)

    def greet(self, connection: ssl.SSLSocket, name: str | None, _):
        self.names.append(name)
        connection.context = self.context

    def wait(self, condition) -> bool:
        with self.changed:
            return self.changed.wait_for(condition, 20)

    def note(self, what: list, value):
        with self.changed:
            what.append(value)
            self.changed.notify_all()

    def handle_error(self, *_):
        pass

    class Handler(http.server.BaseHTTPRequestHandler):
        def setup(self):
            try:
                self.request.do_handshake()
            except ssl.SSLError as error:
                self.server.note(self.server.refusals, str(error))
                raise
            super().setup()

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            kind = self.headers["x-amz-sns-message-type"]
            self.send_response(200)
            self.end_headers()
            if kind == "SubscriptionConfirmation":
                urllib.request.urlopen(json.loads(body)["SubscribeURL"]).read()
            self.server.note(self.server.told, (kind, body))

        def log_message(self, *_):
            pass


def attribute(name: str, value: str) -> dict:
    return {name: {"DataType": "String", "StringValue": value}}


@pytest.mark.parametrize("host", [*NAMES, "127.0.0.1"])
def test_an_https_endpoint_confirms_and_is_told(sns, certificates, host):
    endpoint = SecureEndpoint(certificates["trusted"])
    topic = sns.create_topic(Name=f"secure-{host.replace('.', '-')}")["TopicArn"]
    arn = sns.subscribe(TopicArn=topic, Protocol="https", Endpoint=f"https://{host}:{endpoint.server_port}/x",
                        ReturnSubscriptionArn=True, Attributes={"FilterPolicy": '{"kind": ["a"]}'})["SubscriptionArn"]
    assert endpoint.wait(lambda: len(endpoint.told) == 1) and endpoint.told[0][0] == "SubscriptionConfirmation"
    assert endpoint.names[0] == (host if host in NAMES else None)
    assert sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["PendingConfirmation"] == "false"
    big = "x" * 200_000
    sns.publish(TopicArn=topic, Message="filtered out", MessageAttributes=attribute("kind", "b"))
    sns.publish(TopicArn=topic, Message=json.dumps({"default": "d", "https": big}), MessageStructure="json",
                MessageAttributes=attribute("kind", "a"))
    assert endpoint.wait(lambda: len(endpoint.told) == 2)
    assert json.loads(endpoint.told[1][1])["Message"] == big
    sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName="RawMessageDelivery", AttributeValue="true")
    sns.publish(TopicArn=topic, Message="as it is", MessageAttributes=attribute("kind", "a"))
    assert endpoint.wait(lambda: len(endpoint.told) == 3)
    assert endpoint.told[2] == ("Notification", "as it is")
    endpoint.shutdown()


def test_an_https_endpoint_whose_certificate_is_refused_is_tried_again_and_given_up(server, sns, sqs, certificates):
    """It is believed while it confirms; then it comes back with a certificate that nobody knows."""
    url, dead = queue(sqs, "refused")
    topic = sns.create_topic(Name="refused")["TopicArn"]
    endpoint = SecureEndpoint(certificates["trusted"])
    sns.subscribe(TopicArn=topic, Protocol="https", Endpoint=f"https://localhost:{endpoint.server_port}/", Attributes={
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": dead}), "RawMessageDelivery": "true",
        "DeliveryPolicy": json.dumps({"healthyRetryPolicy": {"numRetries": 2, "numNoDelayRetries": 1, "minDelayTarget": 1,
                                                             "maxDelayTarget": 1}})})
    assert endpoint.wait(lambda: endpoint.told)
    endpoint.be(certificates["other"])
    sns.publish(TopicArn=topic, Message="never told")
    messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
    assert [message["Body"] for message in messages] == ["never told"]
    assert endpoint.wait(lambda: len(endpoint.refusals) == 3) and "UNKNOWN_CA" in endpoint.refusals[0]
    assert len(endpoint.told) == 1
    endpoint.shutdown()
    assert "self-signed certificate" in open(server.log.name).read()


@pytest.mark.parametrize("variable", ["MILLRACE_CA_BUNDLE", "AWS_CA_BUNDLE"])
def test_a_bundle_that_holds_no_certificates_is_refused_at_the_start(tmp_path, variable):
    (tmp_path / "empty.pem").write_text("nothing")
    done = subprocess.run([MILLRACE, "serve", "--ephemeral", "--listen", "127.0.0.1:0"], capture_output=True, text=True,
                          env={**os.environ, variable: str(tmp_path / "empty.pem")}, timeout=60)
    assert done.returncode == 1
    assert "--ca-bundle (or AWS_CA_BUNDLE)" in done.stderr and "empty.pem' holds no certificates" in done.stderr


def test_what_is_refused(sns):
    def error_of(call, **arguments):
        with pytest.raises(botocore.exceptions.ClientError) as caught:
            call(**arguments)
        return caught.value.response["Error"]
    topic = sns.create_topic(Name="refusing")["TopicArn"]
    assert error_of(sns.subscribe, TopicArn=topic, Protocol="email", Endpoint="a@b")["Code"] == "InvalidParameter"
    assert "Endpoint must match" in error_of(
        sns.subscribe, TopicArn=topic, Protocol="https", Endpoint="http://localhost/")["Message"]
    assert error_of(sns.get_topic_attributes, TopicArn=topic + "x")["Code"] == "NotFound"
    assert "PhoneNumber" in error_of(sns.publish, PhoneNumber="+1555", Message="x")["Message"]
    assert error_of(sns.list_platform_applications)["Code"] == "InvalidAction"


@pytest.mark.parametrize("aws", aws_commands())
def test_with_the_command_line(server, sqs, aws):
    def run(*arguments):
        done = subprocess.run([*aws, *arguments, "--endpoint-url", server.url, "--output", "json"], text=True,
                              env=server.environment(), capture_output=True, timeout=120, check=True)
        return json.loads(done.stdout or "null")
    name = f"cli-{len(aws[0])}"
    url, arn = queue(sqs, name)
    topic = run("sns", "create-topic", "--name", name)["TopicArn"]
    run("sns", "subscribe", "--topic-arn", topic, "--protocol", "sqs", "--notification-endpoint", arn,
        "--attributes", "RawMessageDelivery=true")
    assert [s["Endpoint"] for s in run("sns", "list-subscriptions-by-topic", "--topic-arn", topic)["Subscriptions"]] == [arn]
    assert {"TopicArn": topic} in run("sns", "list-topics")["Topics"]
    run("sns", "publish", "--topic-arn", topic, "--message", "from the shell")
    assert received(sqs, url) == ["from the shell"]
    assert run("sns", "get-topic-attributes", "--topic-arn", topic)["Attributes"]["SubscriptionsConfirmed"] == "1"
    run("sns", "delete-topic", "--topic-arn", topic)


def test_what_was_published_reaches_the_queue_despite_kill_9():
    with running_server() as server:
        sns, sqs = server.client("sns"), server.client("sqs")
        url, arn = queue(sqs, "killed")
        topic = sns.create_topic(Name="killed")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
        published = set()
        for round_number in range(3):
            stop = threading.Event()

            def publish(publisher, number=round_number, stopped=stop):
                client, n = server.client("sns"), 0
                while not stopped.is_set():
                    n += 1
                    body = f"{number}-{publisher}-{n}"
                    try:
                        client.publish(TopicArn=topic, Message=body)
                        published.add(body)
                    except botocore.exceptions.BotoCoreError:
                        return
            threads = [threading.Thread(target=publish, args=(n,)) for n in range(3)]
            for thread in threads:
                thread.start()
            threads[0].join(0.5)
            server.kill()
            stop.set()
            for thread in threads:
                thread.join()
            server.restart()
        seen = set()
        while bodies := received(sqs, url):
            seen.update(bodies)
        assert len(published) > 30 and not published - seen


def test_a_stack_with_a_queue_and_a_topic(server, sns, sqs):
    cloudformation = server.client("cloudformation")
    template = {"Resources": {
        "Dead": {"Type": "AWS::SQS::Queue"},
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 60, "RedrivePolicy": {
            "deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 3}}},
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Subscription": {"Type": "AWS::SNS::Subscription", "Properties": {
            "TopicArn": {"Ref": "Topic"}, "Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]},
            "RawMessageDelivery": True}},
        "Policy": {"Type": "AWS::SQS::QueuePolicy", "Properties": {
            "Queues": [{"Ref": "Queue"}], "PolicyDocument": {"Statement": [{
                "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
                "Resource": {"Fn::GetAtt": ["Queue", "Arn"]}}]}}}},
        "Outputs": {"Queue": {"Value": {"Ref": "Queue"}}, "Topic": {"Value": {"Ref": "Topic"}},
                    "Name": {"Value": {"Fn::GetAtt": ["Queue", "QueueName"]}}}}
    cloudformation.create_stack(StackName="fan-out", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="fan-out", WaiterConfig={"Delay": 1})
    stack = cloudformation.describe_stacks(StackName="fan-out")["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    assert outputs["Name"].startswith("fan-out-Queue-")
    sns.publish(TopicArn=outputs["Topic"], Message="through the stack")
    assert received(sqs, outputs["Queue"]) == ["through the stack"]
    attributes = sqs.get_queue_attributes(QueueUrl=outputs["Queue"], AttributeNames=["All"])["Attributes"]
    assert attributes["VisibilityTimeout"] == "60" and "sns.amazonaws.com" in attributes["Policy"]
    cloudformation.delete_stack(StackName="fan-out")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="fan-out", WaiterConfig={"Delay": 1})
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.get_queue_attributes(QueueUrl=outputs["Queue"], AttributeNames=["All"])
