# SPDX-License-Identifier: Apache-2.0
"""S3's buckets and their settings with boto3 and the AWS CLIs, and through CloudFormation."""
import json
import subprocess

import pytest
from conftest import aws_commands, code_of, running_server


LIFECYCLE = {"Rules": [
    {"ID": "old", "Status": "Enabled", "Filter": {"And": {"Prefix": "a/", "Tags": [{"Key": "k", "Value": "v"}]}},
     "Expiration": {"Days": 3}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": 2}},
    {"ID": "parts", "Status": "Disabled", "Filter": {"Prefix": ""},
     "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}]}
CORS = {"CORSRules": [{"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["https://a.example"],
                       "AllowedHeaders": ["*"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 60}]}
TAGS = {"TagSet": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]}
BLOCK = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": False, "RestrictPublicBuckets": False}
ENCRYPTION = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "key"},
                         "BucketKeyEnabled": True}]}
OWNERSHIP = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
POLICY = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "s3:GetObject",
     "Resource": "arn:aws:s3:::x/*"}]}


def test_settings_are_kept_over_a_crash_and_deleted():
    with running_server() as server:
        s3 = server.client("s3")
        name = {"Bucket": "settings"}
        s3.create_bucket(**name)
        s3.put_bucket_versioning(**name, VersioningConfiguration={"Status": "Enabled"})
        s3.put_bucket_tagging(**name, Tagging=TAGS)
        s3.put_bucket_lifecycle_configuration(**name, LifecycleConfiguration=LIFECYCLE)
        s3.put_bucket_cors(**name, CORSConfiguration=CORS)
        s3.put_public_access_block(**name, PublicAccessBlockConfiguration=BLOCK)
        s3.put_bucket_encryption(**name, ServerSideEncryptionConfiguration=ENCRYPTION)
        s3.put_bucket_ownership_controls(**name, OwnershipControls=OWNERSHIP)
        s3.put_bucket_policy(**name, Policy=json.dumps(POLICY))
        s3.put_bucket_logging(**name, BucketLoggingStatus={"LoggingEnabled": {
            "TargetBucket": "settings", "TargetPrefix": "logs/"}})
        s3.put_bucket_accelerate_configuration(**name, AccelerateConfiguration={"Status": "Enabled"})
        s3.put_bucket_request_payment(**name, RequestPaymentConfiguration={"Payer": "BucketOwner"})
        server.kill()
        server.restart()
        assert s3.get_bucket_versioning(**name)["Status"] == "Enabled"
        assert s3.get_bucket_tagging(**name)["TagSet"] == TAGS["TagSet"]
        assert s3.get_bucket_lifecycle_configuration(**name)["Rules"] == LIFECYCLE["Rules"]
        assert s3.get_bucket_cors(**name)["CORSRules"] == CORS["CORSRules"]
        assert s3.get_public_access_block(**name)["PublicAccessBlockConfiguration"] == BLOCK
        assert s3.get_bucket_encryption(**name)["ServerSideEncryptionConfiguration"] == ENCRYPTION
        assert s3.get_bucket_ownership_controls(**name)["OwnershipControls"] == OWNERSHIP
        assert json.loads(s3.get_bucket_policy(**name)["Policy"]) == POLICY
        assert not s3.get_bucket_policy_status(**name)["PolicyStatus"]["IsPublic"]
        assert s3.get_bucket_logging(**name)["LoggingEnabled"]["TargetPrefix"] == "logs/"
        assert s3.get_bucket_accelerate_configuration(**name)["Status"] == "Enabled"
        for what, code in [("bucket_tagging", "NoSuchTagSet"), ("bucket_cors", "NoSuchCORSConfiguration"),
                           ("public_access_block", "NoSuchPublicAccessBlockConfiguration"),
                           ("bucket_ownership_controls", "OwnershipControlsNotFoundError"),
                           ("bucket_policy", "NoSuchBucketPolicy")]:
            getattr(s3, f"delete_{what}")(**name)
            assert code_of(getattr(s3, f"get_{what}"), **name) == code
        s3.delete_bucket_lifecycle(**name)
        assert code_of(s3.get_bucket_lifecycle_configuration, **name) == "NoSuchLifecycleConfiguration"
        s3.delete_bucket_encryption(**name)
        rule = s3.get_bucket_encryption(**name)["ServerSideEncryptionConfiguration"]["Rules"][0]
        assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_what_a_new_bucket_has(s3, bucket):
    """What Terraform and CDK read of every bucket."""
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)
    assert not [k for k in s3.get_bucket_notification_configuration(Bucket=bucket) if k != "ResponseMetadata"]
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    acl = s3.get_bucket_acl(Bucket=bucket)
    assert acl["Grants"] == [{"Grantee": {**acl["Owner"], "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}]
    assert code_of(s3.get_bucket_website, Bucket=bucket) == "NoSuchWebsiteConfiguration"
    assert code_of(s3.get_bucket_replication, Bucket=bucket) == "ReplicationConfigurationNotFoundError"
    assert code_of(s3.get_object_lock_configuration, Bucket=bucket) == "ObjectLockConfigurationNotFoundError"
    assert code_of(s3.get_bucket_tagging, Bucket=bucket) == "NoSuchTagSet"
    tags = [{"Key": "a", "Value": "b"}]
    s3.create_bucket(Bucket="with-tags", CreateBucketConfiguration={"Tags": tags})
    assert s3.get_bucket_tagging(Bucket="with-tags")["TagSet"] == tags
    assert code_of(s3.create_bucket, Bucket="never", CreateBucketConfiguration={
        "Tags": [{"Key": "aws:a", "Value": "b"}]}) == "InvalidTag"
    assert code_of(s3.head_bucket, Bucket="never") == "404"


def test_settings_are_checked(s3, bucket):
    public = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}]}
    assert code_of(s3.put_bucket_policy, Bucket=bucket, Policy=json.dumps(public)) == "AccessDenied"
    assert code_of(s3.put_bucket_policy, Bucket=bucket, Policy="no") == "MalformedPolicy"
    assert code_of(s3.put_bucket_versioning, Bucket=bucket, VersioningConfiguration={
        "Status": "Enabled", "MFADelete": "Enabled"}) == "NotImplemented"
    assert code_of(s3.put_bucket_tagging, Bucket=bucket, Tagging={"TagSet": [
        {"Key": "a", "Value": ""}, {"Key": "a", "Value": ""}]}) == "InvalidTag"
    assert code_of(s3.put_bucket_cors, Bucket="no-such-bucket", CORSConfiguration=CORS) == "NoSuchBucket"


