// SPDX-License-Identifier: Apache-2.0
// What the load generator writes at the start of a record's data, and what the consumer function
// reports on its second stream. Times are CLOCK_MONOTONIC, which all processes of a machine share.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace mill::bench {

struct Stamp {
    std::uint32_t magic = 0x706d7473;  // "stmp"
    std::uint32_t flush = 0;           // 1: report what was delivered so far
    std::uint64_t id = 0;
    std::uint64_t put_ns = 0;
};

struct Delivered {
    std::uint64_t id = 0;
    std::uint64_t put_ns = 0;
    std::uint64_t got_ns = 0;
};

// Followed by `details` times Delivered.
struct Report {
    std::uint32_t magic = 0x74707274;  // "trpt"
    std::uint32_t details = 0;
    std::uint64_t records = 0;
    std::uint64_t got_ns = 0;  // when the last of them arrived
};

template <class T>
void append_raw(std::string& out, const T& value) {
    char raw[sizeof(T)];
    std::memcpy(raw, &value, sizeof(T));
    out.append(raw, sizeof(T));
}

// Empty if `data` does not begin with a T that bears its magic number.
template <class T>
std::optional<T> read_raw(std::string_view data) {
    T value;
    if (data.size() < sizeof(T)) return std::nullopt;
    std::memcpy(&value, data.data(), sizeof(T));
    if (value.magic != T{}.magic) return std::nullopt;
    return value;
}

}  // namespace mill::bench
