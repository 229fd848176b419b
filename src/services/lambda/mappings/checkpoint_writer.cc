// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/mappings/checkpoint_writer.h"

namespace mill::lambda {

Task<Result<void>> CheckpointWriter::open(std::size_t lanes) {
    const model::LanePositions* stored = shared_.checkpoints.find(shard_id_);
    if (!stored) {  // a child that resharding made: always from its beginning
        MILL_CO_TRY(const ports::Position first,
                    shared_.source.trim_horizon(shared_.stream_arn, shard_id_));
        positions_ = model::LanePositions(first);
        positions_.split(lanes);
        co_return Result<void>();
    }
    positions_ = *stored;
    MILL_CO_TRY(const ports::Position latest, shared_.source.latest(shared_.stream_arn, shard_id_));
    if (positions_.highest() > latest) {
        shared_.machine.log.warning("checkpoint.beyond_tail",
                                    {{"mapping", shared_.mapping.uuid}, {"shard", shard_id_}});
        positions_ = model::LanePositions(std::min(positions_.lowest(), latest));
        MILL_CO_CHECK(co_await shared_.checkpoints.reset(shard_id_, positions_));
    }
    positions_.split(lanes);
    co_return Result<void>();
}

void CheckpointWriter::move(std::size_t lane, ports::Position next) {
    if (next <= positions_.position(lane)) return;
    positions_.move(lane, next);
    ++moved_;
    if (!std::exchange(is_writing_, true)) background_.spawn(write());
}

Task<void> CheckpointWriter::write() {
    const Delivery under_way(shared_);
    while (written_ < moved_ && outcome_) {
        // An append wakes all lanes: most of them only pass what is not theirs.
        if (positions_.lanes() > 1) co_await machine::yield(shared_.machine.executor);
        const std::uint64_t moved = moved_;
        auto result =
            co_await shared_.checkpoints.commit(shard_id_, positions_, shared_.last_result);
        if (!result && result.error().code != "storage.conflict") {
            shared_.machine.log.error("checkpoint.not_written",
                                      {{"mapping", shared_.mapping.uuid},
                                       {"shard", shard_id_},
                                       {"error", result.error().message}});
            result = {};
        }
        outcome_ = std::move(result);
        written_ = moved;
        changed_.notify_all();
    }
    is_writing_ = false;
}

Task<Result<void>> CheckpointWriter::settle() {
    const std::uint64_t moved = moved_;
    while (written_ < moved && outcome_) co_await changed_.wait();
    co_return outcome_;
}

}  // namespace mill::lambda
