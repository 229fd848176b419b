// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/mappings/checkpoints.h"

#include "base/assert.h"

namespace mill::lambda {

std::string Checkpoints::prefix(const std::string& uuid) {
    return "lambda/checkpoint/" + uuid + "/";
}

storage::Table::Entry Checkpoints::row(const std::string& uuid, const std::string& shard_id,
                                       const model::LanePositions& next) {
    return {prefix(uuid) + shard_id, next.text()};
}

storage::Table::Entry Checkpoints::source_row(const std::string& uuid, std::string incarnation) {
    return {"lambda/source/" + uuid, std::move(incarnation)};
}

storage::Table::Entry Checkpoints::result_row(const std::string& uuid, std::string last_result) {
    return {"lambda/result/" + uuid, std::move(last_result)};
}

Result<void> Checkpoints::load() {
    MILL_TRY(auto source, table_.get(source_row(uuid_, {}).key));
    source_ = std::move(source).value_or("");
    MILL_TRY(auto result, table_.get(result_row(uuid_, {}).key));
    last_result_ = std::move(result).value_or("");
    const std::string start = prefix(uuid_);
    MILL_TRY(const auto rows, table_.scan(start));
    positions_.clear();
    for (const auto& entry : rows) {
        auto positions = model::LanePositions::parse(entry.value);
        if (!positions)
            return fail("storage.corrupt", "checkpoint " + entry.key + " cannot be read");
        positions_.insert_or_assign(entry.key.substr(start.size()), *std::move(positions));
    }
    return {};
}

const model::LanePositions* Checkpoints::find(const std::string& shard_id) const {
    const auto found = positions_.find(shard_id);
    return found == positions_.end() ? nullptr : &found->second;
}

Task<Result<void>> Checkpoints::commit(std::string shard_id, model::LanePositions next,
                                       std::string last_result) {
    const model::LanePositions* current = find(shard_id);
    MILL_ASSERT(!current || current->lowest() <= next.lowest());
    if (current && *current == next) co_return Result<void>();
    storage::Table::Commit commit;
    storage::Table::Entry entry = row(uuid_, shard_id, next);
    commit.preconditions.push_back(
        {entry.key, current ? std::optional<Bytes>(current->text()) : std::nullopt});
    commit.puts.push_back(std::move(entry));
    if (last_result != last_result_) {  // of the commit before, which may be under way
        commit.puts.push_back(result_row(uuid_, last_result));
        last_result_ = std::move(last_result);
    }
    auto committed = co_await table_.commit(std::move(commit));
    if (!committed) {
        last_result_.clear();  // the next one tells it again
        co_return committed;
    }
    positions_.insert_or_assign(std::move(shard_id), std::move(next));
    co_return Result<void>();
}

Task<Result<void>> Checkpoints::reset(std::string shard_id, model::LanePositions next) {
    storage::Table::Commit commit;
    commit.puts.push_back(row(uuid_, shard_id, next));
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    positions_.insert_or_assign(std::move(shard_id), std::move(next));
    co_return Result<void>();
}

Task<Result<void>> Checkpoints::set_source(std::string incarnation) {
    storage::Table::Commit commit;
    commit.puts.push_back(source_row(uuid_, incarnation));
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    source_ = std::move(incarnation);
    co_return Result<void>();
}

Task<Result<void>> Checkpoints::forget_all() {
    storage::Table::Commit commit;
    for (const auto& [shard, position] : positions_) commit.erases.push_back(prefix(uuid_) + shard);
    if (!source_.empty()) commit.erases.push_back(source_row(uuid_, {}).key);
    if (commit.erases.empty()) co_return Result<void>();
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    positions_.clear();
    source_.clear();
    co_return Result<void>();
}

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
