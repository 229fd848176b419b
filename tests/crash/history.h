// SPDX-License-Identifier: Apache-2.0
// What the writers journalled and what was read after the kill, and the judgement on it. Knows what
// Kinesis promises and shares no code with the server.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mill::crash {

// A record is named by its partition key, which nobody uses twice.
struct Put {
    std::string stream;
    std::string key;
    std::size_t bytes = 0;
    std::uint64_t began = 0;         // moments count events, from 1
    std::uint64_t acknowledged = 0;  // 0: nobody knows what became of it
    std::string shard;
    std::string number;
};

struct Found {
    std::string number;
    std::string key;
    bool is_whole = true;  // has the bytes that were put
};

// What one shard is known to hold, in order.
using Shard = std::vector<Found>;
using Shards = std::map<std::string, Shard>;

// The puts of one cycle to one stream, by key.
using Puts = std::unordered_map<std::string, const Put*>;

// The bytes that the record of that key and size has.
std::string_view data_of(std::string_view key, std::size_t bytes);

// `fresh`: what lies behind the records known so far of `shard`, in the order read; `seen`: what
// was read of it before the kill; `label` names it in words. In words; empty if all promises held.
std::vector<std::string> judge(const std::string& label, const std::string& shard,
                               const Shard& fresh, const Puts& puts, const Shard& seen);

// Both in the same order, the same records, all whole.
std::vector<std::string> judge_again(const std::string& label, const Shard& known,
                                     const Shard& read);

// What a consumer got: the records of one batch, by number.
struct Batch {
    std::string shard;
    std::vector<std::string> numbers;
};

// Judges one shard's deliveries as they come: none passes over a record that was not delivered
// before, within a batch there is no gap, and what a restart repeats is bounded.
class Deliveries {
  public:
    explicit Deliveries(std::size_t repeated_max) : repeated_max_(repeated_max) {}
    // What the shard is known to hold; grows only.
    void know(const Shard& shard);
    void deliver(const Batch& batch, std::vector<std::string>& violations);
    bool is_complete() const { return delivered_ == places_.size(); }
    std::size_t delivered() const { return delivered_; }
    std::size_t repeated() const { return repeated_; }

  private:
    std::size_t repeated_max_;
    std::unordered_map<std::string, std::size_t> places_;  // number to its place in the shard
    std::size_t delivered_ = 0;                            // the first so many
    std::size_t repeated_ = 0;
};

}  // namespace mill::crash
