// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/nested_stacks.h"

#include <fmt/format.h>

#include <algorithm>

#include "services/cloudformation/exports.h"
#include "services/cloudformation/nested_properties.h"
#include "services/cloudformation/stack_orders.h"

namespace mill::cloudformation {
namespace {

constexpr std::string_view all_types[] = {nested_stack_type};
constexpr std::int64_t no_base = -1;
constexpr int depth_max = 10;  // ours: a template that nests itself comes to an end

Failure no_such_stack(const std::string& name) {
    return fail("ValidationError", fmt::format("Stack [{}] does not exist", name), 400);
}

// Which of the parent's bases it is going back to, if that is what it does: its own, or, where its
// own parent goes back, the one that its update began from.
std::optional<std::int64_t> undone_base(const StackRow& parent) {
    if (parent.status == "UPDATE_ROLLBACK_IN_PROGRESS") return parent.bases;
    return parent.undoes;
}

// By the update of the parent that is under way, or that it goes back from.
bool is_changed_by(const StackRow& parent, const StackRow& stack) {
    return stack.body_before && stack.parent_base == undone_base(parent).value_or(parent.bases);
}

Result<void> check_depth(const Stacks& stacks, const Caller& caller, const StackRow& parent) {
    int depth = 1;
    for (const StackRow* at = &parent; at->parent_id; ++depth) {
        const Stack* above = stacks.find(caller, *at->parent_id);
        if (!above) break;
        at = &above->row;
    }
    if (depth < depth_max) return {};
    return fail(
        "ValidationError",
        fmt::format("Stacks nest {} deep at most. Does the template contain itself?", depth_max),
        400);
}

}  // namespace

std::span<const std::string_view> NestedStacks::types() const { return all_types; }

Task<Result<ports::Resource>> NestedStacks::create(ports::ResourceRequest request) {
    const Caller caller = request.caller;
    const Stack* known = service_.stacks().find(caller, request.generated_name);
    if (known && known->row.parent_id != request.stack_id)
        co_return fail("AlreadyExistsException",
                       fmt::format("Stack [{}] already exists", request.generated_name), 400);
    std::string stack_id;
    if (known) {
        stack_id = known->row.stack_id;
    } else {
        MILL_CO_TRY(stack_id, co_await begin(std::move(request)));
    }
    co_return co_await ended(caller, std::move(stack_id), "CREATE_COMPLETE");
}

Task<Result<std::string>> NestedStacks::begin(ports::ResourceRequest request) {
    MILL_CO_TRY(const NestedProperties properties, read_nested(std::move(request.properties)));
    MILL_CO_TRY(std::string body,
                co_await service_.template_text(std::nullopt, properties.template_url));
    StackRow unborn{.name = request.generated_name,
                    .account = request.caller.account,
                    .region = request.caller.region};
    MILL_CO_TRY(TemplateText text, co_await service_.with_snippets(
                                       std::move(unborn), std::move(body), given(properties)));
    const Stack* parent = service_.stacks().find(request.caller, request.stack_id);
    if (!parent)
        co_return fail("ValidationError",
                       fmt::format("Stack [{}] does not exist", request.stack_id), 400);
    MILL_CO_CHECK(check_depth(service_.stacks(), request.caller, parent->row));
    MILL_CO_TRY(StackRow row, new_stack_row(service_, request.caller, request.generated_name));
    row.on_failure = "DO_NOTHING";
    row.parent_id = request.stack_id;
    row.root_id = parent->row.root_id ? parent->row.root_id : parent->row.stack_id;
    row.timeout_minutes = properties.timeout_minutes;
    row.role_arn = parent->row.role_arn;
    row.now.tags = tags_of(parent->row, properties);
    row.now.capabilities = parent->row.now.capabilities;
    MILL_CO_CHECK(service_.check_expansion(text.body, row.now.capabilities));
    MILL_CO_CHECK(service_.define(row, std::move(text), given(properties), {}));
    std::string stack_id = row.stack_id;
    Stack& stack = service_.stacks().add(std::move(row));
    service_.stacks().set_status(stack, "CREATE_IN_PROGRESS", "User Initiated");
    if (const auto saved = co_await service_.stacks().save(stack); !saved) {
        service_.stacks().drop(stack);
        co_return std::unexpected(saved.error());
    }
    service_.launch(stack);
    co_return stack_id;
}

Task<Result<ports::Resource>> NestedStacks::update(ports::ResourceRequest request,
                                                   std::string physical_id, wire::Value) {
    const Caller caller = request.caller;
    MILL_CO_TRY(const NestedProperties properties, read_nested(std::move(request.properties)));
    const Stack* parent = service_.stacks().find(caller, request.stack_id);
    const bool is_undone = parent && undone_base(parent->row);
    if (const Stack* known = service_.stacks().find(caller, physical_id);
        known && parent && !is_undone && known->row.parent_update == parent->row.updates) {
        // Before a crash. The template came from where there may be another one by now.
        co_return co_await ended(caller, std::move(physical_id), "UPDATE_COMPLETE");
    }
    std::string body;
    const ChangeSetPointer shown = shown_change(parent, physical_id);
    if (shown) body = shown->target.body;
    if (!is_undone && !shown) {
        MILL_CO_TRY(body, co_await service_.template_text(std::nullopt, properties.template_url));
    }
    co_await service_.settled(caller, physical_id);
    if (is_undone) MILL_CO_CHECK(co_await end_rollback(caller, physical_id));
    MILL_CO_TRY(body, with_body_before(caller, request.stack_id, physical_id, std::move(body)));
    MILL_CO_TRY(TemplateText text, co_await updated_text(service_, caller, physical_id,
                                                         std::move(body), given(properties)));
    parent = service_.stacks().find(caller, request.stack_id);
    Stack* stack = service_.stacks().find(caller, physical_id);
    if (!parent || !stack || stack->row.deleted) co_return no_such_stack(physical_id);
    const bool is_changed = is_changed_by(parent->row, stack->row);
    const std::vector<std::string>& capabilities = parent->row.now.capabilities;
    MILL_CO_CHECK(service_.check_expansion(text.body, capabilities));
    MILL_CO_TRY(StackRow next,
                updated_row(service_, stack->row,
                            {.text = std::move(text),
                             .parameters = given(properties),
                             .capabilities = capabilities,
                             .tags = tags_of(parent->row, properties),
                             .disable_rollback = parent->row.disable_rollback && !is_undone}));
    if (changes_nothing(next.now, stack->row))
        co_return co_await ended(caller, std::move(physical_id), stack->row.status);
    MILL_CO_CHECK(check_updatable(*stack));
    const bool is_first = !is_changed || parent->row.bases != stack->row.parent_base;
    if (is_first) next.body_before = stack->row.now.body;
    next.parent_base = parent->row.bases;
    next.parent_update = parent->row.updates;
    if (is_undone) next.undoes = is_changed ? stack->row.bases : no_base;
    if (shown) next.change_set_id = shown->id;
    MILL_CO_CHECK(co_await begin_update(service_, *stack, std::move(next)));
    co_return co_await ended(caller, std::move(physical_id), "UPDATE_COMPLETE");
}

// What the parent's change set has shown of it, if that is being carried out.
ChangeSetPointer NestedStacks::shown_change(const Stack* parent,
                                            const std::string& stack_id) const {
    if (!parent || undone_base(parent->row) || !parent->row.change_set_id) return nullptr;
    return service_.change_sets().nested(*parent->row.change_set_id, stack_id);
}

// While the parent goes back: the template that was there before, whatever the URL leads to.
Result<std::string> NestedStacks::with_body_before(const Caller& caller,
                                                   const std::string& parent_id,
                                                   const std::string& stack_id,
                                                   std::string body) const {
    const Stack* parent = service_.stacks().find(caller, parent_id);
    const Stack* stack = service_.stacks().find(caller, stack_id);
    if (!parent || !stack || stack->row.deleted) return no_such_stack(stack_id);
    if (!undone_base(parent->row)) return body;
    return is_changed_by(parent->row, stack->row) ? *stack->row.body_before : stack->row.now.body;
}

// Goes on with a rollback that failed.
Task<Result<void>> NestedStacks::end_rollback(Caller caller, std::string stack_id) {
    Stack* stack = service_.stacks().find(caller, stack_id);
    if (!stack || stack->row.status != "UPDATE_ROLLBACK_FAILED") co_return Result<void>();
    service_.stacks().set_status(*stack, "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated");
    MILL_CO_CHECK(co_await save_and_launch(service_, *stack));
    co_await service_.settled(std::move(caller), std::move(stack_id));
    co_return Result<void>();
}

// Once its run has ended: its outputs, if that is how it ended.
Task<Result<ports::Resource>> NestedStacks::ended(Caller caller, std::string stack_id,
                                                  std::string done) {
    co_await service_.settled(caller, stack_id);
    const Stack* stack = service_.stacks().find(caller, stack_id);
    if (!stack || stack->row.status != done) {
        const std::string status = stack ? stack->row.status : "DELETE_COMPLETE";
        const std::string reason = stack ? stack->row.status_reason.value_or("") : "";
        const bool is_creation = done == "CREATE_COMPLETE";
        co_return fail(
            "ValidationError",
            is_creation && status == "CREATE_FAILED"
                ? fmt::format("Embedded stack {} was not successfully created: {}", stack_id,
                              reason)
                : fmt::format("Embedded stack {} was not successfully {}. Currently in {} with "
                              "reason: {}",
                              stack_id, is_creation ? "created" : "updated", status, reason),
            400);
    }
    ports::Resource resource{.physical_id = stack_id};
    for (const StackOutput& output : stack->row.now.outputs)
        resource.attributes["Outputs." + output.key] = output.value;
    co_return resource;
}

Task<Result<void>> NestedStacks::remove(ports::ResourceRequest request, std::string physical_id) {
    const Caller caller = request.caller;
    co_await service_.settled(caller, physical_id);
    Stack* stack = service_.stacks().find(caller, physical_id);
    if (!stack || stack->row.deleted) co_return Result<void>();
    MILL_CO_CHECK(check_unused(service_.stacks(), stack->row));
    service_.stacks().set_status(*stack, "DELETE_IN_PROGRESS", "User Initiated");
    MILL_CO_CHECK(co_await save_and_launch(service_, *stack));
    co_await service_.settled(caller, physical_id);
    stack = service_.stacks().find(caller, physical_id);
    if (!stack || stack->row.deleted) co_return Result<void>();
    co_return fail(
        "ValidationError",
        fmt::format("Embedded stack {} was not successfully deleted. Currently in {} "
                    "with reason: {}",
                    physical_id, stack->row.status, stack->row.status_reason.value_or("")),
        400);
}

}  // namespace mill::cloudformation
