// SPDX-License-Identifier: Apache-2.0
// millrace-runtime: AWS Lambda functions in C++. The same binary runs on Millrace and on AWS
// (provided.al2023).
//
//     #include <millrace/lambda.h>
//
//     millrace::json handle(const millrace::json& event, const millrace::Context& context) {
//         return {{"hello", event.value("name", "world")}};
//     }
//
//     int main() { return millrace::run(handle); }
//
// What the function prints becomes its log, line by line. An exception that leaves the handler
// fails the invocation with its type and what() text; the process goes on with the next one.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
#pragma once

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace millrace {

using json = nlohmann::json;

struct Context {
    std::string request_id;
    std::string function_name;
    std::string function_version;
    std::string function_arn;  // as invoked
    std::string trace_id;
    std::string log_group;
    std::string log_stream;
    int memory_limit_mb = 0;
    std::chrono::system_clock::time_point deadline;
    // Zero once the deadline has passed.
    std::chrono::milliseconds remaining() const;
};

using Handler = std::function<json(const json& event, const Context& context)>;

// Serves invocations until the environment ends. Returns an exit status; says on stderr what is
// wrong if it is not started by Lambda or Millrace.
int run(const Handler& handler);

// The same for functions that parse large events by themselves: bytes of JSON in, bytes of JSON
// out.
using RawHandler = std::function<std::string(std::string_view event, const Context& context)>;
int run_raw(const RawHandler& handler);

// The records of a Kinesis event, decoded.
struct KinesisRecord {
    std::string partition_key;
    std::string sequence_number;
    std::string shard_id;
    std::string data;      // bytes, no longer base64
    double arrival_s = 0;  // seconds since the epoch
};
// Throws std::invalid_argument if the event is not one of Kinesis.
std::vector<KinesisRecord> kinesis_records(const json& event);

}  // namespace millrace
