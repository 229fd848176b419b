// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/mappings/discards.h"

#include <fmt/format.h>

namespace mill::lambda {

std::string Discards::key(const Discard& discard) const {
    return fmt::format("{}{}/{:020}", prefix(uuid_), discard.shard_id, discard.positions.front());
}

Task<Result<void>> Discards::add(Discard discard, ports::Position horizon) {
    constexpr std::size_t forgotten_max = 4;
    storage::Table::Commit commit;
    MILL_CO_TRY(const auto oldest,
                table_.scan(prefix(uuid_) + discard.shard_id + "/", {}, forgotten_max));
    for (const auto& row : oldest) {
        const auto known = wire::from_json<Discard>(row.value);
        const bool is_gone = known && !known->positions.empty() &&
                             static_cast<ports::Position>(known->positions.back()) < horizon;
        if (is_gone && row.key != key(discard)) commit.erases.push_back(row.key);
    }
    commit.puts.push_back({key(discard), wire::to_json(discard)});
    co_return co_await table_.commit(std::move(commit));
}

Result<std::vector<Discard>> Discards::all() const {
    MILL_TRY(const auto rows, table_.scan(prefix(uuid_)));
    std::vector<Discard> all;
    for (const auto& row : rows) {
        MILL_TRY(Discard discard, wire::from_json<Discard>(row.value));
        if (!discard.positions.empty()) all.push_back(std::move(discard));
    }
    return all;
}

Task<Result<void>> Discards::clear() { return forget_others({}); }

Task<Result<void>> Discards::forget_others(std::set<std::string> kept) {
    storage::Table::Commit commit;
    const std::string start = prefix(uuid_);
    MILL_CO_TRY(const auto rows, table_.scan(start));
    for (const auto& row : rows) {
        const std::string shard = row.key.substr(start.size(), row.key.rfind('/') - start.size());
        if (!kept.contains(shard)) commit.erases.push_back(row.key);
    }
    if (commit.erases.empty()) co_return Result<void>();
    co_return co_await table_.commit(std::move(commit));
}

Task<Result<void>> Discards::remove(Discard discard) {
    storage::Table::Commit commit;
    commit.preconditions.push_back({key(discard), wire::to_json(discard)});
    commit.erases.push_back(key(discard));
    co_return co_await table_.commit(std::move(commit));
}

}  // namespace mill::lambda
