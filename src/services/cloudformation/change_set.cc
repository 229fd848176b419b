// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/change_set.h"

#include <algorithm>
#include <iterator>

namespace mill::cloudformation {
namespace {

constexpr std::string_view all_prefix = "cloudformation/change_set/";

std::string key_of(const ChangeSetRow& row) {
    return std::string(all_prefix) + place_of_stack(row.stack_id) + "/" + row.name;
}

// The row itself, or one that it made for a nested stack.
bool is_within(const ChangeSetRow& row, const ChangeSetRow& root) {
    return row.id == root.id || row.root_change_set_id == root.id;
}

// What stays of an executed change set: what it was, not what it was made from.
ChangeSetRow kept_of(const ChangeSetRow& row) {
    ChangeSetRow kept = row;
    kept.executed = true;
    kept.target.body.clear();
    kept.target.processed.clear();
    kept.target.resources.clear();
    return kept;
}

}  // namespace

std::string_view execution_status(const ChangeSetRow& row, const StackRow& stack) {
    if (!row.executed) return row.status == "CREATE_COMPLETE" ? "AVAILABLE" : "UNAVAILABLE";
    if (stack.change_set_id != row.id) return "EXECUTE_COMPLETE";  // others came after it
    if (stack.status.starts_with("DELETE_")) return "EXECUTE_COMPLETE";
    if (stack.status == "CREATE_COMPLETE" || stack.status == "UPDATE_COMPLETE" ||
        stack.status == "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        return "EXECUTE_COMPLETE";
    return is_in_progress(stack.status) ? "EXECUTE_IN_PROGRESS" : "EXECUTE_FAILED";
}

Result<void> ChangeSets::load() {
    MILL_TRY(const std::vector<storage::Table::Entry> entries, table_.scan(all_prefix));
    for (const storage::Table::Entry& entry : entries) {
        MILL_TRY(ChangeSetRow row, wire::from_json<ChangeSetRow>(entry.value));
        std::string id = row.id;
        rows_[std::move(id)] = std::make_shared<const ChangeSetRow>(std::move(row));
    }
    return {};
}

ChangeSetPointer ChangeSets::find(std::string_view id) const {
    const auto found = rows_.find(id);
    return found == rows_.end() ? nullptr : found->second;
}

ChangeSetPointer ChangeSets::find(std::string_view stack_id, std::string_view name_or_id) const {
    for (const auto& [id, row] : rows_) {
        if (row->stack_id == stack_id && (id == name_or_id || row->name == name_or_id)) return row;
    }
    return nullptr;
}

std::vector<ChangeSetPointer> ChangeSets::of(std::string_view stack_id) const {
    std::vector<ChangeSetPointer> out;
    for (const auto& [id, row] : rows_) {
        if (row->stack_id == stack_id && !row->executed) out.push_back(row);
    }
    std::ranges::sort(out, {}, [](const ChangeSetPointer& row) {
        return std::pair<WallTime, std::string_view>(row->created, row->id);
    });
    return out;
}

ChangeSetPointer ChangeSets::nested(std::string_view parent_id, std::string_view stack_id) const {
    for (const auto& [id, row] : rows_) {
        if (row->stack_id == stack_id && row->parent_change_set_id == parent_id) return row;
    }
    return nullptr;
}

storage::Table::Commit ChangeSets::added(const ChangeSetRow& row) const {
    const ChangeSetPointer old = find(row.stack_id, row.name);
    const bool gives_way = old && old->executed;
    std::string key = key_of(row);
    return {.preconditions = {{key, gives_way ? std::optional<Bytes>(wire::to_json(*old))
                                              : std::nullopt}},
            .puts = {{key, wire::to_json(row)}}};
}

storage::Table::Commit ChangeSets::erased(const ChangeSetRow& root) const {
    storage::Table::Commit commit;
    for (const auto& [id, row] : rows_) {
        if (is_within(*row, root)) commit.erases.push_back(key_of(*row));
    }
    return commit;
}

void ChangeSets::forget(const ChangeSetRow& root) {
    std::erase_if(rows_, [&](const auto& entry) { return is_within(*entry.second, root); });
}

void ChangeSets::show(ChangeSetRow row) {
    if (const ChangeSetPointer old = find(row.stack_id, row.name)) rows_.erase(old->id);
    std::string id = row.id;
    rows_[std::move(id)] = std::make_shared<const ChangeSetRow>(std::move(row));
}

storage::Table::Commit ChangeSets::ended(const StackRow& stack,
                                         const ChangeSetRow* executed) const {
    storage::Table::Commit commit;
    for (const auto& [id, row] : rows_) {
        if (row->stack_id != stack.stack_id) continue;
        if (executed && executed->id == id) {
            commit.puts.push_back({key_of(*row), wire::to_json(kept_of(*row))});
        } else {
            std::ranges::move(erased(*row).erases, std::back_inserter(commit.erases));
        }
    }
    return commit;
}

void ChangeSets::show_ended(const StackRow& stack, const ChangeSetRow* executed) {
    std::vector<ChangeSetPointer> ended;
    for (auto& [id, row] : rows_) {
        if (row->stack_id != stack.stack_id) continue;
        if (executed && executed->id == id) {
            row = std::make_shared<const ChangeSetRow>(kept_of(*row));
        } else {
            ended.push_back(row);
        }
    }
    for (const ChangeSetPointer& row : ended) forget(*row);
}

}  // namespace mill::cloudformation
