# SPDX-License-Identifier: Apache-2.0
import json
import os

import boto3


def handler(event, context):
    boto3.client("kinesis").put_record(StreamName=os.environ["STREAM"], PartitionKey=event["id"], Data=json.dumps(event))
    return {"sent": event["id"]}
