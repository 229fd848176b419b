// SPDX-License-Identifier: Apache-2.0
#include "services/kinesis/log_destination.h"

#include "services/kinesis/record_checks.h"
#include "services/kinesis/throttle.h"

namespace mill::kinesis {

Result<void> LogDestination::check(const ports::LogSource& source, const std::string& arn) {
    const auto stream = kinesis_.writable_stream(source.owner, std::nullopt, arn);
    if (stream) return {};
    return fail("InvalidParameterException",
                "Could not deliver test message to specified Kinesis stream. Check if the given "
                "kinesis stream is in ACTIVE state.",
                400);
}

Task<Result<void>> LogDestination::deliver(ports::LogDelivery delivery) {
    MILL_CO_TRY(const auto stream,
                kinesis_.writable_stream(Caller{}, std::nullopt, delivery.destination_arn));
    const std::size_t key_bytes = delivery.partition_key.size();
    MILL_CO_CHECK(check_size(stream->row(), key_bytes, delivery.document.size(), "data"));
    if (stream->is_held()) co_await stream->until_released();
    Shard& shard = stream->owner_of(hash_key_of(delivery.partition_key, std::nullopt));
    if (stream->is_limited()) {
        MILL_CO_CHECK(admit_record(*stream, shard, key_bytes + delivery.document.size(),
                                   kinesis_.machine().clock.now()));
    }
    storage::BatchBuilder batch;
    batch.add(shard.next_arrival(), delivery.partition_key, delivery.document);
    MILL_CO_CHECK(co_await shard.append(batch.take()));
    stream->trim_lazily(shard);
    co_return Result<void>();
}

}  // namespace mill::kinesis
