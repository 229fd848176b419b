// SPDX-License-Identifier: Apache-2.0
// One shard's way to the function: gather a batch, deliver it until the verdict says that it is
// done with, move the checkpoint, go on. Reads, decides (model/batch_window.h,
// model/retry_policy.h), commits: the order that makes delivery at-least-once and in order. Asleep
// while the shard is quiet.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "machine/machine.h"
#include "services/lambda/mappings/checkpoints.h"
#include "services/lambda/mappings/kinesis_event.h"
#include "services/lambda/mappings/mapping.h"
#include "services/ports/invoker.h"
#include "services/ports/record_source.h"

namespace mill::lambda {

// What the pollers of one mapping share.
struct PollerShared {
    Machine& machine;
    ports::RecordSource& source;
    ports::Invoker& invoker;
    Checkpoints checkpoints;
    Mapping mapping;
    std::string role_arn;
    std::string last_result = "No records processed";
    bool stopping = false;  // no new delivery begins
    int deliveries = 0;     // under way: invoked, checkpoint not yet written
    machine::Signal idle;   // notified when deliveries falls to 0
};

class ShardPoller {
  public:
    ShardPoller(PollerShared& shared, std::string shard_id);
    // Until the shard is closed and done with. Errors: the source's, "storage.conflict",
    // "mapping.stopped".
    Task<Result<void>> run();

  private:
    using Written = machine::OneShot<Result<void>>;
    struct Part {  // of the batch: [begin, end) is to be delivered
        std::size_t begin = 0;
        std::size_t end = 0;
        std::int64_t failures = 0;
        std::int64_t throttles = 0;
    };
    Task<Result<void>> consume();
    Task<Result<void>> find_start();
    Task<Result<void>> read_more();
    Task<Result<std::vector<RenderedRecord>>> next_batch();
    model::Gathered measure(Instant first_taken) const;
    Task<Result<void>> deliver(std::vector<RenderedRecord> batch);
    Task<void> deliver_to(std::vector<RenderedRecord> batch,
                          machine::OneShot<Result<void>> delivered);
    // One attempt at one part; returns how long to wait before the next, zero when the part is
    // settled.
    Task<Result<Duration>> attempt(const std::vector<RenderedRecord>& batch,
                                   std::vector<Part>& parts);
    Task<model::BatchOutcome> invoke(std::string event, const std::vector<RenderedRecord>& batch,
                                     Part part);
    std::size_t expired(const std::vector<RenderedRecord>& batch, const Part& part) const;
    // The checkpoint behind the first `done` records of the batch. Of a whole batch it is written
    // while the next one is delivered: one commit behind at most, and never ahead.
    Task<Result<void>> commit(const std::vector<RenderedRecord>& batch, std::size_t done);
    Task<void> write_checkpoint(ports::Position next, Written written);
    // Waits for the checkpoint under way, if there is one.
    Task<Result<void>> settle();
    void log_discard(const std::vector<RenderedRecord>& batch, std::size_t begin, std::size_t end,
                     std::string_view why) const;
    double jitter();

    PollerShared& shared_;
    const std::string shard_id_;
    const RecordRenderer renderer_;
    std::deque<RenderedRecord> queue_;  // read, not yet in a batch
    std::uint64_t queue_bytes_ = 0;
    ports::Position next_read_ = 0;
    bool ended_ = false;
    std::optional<Written> checkpoint_;  // under way
    Scope background_;
};

}  // namespace mill::lambda
