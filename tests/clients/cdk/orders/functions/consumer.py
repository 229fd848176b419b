# SPDX-License-Identifier: Apache-2.0
import base64
import json


def handler(event, context):
    for record in event["Records"]:
        order = json.loads(base64.b64decode(record["kinesis"]["data"]))
        if order["id"].startswith("bad"):
            raise ValueError(order["id"])
        print("consumed", order["id"])
