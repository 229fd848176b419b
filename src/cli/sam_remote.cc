// SPDX-License-Identifier: Apache-2.0
// sam remote invoke: a deployed function is called, its log goes to stderr, its answer to stdout;
// or a record is put on a stream.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-cli-command-reference-remote-invoke.html
#include <algorithm>

#include "cli/sam_artifacts.h"
#include "cli/stack_resources.h"

namespace mill::cli {
namespace {

constexpr const char* function_type = "AWS::Lambda::Function";
constexpr const char* stream_type = "AWS::Kinesis::Stream";

// The stack's resource of that name, or its only function.
Task<Result<StackResource>> find_resource(AwsClient& client, std::string stack,
                                          std::string wanted) {
    if (wanted.starts_with("arn:aws:kinesis:"))
        co_return StackResource{wanted, wanted.substr(wanted.rfind('/') + 1), stream_type};
    if (stack.empty() || wanted.starts_with("arn:"))
        co_return StackResource{wanted, wanted, function_type};
    MILL_CO_TRY(const auto resources, co_await stack_resources(client, stack));
    std::vector<StackResource> found;
    for (const StackResource& one : resources) {
        if (!wanted.empty() && one.logical_id != wanted) continue;
        if (one.type == function_type || (one.type == stream_type && !wanted.empty())) {
            found.push_back(one);
        } else if (!wanted.empty()) {
            co_return fail("remote",
                           one.logical_id + " is of type " + one.type +
                               "; Millrace's remote invoke calls functions and puts records on "
                               "Kinesis streams");
        }
    }
    if (found.size() == 1) co_return found.front();
    if (found.size() > 1) {
        co_return fail("remote", stack +
                                     " contains more than one resource that could be used with "
                                     "remote invoke, please provide resource_id argument to "
                                     "resolve ambiguity.");
    }
    co_return fail("remote", "Can't find resource information from stack name (" + stack +
                                 ") and resource id (" + wanted + ")");
}

Result<Bytes> payload_of(Session& session, const SamOptions& options) {
    const std::string file = options.get("--event-file");
    const std::string event = options.get("--event", "{}");
    if (!file.empty() && options.arguments.has("--event"))
        return fail("usage", "Both '--event-file' and '--event' cannot be provided");
    if (file == "-") return session.read_all();
    if (!file.empty()) return machine::read_file(session.machine.files, file);
    if (wire::parse_json(event)) return Bytes(event);
    const std::string json = wire::write_json(wire::Value(event));
    session.err("Auto converting value '" + event + "' into JSON '" + json +
                "'. If you don't want auto-conversion, please provide a JSON string as event\n");
    return json;
}

Task<Result<void>> put_record(Session& session, AwsClient& client, StackResource stream,
                              Bytes payload) {
    session.err("Putting record to Kinesis data stream " + stream.logical_id + "\n");
    wire::Value input;
    input["StreamName"] = stream.physical_id;
    input["Data"] = base64_encode(payload);
    input["PartitionKey"] = machine::uuid_v4(session.machine.entropy);
    MILL_CO_TRY(const auto answer,
                co_await client.json("kinesis", "Kinesis_20131202.PutRecord", std::move(input)));
    session.out(wire::write_json_pretty(answer));
    co_return Result<void>();
}

// What --parameter may say of an invocation, and its header.
constexpr std::pair<std::string_view, std::string_view> invoke_parameters[] = {
    {"InvocationType", "x-amz-invocation-type"},
    {"LogType", "x-amz-log-type"},
    {"ClientContext", "x-amz-client-context"}};

Result<wire::http::Request> invoke_request(const SamOptions& options, const StackResource& function,
                                           Bytes payload) {
    wire::http::Request request{.method = "POST",
                                .target = "/2015-03-31/functions/" +
                                          wire::http::percent_encode(function.physical_id) +
                                          "/invocations",
                                .body = std::move(payload)};
    request.headers.set("x-amz-log-type", "Tail");
    MILL_TRY(const Pairs given, key_values(options, "--parameter", ' '));
    for (const auto& [name, value] : given) {
        const auto known = std::ranges::find(invoke_parameters, name,
                                             &std::pair<std::string_view, std::string_view>::first);
        if (known != std::end(invoke_parameters)) {
            request.headers.set(known->second, value);
        } else if (name == "Qualifier") {
            request.target += "?Qualifier=" + wire::http::percent_encode(value);
        } else {
            return fail("remote",
                        "Invalid parameter key provided. Parameter validation failed:\nUnknown "
                        "parameter in input: \"" +
                            name +
                            "\", must be one of: InvocationType, LogType, ClientContext, "
                            "Qualifier");
        }
    }
    return request;
}

// As boto3 returns it.
wire::Value whole_answer(const wire::http::Response& answer) {
    wire::Value headers = wire::Value::map();
    for (const auto& [name, value] : answer.headers) headers[std::string(name)] = value;
    wire::Value metadata;
    metadata["RequestId"] = answer.headers.get("x-amzn-requestid");
    metadata["HTTPStatusCode"] = static_cast<std::int64_t>(answer.status);
    metadata["HTTPHeaders"] = std::move(headers);
    metadata["RetryAttempts"] = std::int64_t{0};
    wire::Value whole;
    whole["ResponseMetadata"] = std::move(metadata);
    whole["StatusCode"] = static_cast<std::int64_t>(answer.status);
    for (const auto& [name, header] : {std::pair("FunctionError", "x-amz-function-error"),
                                       std::pair("LogResult", "x-amz-log-result"),
                                       std::pair("ExecutedVersion", "x-amz-executed-version")}) {
        if (answer.headers.contains(header)) whole[name] = answer.headers.get(header);
    }
    whole["Payload"] = answer.body;
    return whole;
}

Task<Result<void>> invoke(Session& session, AwsClient& client, SamOptions options,
                          StackResource function, Bytes payload) {
    session.err("Invoking Lambda Function " + function.logical_id + "\n");
    MILL_CO_TRY(auto request, invoke_request(options, function, std::move(payload)));
    auto answer = co_await client.rest("lambda", std::move(request));
    if (!answer) co_return std::unexpected(as_client_error(answer.error(), "Invoke"));
    if (options.get("--output") == "json") {
        session.out(wire::ascii_json(wire::write_json_pretty(whole_answer(*answer))));
        co_return Result<void>();
    }
    MILL_CO_TRY(const Bytes log, base64_decode(answer->headers.get("x-amz-log-result")));
    session.err(log);
    session.out(answer->body);  // without a line feed, as SAM CLI
    co_return Result<void>();
}

}  // namespace

Task<Result<void>> sam_remote_invoke(Session& session, SamOptions options) {
    const auto& words = options.arguments.words();
    const std::string stack = options.get("--stack-name");
    if (words.size() > 1)
        co_return fail("usage", "Got unexpected extra argument (" + words[1] + ")");
    if (words.empty() && stack.empty()) {
        co_return fail(
            "usage", "At least 1 of --stack-name or --resource-id parameters should be provided.");
    }
    const std::string output = options.get("--output", "text");
    if (output != "text" && output != "json") {
        co_return fail("usage", "Invalid value for '--output': '" + output +
                                    "' is not one of 'text', 'json'.");
    }
    MILL_CO_TRY(const Target target, find_target(session, options));
    AwsClient client(session.machine, target);
    MILL_CO_TRY(const StackResource function,
                co_await find_resource(client, stack, words.empty() ? "" : words.front()));
    MILL_CO_TRY(Bytes payload, payload_of(session, options));
    if (function.type == stream_type)
        co_return co_await put_record(session, client, function, std::move(payload));
    co_return co_await invoke(session, client, std::move(options), function, std::move(payload));
}

}  // namespace mill::cli
