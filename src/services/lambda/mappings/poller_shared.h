// SPDX-License-Identifier: Apache-2.0
// What the pollers of one mapping share. Belongs to its MappingRun.
#pragma once

#include <string>

#include "machine/machine.h"
#include "model/event_filter.h"
#include "services/lambda/mappings/checkpoints.h"
#include "services/lambda/mappings/discards.h"
#include "services/lambda/mappings/mapping.h"
#include "services/lambda/mappings/mapping_counts.h"
#include "services/ports/failure_destination.h"
#include "services/ports/invoker.h"
#include "services/ports/record_source.h"

namespace mill::lambda {

struct PollerShared {
    Machine& machine;
    ports::RecordSource& source;
    ports::Invoker& invoker;
    const ports::FailureDestinations& destinations;
    MappingCounts& counts;
    Checkpoints checkpoints;
    Discards& discards;
    Mapping mapping;
    std::string stream_arn;
    std::string role_arn;
    model::EventFilter filter;
    std::string last_result = "No records processed";
    bool stopping = false;  // no new delivery begins
    int deliveries = 0;     // under way: invoked, checkpoint not yet written
    machine::Signal idle;   // notified when deliveries falls to 0
    machine::Signal stop;   // notified when stopping becomes true

    // ResourceNotFoundException once the stream that is read is gone, also if another has its name
    // now.
    Result<void> check_stream() const {
        MILL_TRY(const std::string there, source.incarnation(stream_arn));
        if (there == checkpoints.source()) return {};
        return fail("ResourceNotFoundException",
                    "The stream " + stream_arn + " was deleted and made again.", 404);
    }
};

// Counts a delivery for as long as it is under way, also when its coroutine is destroyed.
class Delivery {
  public:
    explicit Delivery(PollerShared& shared) : shared_(shared) { ++shared_.deliveries; }
    ~Delivery() {
        if (--shared_.deliveries == 0) shared_.idle.notify_all();
    }
    Delivery(const Delivery&) = delete;
    Delivery& operator=(const Delivery&) = delete;

  private:
    PollerShared& shared_;
};

}  // namespace mill::lambda
