// SPDX-License-Identifier: Apache-2.0
#include "millrace/lambda.h"

#include <cxxabi.h>
#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "base/bytes.h"
#include "connection.h"

namespace millrace {
namespace {

using mill::wire::http::Request;
using mill::wire::http::Response;

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

std::string type_name(const std::exception& error) {
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> name(
        abi::__cxa_demangle(typeid(error).name(), nullptr, nullptr, &status), &std::free);
    return status == 0 ? name.get() : "std::exception";
}

Request post(std::string target, std::string body) {
    Request request{.method = "POST", .target = std::move(target), .body = std::move(body)};
    request.headers.set("content-type", "application/json");
    return request;
}

Context context_of(const Response& event) {
    Context context{.request_id = event.headers.get("lambda-runtime-aws-request-id"),
                    .function_name = variable("AWS_LAMBDA_FUNCTION_NAME"),
                    .function_version = variable("AWS_LAMBDA_FUNCTION_VERSION"),
                    .function_arn = event.headers.get("lambda-runtime-invoked-function-arn"),
                    .trace_id = event.headers.get("lambda-runtime-trace-id"),
                    .log_group = variable("AWS_LAMBDA_LOG_GROUP_NAME"),
                    .log_stream = variable("AWS_LAMBDA_LOG_STREAM_NAME")};
    context.memory_limit_mb = std::atoi(variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE").c_str());
    const long long deadline_ms =
        std::atoll(event.headers.get("lambda-runtime-deadline-ms").c_str());
    context.deadline =
        std::chrono::system_clock::time_point(std::chrono::milliseconds(deadline_ms));
    return context;
}

struct Answer {
    bool failed = false;
    std::string body;
    std::string error_type;
};

Answer failure(const std::string& type, const std::string& message) {
    std::cerr << "ERROR " << type << ": " << message << std::endl;
    const json body = {
        {"errorType", type}, {"errorMessage", message}, {"stackTrace", json::array()}};
    return {true, body.dump(-1, ' ', false, json::error_handler_t::replace), type};
}

Answer call(const RawHandler& handler, const std::string& event, const Context& context) {
    try {
        return {false, handler(event, context), {}};
    } catch (const std::exception& error) {
        return failure(type_name(error), error.what());
    } catch (...) {
        return failure("unknown", "the handler threw something that is not a std::exception");
    }
}

void flush_output() {
    std::cout.flush();
    std::cerr.flush();
    std::fflush(nullptr);
}

void serve_one(HttpConnection& api, const RawHandler& handler) {
    Response event = api.send({.method = "GET", .target = "/2018-06-01/runtime/invocation/next"});
    if (event.status != 200)
        throw ConnectionError("the Runtime API answered " + std::to_string(event.status));
    const Context context = context_of(event);
    if (!context.trace_id.empty()) setenv("_X_AMZN_TRACE_ID", context.trace_id.c_str(), 1);
    Answer answer = call(handler, event.body, context);
    flush_output();
    const std::string target = "/2018-06-01/runtime/invocation/" + context.request_id;
    if (!answer.failed) {
        // 413: the answer was too large, which the service reports to the caller.
        api.send(post(target + "/response", std::move(answer.body)));
        return;
    }
    Request request = post(target + "/error", std::move(answer.body));
    request.headers.set("lambda-runtime-function-error-type", "Function." + answer.error_type);
    api.send(std::move(request));
}

}  // namespace

std::chrono::milliseconds Context::remaining() const {
    const auto left = deadline - std::chrono::system_clock::now();
    return std::max(std::chrono::milliseconds(0),
                    std::chrono::duration_cast<std::chrono::milliseconds>(left));
}

int run(const Handler& handler) {
    return run_raw([&handler](std::string_view event, const Context& context) {
        const json result = handler(event.empty() ? json::object() : json::parse(event), context);
        return result.dump(-1, ' ', false, json::error_handler_t::replace);
    });
}

int run_raw(const RawHandler& handler) {
    signal(SIGPIPE, SIG_IGN);
    const std::string address = variable("AWS_LAMBDA_RUNTIME_API");
    if (address.empty()) {
        std::cerr << "AWS_LAMBDA_RUNTIME_API is not set: this program is a Lambda function. Deploy "
                     "it, or run it with "
                     "`millrace sam local invoke`.\n";
        return 2;
    }
    try {
        HttpConnection api(parse_url("http://" + address));
        for (;;) serve_one(api, handler);
    } catch (const std::exception& error) {
        flush_output();
        std::cerr << "Runtime API: " << error.what() << '\n';
        return 1;
    }
}

std::vector<KinesisRecord> kinesis_records(const json& event) {
    if (!event.is_object() || !event.contains("Records") || !event["Records"].is_array()) {
        throw std::invalid_argument("not a Kinesis event: it has no Records");
    }
    std::vector<KinesisRecord> records;
    for (const json& item : event["Records"]) {
        if (!item.contains("kinesis"))
            throw std::invalid_argument("not a Kinesis event: a record without 'kinesis'");
        const json& kinesis = item["kinesis"];
        auto data = mill::base64_decode(kinesis.at("data").get_ref<const std::string&>());
        if (!data)
            throw std::invalid_argument("a record's data is not base64: " + data.error().message);
        const std::string event_id = item.value("eventID", "");
        records.push_back({.partition_key = kinesis.value("partitionKey", ""),
                           .sequence_number = kinesis.value("sequenceNumber", ""),
                           .shard_id = event_id.substr(0, event_id.find(':')),
                           .data = *std::move(data),
                           .arrival_s = kinesis.value("approximateArrivalTimestamp", 0.0)});
    }
    return records;
}

}  // namespace millrace
