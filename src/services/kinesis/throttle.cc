// SPDX-License-Identifier: Apache-2.0
#include "services/kinesis/throttle.h"

#include <fmt/format.h>

#include "services/kinesis/quotas.h"

namespace mill::kinesis {
namespace {

Failure rate_exceeded(const Stream& stream, const Shard& shard) {
    return fail("ProvisionedThroughputExceededException",
                fmt::format("Rate exceeded for shard {} in stream {} under account {}.", shard.id(),
                            stream.row().name, stream.row().account),
                400);
}

// Of how many ordinary shards one of this stream has the throughput.
double scale_of(const Stream& stream, Instant now) {
    const StreamRow& row = stream.row();
    if (row.mode != "ON_DEMAND") return 1;
    return model::on_demand_scale(
        {.shards = static_cast<std::int64_t>(stream.open_shards().size()),
         .peak_mibps = stream.demand_peak->mibps(now),
         .warm_mibps = static_cast<double>(row.warm_mibps),
         .mibps_max = static_cast<double>(region_quota(row.region).on_demand_mibps)});
}

}  // namespace

Result<void> admit_record(Stream& stream, Shard& shard, std::size_t bytes, Instant now) {
    const auto size = static_cast<std::int64_t>(bytes);
    const std::int64_t bytes_max = stream.row().record_kib_max * 1024;
    if (!shard.throughput->writes.admit(size, bytes_max, scale_of(stream, now), now))
        return rate_exceeded(stream, shard);
    stream.demand_peak->wrote(size, now);
    return {};
}

Result<void> admit_read(const Stream& stream, Shard& shard, Instant now) {
    if (shard.throughput->reads.admit(scale_of(stream, now), now)) return {};
    return rate_exceeded(stream, shard);
}

Result<void> admit_iterator(const Stream& stream, Shard& shard, Instant now) {
    if (shard.throughput->iterators.admit(limits::kinesis::aws::iterators_per_s, now)) return {};
    return rate_exceeded(stream, shard);
}

}  // namespace mill::kinesis
