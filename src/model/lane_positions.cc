// SPDX-License-Identifier: Apache-2.0
#include "model/lane_positions.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace mill::model {
namespace {

constexpr std::size_t lanes_max = 10;

// Numbers with commas between them.
std::optional<std::vector<std::uint64_t>> numbers_in(std::string_view text) {
    std::vector<std::uint64_t> numbers;
    for (const char* at = text.data();;) {
        const char* end = text.data() + text.size();
        const auto read = std::from_chars(at, end, numbers.emplace_back());
        if (read.ec != std::errc() || numbers.size() > lanes_max) return std::nullopt;
        if (read.ptr == end) return numbers;
        if (*read.ptr != ',') return std::nullopt;
        at = read.ptr + 1;
    }
}

void append(const std::vector<std::uint64_t>& numbers, std::string& text) {
    for (std::size_t index = 0; index < numbers.size(); ++index) {
        if (index > 0) text += ',';
        text += std::to_string(numbers[index]);
    }
}

}  // namespace

std::uint64_t lane_hash(std::string_view partition_key) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : partition_key) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001b3;
    }
    return hash;
}

std::optional<LanePositions> LanePositions::parse(std::string_view text) {
    const std::size_t blank = text.find(' ');
    const auto lowest = numbers_in(text.substr(0, blank));
    if (!lowest || lowest->size() != 1) return std::nullopt;
    LanePositions positions(lowest->front());
    if (blank == std::string_view::npos) return positions;
    std::vector<Lanes> all;
    for (std::string_view rest = text.substr(blank + 1);;) {
        const std::size_t end = rest.find(';');
        auto lanes = numbers_in(rest.substr(0, end));
        if (!lanes) return std::nullopt;
        all.push_back(*std::move(lanes));
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
    }
    positions.lanes_ = std::move(all.front());
    positions.earlier_.assign(std::make_move_iterator(all.begin() + 1),
                              std::make_move_iterator(all.end()));
    return positions.lowest() == lowest->front() ? std::optional(positions) : std::nullopt;
}

std::string LanePositions::text() const {
    std::string text = std::to_string(lowest());
    if (lanes_.size() == 1 && earlier_.empty()) return text;
    text += ' ';
    append(lanes_, text);
    for (const Lanes& lanes : earlier_) {
        text += ';';
        append(lanes, text);
    }
    return text;
}

LanePositions::Position LanePositions::lowest() const { return *std::ranges::min_element(lanes_); }
LanePositions::Position LanePositions::highest() const { return *std::ranges::max_element(lanes_); }

void LanePositions::split(std::size_t lanes) {
    if (lanes == lanes_.size()) return;
    const Position start = lowest();
    earlier_.push_back(std::exchange(lanes_, Lanes(lanes, start)));
    forget_what_is_covered();
}

void LanePositions::move(std::size_t lane, Position next) {
    lanes_[lane] = std::max(lanes_[lane], next);
    if (!earlier_.empty()) forget_what_is_covered();
}

bool LanePositions::is_in_earlier(Position at, std::uint64_t hash) const {
    return std::ranges::any_of(earlier_,
                               [&](const Lanes& lanes) { return at < lanes[hash % lanes.size()]; });
}

void LanePositions::forget_what_is_covered() {
    const Position low = lowest();
    std::erase_if(earlier_,
                  [&](const Lanes& lanes) { return *std::ranges::max_element(lanes) <= low; });
}

}  // namespace mill::model
