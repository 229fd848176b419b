// SPDX-License-Identifier: Apache-2.0
// sam deploy: code to S3, the template to CloudFormation, events until the stack is there.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cli/sam.h"

namespace mill::cli {
namespace {

constexpr auto event_interval = std::chrono::milliseconds(20);
constexpr std::size_t template_body_max = 51'200;

std::string managed_bucket(const Target& target) {
    return "aws-sam-cli-managed-default-samclisourcebucket-" + target.region;
}

struct Deployment {
    Session& session;
    AwsClient client;
    std::string stack;
    std::string bucket;
    std::string prefix;
};

bool is_missing(const Error& error) {
    return error.status == 404 || error.code.starts_with("NoSuch");
}

Task<Result<void>> ensure_bucket(Deployment& deployment) {
    const std::string path = "/" + deployment.bucket;
    auto head = co_await deployment.client.rest("s3", {.method = "HEAD", .target = path});
    if (head) co_return Result<void>();
    if (!is_missing(head.error())) co_return std::unexpected(head.error());
    MILL_CO_TRY(const auto made,
                co_await deployment.client.rest("s3", {.method = "PUT", .target = path}));
    static_cast<void>(made);
    co_return Result<void>();
}

// The key: by content, so that what is there already is not sent again.
Task<Result<std::string>> upload(Deployment& deployment, Bytes bytes, std::string suffix) {
    const Digest16 digest = md5(bytes);
    const std::string name =
        hex({reinterpret_cast<const char*>(digest.data()), digest.size()}) + suffix;
    std::string key = deployment.prefix.empty() ? name : deployment.prefix + "/" + name;
    const std::string path = "/" + deployment.bucket + "/" + wire::http::percent_encode(key, true);
    auto head = co_await deployment.client.rest("s3", {.method = "HEAD", .target = path});
    if (head) {
        deployment.session.out("File with same data already exists at " + key +
                               ", skipping upload\n");
        co_return key;
    }
    if (!is_missing(head.error())) co_return std::unexpected(head.error());
    deployment.session.out(fmt::format("Uploading to {} ({} bytes)\n", key, bytes.size()));
    MILL_CO_TRY(const auto put,
                co_await deployment.client.rest(
                    "s3", {.method = "PUT", .target = path, .body = std::move(bytes)}));
    static_cast<void>(put);
    co_return key;
}

Task<Result<void>> upload_code(Deployment& deployment, wire::Value& document,
                               std::string directory) {
    for (const FunctionSource& function : functions_of(document)) {
        if (function.code_uri.empty()) continue;
        const std::string path = join_path(directory, function.code_uri);
        if (!deployment.session.machine.files.exists(path)) {
            co_return fail("package", function.logical_id + ": its code at " + path +
                                          " does not exist; run sam build");
        }
        Result<Bytes> zip = path.ends_with(".zip")
                                ? machine::read_file(deployment.session.machine.files, path)
                                : zip_directory(deployment.session.machine.files, path);
        if (!zip) co_return std::unexpected(zip.error());
        MILL_CO_TRY(const std::string key, co_await upload(deployment, *std::move(zip), ""));
        set_code_uri(document, function.logical_id, "s3://" + deployment.bucket + "/" + key);
    }
    co_return Result<void>();
}

Task<Result<AwsClient::Parameters>> stack_parameters(Deployment& deployment,
                                                     const SamOptions& options,
                                                     const wire::Value& document) {
    AwsClient::Parameters parameters = {{"StackName", deployment.stack}};
    std::string body = wire::write_json(document);
    if (body.size() <= template_body_max) {
        parameters.emplace_back("TemplateBody", std::move(body));
    } else {
        MILL_CO_TRY(const std::string key,
                    co_await upload(deployment, std::move(body), ".template"));
        parameters.emplace_back("TemplateURL", "https://s3." + deployment.client.target().region +
                                                   ".amazonaws.com/" + deployment.bucket + "/" +
                                                   key);
    }
    std::set<std::string> capabilities = {"CAPABILITY_AUTO_EXPAND"};  // a SAM template needs it
    for (const std::string& capability : options.all("--capabilities"))
        capabilities.insert(capability);
    int index = 0;
    for (const std::string& capability : capabilities) {
        parameters.emplace_back(fmt::format("Capabilities.member.{}", ++index), capability);
    }
    index = 0;
    MILL_CO_TRY(auto overrides, parameter_overrides(options));
    for (auto& [name, value] : overrides) {
        const std::string member = fmt::format("Parameters.member.{}.", ++index);
        parameters.emplace_back(member + "ParameterKey", std::move(name));
        parameters.emplace_back(member + "ParameterValue", std::move(value));
    }
    if (options.flag("--disable-rollback")) parameters.emplace_back("DisableRollback", "true");
    co_return parameters;
}

std::string status_text(const Session& session, const std::string& status) {
    if (status.find("FAILED") != std::string::npos ||
        status.find("ROLLBACK") != std::string::npos) {
        return session.red(status);
    }
    return status.ends_with("_COMPLETE") ? session.green(status) : session.yellow(status);
}

// Prints events as they happen until the stack itself has come to rest; its last status.
Task<Result<std::string>> follow_events(Deployment& deployment, std::set<std::string> seen) {
    Session& session = deployment.session;
    session.out("\nCloudFormation events from stack operations\n");
    for (;;) {
        MILL_CO_TRY(const auto answer,
                    co_await cloudformation(deployment.client, "DescribeStackEvents",
                                            {{"StackName", deployment.stack}}));
        const wire::Value* events = answer.find("StackEvents");
        wire::Value::List list = events && events->items() ? *events->items() : wire::Value::List();
        std::ranges::reverse(list);  // newest first on the wire
        for (const wire::Value& event : list) {
            if (!seen.insert(wire::text_of(event, "EventId")).second) continue;
            const std::string status = wire::text_of(event, "ResourceStatus");
            const std::string id = wire::text_of(event, "LogicalResourceId");
            const std::string reason = wire::text_of(event, "ResourceStatusReason");
            session.out(fmt::format("  {:<28} {:<34} {}{}\n", status_text(session, status),
                                    wire::text_of(event, "ResourceType"), id,
                                    reason.empty() ? "" : "  " + reason));
            const bool own =
                wire::text_of(event, "PhysicalResourceId") == wire::text_of(event, "StackId");
            if (own && !status.ends_with("_IN_PROGRESS")) co_return status;
        }
        co_await machine::sleep_until(session.machine.timers,
                                      session.machine.clock.now() + event_interval);
    }
}

Task<Result<void>> print_outputs(Deployment& deployment) {
    MILL_CO_TRY(const auto answer, co_await cloudformation(deployment.client, "DescribeStacks",
                                                           {{"StackName", deployment.stack}}));
    const wire::Value* stacks = answer.find("Stacks");
    if (!stacks || !stacks->items() || stacks->items()->empty()) co_return Result<void>();
    const wire::Value* outputs = stacks->items()->front().find("Outputs");
    if (!outputs || !outputs->items()) co_return Result<void>();
    deployment.session.out("\nCloudFormation outputs from deployed stack\n");
    for (const wire::Value& output : *outputs->items()) {
        deployment.session.out(fmt::format(
            "  Key          {}\n  Description  {}\n  Value        {}\n\n",
            wire::text_of(output, "OutputKey"), wire::text_of(output, "Description", "-"),
            deployment.session.green(wire::text_of(output, "OutputValue"))));
    }
    co_return Result<void>();
}

// The stack's status, empty if there is none.
Task<Result<std::string>> stack_status(Deployment& deployment) {
    auto answer = co_await cloudformation(deployment.client, "DescribeStacks",
                                          {{"StackName", deployment.stack}});
    if (!answer && answer.error().message.find("does not exist") != std::string::npos)
        co_return std::string();
    if (!answer) co_return std::unexpected(answer.error());
    const wire::Value* stacks = answer->find("Stacks");
    if (!stacks || !stacks->items() || stacks->items()->empty()) co_return std::string();
    co_return wire::text_of(stacks->items()->front(), "StackStatus");
}

Task<Result<void>> change_stack(Deployment& deployment, AwsClient::Parameters parameters,
                                bool empty_is_fine) {
    MILL_CO_TRY(const std::string status, co_await stack_status(deployment));
    std::set<std::string> seen;
    if (!status.empty()) {
        MILL_CO_TRY(const auto events,
                    co_await cloudformation(deployment.client, "DescribeStackEvents",
                                            {{"StackName", deployment.stack}}));
        if (const wire::Value* list = events.find("StackEvents"); list && list->items()) {
            for (const wire::Value& event : *list->items())
                seen.insert(wire::text_of(event, "EventId"));
        }
    }
    const std::string action = status.empty() ? "CreateStack" : "UpdateStack";
    auto begun = co_await cloudformation(deployment.client, action, std::move(parameters));
    if (!begun &&
        begun.error().message.find("No updates are to be performed") != std::string::npos) {
        const std::string text =
            "No changes to deploy. Stack " + deployment.stack + " is up to date";
        if (!empty_is_fine) co_return fail("deploy", text);
        deployment.session.out(text + "\n");
        co_return Result<void>();
    }
    if (!begun) co_return std::unexpected(begun.error());
    MILL_CO_TRY(const std::string result, co_await follow_events(deployment, std::move(seen)));
    if (result != "CREATE_COMPLETE" && result != "UPDATE_COMPLETE") {
        co_return fail("deploy", "Failed to create/update the stack: " + deployment.stack +
                                     ", its status is " + result + ". The events above say why.");
    }
    MILL_CO_CHECK(co_await print_outputs(deployment));
    deployment.session.out("\n" +
                           deployment.session.green("Successfully created/updated stack - " +
                                                    deployment.stack + " in " +
                                                    deployment.client.target().region) +
                           "\n");
    co_return Result<void>();
}

}  // namespace

Task<Result<void>> deploy_document(Session& session, Target target, SamOptions options,
                                   wire::Value document, std::string directory) {
    const std::string stack = options.get("--stack-name");
    const std::string bucket = options.get("--s3-bucket", managed_bucket(target));
    session.out(
        fmt::format("\nDeploying with following values\n===============================\n"
                    "Stack name                 : {}\nRegion                     : {}\n"
                    "Deployment s3 bucket       : {}\nEndpoint                   : http://{}\n\n"
                    "Initiating deployment\n=====================\n",
                    stack, target.region, bucket, target.endpoint.text()));
    Deployment deployment{session, AwsClient(session.machine, std::move(target)), stack, bucket,
                          options.get("--s3-prefix", stack)};
    MILL_CO_CHECK(co_await ensure_bucket(deployment));
    MILL_CO_CHECK(co_await upload_code(deployment, document, std::move(directory)));
    MILL_CO_TRY(auto parameters, co_await stack_parameters(deployment, options, document));
    const bool empty_is_fine = options.flag("--no-fail-on-empty-changeset") ||
                               options.get("--fail-on-empty-changeset") == "false";
    co_return co_await change_stack(deployment, std::move(parameters), empty_is_fine);
}

Task<Result<void>> sam_deploy(Session& session, SamOptions options) {
    if (options.get("--stack-name").empty()) {
        co_return fail(
            "usage", "Missing option '--stack-name'; pass it, or set stack_name in samconfig.toml");
    }
    MILL_CO_TRY(Target target,
                find_target(session, options.get("--endpoint-url"), options.get("--region")));
    MILL_CO_TRY(const std::string path, find_built_template(session.machine.files, options));
    MILL_CO_TRY(auto document, load_template(session.machine.files, path));
    co_return co_await deploy_document(session, std::move(target), std::move(options),
                                       std::move(document), directory_of(path));
}

Task<Result<void>> sam_delete(Session& session, SamOptions options) {
    const std::string stack = options.get("--stack-name");
    if (stack.empty()) co_return fail("usage", "Missing option '--stack-name'");
    MILL_CO_TRY(const Target target,
                find_target(session, options.get("--endpoint-url"), options.get("--region")));
    Deployment deployment{session, AwsClient(session.machine, target), stack, {}, {}};
    MILL_CO_TRY(const std::string status, co_await stack_status(deployment));
    if (status.empty()) {
        co_return fail("delete", "The input stack " + stack +
                                     " does not exist on Cloudformation in the region " +
                                     target.region);
    }
    if (!options.flag("--no-prompts")) {
        session.out("\tAre you sure you want to delete the stack " + stack + " in the region " +
                    target.region + " ? [y/N]: ");
        const std::string answer = session.read_line();
        if (answer != "y" && answer != "Y" && answer != "yes")
            co_return fail("delete", "Aborted, nothing was deleted");
    }
    // A deleted stack is found by its id only.
    MILL_CO_TRY(const auto described, co_await cloudformation(deployment.client, "DescribeStacks",
                                                              {{"StackName", stack}}));
    const std::string id = wire::text_of(described.find("Stacks")->items()->front(), "StackId");
    session.out("\t- Deleting Cloudformation stack " + stack + "\n");
    MILL_CO_TRY(const auto begun,
                co_await cloudformation(deployment.client, "DeleteStack", {{"StackName", stack}}));
    static_cast<void>(begun);
    deployment.stack = id;
    for (;;) {
        MILL_CO_TRY(const std::string now, co_await stack_status(deployment));
        if (now.empty() || now == "DELETE_COMPLETE") break;
        if (now == "DELETE_FAILED") {
            co_return fail(
                "delete",
                "the stack is in DELETE_FAILED; `aws cloudformation describe-stack-events "
                "--stack-name " +
                    stack + "` says why");
        }
        co_await machine::sleep_until(session.machine.timers,
                                      session.machine.clock.now() + event_interval);
    }
    session.out("\n" + session.green("Deleted successfully") + "\n");
    co_return Result<void>();
}

}  // namespace mill::cli
