// SPDX-License-Identifier: Apache-2.0
#include "services/kinesis/call_rates.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/arn.h"
#include "wire/shape.h"

namespace mill::kinesis {
namespace {

enum class Per : std::uint8_t { account, stream, consumer_and_shard };  // each in a region

struct Quota {
    std::string_view operation;
    std::int64_t per_s;
    Per per = Per::account;
};

// From the operations' pages in the API reference; where one says nothing, from the Developer
// Guide's.
constexpr std::array quotas = {
    Quota{"AddTagsToStream", 5},
    Quota{"CreateStream", 5},
    Quota{"DecreaseStreamRetentionPeriod", 5},
    Quota{"DeleteStream", 5},
    Quota{"DeregisterStreamConsumer", 5, Per::stream},
    Quota{"DescribeAccountSettings", 5},
    Quota{"DescribeLimits", 1},
    Quota{"DescribeStream", 10},
    Quota{"DescribeStreamConsumer", 20, Per::stream},
    Quota{"DescribeStreamSummary", 20},
    Quota{"IncreaseStreamRetentionPeriod", 5},
    Quota{"ListShards", 1'000, Per::stream},
    Quota{"ListStreamConsumers", 5, Per::stream},
    Quota{"ListStreams", 5},
    Quota{"ListTagsForStream", 5},
    Quota{"MergeShards", 5},
    Quota{"RegisterStreamConsumer", 5},
    Quota{"RemoveTagsFromStream", 5},
    Quota{"SplitShard", 5},
    Quota{"SubscribeToShard", 1, Per::consumer_and_shard},
    Quota{"UpdateAccountSettings", 5},
    Quota{"UpdateShardCount", 10},
    Quota{"UpdateStreamWarmThroughput", 5},
};

constexpr std::size_t rates_kept = 256;

// What a request says of the stream that it is about.
struct Named {
    std::optional<std::string> stream_name;
    std::optional<std::string> stream_arn;
    std::optional<std::string> consumer_arn;
    std::optional<std::string> shard_id;

    static constexpr auto shape() {
        return wire::structure("Named", wire::member<&Named::stream_name>("StreamName"),
                               wire::member<&Named::stream_arn>("StreamARN"),
                               wire::member<&Named::consumer_arn>("ConsumerARN"),
                               wire::member<&Named::shard_id>("ShardId"));
    }
};

struct Place {
    std::string account;
    std::string region;
    std::string stream;  // empty: the request names none
    std::string consumer_and_shard;
};

Place place_of(const Caller& caller, wire::Input& input) {
    Place place{caller.account, caller.region, {}, {}};
    Named named;
    // What is wrong with it, the operation will say.
    if (!input.decode(wire::structure_of<Named>(), &named)) return place;
    place.stream = named.stream_name.value_or("");
    const auto& text = named.stream_arn ? named.stream_arn : named.consumer_arn;
    const auto arn = text ? model::parse_arn(*text) : std::nullopt;
    if (!arn) return place;
    const std::string_view name =
        std::string_view(arn->resource).substr(arn->resource.find('/') + 1);
    return {arn->account, arn->region, std::string(name.substr(0, name.find('/'))),
            named.consumer_arn.value_or("") + "/" + named.shard_id.value_or("")};
}

Failure rate_exceeded(const Place& place) {
    const std::string whom = place.stream.empty() ? fmt::format("account {}", place.account)
                                                  : fmt::format("stream {} under account {}",
                                                                place.stream, place.account);
    return fail("LimitExceededException", fmt::format("Rate exceeded for {}.", whom), 400);
}

}  // namespace

Result<void> CallRates::admit(std::string_view operation, const Caller& caller, wire::Input& input,
                              Instant now) {
    const auto quota = std::ranges::find(quotas, operation, &Quota::operation);
    if (quota == quotas.end()) return {};
    const Place place = place_of(caller, input);
    std::string key = fmt::format("{}/{}/{}", operation, place.account, place.region);
    if (quota->per == Per::stream) key += "/" + place.stream;
    if (quota->per == Per::consumer_and_shard) key += "/" + place.consumer_and_shard;
    if (rates_.size() > rates_kept)
        std::erase_if(rates_, [now](const auto& entry) { return entry.second.is_idle(now); });
    if (rates_[key].admit(quota->per_s, now)) return {};
    return rate_exceeded(place);
}

}  // namespace mill::kinesis
