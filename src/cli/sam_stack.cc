// SPDX-License-Identifier: Apache-2.0
#include "cli/sam_stack.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cli/prompt.h"
#include "cli/sam_table.h"
#include "machine/signal.h"

namespace mill::cli {
namespace {

using wire::Value;

constexpr double default_interval_s = 0.02;

struct Deployment {
    ArtifactStore& store;
    DeployOrder order;
    Value document;
    std::string stack_id = {};

    Session& session() { return store.session; }
    AwsClient& client() { return store.client; }
    Task<Result<Value>> call(std::string action, AwsClient::Parameters parameters);
};

Task<Result<Value>> Deployment::call(std::string action, AwsClient::Parameters parameters) {
    auto answer = co_await cloudformation(client(), action, std::move(parameters));
    if (!answer) co_return std::unexpected(as_client_error(answer.error(), action));
    co_return answer;
}

Failure failed(const Deployment& deployment, const std::string& why) {
    return fail("deploy",
                "Failed to create/update the stack: " + deployment.order.stack + ", " + why);
}

void add_list(AwsClient::Parameters& parameters, const std::string& name,
              const std::vector<std::string>& values) {
    for (std::size_t i = 0; i < values.size(); ++i)
        parameters.emplace_back(fmt::format("{}.member.{}", name, i + 1), values[i]);
}

// Every parameter of the template: its new value, or the one that the stack has.
void add_parameters(AwsClient::Parameters& parameters, const Deployment& deployment,
                    const Value& stack) {
    const Value* declared = deployment.document.find("Parameters");
    if (!declared || !declared->members()) return;
    std::set<std::string> existing;
    for (const Value& parameter : wire::list_of(stack, "Parameters"))
        existing.insert(wire::text_of(parameter, "ParameterKey"));
    int index = 0;
    for (const auto& [name, unused] : *declared->members()) {
        const auto& given = deployment.order.parameters;
        const auto found = std::ranges::find(given, name, &Pairs::value_type::first);
        if (found == given.end() && !existing.contains(name)) continue;
        const std::string member = fmt::format("Parameters.member.{}.", ++index);
        parameters.emplace_back(member + "ParameterKey", name);
        if (found == given.end()) {
            parameters.emplace_back(member + "UsePreviousValue", "true");
        } else {
            parameters.emplace_back(member + "ParameterValue", found->second);
        }
    }
}

AwsClient::Parameters stack_parameters(const Deployment& deployment, const Value& stack) {
    const DeployOrder& order = deployment.order;
    AwsClient::Parameters parameters = {{"StackName", order.stack}};
    add_list(parameters, "Capabilities", order.capabilities);
    add_parameters(parameters, deployment, stack);
    for (std::size_t i = 0; i < order.tags.size(); ++i) {
        const std::string member = fmt::format("Tags.member.{}.", i + 1);
        parameters.emplace_back(member + "Key", order.tags[i].first);
        parameters.emplace_back(member + "Value", order.tags[i].second);
    }
    if (!order.role_arn.empty()) parameters.emplace_back("RoleARN", order.role_arn);
    add_list(parameters, "NotificationARNs", order.notification_arns);
    return parameters;
}

// By URL, so that templates of any size are taken.
Task<Result<void>> add_template(Deployment& deployment, AwsClient::Parameters& parameters) {
    MILL_CO_TRY(
        const std::string key,
        co_await upload(deployment.store, wire::write_yaml(deployment.document), ".template"));
    parameters.emplace_back("TemplateURL", fmt::format("https://s3.{}.amazonaws.com/{}/{}",
                                                       deployment.client().target().region,
                                                       deployment.store.bucket, key));
    co_return Result<void>();
}

RowColour colour_of_status(std::string_view status) {
    const bool is_bad =
        status.contains("FAILED") || status.contains("ROLLBACK") || status == "DELETE_IN_PROGRESS";
    if (is_bad) return RowColour::red;
    return status.ends_with("_COMPLETE") ? RowColour::green : RowColour::yellow;
}

Task<Result<Value::List>> new_events(Deployment& deployment, std::set<std::string>& seen) {
    Value::List events;
    std::string token;
    do {
        AwsClient::Parameters parameters = {{"StackName", deployment.stack_id}};
        if (!token.empty()) parameters.emplace_back("NextToken", token);
        MILL_CO_TRY(const auto answer,
                    co_await deployment.call("DescribeStackEvents", std::move(parameters)));
        token = wire::text_of(answer, "NextToken");
        for (const Value& event : wire::list_of(answer, "StackEvents")) {
            if (seen.insert(wire::text_of(event, "EventId")).second) {
                events.push_back(event);
            } else {
                token.clear();  // all that follow are older
            }
        }
    } while (!token.empty());
    std::ranges::reverse(events);  // newest first on the wire
    co_return events;
}

// Prints events as they happen until the stack itself has come to rest; its last status, empty if
// the time was up before.
Task<Result<std::string>> follow_events(Deployment& deployment, std::set<std::string>& seen) {
    Session& session = deployment.session();
    const Duration interval = deployment.order.interval;
    const Instant deadline = session.machine.clock.now() + deployment.order.patience;
    const double seconds = std::chrono::duration<double>(interval).count();
    SamTable table(session,
                   fmt::format("\nCloudFormation events from stack operations (refresh every {}{} "
                               "seconds)",
                               seconds, seconds == static_cast<int>(seconds) ? ".0" : ""),
                   {"ResourceStatus", "ResourceType", "LogicalResourceId", "ResourceStatusReason"});
    for (;;) {
        MILL_CO_TRY(const auto events, co_await new_events(deployment, seen));
        for (const Value& event : events) {
            const std::string status = wire::text_of(event, "ResourceStatus");
            table.row({status, wire::text_of(event, "ResourceType"),
                       wire::text_of(event, "LogicalResourceId"),
                       wire::text_of(event, "ResourceStatusReason", "-")},
                      colour_of_status(status));
            const bool is_own =
                wire::text_of(event, "PhysicalResourceId") == wire::text_of(event, "StackId");
            if (!is_own || status.contains("IN_PROGRESS")) continue;
            table.end();
            co_return status;
        }
        if (session.machine.clock.now() > deadline) {
            table.end();
            co_return std::string();
        }
        co_await machine::sleep_until(session.machine.timers,
                                      session.machine.clock.now() + interval);
    }
}

void print_outputs(Session& session, const Value& stack) {
    const auto& outputs = wire::list_of(stack, "Outputs");
    if (outputs.empty()) return;
    SamTable table(session, "CloudFormation outputs from deployed stack", {"Outputs"});
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        for (const auto& [name, value] :
             {std::pair("Key", wire::text_of(outputs[i], "OutputKey")),
              std::pair("Description", wire::text_of(outputs[i], "Description", "-")),
              std::pair("Value", wire::text_of(outputs[i], "OutputValue"))})
            table.line(fmt::format("{:<20}{:<20}", name, value), RowColour::green);
        if (i + 1 < outputs.size()) table.empty_line();
    }
    table.end();
}

// The stack failed to be made, or has gone back to nothing: it goes away, as --on-failure DELETE
// says.
Task<Result<void>> remove_failed(Deployment& deployment, const std::string& status) {
    Session& session = deployment.session();
    if (status != "CREATE_FAILED" && status != "ROLLBACK_COMPLETE" && status != "ROLLBACK_FAILED") {
        session.err("Stack " + deployment.order.stack + " has rolled back successfully\n");
        co_return Result<void>();
    }
    session.err("Stack " + deployment.order.stack +
                " failed to create/update correctly, deleting stack\n");
    MILL_CO_TRY(const auto begun,
                co_await deployment.call("DeleteStack", {{"StackName", deployment.stack_id}}));
    static_cast<void>(begun);
    for (;;) {
        MILL_CO_TRY(const auto stack,
                    co_await describe_stack(deployment.client(), deployment.stack_id));
        const std::string now = wire::text_of(stack, "StackStatus");
        if (now == "DELETE_FAILED") {
            session.err("\nStack " + deployment.order.stack +
                        " failed to delete properly! Please manually clean up any persistent "
                        "resources.\n");
            co_return Result<void>();
        }
        if (stack.is_null() || now == "DELETE_COMPLETE") break;
        co_await machine::sleep_until(session.machine.timers,
                                      session.machine.clock.now() + deployment.order.interval);
    }
    session.err("\nStack " + deployment.order.stack + " has been deleted\n");
    co_return Result<void>();
}

// Until the stack is as ordered, or not.
Task<Result<void>> finish(Deployment& deployment, std::set<std::string>& seen, bool is_new) {
    Session& session = deployment.session();
    const std::string now = iso8601_s(session.machine.clock.wall());
    session.out(fmt::format("\n{} {} - Waiting for stack create/update to complete\n",
                            now.substr(0, 10), now.substr(11, 8)));
    MILL_CO_TRY(const std::string status, co_await follow_events(deployment, seen));
    const std::string waiter = is_new ? "StackCreateComplete" : "StackUpdateComplete";
    if (status.empty())
        co_return failed(deployment, "Waiter " + waiter + " failed: Max attempts exceeded");
    if (status == (is_new ? "CREATE_COMPLETE" : "UPDATE_COMPLETE")) {
        MILL_CO_TRY(const auto stack,
                    co_await describe_stack(deployment.client(), deployment.stack_id));
        print_outputs(session, stack);
        co_return Result<void>();
    }
    if (deployment.order.disable_rollback && deployment.order.on_failure != OnFailure::remove) {
        session.err(session.red("\nFailed to deploy. Automatic rollback disabled for this "
                                "deployment.") +
                    "\n\nActions you can take next\n=========================\n"
                    "[*] Fix issues and try deploying again\n"
                    "[*] Delete the stack: " +
                    session.name + " delete --stack-name " + deployment.order.stack + "\n\n");
    }
    if (deployment.order.on_failure == OnFailure::remove)
        MILL_CO_CHECK(co_await remove_failed(deployment, status));
    co_return failed(deployment,
                     "Waiter " + waiter +
                         " failed: Waiter encountered a terminal failure state: For expression "
                         "\"Stacks[].StackStatus\" we matched expected path: \"" +
                         status + "\" at least once");
}

Task<Result<void>> print_changes(Deployment& deployment, std::string change_set) {
    constexpr std::pair<std::string_view, std::string_view> shown[] = {
        {"Add", "+ Add"}, {"Modify", "* Modify"}, {"Remove", "- Delete"}};
    Value::List changes;
    std::string token;
    do {
        AwsClient::Parameters parameters = {{"ChangeSetName", change_set}};
        if (!token.empty()) parameters.emplace_back("NextToken", token);
        MILL_CO_TRY(const auto answer,
                    co_await deployment.call("DescribeChangeSet", std::move(parameters)));
        token = wire::text_of(answer, "NextToken");
        for (const Value& change : wire::list_of(answer, "Changes")) {
            if (const Value* resource = change.find("ResourceChange")) changes.push_back(*resource);
        }
    } while (!token.empty());
    SamTable table(deployment.session(), "CloudFormation stack changeset",
                   {"Operation", "LogicalResourceId", "ResourceType", "Replacement"});
    for (const auto& [action, text] : shown) {
        for (const Value& change : changes) {
            if (wire::text_of(change, "Action") != action) continue;
            table.row({std::string(text), wire::text_of(change, "LogicalResourceId"),
                       wire::text_of(change, "ResourceType"),
                       wire::text_of(change, "Replacement", "N/A")},
                      action == "Add"      ? RowColour::green
                      : action == "Remove" ? RowColour::red
                                           : RowColour::yellow);
        }
    }
    if (changes.empty()) table.row({"-", "-", "-", "-"});
    table.end();
    co_return Result<void>();
}

// The change set's id; empty if there is nothing to change.
Task<Result<std::string>> make_change_set(Deployment& deployment, const Value& stack, bool is_new) {
    Session& session = deployment.session();
    const std::string stack_name = deployment.order.stack;
    const WallTime now = session.machine.clock.wall();
    AwsClient::Parameters parameters = stack_parameters(deployment, stack);
    parameters.emplace_back("ChangeSetName", fmt::format("samcli-deploy{}", epoch_ms(now)));
    parameters.emplace_back("ChangeSetType", is_new ? "CREATE" : "UPDATE");
    parameters.emplace_back("Description", "Created by Millrace at " + iso8601_s(now));
    MILL_CO_CHECK(co_await add_template(deployment, parameters));
    auto made = co_await deployment.call("CreateChangeSet", std::move(parameters));
    if (!made && made.error().code != "net.unreachable") {
        co_return fail("deploy", "Failed to create changeset for the stack: " + stack_name + ", " +
                                     made.error().message);
    }
    if (!made) co_return std::unexpected(made.error());
    const std::string id = wire::text_of(*made, "Id");
    deployment.stack_id = wire::text_of(*made, "StackId");
    session.out("\n\nWaiting for changeset to be created..\n\n");
    for (;;) {
        MILL_CO_TRY(const auto change_set,
                    co_await deployment.call("DescribeChangeSet", {{"ChangeSetName", id}}));
        const std::string status = wire::text_of(change_set, "Status");
        const std::string reason = wire::text_of(change_set, "StatusReason");
        if (status == "CREATE_COMPLETE") co_return id;
        if (status == "FAILED" && (reason.contains("didn't contain changes") ||
                                   reason.contains("No updates are to be performed")))
            co_return std::string();
        if (status == "FAILED") {
            co_return fail("deploy",
                           fmt::format("Failed to create changeset for the stack: {}, ex: Waiter "
                                       "ChangeSetCreateComplete failed: Waiter encountered a "
                                       "terminal failure state: For expression \"Status\" we "
                                       "matched expected path: \"FAILED\" Status: FAILED. Reason: "
                                       "{}",
                                       stack_name, reason));
        }
        co_await machine::sleep_until(session.machine.timers,
                                      session.machine.clock.now() + deployment.order.interval);
    }
}

Task<Result<std::set<std::string>>> seen_events(Deployment& deployment) {
    std::set<std::string> seen;
    MILL_CO_TRY(const auto old, co_await new_events(deployment, seen));
    static_cast<void>(old);
    co_return seen;
}

}  // namespace

