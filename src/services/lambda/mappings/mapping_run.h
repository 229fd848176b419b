// SPDX-License-Identifier: Apache-2.0
// What one enabled mapping does: of a stream (stream_run.h) or of a queue (queue_run.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "machine/machine.h"
#include "services/ports/failure_destination.h"
#include "services/ports/invoker.h"
#include "services/ports/queue_source.h"
#include "services/ports/record_source.h"
#include "storage/stream_log.h"

namespace mill::lambda {

// What mappings work with.
struct MappingServices {
    Machine& machine;
    storage::Table& table;
    ports::RecordSource& source;
    ports::Invoker& invoker;
    const ports::FailureDestinations& destinations;
    ports::QueueSource* queues = nullptr;
};

struct ShardStatus;
// For `millrace mapping show`.
struct QueueStatus {
    std::int64_t batches = 0;      // in flight
    std::int64_t batches_max = 0;  // now
};

class MappingRun {
  public:
    virtual ~MappingRun() = default;
    virtual void start() = 0;
    // No new delivery begins; returns when those under way have been settled. Then the run may be
    // destroyed.
    virtual Task<void> finish() = 0;
    virtual std::vector<ShardStatus> shards() const;
    virtual std::optional<QueueStatus> queue() const { return std::nullopt; }
};

}  // namespace mill::lambda
