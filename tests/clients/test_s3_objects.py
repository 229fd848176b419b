# SPDX-License-Identifier: Apache-2.0
"""S3's objects, versions and uploads with boto3 and the AWS CLIs; what is acknowledged survives kill -9."""
import base64
import concurrent.futures
import hashlib
import io
import json
import os
import re
import subprocess
import time
import urllib.error
import urllib.request

import botocore.exceptions
import pytest
from boto3.s3.transfer import TransferConfig
from conftest import aws_commands, code_of, running_server

MIB = 1024 * 1024


def body_of(s3, **arguments) -> bytes:
    return s3.get_object(**arguments)["Body"].read()


def test_versions_come_and_go(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    ids = [s3.put_object(Bucket=bucket, Key="k", Body=b"%d" % n)["VersionId"] for n in range(3)]
    assert [body_of(s3, Bucket=bucket, Key="k", VersionId=i) for i in ids] == [b"0", b"1", b"2"]
    deleted = s3.delete_object(Bucket=bucket, Key="k")
    assert deleted["DeleteMarker"] is True
    assert code_of(s3.get_object, Bucket=bucket, Key="k") == "NoSuchKey"
    listed = s3.list_object_versions(Bucket=bucket)
    assert [v["VersionId"] for v in listed["Versions"]] == ids[::-1]
    assert listed["DeleteMarkers"][0]["VersionId"] == deleted["VersionId"] and listed["DeleteMarkers"][0]["IsLatest"]
    assert code_of(s3.head_object, Bucket=bucket, Key="k", VersionId=deleted["VersionId"]) == "405"
    s3.delete_object(Bucket=bucket, Key="k", VersionId=deleted["VersionId"])
    assert body_of(s3, Bucket=bucket, Key="k") == b"2"
    s3.copy_object(Bucket=bucket, Key="k", CopySource={"Bucket": bucket, "Key": "k", "VersionId": ids[0]})
    assert body_of(s3, Bucket=bucket, Key="k") == b"0"
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": 1})
    every = [{"Key": v["Key"], "VersionId": v["VersionId"]} for page in pages for v in page.get("Versions", [])]
    assert len(every) == 4
    assert len(s3.delete_objects(Bucket=bucket, Delete={"Objects": every})["Deleted"]) == 4
    s3.delete_bucket(Bucket=bucket)


def test_copies_tags_and_conditions(s3, bucket):
    put = s3.put_object(Bucket=bucket, Key="a b", Body=b"x", ContentType="text/plain", Tagging="t=1&u=", Metadata={"m": "1"})
    assert s3.get_object_tagging(Bucket=bucket, Key="a b")["TagSet"] == [{"Key": "t", "Value": "1"}, {"Key": "u", "Value": ""}]
    s3.copy_object(Bucket=bucket, Key="c", CopySource=f"{bucket}/a b", CopySourceIfMatch=put["ETag"])
    head = s3.head_object(Bucket=bucket, Key="c")
    assert (head["ContentType"], head["Metadata"]) == ("text/plain", {"m": "1"})
    s3.copy_object(Bucket=bucket, Key="c", CopySource=f"{bucket}/a b", MetadataDirective="REPLACE", Metadata={"n": "2"},
                   TaggingDirective="REPLACE", Tagging="v=3")
    assert s3.head_object(Bucket=bucket, Key="c")["Metadata"] == {"n": "2"}
    assert s3.get_object_tagging(Bucket=bucket, Key="c")["TagSet"] == [{"Key": "v", "Value": "3"}]
    s3.put_object_tagging(Bucket=bucket, Key="c", Tagging={"TagSet": [{"Key": "w", "Value": "é"}]})
    assert s3.get_object_tagging(Bucket=bucket, Key="c")["TagSet"] == [{"Key": "w", "Value": "é"}]
    s3.delete_object_tagging(Bucket=bucket, Key="c")
    assert s3.get_object_tagging(Bucket=bucket, Key="c")["TagSet"] == []
    assert code_of(s3.put_object, Bucket=bucket, Key="c", Body=b"", IfNoneMatch="*") == "PreconditionFailed"
    assert code_of(s3.put_object, Bucket=bucket, Key="c", Body=b"", IfMatch='"0"') == "PreconditionFailed"
    s3.put_object(Bucket=bucket, Key="c", Body=b"y", IfMatch=put["ETag"])
    assert code_of(s3.get_object, Bucket=bucket, Key="c", IfMatch=put["ETag"]) == "PreconditionFailed"
    assert s3.get_object_acl(Bucket=bucket, Key="c")["Grants"][0]["Permission"] == "FULL_CONTROL"


def test_listings_of_both_kinds(s3, bucket):
    for key in ("a", "b/1", "b/2", "c é&<", "d"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    for operation in ("list_objects", "list_objects_v2"):
        pages = s3.get_paginator(operation).paginate(Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 1})
        seen = [e.get("Key") or e["Prefix"] for page in pages for e in page.get("Contents", []) + page.get("CommonPrefixes", [])]
        assert seen == ["a", "b/", "c é&<", "d"], operation


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_checksums_are_verified_and_told(s3, bucket, algorithm):
    try:
        s3.put_object(Bucket=bucket, Key="k", Body=b"hello", ChecksumAlgorithm=algorithm)
    except botocore.exceptions.MissingDependencyException:
        pytest.skip("botocore computes it with awscrt only")
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert got["Body"].read() == b"hello" and got[f"Checksum{algorithm}"] and got["ChecksumType"] == "FULL_OBJECT"
    wrong = base64.b64encode(bytes(len(base64.b64decode(got[f"Checksum{algorithm}"])))).decode()
    assert code_of(s3.put_object, Bucket=bucket, Key="k", Body=b"x", **{f"Checksum{algorithm}": wrong}) == "BadDigest"


@pytest.mark.parametrize("version", ["s3", "s3v4"])  # boto3's own choice is the former
def test_presigned_urls(shared_server, s3, bucket, version):
    signer = shared_server.client("s3", signature_version=version)

    def request(method, url, body=None):
        return urllib.request.urlopen(urllib.request.Request(url, method=method, data=body)).read()
    names = {"Bucket": bucket, "Key": "a b"}
    request("PUT", signer.generate_presigned_url("put_object", names), b"through a URL")
    url = signer.generate_presigned_url("get_object", {**names, "ResponseContentType": "text/x"})
    answer = urllib.request.urlopen(url)
    assert answer.read() == b"through a URL" and answer.headers["Content-Type"] == "text/x"
    late = re.sub(r"([?&]Expires=)\d+", r"\g<1>1", re.sub(r"X-Amz-Date=\w+", "X-Amz-Date=20200101T000000Z", url))
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(late)
    assert refused.value.code == 403 and b"Request has expired" in refused.value.read()
    request("DELETE", signer.generate_presigned_url("delete_object", names))
    assert code_of(s3.head_object, **names) == "404"


def test_an_upload_of_many_parts(s3, bucket):
    """boto3's own: parallel parts with checksums, then ranged reads."""
    data = os.urandom(23 * MIB + 5)
    config = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)
    s3.upload_fileobj(io.BytesIO(data), bucket, "big", Config=config)
    head = s3.head_object(Bucket=bucket, Key="big")
    assert head["ContentLength"] == len(data) and head["ETag"].endswith('-5"')
    into = io.BytesIO()
    s3.download_fileobj(bucket, "big", into, Config=config)
    assert into.getvalue() == data
    assert body_of(s3, Bucket=bucket, Key="big") == data
    part = s3.get_object(Bucket=bucket, Key="big", PartNumber=5)
    assert part["PartsCount"] == 5 and part["Body"].read() == data[20 * MIB:]
    told = s3.get_object_attributes(Bucket=bucket, Key="big", MaxParts=2, PartNumberMarker=1, ObjectAttributes=[
        "ETag", "Checksum", "ObjectParts", "ObjectSize", "StorageClass"])
    assert (told["ObjectSize"], f'"{told["ETag"]}"', told["StorageClass"]) == (len(data), head["ETag"], "STANDARD")
    assert told["Checksum"]["ChecksumCRC32"] and told["ObjectParts"]["TotalPartsCount"] == 5
    assert told["Checksum"]["ChecksumType"] == "COMPOSITE"
    assert [part["PartNumber"] for part in told["ObjectParts"]["Parts"]] == [2, 3]
    assert told["ObjectParts"]["IsTruncated"] and told["ObjectParts"]["NextPartNumberMarker"] == 3
    assert code_of(s3.get_object_attributes, Bucket=bucket, Key="big", MaxParts=-1, ObjectAttributes=[
        "ObjectParts"]) == "InvalidArgument"
    s3.copy({"Bucket": bucket, "Key": "big"}, bucket, "copy", Config=config)  # UploadPartCopy
    assert hashlib.md5(body_of(s3, Bucket=bucket, Key="copy")).digest() == hashlib.md5(data).digest()


