// SPDX-License-Identifier: Apache-2.0
// Sequence numbers, shard ids, hash keys and times as texts: what is composed parses as the same,
// and what parses as ours composes to the same.
#include "model/sequence_number.h"
#include "fuzz.h"
#include "model/arn.h"
#include "model/hash_range.h"

namespace mill::model {
namespace {

void parse(std::string_view text) {
    if (const auto number = parse_sequence_number(text); number && number->version == 2) {
        const WallTime arrival = from_epoch_ms(number->arrived_s * 1000);
        const std::string again =
            number->index == 0 ? starting_sequence_number(number->shard)
                               : sequence_number(number->shard, number->offset_at(), arrival);
        const auto parsed = parse_sequence_number(again);
        // A starting number's arrival is its shard's creation.
        MILL_ASSERT(parsed && parsed->shard == number->shard && parsed->index == number->index);
        MILL_ASSERT(number->index == 0 || parsed == number);
    }
    if (const auto index = parse_shard_id(text))
        MILL_ASSERT(parse_shard_id(shard_id(*index)) == index);
    if (const auto key = parse_hash_key(text)) MILL_ASSERT(decimal(*key) == text);
    if (const auto arn = parse_arn(text)) MILL_ASSERT(arn->text() == text);
    if (const auto time = parse_iso8601(text)) {
        MILL_ASSERT(parse_iso8601(iso8601_ms(*time)) == time);
        MILL_ASSERT(!http_date(*time).empty());
    }
}

void compose(fuzz::Input input) {
    constexpr std::int64_t created_s_end = 16'025'175'000;
    const ShardIdentity shard{static_cast<std::int64_t>(input.number<std::uint64_t>() %
                                                        static_cast<std::uint64_t>(created_s_end)),
                              input.number<std::uint32_t>()};
    const std::uint64_t offset = input.number<std::uint64_t>() >> 1;
    const std::int64_t arrived_s = static_cast<std::int64_t>(input.number<std::uint64_t>() >> 28);
    if (offset >= 0x7fff'ffff'ffff'ffff) return;
    const std::string text = sequence_number(shard, offset, from_epoch_ms(arrived_s * 1000));
    const auto parsed = parse_sequence_number(text);
    MILL_ASSERT(parsed && parsed->shard == shard && parsed->offset_at() == offset);
    MILL_ASSERT(parsed->arrived_s == arrived_s && parsed->version == 2);
    MILL_ASSERT(text.size() == 56 && starting_sequence_number(shard) < text);
}

}  // namespace
}  // namespace mill::model

void mill::fuzz::run(std::string_view bytes) {
    mill::model::parse(bytes);
    mill::model::compose(bytes);
}