@pytest.mark.parametrize("aws", aws_commands())
def test_the_cli_sets_and_shows(shared_server, s3, bucket, aws):
    def run(*arguments):
        command = [*aws, "--endpoint-url", shared_server.url, "--output", "json", "s3api", *arguments, "--bucket", bucket]
        done = subprocess.run(command, env=shared_server.environment(), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout else None
    run("put-bucket-versioning", "--versioning-configuration", "Status=Suspended")
    assert run("get-bucket-versioning") == {"Status": "Suspended"}
    run("put-public-access-block", "--public-access-block-configuration", "BlockPublicAcls=true")
    assert run("get-public-access-block")["PublicAccessBlockConfiguration"]["BlockPublicAcls"] is True
    run("put-bucket-tagging", "--tagging", "TagSet=[{Key=a,Value=1}]")
    assert run("get-bucket-tagging") == {"TagSet": [{"Key": "a", "Value": "1"}]}
    run("put-bucket-lifecycle-configuration", "--lifecycle-configuration", json.dumps(LIFECYCLE))
    assert run("get-bucket-lifecycle-configuration")["Rules"] == LIFECYCLE["Rules"]
    run("delete-bucket-lifecycle")


# As SAM CLI's managed stack has it.
TEMPLATE = {"Resources": {
    "SamCliSourceBucket": {"Type": "AWS::S3::Bucket", "Properties": {
        "VersioningConfiguration": {"Status": "Enabled"},
        "Tags": [{"Key": "ManagedStackSource", "Value": "AwsSamCli"}]}},
    "SamCliSourceBucketBucketPolicy": {"Type": "AWS::S3::BucketPolicy", "Properties": {
        "Bucket": {"Ref": "SamCliSourceBucket"},
        "PolicyDocument": {"Statement": [{
            "Action": ["s3:GetObject"], "Effect": "Allow",
            "Resource": {"Fn::Join": ["", [{"Fn::GetAtt": "SamCliSourceBucket.Arn"}, "/*"]]},
            "Principal": {"Service": "serverlessrepo.amazonaws.com"},
            "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}}]}}}},
    "Outputs": {"SourceBucket": {"Value": {"Ref": "SamCliSourceBucket"}}}}


def test_cloudformation_makes_changes_and_deletes_buckets(shared_server, s3):
    cloudformation = shared_server.client("cloudformation")
    stack = {"StackName": "managed"}
    cloudformation.create_stack(**stack, TemplateBody=json.dumps(TEMPLATE))
    cloudformation.get_waiter("stack_create_complete").wait(**stack, WaiterConfig={"Delay": 1})
    name = cloudformation.describe_stacks(**stack)["Stacks"][0]["Outputs"][0]["OutputValue"]
    assert name.startswith("managed-samclisourcebucket-")
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    assert "serverlessrepo" in s3.get_bucket_policy(Bucket=name)["Policy"]
    TEMPLATE["Resources"]["SamCliSourceBucket"]["Properties"]["LifecycleConfiguration"] = {
        "Rules": [{"Status": "Enabled", "ExpirationInDays": 3}]}
    cloudformation.update_stack(**stack, TemplateBody=json.dumps(TEMPLATE))
    cloudformation.get_waiter("stack_update_complete").wait(**stack, WaiterConfig={"Delay": 1})
    assert s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"][0]["Expiration"] == {"Days": 3}
    cloudformation.delete_stack(**stack)
    cloudformation.get_waiter("stack_delete_complete").wait(**stack, WaiterConfig={"Delay": 1})
    assert name not in [b["Name"] for b in s3.list_buckets()["Buckets"]]
