// SPDX-License-Identifier: Apache-2.0
#include "storage/table_map.h"

#include <ranges>

namespace mill::storage {

std::optional<Bytes> TableMap::get(std::string_view key) const {
    const auto found = entries_.find(key);
    return found == entries_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<Table::Entry> TableMap::scan(std::string_view prefix, std::string_view after,
                                         std::size_t limit) const {
    std::vector<Table::Entry> found;
    auto at = after < prefix ? entries_.lower_bound(prefix) : entries_.upper_bound(after);
    for (; at != entries_.end() && at->first.starts_with(prefix); ++at) {
        found.push_back({at->first, at->second});
        if (found.size() == limit) break;
    }
    return found;
}

Result<void> TableMap::check(const std::vector<Table::Precondition>& preconditions) const {
    for (const Table::Precondition& expected : preconditions) {
        if (get(expected.key) != expected.value) {
            return fail("storage.conflict",
                        "the entry \"" + expected.key + "\" has been changed meanwhile");
        }
    }
    return {};
}

TableMap::Undo TableMap::apply(const Table::Commit& commit) {
    Undo undo;
    for (const std::string& key : commit.erases) {
        undo.emplace_back(key, get(key));
        entries_.erase(key);
    }
    for (const Table::Entry& entry : commit.puts) {
        undo.emplace_back(entry.key, get(entry.key));
        entries_.insert_or_assign(entry.key, entry.value);
    }
    return undo;
}

void TableMap::revert(Undo undo) {
    for (auto& [key, value] : undo | std::views::reverse) {
        if (value) {
            entries_.insert_or_assign(key, *std::move(value));
        } else {
            entries_.erase(key);
        }
    }
}

}  // namespace mill::storage
