// SPDX-License-Identifier: Apache-2.0
#include "wire/event_stream.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdint>

#include "wire/http.h"

namespace mill::wire {
namespace {

std::uint32_t u32_at(const std::string& bytes, std::size_t at) {
    std::uint32_t number = 0;
    for (std::size_t i = at; i < at + 4; ++i)
        number = number << 8 | static_cast<unsigned char>(bytes[i]);
    return number;
}

std::uint32_t crc_of(const std::string& bytes, std::size_t count) {
    return static_cast<std::uint32_t>(::crc32(
        0, reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<unsigned>(count)));
}

TEST(EventFrame, AnEmptyOneIsThatOfTheSpecification) {
    std::string out;
    EventFrame frame(out, {});
    frame.end();
    EXPECT_EQ(out,
              std::string("\x00\x00\x00\x10\x00\x00\x00\x00\x05\xc2\x48\xeb\x7d\x98\xc8\xff", 16));
}

TEST(EventFrame, SaysItsLengthsAndProvesThemBehindWhatIsThere) {
    std::string out = "before";
    EventFrame frame(out, {{":message-type", "event"}});
    out += "{}";
    frame.end();
    ASSERT_EQ(out.substr(0, 6), "before");
    out.erase(0, 6);
    EXPECT_EQ(u32_at(out, 0), out.size());
    EXPECT_EQ(u32_at(out, 4), out.size() - 16 - 2);
    EXPECT_EQ(u32_at(out, 8), crc_of(out, 8));
    EXPECT_EQ(u32_at(out, out.size() - 4), crc_of(out, out.size() - 4));
    EXPECT_EQ(out.substr(out.size() - 6, 2), "{}");
}

TEST(EventFrame, HeadersAreNamedAndTyped) {
    std::string out;
    EventFrame frame(out, {{":message-type", "event"}, {":event-type", "Event"}});
    frame.end();
    const std::string expected = std::string("\x0d:message-type\x07\x00\x05", 17) + "event" +
                                 std::string("\x0b:event-type\x07\x00\x05", 15) + "Event";
    EXPECT_EQ(out.substr(12, out.size() - 16), expected);
}

TEST(EventFrame, ALongHeaderHasItsLength) {
    std::string out;
    const std::string text(300, 'x');
    EventFrame frame(out, {{"n", text}});
    frame.end();
    EXPECT_EQ(out.substr(12, 5), std::string("\x01n\x07\x01\x2c", 5));
}

TEST(HttpChunks, AChunkSaysHowLongItIs) {
    std::string out = "x";
    const std::size_t begun = http::begin_chunk(out);
    out += std::string(0x1a2, 'd');
    http::end_chunk(out, begun);
    EXPECT_EQ(out, "x000001a2\r\n" + std::string(0x1a2, 'd') + "\r\n");
}

}  // namespace
}  // namespace mill::wire