Duration poll_interval(const Session& session) {
    const double given = std::atof(session.variable("SAM_CLI_POLL_DELAY").c_str());
    return std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>(given > 0 ? given : default_interval_s));
}

Task<Result<Value>> describe_stack(AwsClient& client, std::string stack) {
    auto answer = co_await cloudformation(client, "DescribeStacks", {{"StackName", stack}});
    if (!answer && answer.error().message.contains("does not exist")) co_return Value();
    if (!answer) co_return std::unexpected(as_client_error(answer.error(), "DescribeStacks"));
    const auto& stacks = wire::list_of(*answer, "Stacks");
    co_return stacks.empty() ? Value() : stacks.front();
}

Result<DeployOrder> deploy_order(Session& session, const SamOptions& options) {
    DeployOrder order{.stack = options.get("--stack-name"),
                      .capabilities = options.all("--capabilities")};
    if (order.stack.empty()) {
        return fail("usage",
                    "Missing option '--stack-name', 'sam deploy --guided' can be used to provide "
                    "and save needed parameters for future deploys.");
    }
    MILL_TRY(order.parameters, parameter_overrides(session.machine.files, options));
    MILL_TRY(order.tags, key_values(options, "--tags", ' '));
    order.interval = poll_interval(session);
    order.role_arn = options.get("--role-arn");
    order.notification_arns = options.all("--notification-arns");
    order.execute = !options.flag("--no-execute-changeset");
    order.confirm = options.flag("--confirm-changeset");
    order.empty_is_fine = options.get("--fail-on-empty-changeset", "true") == "false";
    order.disable_rollback = options.flag("--disable-rollback");
    const std::string on_failure = options.get("--on-failure", "ROLLBACK");
    if (on_failure != "ROLLBACK" && on_failure != "DELETE" && on_failure != "DO_NOTHING") {
        return fail("usage", "Invalid value for '--on-failure': '" + on_failure +
                                 "' is not one of 'ROLLBACK', 'DELETE', 'DO_NOTHING'.");
    }
    if (options.arguments.has("--on-failure") && options.arguments.has("--disable-rollback")) {
        return fail("usage",
                    "You must not provide both the on_failure and disable_rollback parameters.");
    }
    if (on_failure == "DELETE") order.on_failure = OnFailure::remove;
    if (on_failure == "DO_NOTHING") {
        order.on_failure = OnFailure::keep;
        order.disable_rollback = true;
    }
    const std::string minutes = options.get("--max-wait-duration", "60");
    if (minutes.empty() || minutes.size() > 6 ||
        minutes.find_first_not_of("0123456789") != std::string::npos) {
        return fail("usage", "Invalid value for '--max-wait-duration': '" + minutes +
                                 "' is not a valid integer.");
    }
    order.patience = std::chrono::minutes(std::stol(minutes));
    return order;
}

