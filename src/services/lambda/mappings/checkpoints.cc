// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/mappings/checkpoints.h"

#include <charconv>

#include "base/assert.h"

namespace mill::lambda {

std::string Checkpoints::prefix(const std::string& uuid) {
    return "lambda/checkpoint/" + uuid + "/";
}

storage::Table::Entry Checkpoints::row(const std::string& uuid, const std::string& shard_id,
                                       ports::Position next) {
    return {prefix(uuid) + shard_id, std::to_string(next)};
}

Result<void> Checkpoints::load() {
    const std::string start = prefix(uuid_);
    MILL_TRY(const auto rows, table_.scan(start));
    positions_.clear();
    for (const auto& entry : rows) {
        ports::Position position = 0;
        const char* end = entry.value.data() + entry.value.size();
        if (std::from_chars(entry.value.data(), end, position).ptr != end) {
            return fail("storage.corrupt", "checkpoint " + entry.key + " is not a number");
        }
        positions_[entry.key.substr(start.size())] = position;
    }
    return {};
}

const ports::Position* Checkpoints::find(const std::string& shard_id) const {
    const auto found = positions_.find(shard_id);
    return found == positions_.end() ? nullptr : &found->second;
}

Task<Result<void>> Checkpoints::commit(std::string shard_id, ports::Position next) {
    const ports::Position* current = find(shard_id);
    MILL_ASSERT(!current || *current <= next);
    if (current && *current == next) co_return Result<void>();
    storage::Table::Commit commit;
    storage::Table::Entry entry = row(uuid_, shard_id, next);
    commit.preconditions.push_back(
        {entry.key, current ? std::optional<Bytes>(std::to_string(*current)) : std::nullopt});
    commit.puts.push_back(std::move(entry));
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    positions_[std::move(shard_id)] = next;
    co_return Result<void>();
}

Task<Result<void>> Checkpoints::reset(std::string shard_id, ports::Position next) {
    storage::Table::Commit commit;
    commit.puts.push_back(row(uuid_, shard_id, next));
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    positions_[std::move(shard_id)] = next;
    co_return Result<void>();
}

Task<Result<void>> Checkpoints::forget_all() { return forget_others({}); }

Task<Result<void>> Checkpoints::forget_others(std::set<std::string> kept) {
    storage::Table::Commit commit;
    for (const auto& [shard, position] : positions_) {
        if (!kept.contains(shard)) commit.erases.push_back(prefix(uuid_) + shard);
    }
    if (commit.erases.empty()) co_return Result<void>();
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    std::erase_if(positions_, [&](const auto& entry) { return !kept.contains(entry.first); });
    co_return Result<void>();
}

}  // namespace mill::lambda
