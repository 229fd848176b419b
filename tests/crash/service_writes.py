# SPDX-License-Identifier: Apache-2.0
"""Every write that the services beside the stream offer: how it is made, and how to read back what it leaves.

Each is tried by test_kill_services.py, which also finds the operations of docs/coverage.md that are missing here.
"""
import dataclasses
import http.server
import json
import threading
import types
import urllib.parse
from collections.abc import Callable

import boto3
import botocore.exceptions
from botocore import xform_name

REGION, ACCOUNT = "us-east-1", "000000000000"
SERVICES = {"sqs": "SQS", "sns": "SNS", "s3": "S3", "iam": "IAM", "sts": "STS", "ssm": "Systems Manager (Parameter Store)",
            "ecr": "ECR", "kms": "KMS"}
READS = ("Get", "List", "Describe", "Head")
# Operations that are no reads and leave nothing that is kept.
NOT_KEPT = {
    "sqs:ReceiveMessage": "a crash makes what is in flight visible again (docs/formats/queue.md)",
    "sqs:ChangeMessageVisibility": "the same",
    "sqs:ChangeMessageVisibilityBatch": "the same",
    "s3:PutBucketRequestPayment": "the owner pays, whatever is said",
}

X = types.SimpleNamespace  # What belongs to one try: its name `n`, and what was made for it.


class Refused(Exception):
    """By words in an answer."""


@dataclasses.dataclass
class Write:
    """`write` must change what `read` gives to `want`, as soon as it is acknowledged. It may be made twice at once."""
    service: str
    operation: str
    write: Callable
    read: Callable
    want: object
    make: tuple = ()
    parts: bool = False  # each element of `want` on its own, as in a batch; else all or nothing
    variant: str = ""

    @property
    def label(self) -> str:
        return f"{self.service}:{self.operation}{' ' if self.variant else ''}{self.variant}"


class Clients:
    """A client of each service, and an HTTP endpoint that SNS can tell."""

    def __init__(self, server):
        self.server = server
        for service in SERVICES:
            setattr(self, service, server.client(service, max_pool_connections=64, read_timeout=30))
        self.endpoint = Endpoint()

    def session(self, credentials: dict):
        return boto3.client("sts", endpoint_url=self.server.url, region_name=REGION,
                            aws_access_key_id=credentials["AccessKeyId"],
                            aws_secret_access_key=credentials["SecretAccessKey"],
                            aws_session_token=credentials["SessionToken"])


class Endpoint(http.server.ThreadingHTTPServer):
    """Keeps the tokens that it is sent, and the messages, by topic. Confirms nothing."""
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.tokens: dict[str, str] = {}
        self.messages: set[tuple[str, str]] = set()
        self.changed = threading.Condition()
        self.url = f"http://127.0.0.1:{self.server_port}/"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def wait(self, condition: Callable) -> bool:
        with self.changed:
            return self.changed.wait_for(condition, 20)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with self.server.changed:
                if told["Type"] == "SubscriptionConfirmation":
                    self.server.tokens[told["TopicArn"]] = told["Token"]
                else:
                    self.server.messages.add((told["TopicArn"], told["Message"]))
                self.server.changed.notify_all()
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass


def unless_gone(read: Callable) -> Callable:
    """None where the service says that there is no such thing."""
    def reading(c, x):
        try:
            return read(c, x)
        except botocore.exceptions.ClientError as error:
            code = error.response["Error"]["Code"]
            if any(word in code for word in ("NotFound", "NoSuch", "NonExistent", "404")):
                return None
            raise
    return reading


def tags(listed: list, key: str = "Key", value: str = "Value") -> dict:
    return {tag[key]: tag[value] for tag in listed}


def document(action: str) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Sid": "S", "Effect": "Allow", "Action": action, "Resource": "*"}]})


def action_of(policy) -> str:
    return (json.loads(policy) if isinstance(policy, str) else policy)["Statement"][0]["Action"]


# -- SQS ----------------------------------------------------------------------------------------------------------------------

def queue(c, x):
    x.url = c.sqs.create_queue(QueueName=x.n, tags={"old": "1"})["QueueUrl"]
    x.arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{x.n}"


