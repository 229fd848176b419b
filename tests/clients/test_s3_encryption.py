# SPDX-License-Identifier: Apache-2.0
"""What objects say they are encrypted with, told to boto3 and the AWS CLIs. Nothing is encrypted."""
import io
import json
import os
import subprocess

import botocore.exceptions
import pytest
from boto3.s3.transfer import TransferConfig
from conftest import aws_commands

MIB = 1024 * 1024
OWN_KEY = "arn:aws:kms:us-east-1:000000000000:alias/aws/s3"
KEY = "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.fixture(scope="module")
def plain(s3):
    s3.create_bucket(Bucket="plain")
    return "plain"


@pytest.fixture(scope="module")
def by_kms(s3):
    """A bucket that encrypts as CDK's bootstrap has its own."""
    s3.create_bucket(Bucket="by-kms")
    s3.put_bucket_encryption(Bucket="by-kms", ServerSideEncryptionConfiguration={"Rules": [
        {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}, "BucketKeyEnabled": True}]})
    return "by-kms"


def said(answer: dict) -> tuple:
    return answer.get("ServerSideEncryption"), answer.get("SSEKMSKeyId"), answer.get("BucketKeyEnabled")


def test_a_put_is_told_as_it_was_asked_for(shared_server, s3, plain):
    wanted = {"unasked": ({}, ("AES256", None, None)),
              "aes": ({"ServerSideEncryption": "AES256"}, ("AES256", None, None)),
              "kms": ({"ServerSideEncryption": "aws:kms"}, ("aws:kms", OWN_KEY, None)),
              "key": ({"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": KEY.partition("/")[2], "BucketKeyEnabled": True},
                      ("aws:kms", KEY, True)),
              "two": ({"ServerSideEncryption": "aws:kms:dsse", "SSEKMSKeyId": KEY}, ("aws:kms:dsse", KEY, None))}
    for key, (asked, told) in wanted.items():
        assert said(s3.put_object(Bucket=plain, Key=key, Body=b"x", **asked)) == told, key
    shared_server.kill()
    shared_server.restart()
    for key, (_, told) in wanted.items():
        assert said(s3.head_object(Bucket=plain, Key=key)) == told, key
        assert said(s3.get_object(Bucket=plain, Key=key)) == told, key


def test_the_buckets_default_is_what_unasked_objects_get(s3, plain, by_kms):
    told = ("aws:kms", KEY, True)
    assert said(s3.put_object(Bucket=by_kms, Key="k", Body=b"x")) == told
    assert said(s3.put_object(Bucket=by_kms, Key="aes", Body=b"x", ServerSideEncryption="AES256"))[0] == "AES256"
    s3.put_object(Bucket=plain, Key="source", Body=b"x")
    assert said(s3.copy_object(Bucket=by_kms, Key="copy", CopySource=f"{plain}/source")) == told
    assert said(s3.copy_object(Bucket=plain, Key="back", CopySource=f"{by_kms}/copy")) == ("AES256", None, None)
    same = {"Bucket": plain, "Key": "source", "CopySource": f"{plain}/source"}
    with pytest.raises(botocore.exceptions.ClientError, match="encryption attributes"):
        s3.copy_object(**same)
    assert said(s3.copy_object(**same, ServerSideEncryption="aws:kms"))[0] == "aws:kms"


def test_an_upload_tells_it_with_every_answer(s3, by_kms):
    told = ("aws:kms", KEY, True)
    s3.put_object(Bucket=by_kms, Key="source", Body=b"x")
    begun = s3.create_multipart_upload(Bucket=by_kms, Key="parts")
    names = {"Bucket": by_kms, "Key": "parts", "UploadId": begun["UploadId"]}
    part = s3.upload_part(**names, PartNumber=1, Body=b"x")
    copied = s3.upload_part_copy(**names, PartNumber=1, CopySource=f"{by_kms}/source")
    done = s3.complete_multipart_upload(**names, MultipartUpload={"Parts": [
        {"PartNumber": 1, "ETag": copied["CopyPartResult"]["ETag"]}]})
    for answer in begun, part, copied, done, s3.head_object(Bucket=by_kms, Key="parts"):
        assert said(answer) == told
    s3.upload_fileobj(io.BytesIO(os.urandom(6 * MIB)), by_kms, "big", ExtraArgs={"ServerSideEncryption": "AES256"},
                      Config=TransferConfig(multipart_threshold=5 * MIB))
    assert said(s3.head_object(Bucket=by_kms, Key="big")) == ("AES256", None, None)


def test_what_makes_no_sense_is_refused(s3, plain):
    def message(**asked) -> str:
        with pytest.raises(botocore.exceptions.ClientError) as caught:
            s3.put_object(Bucket=plain, Key="refused", Body=b"x", **asked)
        error = caught.value.response["Error"]
        return f"{error['Code']}: {error['Message']}"
    assert message(ServerSideEncryption="aws:fsx").startswith("InvalidEncryptionAlgorithmError: ")
    assert "requires HTTP header x-amz-server-side-encryption : aws:kms" in message(SSEKMSKeyId=KEY)
    assert "Base64-encoded" in message(ServerSideEncryption="aws:kms", SSEKMSEncryptionContext="{}")
    customer = message(SSECustomerAlgorithm="AES256", SSECustomerKey="k" * 32)
    assert customer.startswith("NotImplemented: ") and "objects are stored unencrypted" in customer
    with pytest.raises(botocore.exceptions.ClientError, match="404"):
        s3.head_object(Bucket=plain, Key="refused")


@pytest.mark.parametrize("aws", aws_commands())
def test_the_cli_encrypts_what_it_copies(shared_server, plain, aws, tmp_path):
    def run(*arguments):
        command = [*aws, "--endpoint-url", shared_server.url, "--output", "json", *arguments]
        done = subprocess.run(command, env=shared_server.environment(), capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
    (tmp_path / "file").write_bytes(os.urandom(9 * MIB))  # in parts
    for options, told in ((["--sse"], ("AES256", None, None)), (["--sse", "aws:kms"], ("aws:kms", OWN_KEY, None)),
                          (["--sse", "aws:kms", "--sse-kms-key-id", KEY], ("aws:kms", KEY, None))):
        run("s3", "cp", "--quiet", str(tmp_path / "file"), f"s3://{plain}/file", *options)
        assert said(json.loads(run("s3api", "head-object", "--bucket", plain, "--key", "file"))) == told
    run("s3", "cp", "--quiet", f"s3://{plain}/file", f"s3://{plain}/copy", "--acl", "bucket-owner-full-control")
    run("s3", "cp", "--quiet", f"s3://{plain}/copy", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == (tmp_path / "file").read_bytes()
