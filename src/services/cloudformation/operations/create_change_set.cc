// SPDX-License-Identifier: Apache-2.0
// CreateChangeSet: what a stack would become. Worked out whole before the answer, so that it is
// CREATE_COMPLETE or FAILED when first described.
//
// What a template says before its transforms is refused at once; what only shows afterwards makes a
// change set that has FAILED, as on AWS, where transforms are carried out later.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "services/cloudformation/change_set_shapes.h"
#include "services/cloudformation/exports.h"
#include "services/cloudformation/nested_change_sets.h"
#include "services/cloudformation/stack_orders.h"

namespace mill::cloudformation {
namespace {

constexpr std::array<std::string_view, 3> types = {"CREATE", "UPDATE", "IMPORT"};
constexpr std::string_view no_changes =
    "The submitted information didn't contain changes. Submit different information to create a "
    "change set.";

struct CreateChangeSetInput {
    std::optional<std::string> stack_name;
    std::optional<std::string> template_body;
    std::optional<std::string> template_url;
    std::optional<bool> use_previous_template;
    std::optional<std::vector<ParameterInput>> parameters;
    std::optional<std::vector<std::string>> capabilities;
    std::optional<std::string> role_arn;
    std::optional<std::vector<Tag>> tags;
    std::optional<std::string> change_set_name;
    std::optional<std::string> client_token;
    std::optional<std::string> description;
    std::optional<std::string> change_set_type;
    std::optional<std::string> on_stack_failure;
    std::optional<bool> include_nested_stacks;

    // Violations are reported in this order.
    static constexpr auto shape() {
        using In = CreateChangeSetInput;
        return wire::structure(
            "CreateChangeSetInput",
            wire::member<&In::stack_name>("StackName")
                .required()
                .pattern(stack_name_or_id_pattern)
                .length(1, 2048),
            wire::member<&In::template_body>("TemplateBody")
                .length(1, limits::template_body_bytes_max),
            wire::member<&In::template_url>("TemplateURL").length(1, 5120),
            wire::member<&In::use_previous_template>("UsePreviousTemplate"),
            wire::member<&In::parameters>("Parameters"),
            wire::member<&In::capabilities>("Capabilities").one_of(capability_names),
            wire::member<&In::role_arn>("RoleARN").length(20, 2048),
            wire::member<&In::tags>("Tags").length(0, 50),
            wire::member<&In::change_set_name>("ChangeSetName")
                .required()
                .pattern(stack_name_pattern)
                .length(1, 128),
            wire::member<&In::client_token>("ClientToken").length(1, 128),
            wire::member<&In::description>("Description").length(1, 1024),
            wire::member<&In::change_set_type>("ChangeSetType").one_of(types),
            wire::member<&In::on_stack_failure>("OnStackFailure").one_of(on_failure_values),
            wire::refused("NotificationARNs", "There are no topics: poll DescribeStackEvents."),
            wire::refused("ResourceTypes", "Leave it out: every caller may use every type."),
            wire::refused("RollbackConfiguration", "There are no alarms to watch."),
            wire::refused("ResourcesToImport", "Create what the template names."),
            wire::member<&In::include_nested_stacks>("IncludeNestedStacks"),
            // CDK says true. What exists is not taken over but fails the stack, as it does without.
            wire::refused("ImportExistingResources", "Create what the template names.")
                .unless("true"),
            wire::refused("DeploymentMode", "Leave it out: drift is not looked for."));
    }
};

struct CreateChangeSetOutput {
    std::string id;
    std::string stack_id;

