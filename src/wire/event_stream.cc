// SPDX-License-Identifier: Apache-2.0
#include "wire/event_stream.h"

#include <zlib.h>

#include <cstdint>

namespace mill::wire {
namespace {

constexpr char string_type = 7;

void append_u32(std::string& to, std::size_t number) {
    for (int shift = 24; shift >= 0; shift -= 8) to += static_cast<char>(number >> shift);
}

void append_crc(std::string& to) {
    append_u32(to, ::crc32(0, reinterpret_cast<const unsigned char*>(to.data()),
                           static_cast<unsigned>(to.size())));
}

void append_header(std::string& to, std::string_view name, std::string_view value) {
    to += static_cast<char>(name.size());
    to += name;
    to += string_type;
    to += static_cast<char>(value.size() >> 8);
    to += static_cast<char>(value.size());
    to += value;
}

std::string frame(std::string_view message_type, std::string_view type_name, std::string_view type,
                  std::string_view content_type, std::string_view payload) {
    std::string headers;
    append_header(headers, ":message-type", message_type);
    append_header(headers, type_name, type);
    append_header(headers, ":content-type", content_type);
    constexpr std::size_t prelude_and_crcs = 16;
    const std::size_t total = prelude_and_crcs + headers.size() + payload.size();
    std::string out;
    out.reserve(total);
    append_u32(out, total);
    append_u32(out, headers.size());
    append_crc(out);
    out += headers;
    out += payload;
    append_crc(out);
    return out;
}

}  // namespace

std::string event_frame(std::string_view type, std::string_view content_type,
                        std::string_view payload) {
    return frame("event", ":event-type", type, content_type, payload);
}

std::string exception_frame(std::string_view type, std::string_view content_type,
                            std::string_view payload) {
    return frame("exception", ":exception-type", type, content_type, payload);
}

}  // namespace mill::wire
