// SPDX-License-Identifier: Apache-2.0
// What was read last of a shard, for its other lanes: lanes in step read the shard once. One that
// lags behind reads for itself.
#pragma once

#include <deque>
#include <memory>

#include "services/ports/record_source.h"

namespace mill::lambda {

class SharedRuns {
  public:
    using Run = std::shared_ptr<const ports::SourceRun>;

    // One that begins at or before the position and goes beyond it, or null.
    Run find(ports::Position at) const {
        for (const Kept& kept : kept_) {
            if (kept.from <= at && at < kept.run->next) return kept.run;
        }
        return nullptr;
    }
    Run keep(ports::Position from, ports::SourceRun run) {
        auto shared = std::make_shared<const ports::SourceRun>(std::move(run));
        if (shared->next == from) return shared;  // nothing was there
        if (kept_.size() == kept_max) kept_.pop_front();
        kept_.push_back({from, shared});
        return shared;
    }

  private:
    static constexpr std::size_t kept_max = 2;
    struct Kept {
        ports::Position from;
        Run run;
    };
    std::deque<Kept> kept_;
};

}  // namespace mill::lambda
