// SPDX-License-Identifier: Apache-2.0
// How far the lanes of a shard have come, when up to ten batches of it are under way at once
// (ParallelizationFactor): a partition key always belongs to the same lane, and each lane goes
// forward by itself. Pure; its text is the checkpoint that is stored.
// https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mill::model {

// The same for ever: it is part of what checkpoints mean. FNV-1a.
std::uint64_t lane_hash(std::string_view partition_key);

class LanePositions {
  public:
    using Position = std::uint64_t;  // of the first record that is not done with

    explicit LanePositions(Position next = 0) : lanes_({next}) {}
    // "17": one lane. "17 40,17,33": more. "17 17;40,17,33": one lane now, three before it, and
    // what those had done beyond its position stays done.
    static std::optional<LanePositions> parse(std::string_view text);
    std::string text() const;

    std::size_t lanes() const { return lanes_.size(); }
    Position position(std::size_t lane) const { return lanes_[lane]; }
    // Everything below is done with.
    Position lowest() const;
    Position highest() const;
    // From now on there are so many lanes; nothing that is done is forgotten.
    void split(std::size_t lanes);
    void move(std::size_t lane, Position next);
    // A record at or beyond its lane's position that earlier lanes have done.
    bool has_earlier() const { return !earlier_.empty(); }
    bool was_done_before(Position at, std::uint64_t hash) const {
        return !earlier_.empty() && is_in_earlier(at, hash);
    }
    bool operator==(const LanePositions&) const = default;

  private:
    using Lanes = std::vector<Position>;
    bool is_in_earlier(Position at, std::uint64_t hash) const;
    void forget_what_is_covered();

    Lanes lanes_;
    std::vector<Lanes> earlier_;
};

}  // namespace mill::model