def fifo_queue(c, x):
    x.url = c.sqs.create_queue(QueueName=x.n + ".fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    x.arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{x.n}.fifo"


def permission(c, x):
    c.sqs.add_permission(QueueUrl=x.url, Label="L", AWSAccountIds=[ACCOUNT], Actions=["SendMessage"])


def messages(c, x):
    """Three, received in a way that leaves them visible."""
    c.sqs.send_message_batch(QueueUrl=x.url, Entries=[{"Id": b, "MessageBody": b} for b in ("one", "two", "three")])
    received = c.sqs.receive_message(QueueUrl=x.url, MaxNumberOfMessages=10, VisibilityTimeout=0)["Messages"]
    x.handles = {m["Body"]: m["ReceiptHandle"] for m in received}


def copies(c, x, seconds: int = 0):
    """All messages that are there; the first is waited for."""
    found = c.sqs.receive_message(QueueUrl=x.url, MaxNumberOfMessages=10, VisibilityTimeout=0, WaitTimeSeconds=seconds)
    return sorted(m["Body"] for m in found.get("Messages", []))


def bodies(c, x):
    """The same, where each may be there twice."""
    return sorted(set(copies(c, x)))


def queue_attribute(name: str):
    return unless_gone(lambda c, x: c.sqs.get_queue_attributes(
        QueueUrl=c.sqs.get_queue_url(QueueName=x.n)["QueueUrl"], AttributeNames=["All"])["Attributes"].get(name))


def queue_sids(c, x):
    policy = queue_attribute("Policy")(c, x)
    return [s["Sid"] for s in json.loads(policy)["Statement"]] if policy else []


def dead_letters(c, x):
    """Dead letters, in the queue that another names for them: more than are moved, at one a second, until they are judged."""
    queue(c, x)
    c.sqs.create_queue(QueueName=x.n + "-alive", Attributes={
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": x.arn, "maxReceiveCount": 1})})
    for begin in range(0, 100, 10):
        c.sqs.send_message_batch(QueueUrl=x.url, Entries=[
            {"Id": str(i), "MessageBody": str(i)} for i in range(begin, begin + 10)])


def start_move(c, x):
    x.handle = c.sqs.start_message_move_task(
        SourceArn=x.arn, DestinationArn=x.arn + "-alive", MaxNumberOfMessagesPerSecond=1)["TaskHandle"]


def moves(c, x):
    listed = c.sqs.list_message_move_tasks(SourceArn=x.arn)["Results"]
    return [{"CANCELLING": "CANCELLED"}.get(task["Status"], task["Status"]) for task in listed]


SQS = [
    Write("sqs", "CreateQueue", lambda c, x: c.sqs.create_queue(QueueName=x.n, Attributes={"VisibilityTimeout": "77"}),
          queue_attribute("VisibilityTimeout"), "77"),
    Write("sqs", "DeleteQueue", lambda c, x: c.sqs.delete_queue(QueueUrl=x.url), queue_attribute("QueueArn"), None, (queue,)),
    Write("sqs", "SetQueueAttributes",
          lambda c, x: c.sqs.set_queue_attributes(QueueUrl=x.url, Attributes={"DelaySeconds": "5"}),
          queue_attribute("DelaySeconds"), "5", (queue,)),
    Write("sqs", "AddPermission", permission, queue_sids, ["L"], (queue,)),
    Write("sqs", "RemovePermission", lambda c, x: c.sqs.remove_permission(QueueUrl=x.url, Label="L"), queue_sids, [],
          (queue, permission)),
    Write("sqs", "TagQueue", lambda c, x: c.sqs.tag_queue(QueueUrl=x.url, Tags={"new": "2"}),
          lambda c, x: c.sqs.list_queue_tags(QueueUrl=x.url).get("Tags"), {"old": "1", "new": "2"}, (queue,)),
    Write("sqs", "UntagQueue", lambda c, x: c.sqs.untag_queue(QueueUrl=x.url, TagKeys=["old"]),
          lambda c, x: c.sqs.list_queue_tags(QueueUrl=x.url).get("Tags"), None, (queue,)),
    Write("sqs", "SendMessage", lambda c, x: c.sqs.send_message(QueueUrl=x.url, MessageBody="sent"), bodies, ["sent"],
          (queue,)),
    Write("sqs", "SendMessage", lambda c, x: c.sqs.send_message(
        QueueUrl=x.url, MessageBody="sent", MessageGroupId="g", MessageDeduplicationId="d"), copies, ["sent"], (fifo_queue,),
          variant="once"),
    Write("sqs", "SendMessageBatch", lambda c, x: c.sqs.send_message_batch(
        QueueUrl=x.url, Entries=[{"Id": b, "MessageBody": b} for b in ("a", "b")]), bodies, ["a", "b"], (queue,)),
    Write("sqs", "DeleteMessage", lambda c, x: c.sqs.delete_message(QueueUrl=x.url, ReceiptHandle=x.handles["two"]), bodies,
          ["one", "three"], (queue, messages)),
    Write("sqs", "DeleteMessageBatch", lambda c, x: c.sqs.delete_message_batch(
        QueueUrl=x.url, Entries=[{"Id": b, "ReceiptHandle": x.handles[b]} for b in ("one", "two")]), bodies, ["three"],
          (queue, messages)),
    Write("sqs", "PurgeQueue", lambda c, x: c.sqs.purge_queue(QueueUrl=x.url), bodies, [], (queue, messages)),
    Write("sqs", "StartMessageMoveTask", start_move, moves, ["RUNNING"], (dead_letters,)),
    Write("sqs", "CancelMessageMoveTask", lambda c, x: c.sqs.cancel_message_move_task(TaskHandle=x.handle), moves,
          ["CANCELLED"], (dead_letters, start_move)),
]

# -- SNS ----------------------------------------------------------------------------------------------------------------------


def topic(c, x):
    x.topic = c.sns.create_topic(Name=x.n, Tags=[{"Key": "old", "Value": "1"}])["TopicArn"]


def fifo_topic(c, x):
    x.topic = c.sns.create_topic(Name=x.n + ".fifo", Attributes={"FifoTopic": "true"})["TopicArn"]


def topic_permission(c, x):
    c.sns.add_permission(TopicArn=x.topic, Label="L", AWSAccountId=[ACCOUNT], ActionName=["Publish"])


def subscription(c, x):
    x.subscription = c.sns.subscribe(TopicArn=x.topic, Protocol="sqs", Endpoint=x.arn, ReturnSubscriptionArn=True,
                                     Attributes={"RawMessageDelivery": "true"})["SubscriptionArn"]


def pending_subscription(c, x):
    x.subscription = c.sns.subscribe(TopicArn=x.topic, Protocol="http", Endpoint=c.endpoint.url,
                                     ReturnSubscriptionArn=True)["SubscriptionArn"]
    assert c.endpoint.wait(lambda: x.topic in c.endpoint.tokens)


def confirm(c, x):
    c.sns.confirm_subscription(TopicArn=x.topic, Token=c.endpoint.tokens[x.topic])


def publish(c, x):
    c.sns.publish(TopicArn=x.topic, Message="published")


def told_over_http(c, x):
    """What was acknowledged a restart may have yet to deliver: that is waited for."""
    def there():
        return (x.topic, "published") in c.endpoint.messages
    return c.endpoint.wait(there) if x.is_acknowledged else there()


def topic_attribute(name: str):
    return unless_gone(lambda c, x: c.sns.get_topic_attributes(
        TopicArn=f"arn:aws:sns:{REGION}:{ACCOUNT}:{x.n}")["Attributes"][name])


def topic_sids(c, x):
    return [s["Sid"] for s in json.loads(topic_attribute("Policy")(c, x))["Statement"] if s["Sid"] == "L"]


def topic_tags(c, x):
    return tags(c.sns.list_tags_for_resource(ResourceArn=x.topic)["Tags"])


def subscriptions(c, x):
    return [s["Endpoint"] for s in c.sns.list_subscriptions_by_topic(TopicArn=x.topic)["Subscriptions"]] and "there"


def subscription_attribute(name: str):
    return lambda c, x: c.sns.get_subscription_attributes(SubscriptionArn=x.subscription)["Attributes"][name]


SNS = [
    Write("sns", "CreateTopic", lambda c, x: c.sns.create_topic(Name=x.n, Attributes={"DisplayName": "d"}),
          topic_attribute("DisplayName"), "d"),
    Write("sns", "DeleteTopic", lambda c, x: c.sns.delete_topic(TopicArn=x.topic), topic_attribute("TopicArn"), None,
          (queue, topic, subscription)),
    Write("sns", "SetTopicAttributes", lambda c, x: c.sns.set_topic_attributes(
        TopicArn=x.topic, AttributeName="DisplayName", AttributeValue="e"), topic_attribute("DisplayName"), "e", (topic,)),
    Write("sns", "AddPermission", topic_permission, topic_sids, ["L"], (topic,)),
    Write("sns", "RemovePermission", lambda c, x: c.sns.remove_permission(TopicArn=x.topic, Label="L"), topic_sids, [],
          (topic, topic_permission)),
    Write("sns", "TagResource", lambda c, x: c.sns.tag_resource(ResourceArn=x.topic, Tags=[{"Key": "new", "Value": "2"}]),
          topic_tags, {"old": "1", "new": "2"}, (topic,)),
    Write("sns", "UntagResource", lambda c, x: c.sns.untag_resource(ResourceArn=x.topic, TagKeys=["old"]), topic_tags, {},
          (topic,)),
    Write("sns", "Subscribe", subscription, subscriptions, "there", (queue, topic)),
    Write("sns", "Unsubscribe", lambda c, x: c.sns.unsubscribe(SubscriptionArn=x.subscription), subscriptions, [],
          (queue, topic, subscription)),
    Write("sns", "SetSubscriptionAttributes", lambda c, x: c.sns.set_subscription_attributes(
        SubscriptionArn=x.subscription, AttributeName="FilterPolicy", AttributeValue='{"a":["b"]}'),
          lambda c, x: c.sns.get_subscription_attributes(SubscriptionArn=x.subscription)["Attributes"].get("FilterPolicy"),
          '{"a":["b"]}', (queue, topic, subscription)),
    Write("sns", "ConfirmSubscription", confirm, subscription_attribute("PendingConfirmation"), "false",
          (topic, pending_subscription)),
    Write("sns", "Publish", publish, bodies, ["published"], (queue, topic, subscription)),
    Write("sns", "Publish", publish, told_over_http, True, (topic, pending_subscription, confirm), variant="over HTTP"),
    Write("sns", "Publish", lambda c, x: c.sns.publish(
        TopicArn=x.topic, Message="published", MessageGroupId="g", MessageDeduplicationId="d"), copies, ["published"],
          (fifo_queue, fifo_topic, subscription), variant="once"),
    Write("sns", "PublishBatch", lambda c, x: c.sns.publish_batch(
        TopicArn=x.topic, PublishBatchRequestEntries=[{"Id": b, "Message": b} for b in ("a", "b")]), bodies, ["a", "b"],
          (queue, topic, subscription), parts=True),
]

# -- S3 -----------------------------------------------------------------------------------------------------------------------


def bucket(c, x):
    c.s3.create_bucket(Bucket=x.n)


def versioned(c, x):
    c.s3.put_bucket_versioning(Bucket=x.n, VersioningConfiguration={"Status": "Enabled"})


BIG = b"x" * (5 << 20)


def put(key: str, body: bytes = b"body", **more):
    return lambda c, x: c.s3.put_object(Bucket=x.n, Key=key, Body=body, **more)


def keys(c, x):
    return [o["Key"] for o in c.s3.list_objects_v2(Bucket=x.n).get("Contents", [])]


def body(key: str):
    return unless_gone(lambda c, x: c.s3.get_object(Bucket=x.n, Key=key)["Body"].read())


def object_tags(c, x):
    return tags(c.s3.get_object_tagging(Bucket=x.n, Key="k")["TagSet"])


def upload(c, x):
    x.upload = c.s3.create_multipart_upload(Bucket=x.n, Key="u")["UploadId"]


def upload_part(c, x):
    x.etag = c.s3.upload_part(Bucket=x.n, Key="u", UploadId=x.upload, PartNumber=1, Body=b"part")["ETag"]


def uploads(c, x):
    return sorted({u["Key"] for u in c.s3.list_multipart_uploads(Bucket=x.n).get("Uploads", [])})


def parts(c, x):
    return [p["Size"] for p in c.s3.list_parts(Bucket=x.n, Key="u", UploadId=x.upload).get("Parts", [])]


def complete(c, x):
    c.s3.complete_multipart_upload(Bucket=x.n, Key="u", UploadId=x.upload,
                                   MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": x.etag}]})


def bucket_told_of(c, x):
    queue(c, x)
    c.s3.put_bucket_notification_configuration(Bucket=x.n, NotificationConfiguration={
        "QueueConfigurations": [{"QueueArn": x.arn, "Events": ["s3:ObjectCreated:*"]}]})
    test_event, = c.sqs.receive_message(QueueUrl=x.url, WaitTimeSeconds=20)["Messages"]
    c.sqs.delete_message(QueueUrl=x.url, ReceiptHandle=test_event["ReceiptHandle"])


def told_by_the_bucket(c, x):
    """The keys that the queue was told of; what was acknowledged is waited for."""
    events = [json.loads(text) for text in copies(c, x, seconds=20 if x.is_acknowledged else 0)]
    return sorted({urllib.parse.unquote(record["s3"]["object"]["key"]) for event in events for record in event["Records"]})


def setting(name: str, argument: str, value, read: Callable, want, delete: str | None = None, make: tuple = (bucket,)):
    """A setting of a bucket: what Put<name> is given, how it is read back, and what operation deletes it."""
    def put(c, x):
        getattr(c.s3, xform_name("Put" + name))(Bucket=x.n, **{argument: value(x) if callable(value) else value})
    rows = [Write("s3", "Put" + name, put, unless_gone(read), want, make)]
    if delete is not None:
        rows.append(Write("s3", delete, lambda c, x: getattr(c.s3, xform_name(delete))(Bucket=x.n), unless_gone(read), None,
                          (*make, put)))
    return rows


def bucket_policy(x):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Sid": "S", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{x.n}/no/*"}]})


