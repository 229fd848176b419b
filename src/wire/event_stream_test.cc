// SPDX-License-Identifier: Apache-2.0
#include "wire/event_stream.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdint>

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

TEST(EventStream, AFrameSaysItsLengthsAndProvesThem) {
    const auto frame = event_frame("initial-response", "application/x-amz-json-1.1", "{}");
    EXPECT_EQ(u32_at(frame, 0), frame.size());
    EXPECT_EQ(u32_at(frame, 4), frame.size() - 16 - 2);
    EXPECT_EQ(u32_at(frame, 8), crc_of(frame, 8));
    EXPECT_EQ(u32_at(frame, frame.size() - 4), crc_of(frame, frame.size() - 4));
    EXPECT_EQ(frame.substr(frame.size() - 6, 2), "{}");
}

TEST(EventStream, HeadersAreNamedAndTyped) {
    const auto frame = event_frame("Event", "text/plain", "");
    const std::string expected = std::string("\x0d:message-type\x07\x00\x05", 17) + "event" +
                                 std::string("\x0b:event-type\x07\x00\x05", 15) + "Event" +
                                 std::string("\x0d:content-type\x07\x00\x0a", 17) + "text/plain";
    EXPECT_EQ(frame.substr(12, frame.size() - 16), expected);
}

TEST(EventStream, AnExceptionIsOneByItsType) {
    const auto frame = exception_frame("ResourceInUseException", "application/json", "{}");
    EXPECT_NE(frame.find(std::string("\x07\x00\x09", 3) + "exception"), std::string::npos);
    EXPECT_NE(frame.find(":exception-type"), std::string::npos);
    EXPECT_EQ(frame.find(":event-type"), std::string::npos);
}

}  // namespace
}  // namespace mill::wire
