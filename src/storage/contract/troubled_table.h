// SPDX-License-Identifier: Apache-2.0
// A Table that tests make slow, or let fail.
#pragma once

#include "machine/machine.h"
#include "storage/stream_log.h"

namespace mill::storage::contract {

struct Slowness {
    Duration before{};  // a commit is seen
    Duration after{};   // until it is answered
};

class TroubledTable final : public Table {
  public:
    TroubledTable(Machine& machine, std::unique_ptr<Table> table, Slowness slowness = {})
        : machine_(machine), table_(std::move(table)), slowness_(slowness) {}
    Result<std::optional<Bytes>> get(std::string_view key) override { return table_->get(key); }
    Result<std::vector<Entry>> scan(std::string_view prefix, std::string_view after,
                                    std::size_t limit) override {
        return table_->scan(prefix, after, limit);
    }
    Task<Result<void>> commit(Commit commit) override {
        co_await pass(slowness_.before);
        if (is_failing) co_return fail("io.no_space", "no space left");
        auto done = co_await table_->commit(std::move(commit));
        co_await pass(slowness_.after);
        co_return done;
    }
    bool is_failing = false;

  private:
    Task<void> pass(Duration time) {
        if (time == Duration::zero()) co_return;
        co_await machine::sleep_until(machine_.timers, machine_.clock.now() + time);
    }

    Machine& machine_;
    std::unique_ptr<Table> table_;
    const Slowness slowness_;
};

}  // namespace mill::storage::contract
