// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/stack.h"

#include <fmt/format.h>

#include <algorithm>

namespace mill::cloudformation {

namespace {

constexpr std::chrono::days deleted_stacks_kept{90};
constexpr std::string_view stack_prefix = "cloudformation/stack/";

std::string stack_key(const StackRow& row) { return std::string(stack_prefix) + place_of(row); }
std::string event_prefix(const StackRow& row) {
    return "cloudformation/event/" + place_of(row) + "/";
}
std::string event_key(const StackRow& row, std::int64_t number) {
    return fmt::format("{}{:012}", event_prefix(row), number);
}

std::string shown_properties(const ResourceRow& resource, const StackRow& row) {
    if (resource.properties.is_null()) return "{}";
    wire::Value shown = resource.properties;
    hide_no_echo(shown, row.now.parameters);
    if (row.previous) hide_no_echo(shown, row.previous->parameters);
    return write_json(shown);
}

}  // namespace

void hide_no_echo(wire::Value& value, const std::vector<Parameter>& parameters) {
    if (auto* items = value.items()) {
        for (wire::Value& item : *items) hide_no_echo(item, parameters);
    } else if (auto* members = value.members()) {
        for (auto& [name, member] : *members) hide_no_echo(member, parameters);
    } else if (std::string* text = value.string()) {
        for (const Parameter& parameter : parameters) {
            const std::string& secret = parameter.resolved ? *parameter.resolved : parameter.value;
            if (parameter.no_echo && !secret.empty() && text->find(secret) != std::string::npos)
                *text = "****";
        }
    }
}

std::string place_of_stack(std::string_view stack_id) {
    // arn:aws:cloudformation:<region>:<account>:stack/<name>/<uuid>
    std::vector<std::string_view> parts;
    for (std::string_view rest = stack_id; parts.size() < 6;) {
        const std::size_t colon = rest.find(':');
        parts.push_back(rest.substr(0, colon));
        rest.remove_prefix(colon == rest.npos ? rest.size() : colon + 1);
    }
    const std::string_view name = parts[5].substr(parts[5].find('/') + 1);
    return fmt::format("{}/{}/{}", parts[4], parts[3], name);
}

std::string place_of(const StackRow& row) { return place_of_stack(row.stack_id); }

bool is_in_progress(std::string_view status) {
    return status.ends_with("_IN_PROGRESS") && status != "REVIEW_IN_PROGRESS";
}

ResourceRow* find_resource(std::vector<ResourceRow>& resources, std::string_view logical_id) {
    const auto found = std::ranges::find(resources, logical_id, &ResourceRow::logical_id);
    return found == resources.end() ? nullptr : &*found;
}

const ResourceRow* find_resource(const std::vector<ResourceRow>& resources,
                                 std::string_view logical_id) {
    const auto found = std::ranges::find(resources, logical_id, &ResourceRow::logical_id);
    return found == resources.end() ? nullptr : &*found;
}

bool has_same_resource(const std::vector<ResourceRow>& resources, const ResourceRow& resource) {
    const ResourceRow* found = find_resource(resources, resource.logical_id);
    return found && found->physical_id == resource.physical_id;
}

Result<void> Stacks::load() {
    MILL_TRY(std::vector<storage::Table::Entry> entries, table_.scan(stack_prefix));
    for (const storage::Table::Entry& entry : entries) {
        MILL_TRY(StackRow row, wire::from_json<StackRow>(entry.value));
        auto durable = std::make_shared<const StackRow>(row);
        add(std::move(row)).durable = std::move(durable);
    }
    return {};
}

std::vector<Stack*> Stacks::all() const {
    std::vector<Stack*> out;
    for (const auto& [id, stack] : stacks_) out.push_back(stack.get());
    return out;
}

std::vector<Stack*> Stacks::of(const Caller& caller) const {
    std::vector<Stack*> out;
    for (const auto& [id, stack] : stacks_) {
        const StackRow& row = stack->row;
        if (stack->durable && row.account == caller.account && row.region == caller.region) {
            out.push_back(stack.get());
        }
    }
    std::ranges::sort(out, std::ranges::greater(), [](const Stack* stack) {
        return std::pair<WallTime, std::string_view>(stack->row.created, stack->row.stack_id);
    });
    return out;
}

Stack* Stacks::find(const Caller& caller, std::string_view name_or_id) const {
    if (name_or_id.starts_with("arn:")) {
        const auto found = stacks_.find(name_or_id);
        const bool is_callers = found != stacks_.end() &&
                                found->second->row.account == caller.account &&
                                found->second->row.region == caller.region;
        return is_callers ? found->second.get() : nullptr;
    }
    for (const auto& [id, stack] : stacks_) {
        const StackRow& row = stack->row;
        if (row.name == name_or_id && !row.deleted && row.account == caller.account &&
            row.region == caller.region) {
            return stack.get();
        }
    }
    return nullptr;
}

Stack& Stacks::add(StackRow row) {
    std::string id = row.stack_id;
    auto& slot = stacks_[std::move(id)];
    slot = std::make_unique<Stack>();
    slot->row = std::move(row);
    return *slot;
}

void Stacks::drop(Stack& stack) {
    const std::string id = stack.row.stack_id;
    noted_.erase(id);
    stacks_.erase(id);
}

// What could not be saved is as if it had never been meant, so that nothing is answered from it,
// nor done because of it. The numbers given so far stay given.
void Stacks::return_to_durable(Stack& stack) {
    StackRow row = *stack.durable;
    row.version = stack.row.version;
    row.events = stack.row.events;
    row.last_event = stack.row.last_event;
    stack.row = std::move(row);
    noted_.erase(stack.row.stack_id);
}

Task<Result<void>> Stacks::save(Stack& stack, storage::Table::Commit also) {
    ++stack.row.version;
    auto snapshot = std::make_shared<const StackRow>(stack.row);
    storage::Table::Commit commit = std::move(also);
    if (const auto noted = noted_.find(snapshot->stack_id); noted != noted_.end()) {
        std::ranges::move(noted->second, std::back_inserter(commit.puts));
        noted_.erase(noted);
    }
    commit.puts.push_back({stack_key(*snapshot), wire::to_json(*snapshot)});
    const auto committed = co_await table_.commit(std::move(commit));
    if (!committed) {  // a later save that is under way holds this one's change too, and decides
        if (stack.durable && stack.row.version == snapshot->version) return_to_durable(stack);
        co_return committed;
    }
    if (!stack.durable || stack.durable->version < snapshot->version)
        stack.durable = std::move(snapshot);
    co_return Result<void>();
}

// Each a millisecond later than the one before, if need be: SAM CLI passes over what is not later
// than the last event that it has seen, and would wait for the stack's own last one forever.
void Stacks::note(Stack& stack, StackEvent event) {
    StackRow& row = stack.row;
    row.last_event = std::max(machine_.clock.wall(), row.last_event + std::chrono::milliseconds(1));
    event.stack_id = row.stack_id;
    event.stack_name = row.name;
    event.timestamp = row.last_event;
    if (event.event_id.empty())  // of a resource; clients know events by it
        event.event_id =
            fmt::format("{}-{}-{}", event.logical_id, event.status, iso8601_ms(event.timestamp));
    event.token = row.client_request_token;
    noted_[row.stack_id].push_back({event_key(row, ++row.events), wire::to_json(event)});
}

void Stacks::set_status(Stack& stack, std::string status, std::optional<std::string> reason) {
    StackRow& row = stack.row;
    row.status = std::move(status);
    row.status_reason = std::move(reason);
    note(stack, {.event_id = machine::uuid_v4(machine_.entropy),
                 .logical_id = row.name,
                 .physical_id = row.stack_id,
                 .type = "AWS::CloudFormation::Stack",
                 .status = row.status,
                 .reason = row.status_reason});
}

void Stacks::set_status(Stack& stack, ResourceRow& resource, std::string status,
                        std::optional<std::string> reason) {
    resource.status = std::move(status);
    resource.status_reason = std::move(reason);
    resource.updated = machine_.clock.wall();
    note(stack, {.logical_id = resource.logical_id,
                 .physical_id = resource.physical_id,
                 .type = resource.type,
                 .status = resource.status,
                 .reason = resource.status_reason,
                 .properties = shown_properties(resource, stack.row)});
}

Result<Stacks::EventPage> Stacks::events(const StackRow& row, std::int64_t before,
                                         std::int64_t limit) {
    const std::int64_t first = std::max<std::int64_t>(1, before - limit);
    EventPage page;
    if (before <= 1) return page;
    MILL_TRY(std::vector<storage::Table::Entry> entries,
             table_.scan(event_prefix(row), event_key(row, first - 1),
                         static_cast<std::size_t>(before - first)));
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
        MILL_TRY(StackEvent event, wire::from_json<StackEvent>(entry->value));
        page.events.push_back(std::move(event));
    }
    page.next = first > 1 ? first : 0;
    return page;
}

Task<Result<void>> Stacks::purge() {
    const WallTime oldest = machine_.clock.wall() - deleted_stacks_kept;
    std::vector<std::string> ids;
    for (const auto& [id, stack] : stacks_) {
        if (stack->row.deleted && *stack->row.deleted < oldest) ids.push_back(id);
    }
    for (const std::string& id : ids) {
        const StackRow row = stacks_.find(id)->second->row;
        MILL_CO_TRY(std::vector<storage::Table::Entry> entries, table_.scan(event_prefix(row)));
        storage::Table::Commit commit{.erases = {stack_key(row)}};
        for (storage::Table::Entry& entry : entries) commit.erases.push_back(std::move(entry.key));
        MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
        stacks_.erase(id);
    }
    co_return Result<void>();
}

}  // namespace mill::cloudformation
