// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/mappings/discards.h"

#include <fmt/format.h>

namespace mill::lambda {
namespace {

constexpr std::size_t forgotten_max = 4;  // beside one that is added
constexpr std::size_t page_rows = 1000;

std::size_t records_in(const storage::Table::Entry& row) {
    const auto discard = wire::from_json<Discard>(row.value);
    return discard ? discard->positions.size() : 0;
}

}  // namespace

std::string Discards::key(const Discard& discard) const {
    return fmt::format("{}{}/{:020}", prefix(uuid_), discard.shard_id, discard.positions.front());
}

Result<std::vector<storage::Table::Entry>> Discards::gone(const std::string& shard_id,
                                                          ports::Position horizon,
                                                          const std::string& but) const {
    const std::string start = prefix(uuid_) + shard_id + "/";
    const std::string first_kept = fmt::format("{}{:020}", start, horizon);
    std::vector<storage::Table::Entry> all;
    std::string after;
    while (all.size() < forgotten_max) {
        MILL_TRY(auto rows, table_.scan(start, after, 1));
        if (rows.empty() || rows.front().key >= first_kept) break;
        after = rows.front().key;
        if (after == but) continue;
        const auto known = wire::from_json<Discard>(rows.front().value);
        if (!known || known->positions.empty() ||
            static_cast<ports::Position>(known->positions.back()) >= horizon)
            break;
        all.push_back(std::move(rows.front()));
    }
    return all;
}

Task<Result<void>> Discards::add(Discard discard, ports::Position horizon) {
    storage::Table::Entry row{key(discard), wire::to_json(discard)};
    MILL_CO_TRY(const auto replaced, table_.get(row.key));
    MILL_CO_TRY(const auto old, gone(discard.shard_id, horizon, row.key));
    std::size_t removed = replaced ? records_in({row.key, *replaced}) : 0;
    storage::Table::Commit all;
    for (const auto& one : old) {
        removed += records_in(one);
        all.erases.push_back(one.key);
    }
    all.puts.push_back(std::move(row));
    co_return co_await commit(std::move(all), discard.positions.size(), removed);
}

Task<Result<void>> Discards::commit(storage::Table::Commit commit, std::size_t added,
                                    std::size_t removed) {
    // Reads see the commit from now on.
    if (records_ && *records_ + added >= removed) {
        *records_ += added - removed;
    } else {
        records_.reset();
    }
    auto done = co_await table_.commit(std::move(commit));
    if (!done) records_.reset();
    co_return done;
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

Result<std::size_t> Discards::records() {
    if (records_) return *records_;
    std::size_t count = 0;
    std::string after;
    for (;;) {
        MILL_TRY(const auto rows, table_.scan(prefix(uuid_), after, page_rows));
        if (rows.empty()) break;
        for (const auto& row : rows) count += records_in(row);
        after = rows.back().key;
    }
    records_ = count;
    return count;
}

Task<Result<void>> Discards::clear() { return forget_others({}); }

// From shard to shard, not from row to row.
Task<Result<void>> Discards::forget_others(std::set<std::string> kept) {
    const std::string start = prefix(uuid_);
    std::string after;
    for (;;) {
        MILL_CO_TRY(const auto rows, table_.scan(start, after, 1));
        if (rows.empty()) co_return Result<void>();
        const std::string& first = rows.front().key;
        std::string shard = first.substr(start.size(), first.rfind('/') - start.size());
        after = start + shard + static_cast<char>('/' + 1);
        if (!kept.contains(shard)) MILL_CO_CHECK(co_await forget_shard(std::move(shard)));
    }
}

Task<Result<void>> Discards::forget_shard(std::string shard_id) {
    for (;;) {
        MILL_CO_TRY(const auto rows, table_.scan(prefix(uuid_) + shard_id + "/", {}, page_rows));
        if (rows.empty()) co_return Result<void>();
        storage::Table::Commit all;
        std::size_t removed = 0;
        for (const auto& row : rows) {
            removed += records_in(row);
            all.erases.push_back(row.key);
        }
        MILL_CO_CHECK(co_await commit(std::move(all), 0, removed));
    }
}

Task<Result<void>> Discards::remove(Discard discard) {
    storage::Table::Commit all;
    all.preconditions.push_back({key(discard), wire::to_json(discard)});
    all.erases.push_back(key(discard));
    co_return co_await commit(std::move(all), 0, discard.positions.size());
}

}  // namespace mill::lambda
