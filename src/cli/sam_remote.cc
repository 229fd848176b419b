// SPDX-License-Identifier: Apache-2.0
// sam remote invoke: a deployed function is called, its log goes to stderr, its answer to stdout;
// or a record is put on a stream.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-cli-command-reference-remote-invoke.html
#include "cli/sam.h"

namespace mill::cli {
namespace {

constexpr const char* function_type = "AWS::Lambda::Function";
constexpr const char* stream_type = "AWS::Kinesis::Stream";

struct Resource {
    std::string logical_id;
    std::string physical;
    std::string type = function_type;
};

// The stack's resource of that name, or its only function.
Task<Result<Resource>> find_resource(AwsClient& client, std::string stack, std::string wanted) {
    if (wanted.starts_with("arn:aws:kinesis:"))
        co_return Resource{wanted, wanted.substr(wanted.rfind('/') + 1), stream_type};
    if (stack.empty() || wanted.starts_with("arn:")) co_return Resource{wanted, wanted};
    MILL_CO_TRY(const auto answer,
                co_await cloudformation(client, "DescribeStackResources", {{"StackName", stack}}));
    std::vector<Resource> found;
    for (const wire::Value& resource : wire::list_of(answer, "StackResources")) {
        const std::string id = wire::text_of(resource, "LogicalResourceId");
        if (!wanted.empty() && id != wanted) continue;
        const std::string type = wire::text_of(resource, "ResourceType");
        if (type == function_type || (type == stream_type && !wanted.empty())) {
            found.push_back({id, wire::text_of(resource, "PhysicalResourceId"), type});
        } else if (!wanted.empty()) {
            co_return fail("remote",
                           id + " is of type " + type +
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

Task<Result<void>> put_record(Session& session, AwsClient& client, Resource stream, Bytes payload) {
    session.err("Putting record to Kinesis data stream " + stream.logical_id + "\n");
    wire::Value input;
    input["StreamName"] = stream.physical;
    input["Data"] = base64_encode(payload);
    input["PartitionKey"] = machine::uuid_v4(session.machine.entropy);
    MILL_CO_TRY(const auto answer,
                co_await client.json("kinesis", "Kinesis_20131202.PutRecord", std::move(input)));
    session.out(wire::write_json_pretty(answer));
    co_return Result<void>();
}

}  // namespace

Task<Result<void>> sam_remote_invoke(Session& session, SamOptions options) {
    const auto& words = options.arguments.words();
    const std::string stack = options.get("--stack-name");
    if (words.size() > 1)
        co_return fail("usage", "Got unexpected extra argument (" + words[1] + ")");
    if (words.empty() && stack.empty()) {
        co_return fail("usage",
                       "Either --stack-name option or resource_id argument should be provided");
    }
    if (options.get("--output", "text") != "text")
        co_return fail("usage", "Millrace's remote invoke knows --output text only");
    MILL_CO_TRY(const Target target,
                find_target(session, options.get("--endpoint-url"), options.get("--region")));
    AwsClient client(session.machine, target);
    MILL_CO_TRY(const Resource function,
                co_await find_resource(client, stack, words.empty() ? "" : words.front()));
    MILL_CO_TRY(Bytes payload, payload_of(session, options));
    if (function.type == stream_type)
        co_return co_await put_record(session, client, function, std::move(payload));
    session.err("Invoking Lambda Function " + function.logical_id + "\n");
    wire::http::Request request{.method = "POST",
                                .target = "/2015-03-31/functions/" +
                                          wire::http::percent_encode(function.physical) +
                                          "/invocations",
                                .body = std::move(payload)};
    request.headers.set("x-amz-log-type", "Tail");
    MILL_CO_TRY(const auto answer, co_await client.rest("lambda", std::move(request)));
    MILL_CO_TRY(const Bytes log, base64_decode(answer.headers.get("x-amz-log-result")));
    session.err(log);
    session.out(answer.body);  // without a line feed, as SAM CLI
    co_return Result<void>();
}

}  // namespace mill::cli
