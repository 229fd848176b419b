// SPDX-License-Identifier: Apache-2.0
// sam remote invoke: a deployed function is called; its log goes to stderr, its answer to stdout.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-cli-command-reference-remote-invoke.html
#include "cli/sam.h"

namespace mill::cli {
namespace {

struct Resource {
    std::string logical_id;
    std::string physical;
};

// The stack's function of that name, or its only one.
Task<Result<Resource>> find_function(AwsClient& client, std::string stack, std::string wanted) {
    if (stack.empty() || wanted.starts_with("arn:")) co_return Resource{wanted, wanted};
    MILL_CO_TRY(const auto answer,
                co_await cloudformation(client, "DescribeStackResources", {{"StackName", stack}}));
    std::vector<Resource> found;
    for (const wire::Value& resource : wire::list_of(answer, "StackResources")) {
        const std::string id = wire::text_of(resource, "LogicalResourceId");
        if (!wanted.empty() && id != wanted) continue;
        const std::string type = wire::text_of(resource, "ResourceType");
        if (type == "AWS::Lambda::Function") {
            found.push_back({id, wire::text_of(resource, "PhysicalResourceId")});
        } else if (!wanted.empty()) {
            co_return fail("remote", id + " is of type " + type +
                                         "; Millrace's remote invoke calls functions only");
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
                co_await find_function(client, stack, words.empty() ? "" : words.front()));
    session.err("Invoking Lambda Function " + function.logical_id + "\n");
    MILL_CO_TRY(Bytes payload, payload_of(session, options));
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
