// SPDX-License-Identifier: Apache-2.0
#include "engines/memory/memory.h"

#include <algorithm>
#include <deque>

#include "storage/log_name.h"
#include "storage/table_map.h"

namespace mill::memory {
namespace {

using storage::Batch;
using storage::Bounds;
using storage::Offset;
using storage::ReadLimits;
using storage::StoredBatch;

// Every call takes effect at once; the tasks only carry the answer.
template <class T>
Task<Result<T>> answer(Result<T> result) {
    co_return result;
}

class Log final : public storage::StreamLog {
  public:
    explicit Log(machine::Executor& executor) : executor_(executor) {}
    Result<storage::Appending> begin_append(Batch batch) override {
        MILL_ASSERT(batch.records > 0);
        const Offset base = bounds_.next;
        batches_.push_back({.base = base,
                            .records = batch.records,
                            .first_arrival = batch.first_arrival,
                            .last_arrival = batch.last_arrival,
                            .payload = std::make_shared<const Bytes>(std::move(batch.payload))});
        bounds_.next += batch.records;
        last_arrival_ = batch.last_arrival;
        storage::Appending appending(executor_);
        appending.finish(base);
        return appending;
    }

    Task<Result<std::vector<StoredBatch>>> read(Offset from, ReadLimits limits) override {
        std::vector<StoredBatch> found;
        std::uint64_t records = 0;
        std::uint64_t bytes = 0;
        auto at = std::ranges::partition_point(
            batches_, [&](const StoredBatch& batch) { return batch.end() <= from; });
        for (; at != batches_.end(); ++at) {
            records += at->records;
            bytes += at->payload->size();
            if (!found.empty() && (records > limits.records || bytes > limits.bytes)) break;
            found.push_back(*at);
        }
        return answer<std::vector<StoredBatch>>(std::move(found));
    }

    Task<Result<Offset>> offset_at(WallTime time) override {
        const auto at = std::ranges::lower_bound(batches_, time, {}, &StoredBatch::last_arrival);
        return answer<Offset>(at == batches_.end() ? bounds_.next : at->base);
    }

    Task<Result<void>> trim(Offset before) override {
        while (!batches_.empty() && batches_.front().end() <= before) batches_.pop_front();
        bounds_.first = batches_.empty() ? bounds_.next : batches_.front().base;
        return answer<void>({});
    }

    Bounds bounds() const override { return bounds_; }
    WallTime last_arrival() const override { return last_arrival_; }

  private:
    machine::Executor& executor_;
    std::deque<StoredBatch> batches_;
    Bounds bounds_;
    WallTime last_arrival_;
};

class LogStore final : public storage::LogStore {
  public:
    explicit LogStore(machine::Executor& executor) : executor_(executor) {}
    Result<storage::StreamLog*> open_log(const std::string& name) override {
        MILL_CHECK(storage::check_log_name(name));
        return &logs_.try_emplace(name, executor_).first->second;
    }
    Task<Result<void>> drop_log(const std::string& name) override {
        logs_.erase(name);
        return answer<void>({});
    }
    std::vector<std::string> log_names() const override {
        std::vector<std::string> names;
        for (const auto& [name, log] : logs_) names.push_back(name);
        return names;
    }

  private:
    machine::Executor& executor_;
    std::map<std::string, Log> logs_;
};

class Table final : public storage::Table {
  public:
    Result<std::optional<Bytes>> get(std::string_view key) override { return map_.get(key); }
    Result<std::vector<Entry>> scan(std::string_view prefix, std::string_view after,
                                    std::size_t limit) override {
        return map_.scan(prefix, after, limit);
    }
    Task<Result<void>> commit(Commit commit) override {
        auto checked = map_.check(commit.preconditions);
        if (checked) map_.apply(commit);
        return answer<void>(std::move(checked));
    }

  private:
    storage::TableMap map_;
};

}  // namespace

storage::Engine make_engine(Machine& machine) {
    return {.logs = std::make_unique<LogStore>(machine.executor),
            .table = std::make_unique<Table>(),
            .durability = "ephemeral: in memory until this process ends"};
}

}  // namespace mill::memory
