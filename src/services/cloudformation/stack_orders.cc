// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/stack_orders.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "services/cloudformation/change_set_shapes.h"

namespace mill::cloudformation {
namespace {

constexpr std::size_t stacks_max = 2000;

// What an operation without rollback leaves: it may be updated or rolled back.
bool is_left_failed(std::string_view status) {
    return status == "CREATE_FAILED" || status == "UPDATE_FAILED";
}

bool can_be_updated(std::string_view status) {
    return status == "CREATE_COMPLETE" || status == "UPDATE_COMPLETE" ||
           status == "UPDATE_ROLLBACK_COMPLETE" || is_left_failed(status);
}

}  // namespace

Result<StackRow> new_stack_row(CloudFormation& service, const Caller& caller,
                               const std::string& name) {
    if (service.stacks().of(caller).size() >= stacks_max) {
        return fail("LimitExceededException",
                    fmt::format("Limit for stack has been exceeded: {}", stacks_max), 400);
    }
    StackRow row{.name = name,
                 .account = caller.account,
                 .region = caller.region,
                 .created = service.machine().clock.wall(),
                 .on_failure = "ROLLBACK"};
    row.stack_id = fmt::format("arn:aws:cloudformation:{}:{}:stack/{}/{}", row.region, row.account,
                               row.name, machine::uuid_v4(service.machine().entropy));
    return row;
}

Result<std::vector<ResourceRow>> carried_over(const std::vector<ResourceRow>& planned,
                                              const std::vector<ResourceRow>& old) {
    std::vector<ResourceRow> out;
    std::vector<std::string> changed_types;
    for (const ResourceRow& resource : planned) {
        const ResourceRow* known = find_resource(old, resource.logical_id);
        out.push_back(known ? *known : resource);
        if (known && known->type != resource.type) changed_types.push_back(resource.logical_id);
        out.back().deletion_policy = resource.deletion_policy;
        out.back().update_replace_policy = resource.update_replace_policy;
        out.back().depends_on = resource.depends_on;
    }
    if (changed_types.empty()) return out;
    return fail("ValidationError",
                fmt::format("Update of resource type is not permitted. The new template modifies "
                            "resource type of the "
                            "following resources: [{}]",
                            fmt::join(changed_types, ", ")),
                400);
}

Task<Result<TemplateText>> updated_text(CloudFormation& service, Caller caller,
                                        std::string stack_name, std::optional<std::string> body,
                                        std::vector<GivenParameter> given) {
    MILL_CO_TRY(const Stack* stack, find_stack(service, caller, stack_name));
    if (!body) body = stack->row.now.body;
    co_return co_await service.with_snippets(bare_row(stack->row), *std::move(body),
                                             std::move(given));
}

Result<StackRow> updated_row(CloudFormation& service, const StackRow& row, UpdateOrder order) {
    StackRow next = row;
    if (order.capabilities) next.now.capabilities = *std::move(order.capabilities);
    if (order.tags) next.now.tags = *std::move(order.tags);
    if (order.role_arn) next.role_arn = std::move(order.role_arn);
    next.disable_rollback = order.disable_rollback;
    next.undoes.reset();
    if (next.parent_id) next.change_set_id.reset();  // what that has shown is not this update's
    MILL_CHECK(service.define(next, std::move(order.text), order.parameters, row.now.parameters));
    MILL_TRY(next.now.resources, carried_over(next.now.resources, row.now.resources));
    return next;
}

Task<Result<void>> save_and_launch(CloudFormation& service, Stack& stack) {
    MILL_CO_CHECK(
        co_await service.stacks().save(stack, service.change_sets().ended(stack.row, nullptr)));
    service.change_sets().show_ended(stack.row, nullptr);
    service.launch(stack);
    co_return Result<void>();
}

void remember_previous(StackRow& next, const StackRow& before) {
    next.is_cancelled = false;
    ++next.updates;
    if (before.status != "UPDATE_FAILED") {
        next.previous = before.now;
        ++next.bases;
        return;
    }
    // Made by the update that failed, and not wanted any more.
    for (const ResourceRow& resource : before.now.resources) {
        const bool is_dropped = !find_resource(next.now.resources, resource.logical_id) &&
                                !has_same_resource(before.previous->resources, resource);
        if (is_dropped && !resource.physical_id.empty()) next.cleanup.push_back(resource);
    }
}

Task<Result<void>> begin_update(CloudFormation& service, Stack& stack, StackRow next) {
    remember_previous(next, stack.row);
    next.last_updated = service.machine().clock.wall();
    stack.row = std::move(next);
    service.stacks().set_status(stack, "UPDATE_IN_PROGRESS", "User Initiated");
    co_return co_await save_and_launch(service, stack);
}

bool changes_nothing(const Definition& next, const StackRow& before) {
    const Definition& now = before.now;
    return next.processed == now.processed && next.parameters == now.parameters &&
           next.tags == now.tags && !before.status.ends_with("_FAILED");
}

Result<void> check_updatable(const Stack& stack) {
    if (can_be_updated(stack.row.status) && !stack.running) return {};
    return fail("ValidationError",
                fmt::format("Stack:{} is in {} state and can not be updated.", stack.row.stack_id,
                            stack.row.status),
                400);
}

}  // namespace mill::cloudformation
