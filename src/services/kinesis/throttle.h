// SPDX-License-Identifier: Apache-2.0
// What `serve --limits aws` refuses of a shard's writers and readers:
// ProvisionedThroughputExceededException in AWS's words. Asked only if stream.is_limited(), when
// nothing else keeps the call from being carried out; one that is refused counts for nothing. Event
// source mappings are not counted: they are woken by records and do not poll.
#pragma once

#include "services/kinesis/stream.h"

namespace mill::kinesis {

// `bytes`: of key and data.
Result<void> admit_record(Stream& stream, Shard& shard, std::size_t bytes, Instant now);
Result<void> admit_read(const Stream& stream, Shard& shard, Instant now);
Result<void> admit_iterator(const Stream& stream, Shard& shard, Instant now);

}  // namespace mill::kinesis