    static constexpr auto shape() {
        return wire::structure("CreateChangeSetOutput",
                               wire::member<&CreateChangeSetOutput::id>("Id"),
                               wire::member<&CreateChangeSetOutput::stack_id>("StackId"));
    }
};

Failure name_is_taken(const CreateChangeSetInput& input) {
    return fail("AlreadyExistsException",
                fmt::format("ChangeSet {} already exists for stack {}", *input.change_set_name,
                            *input.stack_name),
                400);
}

// The stack that the change set is for, or an unsaved one to be reviewed.
Result<Stack*> stack_for(CloudFormation& service, const Caller& caller,
                         const CreateChangeSetInput& input) {
    const std::string type = input.change_set_type.value_or("UPDATE");
    if (type == "IMPORT") {
        return fail("ValidationError",
                    "Millrace does not support change sets of type IMPORT. Create what the "
                    "template names, by CREATE or UPDATE.",
                    400);
    }
    if (type == "UPDATE") {
        MILL_TRY(Stack * stack, find_stack(service, caller, *input.stack_name));
        MILL_CHECK(check_updatable(*stack));
        return stack;
    }
    Stack* known = service.stacks().find(caller, *input.stack_name);
    if (known && known->row.status == "REVIEW_IN_PROGRESS") return known;
    if (known) {
        return fail("ValidationError",
                    fmt::format("Stack [{}] already exists and cannot be created again with the "
                                "changeSet [{}].",
                                *input.stack_name, *input.change_set_name),
                    400);
    }
    MILL_TRY(StackRow row, new_stack_row(service, caller, *input.stack_name));
    return &service.stacks().add(std::move(row));
}

ChangeSetRow new_change_set(CloudFormation& service, const StackRow& stack,
                            const CreateChangeSetInput& input) {
    ChangeSetRow row{.name = *input.change_set_name,
                     .stack_id = stack.stack_id,
                     .stack_name = stack.name,
                     .type = input.change_set_type.value_or("UPDATE"),
                     .status = "CREATE_COMPLETE",
                     .created = service.machine().clock.wall(),
                     .description = input.description,
                     .on_stack_failure = input.on_stack_failure,
                     .role_arn = input.role_arn,
                     .client_token = input.client_token,
                     .include_nested_stacks = input.include_nested_stacks.value_or(false)};
    row.id = fmt::format("arn:aws:cloudformation:{}:{}:changeSet/{}/{}", stack.region,
                         stack.account, row.name, machine::uuid_v4(service.machine().entropy));
    row.target.tags = input.tags.value_or(stack.now.tags);
    row.target.capabilities = input.capabilities.value_or(stack.now.capabilities);
    return row;
}

// A change set, and what the stack is to be unless that could not be made out.
struct Proposal {
    ChangeSetRow row;
    std::optional<StackRow> next = {};
    bool changes_nothing = false;
};

ChangeSetRow failed(ChangeSetRow row, std::string reason) {
    row.status = "FAILED";
    row.status_reason = std::move(reason);
    row.changes.clear();
    row.target = {.parameters = std::move(row.target.parameters),
                  .tags = std::move(row.target.tags),
                  .capabilities = std::move(row.target.capabilities)};
    return row;
}

// The change set, or why a template is refused that shows so before its transforms.
Result<Proposal> work_out(CloudFormation& service, const StackRow& stack, UpdateOrder order,
                          const CreateChangeSetInput& input) {
    MILL_TRY(const wire::Value original, read_template(order.text.body));
    MILL_TRY(const auto bound, bind_parameters(original, order.parameters, stack.now.parameters));
    ChangeSetRow row = new_change_set(service, stack, input);
    auto next = updated_row(service, stack, std::move(order));
    if (!next && (!uses_macros(original) || next.error().status == 0))
        return std::unexpected(next.error());
    row.target.parameters = bound;
    if (!next) return Proposal{failed(std::move(row), next.error().message)};
    if (const auto found = resolve_imports(service.stacks(), *next); !found)
        return Proposal{failed(std::move(row), found.error().message)};
    const auto create_only = [&](std::string_view type) { return service.create_only(type); };
    MILL_TRY(row.changes, changes_between(stack, *next, create_only, service.parameter_store()));
    row.target = next->now;
    row.target.outputs.clear();
    const bool is_same = changes_nothing(next->now, stack);
    return Proposal{std::move(row), *std::move(next), is_same};
}

// The change set, behind it those of nested stacks if they are asked for.
Task<Result<std::vector<ChangeSetRow>>> proposed(CloudFormation& service, Caller caller,
                                                 Proposal proposal) {
    std::vector<ChangeSetRow> rows{proposal.row};
    if (proposal.next && proposal.row.include_nested_stacks) {
        MILL_CO_TRY(rows, co_await with_nested_change_sets(service, std::move(caller),
                                                           std::move(proposal.row),
                                                           *std::move(proposal.next)));
    }
    const bool is_failed = rows.front().status == "FAILED";
    if (is_failed || (proposal.changes_nothing && rows.size() == 1)) {
        rows.front() = failed(rows.front(), is_failed ? rows.front().status_reason.value_or("")
                                                      : std::string(no_changes));
    }
    co_return rows;
}

// Stores the change sets, together with the stack to be reviewed if that is new.
Task<Result<void>> store(CloudFormation& service, Stack& stack,
                         const std::vector<ChangeSetRow>& rows) {
    storage::Table::Commit commit;
    for (const ChangeSetRow& row : rows) {
        storage::Table::Commit one = service.change_sets().added(row);
        std::ranges::move(one.preconditions, std::back_inserter(commit.preconditions));
        std::ranges::move(one.puts, std::back_inserter(commit.puts));
    }
    if (!stack.row.status.empty()) co_return co_await service.stacks().commit(std::move(commit));
    service.stacks().set_status(stack, "REVIEW_IN_PROGRESS", "User Initiated");
    const auto saved = co_await service.stacks().save(stack, std::move(commit));
    if (!saved) service.stacks().drop(stack);
    co_return saved;
}

// With what it includes. Without a body: the stack's own template, none if there is no stack.
Task<Result<TemplateText>> whole_text(CloudFormation& service, Caller caller,
                                      CreateChangeSetInput input, std::optional<std::string> body) {
    StackRow row{.name = *input.stack_name, .account = caller.account, .region = caller.region};
    if (const Stack* stack = service.stacks().find(caller, *input.stack_name)) {
        row = bare_row(stack->row);
        if (!body) body = stack->row.now.body;
    }
    co_return co_await service.with_snippets(std::move(row), body.value_or(""),
                                             given_parameters(input.parameters));
}

Task<Result<CreateChangeSetOutput>> create_change_set(CloudFormation& service, Caller caller,
                                                      CreateChangeSetInput input) {
    const bool uses_previous = input.use_previous_template.value_or(false);
    UpdateOrder order{.parameters = given_parameters(input.parameters),
                      .capabilities = input.capabilities,
                      .tags = input.tags,
                      .role_arn = input.role_arn};
    std::optional<std::string> body;
    if (!uses_previous) {
        MILL_CO_TRY(body, co_await service.template_text(input.template_body, input.template_url));
    }
    MILL_CO_TRY(order.text, co_await whole_text(service, caller, input, std::move(body)));
    MILL_CO_TRY(Stack * stack, stack_for(service, caller, input));
    const ChangeSetPointer known =
        service.change_sets().find(stack->row.stack_id, *input.change_set_name);
    if (known && !known->executed) {
        const bool is_repeat = input.client_token && known->client_token == input.client_token;
        if (is_repeat) co_return CreateChangeSetOutput{known->id, known->stack_id};
        co_return name_is_taken(input);
    }
    auto proposal = work_out(service, stack->row, std::move(order), input);
    Result<std::vector<ChangeSetRow>> rows =
        proposal ? co_await proposed(service, caller, *std::move(proposal))
                 : std::unexpected(proposal.error());
    if (rows && !stack->row.status.empty() && stack->row.status != "REVIEW_IN_PROGRESS") {
        if (const auto still = check_updatable(*stack); !still)
            rows = std::unexpected(still.error());
    }
    if (!rows) {
        if (stack->row.status.empty()) service.stacks().drop(*stack);
        co_return std::unexpected(rows.error());
    }
    const auto stored = co_await store(service, *stack, *rows);
    if (!stored && stored.error().code == "storage.conflict") co_return name_is_taken(input);
    MILL_CO_CHECK(stored);
    CreateChangeSetOutput output{rows->front().id, rows->front().stack_id};
    for (ChangeSetRow& row : *rows) service.change_sets().show(std::move(row));
    co_return output;
}

}  // namespace

extern const wire::Operation create_change_set_operation;
const wire::Operation create_change_set_operation =
    wire::operation<&create_change_set>("CreateChangeSet");

}  // namespace mill::cloudformation
