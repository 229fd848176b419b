import json
import os
import random
import uuid

import boto3

kinesis = boto3.client("kinesis")


def lambda_handler(event, context):
    order = {
        "order_id": str(uuid.uuid4()),
        "product": random.choice(["Laptop", "Phone", "Tablet"]),
        "quantity": random.randint(1, 5),
    }
    response = kinesis.put_record(
        StreamName=os.environ["STREAM_NAME"],
        Data=json.dumps(order),
        PartitionKey=order["order_id"],
    )
    print(f"Order sent to {response['ShardId']}")
    return {"statusCode": 200, "body": json.dumps(order)}
