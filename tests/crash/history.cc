// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <random>
#include <unordered_set>

namespace mill::crash {
namespace {

constexpr std::size_t record_bytes_max = 1024 * 1024;
constexpr std::size_t offsets = 65536;

// Numbers are ordered by their value; they have no leading zeros.
bool is_less(const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

std::string noise() {
    std::mt19937_64 random(20261123);
    std::string bytes(record_bytes_max + offsets, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    return bytes;
}

// A put that was acknowledged before another began has the smaller number.
void judge_order(const std::string& shard, const Shard& fresh, const Puts& puts,
                 std::vector<std::string>& violations) {
    std::uint64_t earliest = std::numeric_limits<std::uint64_t>::max();
    const Put* later = nullptr;
    for (auto found = fresh.rbegin(); found != fresh.rend(); ++found) {
        const auto at = puts.find(found->key);
        if (at == puts.end()) continue;
        const Put& put = *at->second;
        if (later && earliest < put.began)
            violations.push_back(
                fmt::format("{}: {} was put after {} was acknowledged, and lies before it", shard,
                            put.key, later->key));
        if (put.acknowledged == 0 || put.acknowledged >= earliest) continue;
        earliest = put.acknowledged;
        later = &put;
    }
}

}  // namespace

std::string_view data_of(std::string_view key, std::size_t bytes) {
    static const std::string all = noise();
    std::uint32_t hash = 2166136261;
    for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619;
    return std::string_view(all).substr(hash % offsets, bytes);
}

std::vector<std::string> judge(const std::string& label, const std::string& shard,
                               const Shard& fresh, const Puts& puts, const Shard& seen) {
    std::vector<std::string> violations;
    std::unordered_map<std::string, const Found*> by_key;
    for (std::size_t i = 0; i < fresh.size(); ++i) {
        const Found& found = fresh[i];
        if (i > 0 && !is_less(fresh[i - 1].number, found.number))
            violations.push_back(
                fmt::format("{}: {} is read after {}", label, found.number, fresh[i - 1].number));
        if (!by_key.emplace(found.key, &found).second)
            violations.push_back(fmt::format("{}: {} is there twice", label, found.key));
        if (!found.is_whole)
            violations.push_back(fmt::format("{}: {} has other bytes", label, found.key));
        const auto put = puts.find(found.key);
        if (put == puts.end())
            violations.push_back(fmt::format("{}: {} was not put since", label, found.key));
        else if (put->second->acknowledged != 0 &&
                 (put->second->number != found.number || put->second->shard != shard))
            violations.push_back(fmt::format("{}: {} was acknowledged as {} of {} and is {}", label,
                                             found.key, put->second->number, put->second->shard,
                                             found.number));
    }
    for (const auto& [key, put] : puts) {
        if (put->acknowledged != 0 && put->shard == shard && !by_key.contains(key))
            violations.push_back(
                fmt::format("{}: {} ({}) was acknowledged and is lost", label, key, put->number));
    }
    for (const Found& earlier : seen) {
        const auto at = by_key.find(earlier.key);
        if (at == by_key.end() || at->second->number != earlier.number)
            violations.push_back(fmt::format("{}: {} ({}) was read before the kill and is lost",
                                             label, earlier.key, earlier.number));
    }
    judge_order(label, fresh, puts, violations);
    return violations;
}

std::vector<std::string> judge_again(const std::string& label, const Shard& known,
                                     const Shard& read) {
    if (known.size() != read.size())
        return {fmt::format("{}: {} records are read again, {} were there", label, read.size(),
                            known.size())};
    for (std::size_t i = 0; i < known.size(); ++i) {
        if (read[i].number != known[i].number || read[i].key != known[i].key || !read[i].is_whole)
            return {fmt::format("{}: {} ({}) is not what it was", label, known[i].key,
                                known[i].number)};
    }
    return {};
}

void Deliveries::know(const Shard& shard) {
    for (std::size_t i = places_.size(); i < shard.size(); ++i) places_.emplace(shard[i].number, i);
}

void Deliveries::deliver(const Batch& batch, std::vector<std::string>& violations) {
    const auto broken = [&](const std::string& number, const char* what) {
        violations.push_back(fmt::format("{}: {} {}", batch.shard, number, what));
    };
    for (std::size_t i = 0; i < batch.numbers.size(); ++i) {
        const std::string& number = batch.numbers[i];
        const auto at = places_.find(number);
        if (at == places_.end()) {
            broken(number, "was delivered and is not there");
            continue;
        }
        if (at->second > delivered_) broken(number, "was delivered before those ahead of it");
        if (at->second + repeated_max_ < delivered_) broken(number, "was delivered long ago");
        if (i > 0 && at->second > 0) {
            const auto before = places_.find(batch.numbers[i - 1]);
            if (before != places_.end() && before->second + 1 != at->second)
                broken(number, "does not follow the one before it in its batch");
        }
        repeated_ += at->second < delivered_ ? 1 : 0;
        delivered_ = std::max(delivered_, at->second + 1);
    }
}

}  // namespace mill::crash
