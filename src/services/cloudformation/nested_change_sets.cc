// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/nested_change_sets.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "services/cloudformation/nested_properties.h"
#include "services/cloudformation/stack_orders.h"

namespace mill::cloudformation {
namespace {

using wire::Value;

std::string nested_name(CloudFormation& service, const ChangeSetRow& parent,
                        const std::string& logical_id) {
    constexpr std::size_t name_length_max = 128, random_length = 13;
    std::string name = parent.name + "-" + logical_id;
    name.resize(std::min(name.size(), name_length_max - random_length - 1));
    std::string random;
    for (const char c : machine::uuid_v4(service.machine().entropy)) {
        if (c != '-' && random.size() < random_length) random += c;
    }
    return name + "-" + random;
}

// A nested stack that exists, as it is to be.
struct NestedUpdate {
    ChangeSetRow change_set;
    StackRow next;
    bool changes_nothing = false;
};

Result<NestedUpdate> worked_out(CloudFormation& service, const Stack& stack, UpdateOrder order,
                                const ChangeSetRow& parent, const std::string& logical_id) {
    MILL_CHECK(check_updatable(stack));
    MILL_TRY(StackRow next, updated_row(service, stack.row, std::move(order)));
    ChangeSetRow row{.name = nested_name(service, parent, logical_id),
                     .stack_id = stack.row.stack_id,
                     .stack_name = stack.row.name,
                     .type = "UPDATE",
                     .status = "CREATE_COMPLETE",
                     .created = parent.created,
                     .include_nested_stacks = true,
                     .parent_change_set_id = parent.id,
                     .root_change_set_id = parent.root_change_set_id.value_or(parent.id)};
    row.id = fmt::format("arn:aws:cloudformation:{}:{}:changeSet/{}/{}", stack.row.region,
                         stack.row.account, row.name, machine::uuid_v4(service.machine().entropy));
    const auto create_only = [&](std::string_view type) { return service.create_only(type); };
    MILL_TRY(row.changes, changes_between(stack.row, next, create_only, service.parameter_store()));
    row.target = next.now;
    row.target.outputs.clear();
    const bool is_same = changes_nothing(next.now, stack.row);
    return NestedUpdate{std::move(row), std::move(next), is_same};
}

// The resource in the parent's changes, made one of them if it was none.
void note_change(ChangeSetRow& parent, const ResourceRow& resource, const std::string& id) {
    auto found =
        std::ranges::find(parent.changes, resource.logical_id, &ResourceChange::logical_id);
    if (found == parent.changes.end()) {
        const ChangeDetail detail{.target = {.requires_recreation = "Never"},
                                  .evaluation = "Dynamic",
                                  .change_source = "Automatic"};
        parent.changes.push_back({.action = "Modify",
                                  .logical_id = resource.logical_id,
                                  .physical_id = resource.physical_id,
                                  .type = resource.type,
                                  .replacement = "False",
                                  .scope = {"Properties"},
                                  .details = {detail}});
        found = std::prev(parent.changes.end());
    }
    found->change_set_id = id;
}

// Nothing when what it will be cannot be told yet.
Task<Result<std::optional<NestedUpdate>>> nested_update(CloudFormation& service, Caller caller,
                                                        ChangeSetRow parent, UpdateOrder order,
                                                        ResourceRow resource, std::string url) {
    if (url.contains(known_after_apply)) co_return std::nullopt;
    MILL_CO_TRY(std::string body, co_await service.template_text(std::nullopt, std::move(url)));
    MILL_CO_TRY(order.text, co_await updated_text(service, caller, resource.physical_id,
                                                  std::move(body), order.parameters));
    const Stack* stack = service.stacks().find(caller, resource.physical_id);
    if (!stack || stack->row.deleted) co_return std::nullopt;
    MILL_CO_TRY(NestedUpdate made,
                worked_out(service, *stack, std::move(order), parent, resource.logical_id));
    co_return std::optional<NestedUpdate>(std::move(made));
}

ChangeSetRow failed(ChangeSetRow parent, const std::string& logical_id, const std::string& why) {
    parent.status = "FAILED";
    parent.status_reason =
        fmt::format("Nested change set of {} was not successfully created: {}", logical_id, why);
    parent.changes.clear();
    return parent;
}

}  // namespace

Task<Result<std::vector<ChangeSetRow>>> with_nested_change_sets(CloudFormation& service,
                                                                Caller caller, ChangeSetRow parent,
                                                                StackRow next) {
    std::vector<ChangeSetRow> rows{std::move(parent)};
    MILL_CO_TRY(const Plan plan, plan_of(next, service.parameter_store()));
    for (const ResourceRow& resource : next.now.resources) {
        if (resource.type != nested_stack_type || resource.physical_id.empty()) continue;
        MILL_CO_TRY(Value properties,
                    future_properties(plan, next, rows.front().changes, resource.logical_id));
        MILL_CO_TRY(const NestedProperties nested, read_nested(std::move(properties)));
        UpdateOrder order{.parameters = given(nested),
                          .capabilities = next.now.capabilities,
                          .tags = tags_of(next, nested)};
        auto made = co_await nested_update(service, caller, rows.front(), std::move(order),
                                           resource, nested.template_url.value_or(""));
        if (!made && made.error().status == 0) co_return std::unexpected(made.error());
        if (!made) {
            std::vector<ChangeSetRow> alone;
            alone.push_back(
                failed(std::move(rows.front()), resource.logical_id, made.error().message));
            co_return alone;
        }
        if (!*made) continue;
        NestedUpdate& update = **made;
        MILL_CO_TRY(std::vector<ChangeSetRow> below,
                    co_await with_nested_change_sets(service, caller, std::move(update.change_set),
                                                     std::move(update.next)));
        if (below.front().status == "FAILED") {
            std::vector<ChangeSetRow> alone;
            alone.push_back(failed(std::move(rows.front()), resource.logical_id,
                                   below.front().status_reason.value_or("")));
            co_return alone;
        }
        if (update.changes_nothing && below.size() == 1) continue;
        note_change(rows.front(), resource, below.front().id);
        std::ranges::move(below, std::back_inserter(rows));
    }
    co_return rows;
}

}  // namespace mill::cloudformation
