// SPDX-License-Identifier: Apache-2.0
// A text whose length is part of its type: sequence numbers, by the thousand, without a string
// each.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace mill {

template <std::size_t N>
struct FixedText {
    std::array<char, N> chars{};

    FixedText() = default;
    // Of exactly N characters.
    explicit FixedText(std::string_view text) { text.copy(chars.data(), N); }
    std::string_view view() const { return {chars.data(), N}; }
    std::string str() const { return std::string(view()); }
    bool operator==(const FixedText&) const = default;
};

}  // namespace mill
