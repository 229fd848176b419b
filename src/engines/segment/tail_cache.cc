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

const storage::StoredBatch* TailCache::find(std::uint64_t log, storage::Offset base) const {
    const auto found = logs_.find(log);
    if (found == logs_.end()) return nullptr;
    const auto batch =
        std::ranges::lower_bound(found->second, base, {}, &storage::StoredBatch::base);
    return batch == found->second.end() || batch->base != base ? nullptr : &*batch;
}

void TailCache::evict_oldest() {
    const auto found = logs_.find(order_.front().log);
    found->second.pop_front();
    if (found->second.empty()) logs_.erase(found);
    bytes_ -= order_.front().bytes;
    order_.pop_front();
}

}  // namespace mill::segment
