// SPDX-License-Identifier: Apache-2.0
// One batch on its way through the function, until the verdicts (model/retry_policy.h) have settled
// every record of it: handled, or given up and told to the failure destination. Only then, and in
// order, is its owner told that records are done with.
#pragma once

#include <functional>
#include <span>

#include "model/batch_part.h"
#include "services/lambda/mappings/failure_document.h"
#include "services/lambda/mappings/kinesis_event.h"
#include "services/lambda/mappings/poller_shared.h"

namespace mill::lambda {

// What goes on, for `millrace mapping show`.
struct DeliveryStatus {
    std::string doing;  // "invoking", "retrying", "sending to the failure destination"
    std::size_t records = 0;
    std::string first_sequence_number;
    std::int64_t attempts = 0;
    std::optional<Instant> next_attempt;
    std::string last_error;
};

class BatchDelivery {
  public:
    // Called when the batch is done with up to and including the record at `last`, which may be
    // all of it.
    using Done = std::function<Task<Result<void>>(ports::Position last, bool is_all)>;
    struct Place {
        PollerShared& mapping;
        const std::string& shard_id;
        const bool& shard_failed;  // no new attempt begins
        OpenWindow* window;        // of the batch, or null
    };
    BatchDelivery(Place place, std::vector<RenderedRecord> batch, Done done);
    // Errors: "mapping.stopped", those of `done`, and ResourceNotFoundException.
    Task<Result<void>> run();
    const DeliveryStatus& status() const { return status_; }

  private:
    struct Part : model::BatchPart {
        LastInvocation last = {};
    };
    std::span<const RenderedRecord> records_of(const Part& part) const {
        return std::span(batch_).subspan(part.begin, part.size());
    }
    // One attempt at the next part; returns how long to wait before the one after it.
    Task<Result<Duration>> attempt();
    Task<model::BatchOutcome> invoke(Part& part);
    model::BatchOutcome read_answer(const std::string& payload, const Part& part);
    void count(const model::BatchOutcome& outcome, std::size_t records);
    // Carries out the verdict on a part that is no longer among parts_.
    Task<Result<void>> settle(Part part, model::Verdict verdict);
    Task<Result<void>> give_up(Part part, std::string condition);
    Task<Result<void>> tell_destination(Part part, std::string condition);
    std::size_t expired(const Part& part) const;
    // To wait any longer for the next attempt would hold up the shard for nothing.
    Duration until_all_is_old(const Part& part) const;
    Task<Result<void>> report(std::size_t done);
    // Waits, unless the mapping or the shard is to stop. Nothing is tried again for a stream that
    // is gone.
    Task<Result<void>> pause(Duration delay);
    bool must_stop() const { return shared_.stopping || shard_failed_; }

    PollerShared& shared_;
    const std::string& shard_id_;
    const bool& shard_failed_;
    const std::vector<RenderedRecord> batch_;
    OpenWindow* window_;
    const Done done_;
    std::vector<Part> parts_;  // the last one is next
    DeliveryStatus status_;
};

}  // namespace mill::lambda
