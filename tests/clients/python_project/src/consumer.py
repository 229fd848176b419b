import base64
import json
import logging

logger = logging.getLogger()
logger.setLevel(logging.INFO)


def lambda_handler(event, context):
    for record in event["Records"]:
        order = json.loads(base64.b64decode(record["kinesis"]["data"]))
        print(f"Processing order {order['order_id']}: {order['quantity']} x {order['product']}")
    logger.info("Processed %d records", len(event["Records"]))
    return {"statusCode": 200}