BLOCK = {"BlockPublicAcls": True, "IgnorePublicAcls": False, "BlockPublicPolicy": False, "RestrictPublicBuckets": False}
S3_SETTINGS = [
    *setting("BucketCors", "CORSConfiguration", {"CORSRules": [{"AllowedMethods": ["PUT"], "AllowedOrigins": ["http://a"]}]},
             lambda c, x: c.s3.get_bucket_cors(Bucket=x.n)["CORSRules"][0]["AllowedMethods"], ["PUT"], "DeleteBucketCors"),
    *setting("BucketLifecycleConfiguration", "LifecycleConfiguration", {"Rules": [
        {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "p"}, "Expiration": {"Days": 3}}]},
             lambda c, x: c.s3.get_bucket_lifecycle_configuration(Bucket=x.n)["Rules"][0]["ID"], "r", "DeleteBucketLifecycle"),
    *setting("BucketPolicy", "Policy", bucket_policy,
             lambda c, x: action_of(c.s3.get_bucket_policy(Bucket=x.n)["Policy"]), "s3:PutObject", "DeleteBucketPolicy"),
    *setting("BucketTagging", "Tagging", {"TagSet": [{"Key": "a", "Value": "b"}]},
             lambda c, x: tags(c.s3.get_bucket_tagging(Bucket=x.n)["TagSet"]), {"a": "b"}, "DeleteBucketTagging"),
    *setting("PublicAccessBlock", "PublicAccessBlockConfiguration", BLOCK,
             lambda c, x: c.s3.get_public_access_block(Bucket=x.n)["PublicAccessBlockConfiguration"], BLOCK,
             "DeletePublicAccessBlock"),
    *setting("BucketAccelerateConfiguration", "AccelerateConfiguration", {"Status": "Suspended"},
             lambda c, x: c.s3.get_bucket_accelerate_configuration(Bucket=x.n).get("Status"), "Suspended"),
    *setting("BucketLogging", "BucketLoggingStatus",
             lambda x: {"LoggingEnabled": {"TargetBucket": x.n, "TargetPrefix": "log/"}},
             lambda c, x: c.s3.get_bucket_logging(Bucket=x.n).get("LoggingEnabled", {}).get("TargetPrefix"), "log/"),
    *setting("BucketNotificationConfiguration", "NotificationConfiguration", lambda x: {"QueueConfigurations": [
        {"QueueArn": x.arn, "Events": ["s3:ObjectCreated:*"]}]}, lambda c, x: bool(
            c.s3.get_bucket_notification_configuration(Bucket=x.n).get("QueueConfigurations")), True, make=(bucket, queue)),
    *setting("BucketVersioning", "VersioningConfiguration", {"Status": "Enabled"},
             lambda c, x: c.s3.get_bucket_versioning(Bucket=x.n).get("Status"), "Enabled"),
    *setting("BucketEncryption", "ServerSideEncryptionConfiguration", {"Rules": [
        {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": True}]},
             lambda c, x: c.s3.get_bucket_encryption(Bucket=x.n)["ServerSideEncryptionConfiguration"]["Rules"][0].get(
                 "BucketKeyEnabled"), True),
]


def kept_objects(c, x):
    """Of a bucket with versions: the versions of k, and whether a marker is on top."""
    listed = c.s3.list_object_versions(Bucket=x.n)
    return len(listed.get("Versions", [])), any(m["IsLatest"] for m in listed.get("DeleteMarkers", []))


def no_ownership(c, x):
    c.s3.delete_bucket_ownership_controls(Bucket=x.n)


ownership = unless_gone(lambda c, x: c.s3.get_bucket_ownership_controls(
    Bucket=x.n)["OwnershipControls"]["Rules"][0]["ObjectOwnership"])


def first_version(c, x):
    x.version = put("k", b"first")(c, x)["VersionId"]


def version(c, x):
    return c.s3.get_object(Bucket=x.n, Key="k", VersionId=x.version)["Body"].read()


def encrypted(c, x):
    c.s3.put_bucket_encryption(Bucket=x.n, ServerSideEncryptionConfiguration={"Rules": [
        {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": True}]})


S3 = [
    Write("s3", "CreateBucket", bucket, unless_gone(lambda c, x: c.s3.head_bucket(Bucket=x.n)["BucketRegion"]), REGION),
    Write("s3", "DeleteBucket", lambda c, x: c.s3.delete_bucket(Bucket=x.n),
          unless_gone(lambda c, x: c.s3.head_bucket(Bucket=x.n)["BucketRegion"]), None, (bucket,)),
    Write("s3", "PutObject", put("k", BIG), body("k"), BIG, (bucket, put("k", b"old"))),
    Write("s3", "PutObject", put("told"), told_by_the_bucket, ["told"], (bucket, bucket_told_of), variant="and be told"),
    Write("s3", "CopyObject", lambda c, x: c.s3.copy_object(Bucket=x.n, Key="copy", CopySource=f"{x.n}/k"), body("copy"),
          b"body", (bucket, put("k"))),
    Write("s3", "DeleteObject", lambda c, x: c.s3.delete_object(Bucket=x.n, Key="k"), body("k"), None, (bucket, put("k"))),
    Write("s3", "DeleteObject", lambda c, x: c.s3.delete_object(Bucket=x.n, Key="k"), kept_objects, (1, True),
          (bucket, versioned, put("k")), variant="by a marker"),
    Write("s3", "DeleteObject", lambda c, x: c.s3.delete_object(Bucket=x.n, Key="k", VersionId=x.version),
          unless_gone(version), None, (bucket, versioned, first_version, put("k")), variant="of a version"),
    Write("s3", "PutObject", put("k", b"second"), lambda c, x: (version(c, x), body("k")(c, x)), (b"first", b"second"),
          (bucket, versioned, first_version), variant="over a version"),
    Write("s3", "DeleteObjects", lambda c, x: c.s3.delete_objects(Bucket=x.n, Delete={"Objects": [
        {"Key": k} for k in ("a", "b")]}), keys, ["c"], (bucket, put("a"), put("b"), put("c")), parts=True),
    Write("s3", "PutObjectTagging", lambda c, x: c.s3.put_object_tagging(Bucket=x.n, Key="k", Tagging={
        "TagSet": [{"Key": "a", "Value": "b"}]}), object_tags, {"a": "b"}, (bucket, put("k"))),
    Write("s3", "DeleteObjectTagging", lambda c, x: c.s3.delete_object_tagging(Bucket=x.n, Key="k"), object_tags, {},
          (bucket, put("k", Tagging="a=b"))),
    Write("s3", "CreateMultipartUpload", upload, uploads, ["u"], (bucket,)),
    Write("s3", "UploadPart", lambda c, x: c.s3.upload_part(Bucket=x.n, Key="u", UploadId=x.upload, PartNumber=1, Body=b"part"),
          parts, [4], (bucket, upload)),
    Write("s3", "UploadPartCopy", lambda c, x: c.s3.upload_part_copy(
        Bucket=x.n, Key="u", UploadId=x.upload, PartNumber=1, CopySource=f"{x.n}/k"), parts, [len(BIG)],
          (bucket, put("k", BIG), upload)),
    Write("s3", "CompleteMultipartUpload", complete, body("u"), b"part", (bucket, upload, upload_part)),
    Write("s3", "AbortMultipartUpload", lambda c, x: c.s3.abort_multipart_upload(Bucket=x.n, Key="u", UploadId=x.upload),
          uploads, [], (bucket, upload, upload_part)),
    Write("s3", "DeleteBucketEncryption", lambda c, x: c.s3.delete_bucket_encryption(Bucket=x.n),
          lambda c, x: c.s3.get_bucket_encryption(Bucket=x.n)["ServerSideEncryptionConfiguration"]["Rules"][0].get(
              "BucketKeyEnabled"), False, (bucket, encrypted)),
    Write("s3", "DeleteBucketOwnershipControls", no_ownership, ownership, None, (bucket,)),
    Write("s3", "PutBucketOwnershipControls", lambda c, x: c.s3.put_bucket_ownership_controls(
        Bucket=x.n, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}), ownership,
          "BucketOwnerEnforced", (bucket, no_ownership)),
    *S3_SETTINGS,
]