Task<Result<void>> deploy_by_change_set(ArtifactStore& store, DeployOrder order, Value document) {
    Deployment deployment{store, std::move(order), std::move(document)};
    Session& session = store.session;
    const std::string name = deployment.order.stack;
    MILL_CO_TRY(Value stack, co_await describe_stack(store.client, name));
    if (wire::text_of(stack, "StackStatus") == "REVIEW_IN_PROGRESS") stack = Value();
    const bool is_new = stack.is_null();
    MILL_CO_TRY(const std::string id, co_await make_change_set(deployment, stack, is_new));
    if (id.empty()) {
        const std::string text = "No changes to deploy. Stack " + name + " is up to date";
        if (!deployment.order.empty_is_fine) co_return fail("deploy", text);
        session.out(text + "\n");
        co_return Result<void>();
    }
    MILL_CO_CHECK(co_await print_changes(deployment, id));
    session.out("\nChangeset created successfully. " + id + "\n\n");
    if (!deployment.order.execute) co_return Result<void>();
    if (deployment.order.confirm) {
        session.out(session.yellow("\nPreviewing CloudFormation changeset before deployment\n" +
                                   std::string(54, '=')) +
                    "\n");
        MILL_CO_TRY(const bool agreed, confirm(session, "Deploy this changeset?", false));
        if (!agreed) co_return Result<void>();
    }
    MILL_CO_TRY(auto seen, co_await seen_events(deployment));
    auto begun = co_await deployment.call(
        "ExecuteChangeSet",
        {{"ChangeSetName", id},
         {"DisableRollback", deployment.order.disable_rollback ? "true" : "false"}});
    if (!begun) co_return failed(deployment, begun.error().message);
    MILL_CO_CHECK(co_await finish(deployment, seen, is_new));
    session.out("\nSuccessfully created/updated stack - " + name + " in " +
                store.client.target().region + "\n\n");
    co_return Result<void>();
}

