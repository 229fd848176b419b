// SPDX-License-Identifier: Apache-2.0
// What is sent and what becomes of the answers. A workload knows nothing of sockets or pacing.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "bench/load/answer_reader.h"
#include "bench/load/histogram.h"
#include "bench/load/options.h"

namespace mill::bench {

// What a workload has found out beside the runner's counts.
struct Findings {
    Histogram delivery;  // put-poll, put-consume: from put to reader
    std::uint64_t expected = 0;
    std::uint64_t delivered = 0;
    double records_per_second = 0;  // deliver
};

class Workload {
  public:
    virtual ~Workload() = default;
    // The next request of this connection: valid until its answer is there.
    virtual std::string_view next(std::size_t connection) = 0;
    // The answer of status 200. The next request is sent after it: what can wait belongs to
    // digest().
    virtual void answered(std::size_t, const Answer&) {}
    // The same answer, once the next request is on its way. The records that it holds or
    // acknowledges; empty if it is not what was asked for.
    virtual std::optional<std::uint64_t> digest(std::size_t, const Answer&) { return 0; }
    // Whether the rate holds for this connection, and its latencies are those reported.
    virtual bool measured(std::size_t) const { return true; }
    // Bytes of records in one request.
    virtual std::uint64_t payload_bytes() const { return 0; }
    virtual bool finished() const { return false; }
    // False while records that were put are still missing: the others go on for a while then.
    virtual bool settled() const { return true; }
    // After the run; answers that began before `from_ns` belong to the warm-up.
    virtual void finish(std::uint64_t /*from_ns*/, Findings&) {}
};

// Exits if there is no such workload. Creates the stream if asked to.
std::unique_ptr<Workload> make_workload(Options& options);

}  // namespace mill::bench
