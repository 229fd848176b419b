// SPDX-License-Identifier: Apache-2.0
// DescribeLimits. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeLimits.html
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

struct DescribeLimitsOutput {
    std::int64_t shard_limit = 0;
    std::int64_t open_shard_count = 0;
    std::int64_t on_demand_stream_count = 0;
    std::int64_t on_demand_stream_count_limit = 0;

    static constexpr auto shape() {
        using O = DescribeLimitsOutput;
        return wire::structure(
            "DescribeLimitsOutput", wire::member<&O::shard_limit>("ShardLimit"),
            wire::member<&O::open_shard_count>("OpenShardCount"),
            wire::member<&O::on_demand_stream_count>("OnDemandStreamCount"),
            wire::member<&O::on_demand_stream_count_limit>("OnDemandStreamCountLimit"));
    }
};

Task<Result<DescribeLimitsOutput>> describe_limits(Kinesis& kinesis, Caller caller, wire::NoInput) {
    const auto totals = kinesis.totals(caller.account, caller.region);
    co_return DescribeLimitsOutput{.shard_limit = kinesis.shards_max(caller.region),
                                   .open_shard_count = totals.open_shards,
                                   .on_demand_stream_count = totals.on_demand_streams,
                                   .on_demand_stream_count_limit = kinesis.on_demand_streams_max()};
}

}  // namespace

extern const wire::Operation describe_limits_operation;
const wire::Operation describe_limits_operation =
    wire::operation<&describe_limits>("DescribeLimits");

}  // namespace mill::kinesis