Task<Result<bool>> deploy_directly(ArtifactStore& store, DeployOrder order, Value document) {
    Deployment deployment{store, std::move(order), std::move(document)};
    MILL_CO_TRY(const Value stack, co_await describe_stack(store.client, deployment.order.stack));
    const bool is_new = stack.is_null();
    std::set<std::string> seen;
    if (!is_new) {
        deployment.stack_id = wire::text_of(stack, "StackId");
        MILL_CO_TRY(seen, co_await seen_events(deployment));
    }
    AwsClient::Parameters parameters = stack_parameters(deployment, stack);
    if (deployment.order.disable_rollback) parameters.emplace_back("DisableRollback", "true");
    MILL_CO_CHECK(co_await add_template(deployment, parameters));
    auto begun =
        co_await deployment.call(is_new ? "CreateStack" : "UpdateStack", std::move(parameters));
    if (!begun && begun.error().message.contains("No updates are to be performed")) co_return false;
    if (!begun && begun.error().code != "net.unreachable")
        co_return failed(deployment, begun.error().message);
    if (!begun) co_return std::unexpected(begun.error());
    deployment.stack_id = wire::text_of(*begun, "StackId");
    MILL_CO_CHECK(co_await finish(deployment, seen, is_new));
    co_return true;
}

}  // namespace mill::cli
