// SPDX-License-Identifier: Apache-2.0
#include "model/reshard.h"

#include <algorithm>

#include "base/assert.h"

namespace mill::model {
namespace {

// A hundred times what rounding can move a boundary of 10,000 shards; a vanishing part of any.
constexpr HashKey rounding_max = 1'000'000;

class Planner {
  public:
    Planner(std::span<const OpenShard> open, std::uint32_t target, std::int64_t next_index)
        : open_(open), next_index_(next_index) {
        for (std::uint32_t i = 1; i < target; ++i)
            borders_.push_back(nearest(initial_range(i, target).first));
    }

    std::vector<ReshardStep> steps() {
        for (const OpenShard& shard : open_) split(shard);
        merge();
        return std::move(steps_);
    }

  private:
    // A border that is there already and as good as this one.
    HashKey nearest(HashKey border) const {
        const auto after = std::ranges::lower_bound(
            open_, border, {}, [](const OpenShard& shard) { return shard.range.first; });
        if (after != open_.end() && after->range.first - border <= rounding_max)
            return after->range.first;
        const HashKey before = std::prev(after)->range.first;
        return before != 0 && border - before <= rounding_max ? before : border;
    }

    // At the middle one of the borders inside, and so on with both parts.
    void split(const OpenShard& shard) {
        const auto begin = std::ranges::upper_bound(borders_, shard.range.first);
        const auto end = std::ranges::upper_bound(borders_, shard.range.last);
        if (begin == end) {
            pieces_.push_back(shard);
            return;
        }
        const HashKey at = *(begin + (end - begin) / 2);
        MILL_ASSERT(may_split(shard.range, at));
        steps_.emplace_back(Split{shard.index, at});
        const OpenShard low{next_index_, {shard.range.first, at - 1}};
        const OpenShard high{next_index_ + 1, {at, shard.range.last}};
        next_index_ += 2;
        split(low);
        split(high);
    }

    void merge() {
        for (std::size_t n = 0; n < pieces_.size();) {
            OpenShard whole = pieces_[n++];
            while (n < pieces_.size() &&
                   !std::ranges::binary_search(borders_, pieces_[n].range.first)) {
                steps_.emplace_back(Merge{whole.index, pieces_[n].index});
                whole = {next_index_++, {whole.range.first, pieces_[n++].range.last}};
            }
        }
    }

    std::span<const OpenShard> open_;
    std::int64_t next_index_;
    std::vector<HashKey> borders_;   // where the new shards begin, but for the first one
    std::vector<OpenShard> pieces_;  // after all splits
    std::vector<ReshardStep> steps_;
};

}  // namespace

std::vector<ReshardStep> plan_uniform(std::span<const OpenShard> open, std::uint32_t target,
                                      std::int64_t next_index) {
    MILL_ASSERT(target > 0 && !open.empty());
    return Planner(open, target, next_index).steps();
}

}  // namespace mill::model
