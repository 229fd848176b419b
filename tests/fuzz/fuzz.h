// SPDX-License-Identifier: Apache-2.0
// What the fuzzers share. A fuzzer is one file that defines run(): it hands the input to one reader
// and asserts what must hold of every input. `./mill fuzz` links it with libFuzzer (entry/); the
// ordinary builds link it with a main that runs the committed corpus (replay/).
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "base/bytes.h"

namespace mill::fuzz {

void run(std::string_view bytes);

// Takes values off the front of an input; what has run out is zero or empty.
class Input {
  public:
    Input(std::string_view bytes) : rest_(bytes) {}
    bool is_empty() const { return rest_.empty(); }

    template <class T>
    T number() {
        char raw[sizeof(T)] = {};
        const std::size_t count = std::min(sizeof(T), rest_.size());
        std::copy_n(rest_.data(), count, raw);
        rest_.remove_prefix(count);
        return load_le<T>(raw);
    }
    // In [0, end).
    std::size_t below(std::size_t end) { return end == 0 ? 0 : number<std::uint32_t>() % end; }
    bool flag() { return (number<std::uint8_t>() & 1) != 0; }
    // Of the length that two bytes of the input say.
    std::string_view text() { return take(number<std::uint16_t>()); }
    std::string_view take(std::size_t count) {
        const std::string_view taken = rest_.substr(0, std::min(count, rest_.size()));
        rest_.remove_prefix(taken.size());
        return taken;
    }
    // Up to the next `end`, which is dropped.
    std::string_view until(char end) {
        const std::string_view taken = rest_.substr(0, rest_.find(end));
        rest_.remove_prefix(std::min(taken.size() + 1, rest_.size()));
        return taken;
    }
    std::string_view rest() { return take(rest_.size()); }

  private:
    std::string_view rest_;
};

}  // namespace mill::fuzz
