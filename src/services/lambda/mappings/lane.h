// SPDX-License-Identifier: Apache-2.0
// One lane of a shard: the records of its partition keys, all of them if there is one lane only.
// Reads, filters and renders; gathers a batch, delivers it until the verdict says that it is done
// with, moves the checkpoint, goes on. That order makes delivery at-least-once and in order. Asleep
// while the shard is quiet. Lanes read the shard each for itself, so that one that is stuck holds
// up no other.
#pragma once

#include <deque>

#include "services/lambda/mappings/batch_delivery.h"
#include "services/lambda/mappings/checkpoint_writer.h"
#include "services/lambda/mappings/shared_runs.h"

namespace mill::lambda {

// What the lanes of one shard share.
struct ShardShared {
    ShardShared(PollerShared& mapping, std::string id);

    PollerShared& mapping;
    const std::string id;
    const RecordRenderer renderer;
    const model::FilterContext filter_context;
    CheckpointWriter checkpoint;
    SharedRuns runs;      // where there are several lanes
    bool failed = false;  // no new attempt begins
};

struct LaneStatus {
    ports::Position position = 0;
    std::size_t queued = 0;               // read, not in a batch yet
    std::optional<WallTime> oldest;       // arrival of the first that is not done with
    std::optional<DeliveryStatus> batch;  // in flight
    std::string last_error;
};

class Lane {
  public:
    Lane(ShardShared& shard, std::size_t index);
    // Until the shard is closed and the lane done with it. Errors: the source's,
    // "storage.conflict", "mapping.stopped".
    Task<Result<void>> run();
    bool is_delivering() const { return is_delivering_; }
    LaneStatus status() const;

  private:
    Task<Result<void>> read_more();
    // A run that is the lane's own is used up.
    template <class Run>
    void take_in(Run&& run);
    bool wants(const ports::SourceRecord& record);
    bool is_mine(const ports::SourceRecord& record) const;
    model::BatchLimits limits() const;
    model::TimeWindow window_of(const RenderedRecord& record) const;
    // Of the next batch: the open one, or that of the first record.
    std::optional<model::TimeWindow> current_window() const;
    model::Gathered measure(const model::BatchLimits& limits, Instant first_taken) const;
    // Whether a record of the window may lie ahead unread, a filter letting few of them pass.
    bool may_follow(const model::TimeWindow& window) const;
    bool is_window_over() const;
    // Empty: the open window is over, or the shard.
    Task<Result<std::vector<RenderedRecord>>> next_batch();
    std::vector<RenderedRecord> take(std::uint32_t records);
    Task<void> wait(std::optional<Instant> until);
    Task<Result<void>> deliver(std::vector<RenderedRecord> batch);
    Task<void> deliver_to(BatchDelivery& delivery, machine::OneShot<Result<void>> delivered);
    Task<Result<void>> close_window(bool early);
    // The checkpoint behind the record at `last`. Of a whole batch it is written while the next one
    // is delivered: one commit behind at most, and never ahead.
    Task<Result<void>> commit(ports::Position last, bool is_all);
    Task<Result<void>> commit_all();
    // Where what has not been taken into a batch begins.
    ports::Position rest() const { return queue_.empty() ? next_read_ : queue_.front().position; }

    ShardShared& shard_;
    PollerShared& shared_;
    const std::size_t index_;
    const std::size_t lanes_;
    std::deque<RenderedRecord> queue_;  // read, not yet in a batch
    std::uint64_t queue_bytes_ = 0;
    ports::Position next_read_ = 0;
    bool ended_ = false;
    bool is_caught_up_ = false;  // the last read found nothing more
    WallTime last_arrival_;      // of the last record that was read, delivered or not
    std::optional<OpenWindow> window_;
    const BatchDelivery* delivery_ = nullptr;  // under way
    WallTime delivery_oldest_;
    bool is_delivering_ = false;
    std::string last_error_;
};

}  // namespace mill::lambda
