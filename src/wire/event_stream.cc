// SPDX-License-Identifier: Apache-2.0
#include "wire/event_stream.h"

#include <zlib.h>

#include <cstdint>

#include "base/extend.h"

namespace mill::wire {
namespace {

constexpr char string_type = 7;
constexpr std::size_t prelude_bytes = 12;  // both lengths and their checksum
constexpr std::size_t checksum_bytes = 4;

void store_u32(char* to, std::size_t number) {
    for (int shift = 24; shift >= 0; shift -= 8) *to++ = static_cast<char>(number >> shift);
}

std::uint32_t crc_of(const char* bytes, std::size_t count) {
    return static_cast<std::uint32_t>(
        ::crc32_z(0, reinterpret_cast<const unsigned char*>(bytes), count));
}

void append_header(std::string& to, const EventHeader& header) {
    const auto& [name, value] = header;
    to += static_cast<char>(name.size());
    to += name;
    to += string_type;
    to += static_cast<char>(value.size() >> 8);
    to += static_cast<char>(value.size());
    to += value;
}

}  // namespace

EventFrame::EventFrame(std::string& out, std::initializer_list<EventHeader> headers)
    : out_(out), begin_(out.size()) {
    extend(out_, prelude_bytes);
    for (const EventHeader& header : headers) append_header(out_, header);
    header_bytes_ = out_.size() - begin_ - prelude_bytes;
}

void EventFrame::end() {
    const std::size_t total = out_.size() - begin_ + checksum_bytes;
    char* const frame = out_.data() + begin_;
    store_u32(frame, total);
    store_u32(frame + 4, header_bytes_);
    store_u32(frame + 8, crc_of(frame, 8));
    const std::uint32_t crc = crc_of(frame, total - checksum_bytes);
    store_u32(extend(out_, checksum_bytes), crc);
}

}  // namespace mill::wire