def test_uploads_are_listed_and_aborted(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm="SHA256")["UploadId"]
    names = {"Bucket": bucket, "Key": "k", "UploadId": upload}
    parts = [s3.upload_part(**names, PartNumber=n, Body=b"%d" % n, ChecksumAlgorithm="SHA256") for n in (2, 1)]
    listed = s3.list_parts(**names)["Parts"]
    assert [p["PartNumber"] for p in listed] == [1, 2] and listed[1]["ChecksumSHA256"] == parts[0]["ChecksumSHA256"]
    assert [u["UploadId"] for u in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == [upload]
    assert code_of(s3.complete_multipart_upload, **names, MultipartUpload={
        "Parts": [{"PartNumber": p["PartNumber"], "ETag": p["ETag"]} for p in listed]}) == "EntityTooSmall"
    s3.abort_multipart_upload(**names)
    assert code_of(s3.list_parts, **names) == "NoSuchUpload"
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


@pytest.mark.parametrize("aws", aws_commands())
def test_the_cli_copies_syncs_and_removes(shared_server, s3, bucket, aws, tmp_path):
    def run(*arguments):
        done = subprocess.run([*aws, "--endpoint-url", shared_server.url, "s3", *arguments], env=shared_server.environment(),
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
    tree = tmp_path / "tree"
    (tree / "sub").mkdir(parents=True)
    (tree / "a.txt").write_text("a")
    (tree / "sub" / "b é.txt").write_text("b")
    (tree / "big").write_bytes(os.urandom(20 * MIB))
    url = f"s3://{bucket}"
    run("sync", str(tree), f"{url}/in")
    assert sorted(o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]) == \
        ["in/a.txt", "in/big", "in/sub/b é.txt"]
    assert run("sync", str(tree), f"{url}/in") == "", "nothing is left to do"
    run("cp", "--recursive", f"{url}/in", f"{url}/copy")
    run("sync", f"{url}/copy", str(tmp_path / "back"))
    assert (tmp_path / "back" / "big").read_bytes() == (tree / "big").read_bytes()
    assert (tmp_path / "back" / "sub" / "b é.txt").read_text() == "b"
    (tree / "a.txt").unlink()
    run("sync", "--delete", str(tree), f"{url}/in")
    assert "in/a.txt" not in run("ls", "--recursive", url)
    run("mv", f"{url}/in/big", f"{url}/moved")
    run("rm", "--recursive", url)
    assert run("ls", url) == ""
    run("rb", url)


def test_nothing_acknowledged_is_lost_by_kill_9():
    """Puts, versions, copies, deletions and uploads go on in many threads while the server is killed, again and again."""
    gone = object()
    with running_server() as server:
        s3 = server.client("s3", max_pool_connections=20)
        s3.create_bucket(Bucket="plain")
        s3.create_bucket(Bucket="kept")
        s3.put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
        acknowledged, versions = {}, {}

        def change(key: str, after, call, **arguments):
            acknowledged[key] = None  # before or after, until it is answered
            call(Bucket="plain", Key=key, **arguments)
            acknowledged[key] = after

        def write(worker: int):
            for n in range(10**6):
                key, body = f"{worker}/{n % 7}", os.urandom(1000 + 100 * worker)
                try:
                    change(key, body, s3.put_object, Body=body)
                    versions[s3.put_object(Bucket="kept", Key=key, Body=body)["VersionId"]] = (key, body)
                    if n % 5 == 4:
                        upload = s3.create_multipart_upload(Bucket="plain", Key=key)["UploadId"]
                        part = s3.upload_part(Bucket="plain", Key=key, UploadId=upload, PartNumber=1, Body=body[::-1])
                        body = body[::-1]
                        change(key, body, s3.complete_multipart_upload, UploadId=upload, MultipartUpload={
                            "Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
                    change(f"{key}/copy", body, s3.copy_object, CopySource={"Bucket": "plain", "Key": key})
                    if n % 3 == 2:
                        change(key, gone, s3.delete_object)
                except botocore.exceptions.BotoCoreError:  # the connection broke; an answer would be another error
                    return

        for _ in range(3):
            with concurrent.futures.ThreadPoolExecutor() as pool:
                writers = [pool.submit(write, worker) for worker in range(6)]
                time.sleep(1)
                server.kill()
            for writer in writers:
                writer.result()
            server.restart()
            for key, body in acknowledged.items():
                if body is gone:
                    assert code_of(s3.get_object, Bucket="plain", Key=key) == "NoSuchKey"
                else:
                    assert body is None or body_of(s3, Bucket="plain", Key=key) == body
            assert gone in acknowledged.values()
            for version, (key, body) in versions.items():
                assert body_of(s3, Bucket="kept", Key=key, VersionId=version) == body
        assert len(versions) > 30
        assert not subprocess.run([server.process.args[0], "status", "--endpoint", server.url],
                                  capture_output=True).returncode


def test_notifications_reach_queues_topics_and_functions(shared_server, s3, bucket):
    sqs, sns = shared_server.client("sqs"), shared_server.client("sns")
    queue = sqs.create_queue(QueueName="of-the-bucket")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = sns.create_topic(Name="of-the-bucket")["TopicArn"]
    other = sqs.create_queue(QueueName="of-the-topic")["QueueUrl"]
    other_arn = sqs.get_queue_attributes(QueueUrl=other, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=other_arn, Attributes={"RawMessageDelivery": "true"})
    wanted = {
        "QueueConfigurations": [{"Id": "q", "QueueArn": arn, "Events": ["s3:ObjectCreated:*"], "Filter": {
            "Key": {"FilterRules": [{"Name": "prefix", "Value": "in/"}]}}}],
        "TopicConfigurations": [{"Id": "t", "TopicArn": topic, "Events": ["s3:ObjectRemoved:*"]}]}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=wanted)
    got = s3.get_bucket_notification_configuration(Bucket=bucket)
    assert {k: got[k] for k in wanted} == wanted

    def next_of(url):
        message = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"][0]
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return json.loads(message["Body"])
    assert next_of(queue)["Event"] == next_of(other)["Event"] == "s3:TestEvent"
    s3.put_object(Bucket=bucket, Key="out/a", Body=b"")
    s3.put_object(Bucket=bucket, Key="in/a b", Body=b"hello")
    record = next_of(queue)["Records"][0]
    assert record["eventName"] == "ObjectCreated:Put" and record["s3"]["object"]["key"] == "in/a+b"
    assert record["s3"]["object"]["size"] == 5 and record["s3"]["configurationId"] == "q"
    s3.delete_object(Bucket=bucket, Key="out/a")
    assert next_of(other)["Records"][0]["eventName"] == "ObjectRemoved:Delete"
    assert code_of(s3.put_bucket_notification_configuration, Bucket=bucket, NotificationConfiguration={
        "QueueConfigurations": [{"QueueArn": arn + "-none", "Events": ["s3:ObjectCreated:*"]}]}) == "InvalidArgument"
