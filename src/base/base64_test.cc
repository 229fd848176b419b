// SPDX-License-Identifier: Apache-2.0
#include "base/base64.h"

#include <gtest/gtest.h>

namespace mill {
namespace {

// Byte by byte, as RFC 4648 says it: what the vector forms are held against.
std::string plainly_encoded(std::string_view bytes) {
    static constexpr std::string_view letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bits, text;
    for (const unsigned char c : bytes) {
        for (int i = 7; i >= 0; --i) bits += static_cast<char>('0' + (c >> i & 1));
    }
    while (bits.size() % 6 != 0) bits += '0';
    for (std::size_t i = 0; i < bits.size(); i += 6)
        text += letters[std::stoul(bits.substr(i, 6), nullptr, 2)];
    while (text.size() % 4 != 0) text += '=';
    return text;
}

TEST(Base64Blocks, GiveWhatTheStandardGivesAtEveryLength) {
    std::string bytes;
    std::uint32_t state = 1;
    for (int length = 0; length < 300; ++length) {
        const std::string text = plainly_encoded(bytes);
        ASSERT_EQ(base64_encode(bytes), text) << length;
        ASSERT_EQ(base64_check(text), bytes.size()) << length;
        ASSERT_EQ(base64_decode(text), bytes) << length;
        bytes += static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    }
}

TEST(Base64Blocks, WriteNothingBeyondWhatTheySaid) {
    for (std::size_t length = 0; length < 200; ++length) {
        const std::string text = base64_encode(std::string(length, 'x'));
        std::string room(length + 32, '#');
        EXPECT_EQ(base64_decode_to(text, room.data()), room.data() + length);
        EXPECT_EQ(room, std::string(length, 'x') + std::string(32, '#'));
        room.assign(text.size() + 32, '#');
        EXPECT_EQ(base64_encode_to(std::string(length, 'x'), room.data()),
                  room.data() + text.size());
        EXPECT_EQ(room, text + std::string(32, '#'));
    }
}

TEST(Base64Blocks, RefuseEachByteOutsideTheAlphabetAtEachPlace) {
    const std::string good = base64_encode(std::string(96, 'q'));
    for (int c = 0; c < 256; ++c) {
        const bool is_letter = std::isalnum(c) != 0 || c == '+' || c == '/';
        for (std::size_t at = 0; at < good.size(); ++at) {
            if (c == '=' && at + 1 == good.size()) continue;  // padding
            std::string text = good;
            text[at] = static_cast<char>(c);
            ASSERT_EQ(base64_check(text).has_value(), is_letter) << c << " at " << at;
        }
    }
}

}  // namespace
}  // namespace mill
