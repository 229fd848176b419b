// SPDX-License-Identifier: Apache-2.0
#include "cli/sample_events.h"

namespace mill::cli {
namespace {

constexpr std::string_view kinesis_get_records = R"({
  "Records": [
    {
      "kinesis": {
        "partitionKey": "{partition-key}",
        "kinesisSchemaVersion": "1.0",
        "data": "{data:base64}",
        "sequenceNumber": "{sequence}",
        "approximateArrivalTimestamp": 1428537600.0
      },
      "eventSource": "aws:kinesis",
      "eventID": "shardId-000000000000:{sequence}",
      "invokeIdentityArn": "arn:{partition}:iam::EXAMPLE",
      "eventVersion": "1.0",
      "eventName": "aws:kinesis:record",
      "eventSourceARN": "arn:{partition}:kinesis:EXAMPLE",
      "awsRegion": "{region}"
    }
  ]
})";

constexpr std::string_view sqs_receive_message = R"({
  "Records": [
    {
      "messageId": "19dd0b57-b21e-4ac1-bd88-01bbb068cb78",
      "receiptHandle": "MessageReceiptHandle",
      "body": "{body}",
      "attributes": {
        "ApproximateReceiveCount": "1",
        "SentTimestamp": "1523232000000",
        "SenderId": "{account-id}",
        "ApproximateFirstReceiveTimestamp": "1523232000001"
      },
      "messageAttributes": {},
      "md5OfBody": "{body:md5}",
      "eventSource": "aws:sqs",
      "eventSourceARN": "arn:{partition}:sqs:{region}:{account-id}:{queue-name}",
      "awsRegion": "{region}"
    }
  ]
})";

constexpr std::string_view sns_notification = R"({
  "Records": [
    {
      "EventSource": "aws:sns",
      "EventVersion": "1.0",
      "EventSubscriptionArn": "arn:{partition}:sns:{region}::{topic}",
      "Sns": {
        "Type": "Notification",
        "MessageId": "95df01b4-ee98-5cb9-9903-4c221d41eb5e",
        "TopicArn": "arn:{partition}:sns:{region}:{account-id}:{topic}",
        "Subject": "{subject}",
        "Message": "{message}",
        "Timestamp": "1970-01-01T00:00:00.000Z",
        "SignatureVersion": "1",
        "Signature": "EXAMPLE",
        "SigningCertUrl": "EXAMPLE",
        "UnsubscribeUrl": "EXAMPLE",
        "MessageAttributes": {
          "Test": {
            "Type": "String",
            "Value": "TestString"
          },
          "TestBinary": {
            "Type": "Binary",
            "Value": "TestBinary"
          }
        }
      }
    }
  ]
})";

constexpr std::string_view s3_put = R"({
  "Records": [
    {
      "eventVersion": "2.0",
      "eventSource": "aws:s3",
      "awsRegion": "{region}",
      "eventTime": "1970-01-01T00:00:00.000Z",
      "eventName": "ObjectCreated:Put",
      "userIdentity": {
        "principalId": "EXAMPLE"
      },
      "requestParameters": {
        "sourceIPAddress": "127.0.0.1"
      },
      "responseElements": {
        "x-amz-request-id": "EXAMPLE123456789",
        "x-amz-id-2": "EXAMPLE123/5678abcdefghijklambdaisawesome/mnopqrstuvwxyzABCDEFGH"
      },
      "s3": {
        "s3SchemaVersion": "1.0",
        "configurationId": "testConfigRule",
        "bucket": {
          "name": "{bucket}",
          "ownerIdentity": {
            "principalId": "EXAMPLE"
          },
          "arn": "arn:{partition}:s3:::{bucket}"
        },
        "object": {
          "key": "{key:url}",
          "size": 1024,
          "eTag": "0123456789abcdef0123456789abcdef",
          "sequencer": "0A1B2C3D4E5F678901"
        }
      }
    }
  ]
})";

constexpr std::string_view s3_delete = R"({
  "Records": [
    {
      "eventVersion": "2.0",
      "eventSource": "aws:s3",
      "awsRegion": "{region}",
      "eventTime": "1970-01-01T00:00:00.000Z",
      "eventName": "ObjectRemoved:Delete",
      "userIdentity": {
        "principalId": "EXAMPLE"
      },
      "requestParameters": {
        "sourceIPAddress": "127.0.0.1"
      },
      "responseElements": {
        "x-amz-request-id": "EXAMPLE123456789",
        "x-amz-id-2": "EXAMPLE123/5678abcdefghijklambdaisawesome/mnopqrstuvwxyzABCDEFGH"
      },
      "s3": {
        "s3SchemaVersion": "1.0",
        "configurationId": "testConfigRule",
        "bucket": {
          "name": "{bucket}",
          "ownerIdentity": {
            "principalId": "EXAMPLE"
          },
          "arn": "arn:{partition}:s3:::{bucket}"
        },
        "object": {
          "key": "{key:url}",
          "sequencer": "0A1B2C3D4E5F678901"
        }
      }
    }
  ]
})";

