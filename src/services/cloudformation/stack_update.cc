// SPDX-License-Identifier: Apache-2.0
// Updates of a stack: change what differs, remove in the end what is no longer wanted; on a failure
// the way back.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "services/cloudformation/exports.h"
#include "services/cloudformation/nested_stacks.h"
#include "services/cloudformation/stack_runner.h"

namespace mill::cloudformation {

using wire::Value;

namespace {

// The template names the resource itself, so old and new would have the same name.
bool is_custom_named(const ResourceRow& resource, const Value& properties) {
    const std::string kind = resource.type.substr(resource.type.rfind(':') + 1);
    const std::string name = text_of(properties, kind + "Name", text_of(properties, "Name"));
    return !name.empty() && name == resource.physical_id;
}

}  // namespace

void StackRunner::leave_behind(StackRow& row) {
    for (const ResourceRow& old : row.previous->resources) {
        if (!old.physical_id.empty() && !has_same_resource(row.now.resources, old))
            row.cleanup.push_back(old);
    }
}

Task<Result<void>> StackRunner::update(Stack& stack) {
    if (const auto found = resolve_imports(stacks_, stack.row); !found)
        co_return co_await fail_update(stack, found.error().message);
    MILL_CO_TRY(const Plan plan, plan_of(stack.row, store_));
    for (std::size_t i = 0; i < stack.row.now.resources.size(); ++i) {
        const ResourceRow resource = stack.row.now.resources[i];
        const bool is_new = resource.physical_id.empty();
        Outcome failure;
        if (is_new) {
            MILL_CO_TRY(failure, co_await create_resource(stack, plan, resource.logical_id));
        } else {
            MILL_CO_TRY(failure, co_await update_resource(stack, plan, resource.logical_id));
        }
        if (failure) {
            co_return co_await fail_update(
                stack, fmt::format("The following resource(s) failed to {}: [{}]. ",
                                   is_new ? "create" : "update", resource.logical_id));
        }
        if (stack.row.is_cancelled) co_return co_await fail_update(stack, "User Initiated");
    }
    Result<std::vector<StackOutput>> outputs = outputs_of(plan, stack.row);
    if (!outputs) co_return co_await fail_update(stack, outputs.error().message);
    stack.row.now.outputs = *std::move(outputs);
    leave_behind(stack.row);
    stacks_.set_status(stack, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS");
    co_return co_await stacks_.save(stack);
}

Task<Result<StackRunner::Outcome>> StackRunner::update_resource(Stack& stack, const Plan& plan,
                                                                std::string id) {
    ResourceRow* resource = find_resource(stack.row.now.resources, id);
    Result<Value> properties = planned_properties(plan, stack.row, id);
    if (!properties) {
        stacks_.set_status(stack, *resource, "UPDATE_FAILED", properties.error().message);
        MILL_CO_CHECK(co_await stacks_.save(stack));
        co_return Outcome(properties.error());
    }
    if (resource->replacing)
        co_return co_await replace_resource(stack, *std::move(properties), id, true);
    // What a nested stack's URL leads to may be another template by now.
    const bool is_nested = resource->type == nested_stack_type;
    if (*properties == resource->properties && !resource->unsettled && !is_nested)
        co_return Outcome();
    if (!resource->unsettled) {
        resource->unsettled = true;
        stacks_.set_status(stack, *resource, "UPDATE_IN_PROGRESS");
        MILL_CO_CHECK(co_await stacks_.save(stack));
        resource = find_resource(stack.row.now.resources, id);
    }
    ports::ResourceRequest request = request_for(stack.row, *resource, *properties);
    Result<ports::Resource> updated =
        co_await provider_of(resource->type)
            .update(std::move(request), resource->physical_id, resource->properties);
    if (!updated && updated.error().code == "resource.replace") {
        co_return co_await replace_resource(stack, *std::move(properties), id, false);
    }
    if (!updated)
        co_return co_await failed(stack, Where::resources, id, "UPDATE_FAILED", updated.error());
    resource = find_resource(stack.row.now.resources, id);
    resource->properties = *std::move(properties);
    resource->attributes = std::move(updated->attributes);
    resource->unsettled = false;
    stacks_.set_status(stack, *resource, "UPDATE_COMPLETE");
    MILL_CO_CHECK(co_await stacks_.save(stack));
    co_return Outcome();
}

Task<Result<StackRunner::Outcome>> StackRunner::replace_resource(Stack& stack, Value properties,
                                                                 std::string id, bool resumed) {
    ResourceRow* resource = find_resource(stack.row.now.resources, id);
    resource->unsettled = false;  // the provider has left the old one as it was
    if (!resumed && is_custom_named(*resource, properties)) {
        Error error{"ValidationError",
                    fmt::format("CloudFormation cannot update a stack when a custom-named resource "
                                "requires replacing. "
                                "Rename {} and update the stack again.",
                                resource->physical_id),
                    400};
        stacks_.set_status(stack, *resource, "UPDATE_FAILED", error.message);
        MILL_CO_CHECK(co_await stacks_.save(stack));
        co_return Outcome(std::move(error));
    }
    if (!resumed) {
        resource->replacing = true;
        resource->generated_name = generated_name(stack.row, *resource);
        stacks_.set_status(stack, *resource, "UPDATE_IN_PROGRESS",
                           "Requested update requires the creation of a new physical resource; "
                           "hence creating one.");
        MILL_CO_CHECK(co_await stacks_.save(stack));
        resource = find_resource(stack.row.now.resources, id);
    }
    Result<ports::Resource> made =
        co_await obtain(request_for(stack.row, *resource, properties), resumed);
    resource = find_resource(stack.row.now.resources, id);
    resource->replacing = false;
    if (!made)
        co_return co_await failed(stack, Where::resources, id, "UPDATE_FAILED", made.error());
    // The update's own, of an earlier try: its predecessor is remembered already.
    if (!has_same_resource(stack.row.previous->resources, *resource))
        stack.row.cleanup.push_back(*resource);
    resource->properties = std::move(properties);
    resource->physical_id = std::move(made->physical_id);
    resource->attributes = std::move(made->attributes);
    stacks_.set_status(stack, *resource, "UPDATE_IN_PROGRESS", "Resource creation Initiated");
    stacks_.set_status(stack, *resource, "UPDATE_COMPLETE");
    MILL_CO_CHECK(co_await stacks_.save(stack));
    co_return Outcome();
}

Task<Result<void>> StackRunner::fail_update(Stack& stack, std::string reason) {
    if (stack.row.disable_rollback && !stack.row.is_cancelled) {
        stacks_.set_status(stack, "UPDATE_FAILED", std::move(reason));
        co_return co_await stacks_.save(stack);
    }
    turn_back(stack.row);
    stacks_.set_status(stack, "UPDATE_ROLLBACK_IN_PROGRESS", std::move(reason));
    co_return co_await stacks_.save(stack);
}

void StackRunner::turn_back(StackRow& row) {
    const Definition failed_definition = std::exchange(row.now, *row.previous);
    for (const ResourceRow& resource : failed_definition.resources) {
        const bool is_made =
            !resource.physical_id.empty() && !has_same_resource(row.now.resources, resource);
        if (is_made) row.cleanup.push_back(resource);
    }
    for (ResourceRow& resource : row.now.resources) {
        const ResourceRow* changed =
            find_resource(failed_definition.resources, resource.logical_id);
        if (!changed || changed->physical_id != resource.physical_id) continue;
        // A nested stack may have got another template with the same properties.
        resource.unsettled = changed->unsettled || changed->properties != resource.properties ||
                             resource.type == nested_stack_type;
        resource.properties = changed->properties;
        resource.status = changed->status;
        resource.status_reason = changed->status_reason;
    }
}

Task<Result<void>> StackRunner::roll_update_back(Stack& stack) {
    for (std::size_t i = 0; i < stack.row.now.resources.size(); ++i) {
        if (!stack.row.now.resources[i].unsettled) continue;
        const std::string id = stack.row.now.resources[i].logical_id;
        MILL_CO_TRY(const Outcome failure, co_await restore_resource(stack, id));
        if (failure) {
            stacks_.set_status(
                stack, "UPDATE_ROLLBACK_FAILED",
                fmt::format("The following resource(s) failed to update: [{}]. ", id));
            co_return co_await stacks_.save(stack);
        }
    }
    stacks_.set_status(stack, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS");
    co_return co_await stacks_.save(stack);
}

Task<Result<StackRunner::Outcome>> StackRunner::restore_resource(Stack& stack, std::string id) {
    ResourceRow* resource = find_resource(stack.row.now.resources, id);
    const Value properties = find_resource(stack.row.previous->resources, id)->properties;
    stacks_.set_status(stack, *resource, "UPDATE_IN_PROGRESS");
    MILL_CO_CHECK(co_await stacks_.save(stack));
    resource = find_resource(stack.row.now.resources, id);
    ports::ResourceRequest request = request_for(stack.row, *resource, properties);
    Result<ports::Resource> restored =
        co_await provider_of(resource->type)
            .update(std::move(request), resource->physical_id, resource->properties);
    if (!restored)
        co_return co_await failed(stack, Where::resources, id, "UPDATE_FAILED", restored.error());
    resource = find_resource(stack.row.now.resources, id);
    resource->properties = properties;
    resource->attributes = std::move(restored->attributes);
    resource->unsettled = false;
    stacks_.set_status(stack, *resource, "UPDATE_COMPLETE");
    MILL_CO_CHECK(co_await stacks_.save(stack));
    co_return Outcome();
}

// Removes, newest first, what an update has left behind. What cannot be removed is left, as AWS
// does.
Task<Result<void>> StackRunner::empty_cleanup(Stack& stack) {
    for (; !stack.row.cleanup.empty(); stack.row.cleanup.pop_back()) {
        const ResourceRow resource = stack.row.cleanup.back();
        if (resource.status == "DELETE_COMPLETE" || resource.status == "DELETE_SKIPPED") continue;
        const bool is_replaced = find_resource(stack.row.now.resources, resource.logical_id);
        const std::string& policy =
            is_replaced ? resource.update_replace_policy : resource.deletion_policy;
        const bool retain =
            policy.starts_with("Retain") && !stack.row.status.starts_with("UPDATE_ROLLBACK");
        MILL_CO_CHECK(co_await remove_resource(stack, Where::cleanup, resource.logical_id, retain));
    }
    co_return Result<void>();
}

Task<Result<void>> StackRunner::clean_up(Stack& stack, std::string final_status) {
    MILL_CO_CHECK(co_await empty_cleanup(stack));
    stack.row.previous.reset();
    stacks_.set_status(stack, std::move(final_status));
    co_return co_await stacks_.save(stack);
}

}  // namespace mill::cloudformation
