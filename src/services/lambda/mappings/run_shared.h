// SPDX-License-Identifier: Apache-2.0
// What whatever delivers for one mapping shares. Belongs to its MappingRun.
#pragma once

#include <string>

#include "machine/machine.h"
#include "model/event_filter.h"
#include "services/lambda/mappings/mapping.h"
#include "services/lambda/mappings/mapping_counts.h"
#include "services/ports/invoker.h"

namespace mill::lambda {

struct RunShared {
    RunShared(Machine& on, ports::Invoker& through, MappingCounts& counted, Mapping of)
        : machine(on),
          invoker(through),
          counts(counted),
          mapping(std::move(of)),
          last_result(counted.last_result),
          idle(on.executor),
          stop(on.executor) {}

    Machine& machine;
    ports::Invoker& invoker;
    MappingCounts& counts;
    Mapping mapping;
    model::EventFilter filter;
    std::string& last_result;
    bool stopping = false;  // no new delivery begins
    int deliveries = 0;     // under way: what came of them is not durable yet
    machine::Signal idle;   // notified when deliveries falls to 0
    machine::Signal stop;   // notified when stopping becomes true

    // No new delivery begins; returns when those under way have been settled.
    Task<void> finish() {
        stopping = true;
        stop.notify_all();
        while (deliveries > 0) co_await idle.wait();
    }
    // False: the run is to stop.
    Task<bool> pause_until(Instant time) {
        while (!stopping && co_await stop.wait_until(machine.timers, time)) {
        }
        co_return !stopping;
    }
    double jitter() const { return machine::random_unit(machine.entropy); }
};

// Counts a delivery for as long as it is under way, also when its coroutine is destroyed.
class Delivery {
  public:
    explicit Delivery(RunShared& shared) : shared_(shared) { ++shared_.deliveries; }
    ~Delivery() {
        if (--shared_.deliveries == 0) shared_.idle.notify_all();
    }
    Delivery(const Delivery&) = delete;
    Delivery& operator=(const Delivery&) = delete;

  private:
    RunShared& shared_;
};

}  // namespace mill::lambda