constexpr std::string_view dynamodb_update = R"({
  "Records": [
    {
      "eventID": "c4ca4238a0b923820dcc509a6f75849b",
      "eventName": "INSERT",
      "eventVersion": "1.1",
      "eventSource": "aws:dynamodb",
      "awsRegion": "{region}",
      "dynamodb": {
        "Keys": {
          "Id": {
            "N": "101"
          }
        },
        "NewImage": {
          "Message": {
            "S": "New item!"
          },
          "Id": {
            "N": "101"
          }
        },
        "ApproximateCreationDateTime": 1428537600,
        "SequenceNumber": "4421584500000000017450439091",
        "SizeBytes": 26,
        "StreamViewType": "NEW_AND_OLD_IMAGES"
      },
      "eventSourceARN": "arn:{partition}:dynamodb:{region}:{account-id}:table/{table}/stream/2015-06-27T00:48:05.899"
    },
    {
      "eventID": "c81e728d9d4c2f636f067f89cc14862c",
      "eventName": "MODIFY",
      "eventVersion": "1.1",
      "eventSource": "aws:dynamodb",
      "awsRegion": "{region}",
      "dynamodb": {
        "Keys": {
          "Id": {
            "N": "101"
          }
        },
        "NewImage": {
          "Message": {
            "S": "This item has changed"
          },
          "Id": {
            "N": "101"
          }
        },
        "OldImage": {
          "Message": {
            "S": "New item!"
          },
          "Id": {
            "N": "101"
          }
        },
        "ApproximateCreationDateTime": 1428537600,
        "SequenceNumber": "4421584500000000017450439092",
        "SizeBytes": 59,
        "StreamViewType": "NEW_AND_OLD_IMAGES"
      },
      "eventSourceARN": "arn:{partition}:dynamodb:{region}:{account-id}:table/{table}/stream/2015-06-27T00:48:05.899"
    },
    {
      "eventID": "eccbc87e4b5ce2fe28308fd9f2a7baf3",
      "eventName": "REMOVE",
      "eventVersion": "1.1",
      "eventSource": "aws:dynamodb",
      "awsRegion": "{region}",
      "dynamodb": {
        "Keys": {
          "Id": {
            "N": "101"
          }
        },
        "OldImage": {
          "Message": {
            "S": "This item has changed"
          },
          "Id": {
            "N": "101"
          }
        },
        "ApproximateCreationDateTime": 1428537600,
        "SequenceNumber": "4421584500000000017450439093",
        "SizeBytes": 38,
        "StreamViewType": "NEW_AND_OLD_IMAGES"
      },
      "eventSourceARN": "arn:{partition}:dynamodb:{region}:{account-id}:table/{table}/stream/2015-06-27T00:48:05.899"
    }
  ]
})";

constexpr std::string_view cloudwatch_logs = R"({
  "awslogs": {
    "data": "H4sIAAAAAAAAAHWPwQqCQBCGX0Xm7EFtK+smZBEUgXoLCdMhFtKV3akI8d0bLYmibvPPN3wz00CJxmQnTO41whwWQRIctmEcB6sQbFC3CjW3XW8kxpOpP+OC22d1Wml1qZkQGtoMsScxaczKN3plG8zlaHIta5KqWsozoTYw3/djzwhpLwivWFGHGpAFe7DL68JlBUk+l7KSN7tCOEJ4M3/qOI49vMHj+zCKdlFqLaU2ZHV2a4Ct/an0/ivdX8oYc1UVX860fQDQiMdxRQEAAA=="
  }
})";

constexpr std::string_view cloudwatch_scheduled_event = R"({
  "id": "cdc73f9d-aea9-11e3-9d5a-835b769c0d9c",
  "detail-type": "Scheduled Event",
  "source": "aws.events",
  "account": "{account-id}",
  "time": "1970-01-01T00:00:00Z",
  "region": "{region}",
  "resources": [
    "arn:{partition}:events:{region}:{account-id}:rule/{rule}"
  ],
  "detail": {}
})";

}  // namespace

const std::vector<SampleEvent>& sample_events() {
    static const std::vector<SampleEvent> events = {
        {"kinesis",
         "get-records",
         kinesis_get_records,
         {{"--partition-key", "partitionKey-03"},
          {"--data", "Hello, this is a test 123."},
          {"--sequence", "49545115243490985018280067714973144582180062593244200961"},
          {"--partition", "aws"},
          {"--region", "us-east-1"}}},
        {"sqs",
         "receive-message",
         sqs_receive_message,
         {{"--body", "Hello from SQS!"},
          {"--account-id", "123456789012"},
          {"--partition", "aws"},
          {"--region", "us-east-1"},
          {"--queue-name", "MyQueue"}}},
        {"sns",
         "notification",
         sns_notification,
         {{"--partition", "aws"},
          {"--region", "us-east-1"},
          {"--topic", "ExampleTopic"},
          {"--account-id", "123456789012"},
          {"--subject", "example subject"},
          {"--message", "example message"}}},
        {"s3",
         "put",
         s3_put,
         {{"--region", "us-east-1"},
          {"--bucket", "example-bucket"},
          {"--partition", "aws"},
          {"--key", "test/key"}}},
        {"s3",
         "delete",
         s3_delete,
         {{"--region", "us-east-1"},
          {"--bucket", "example-bucket"},
          {"--partition", "aws"},
          {"--key", "test/key"}}},
        {"dynamodb",
         "update",
         dynamodb_update,
         {{"--region", "us-east-1"},
          {"--partition", "aws"},
          {"--account-id", "123456789012"},
          {"--table", "ExampleTableWithStream"}}},
        {"cloudwatch", "logs", cloudwatch_logs, {}},
        {"cloudwatch",
         "scheduled-event",
         cloudwatch_scheduled_event,
         {{"--account-id", "123456789012"},
          {"--region", "us-east-1"},
          {"--partition", "aws"},
          {"--rule", "ExampleRule"}}},
    };
    return events;
}

}  // namespace mill::cli
