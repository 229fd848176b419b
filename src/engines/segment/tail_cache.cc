// SPDX-License-Identifier: Apache-2.0
#include "engines/segment/tail_cache.h"

#include <algorithm>

namespace mill::segment {

void TailCache::add(std::uint64_t log, storage::StoredBatch batch) {
    const std::uint64_t bytes = batch.payload->size() + sizeof batch;
    order_.push_back({log, bytes});
    logs_[log].push_back(std::move(batch));
    bytes_ += bytes;
    while (bytes_ > bytes_max_) evict_oldest();
}

std::vector<storage::StoredBatch> TailCache::read(std::uint64_t log, storage::Offset from,
                                                  storage::ReadLimits limits) const {
    std::vector<storage::StoredBatch> batches;
    const auto found = logs_.find(log);
    if (found == logs_.end() || from < found->second.front().base) return batches;
    auto at = std::ranges::upper_bound(found->second, from, {}, &storage::StoredBatch::end);
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
    for (; at != found->second.end(); ++at) {
        records += at->records;
        bytes += at->payload->size();
        if (!batches.empty() && (records > limits.records || bytes > limits.bytes)) break;
        batches.push_back(*at);
    }
    return batches;
}

void TailCache::evict_oldest() {
    const auto found = logs_.find(order_.front().log);
    found->second.pop_front();
    if (found->second.empty()) logs_.erase(found);
    bytes_ -= order_.front().bytes;
    order_.pop_front();
}

}  // namespace mill::segment
