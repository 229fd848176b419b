// SPDX-License-Identifier: Apache-2.0
#include "sim/world/event_reader.h"

#include <charconv>
#include <map>

namespace mill::sim {
namespace {

using wire::http::Request;
using wire::http::Response;

constexpr std::size_t overhead = 16;  // two lengths and two checksums

std::uint32_t crc32(std::string_view bytes) {
    std::uint32_t crc = 0xffffffff;
    for (const char c : bytes) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

std::size_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
    std::size_t number = 0;
    for (const char c : bytes.substr(at, size))
        number = number << 8 | static_cast<unsigned char>(c);
    return number;
}

Failure bad_frame(const char* why) { return fail("sim.frame", why); }

// All are strings here.
Result<std::map<std::string, std::string>> headers_of(std::string_view bytes) {
    std::map<std::string, std::string> headers;
    while (!bytes.empty()) {
        const std::size_t name = number_at(bytes, 0, 1);
        if (bytes.size() < name + 4 || bytes[name + 1] != 7) return bad_frame("a header is broken");
        const std::size_t value = number_at(bytes, name + 2, 2);
        if (bytes.size() < name + 4 + value) return bad_frame("a header is cut");
        headers.emplace(bytes.substr(1, name), bytes.substr(name + 4, value));
        bytes.remove_prefix(name + 4 + value);
    }
    return headers;
}

}  // namespace

Task<Result<void>> EventReader::read_more() {
    char buffer[16 * 1024];
    MILL_CO_TRY(const std::size_t count, co_await connection_->read(buffer, sizeof buffer));
    if (count == 0) co_return fail("net.closed", "the stream has no end");
    received_.append(buffer, count);
    co_return Result<void>{};
}

Task<Result<std::optional<Response>>> EventReader::begin(Request request) {
    const std::string bytes = wire::http::serialize(request);
    MILL_CO_CHECK(co_await connection_->write(bytes));
    std::size_t head = std::string::npos;
    while ((head = received_.find("\r\n\r\n")) == std::string::npos)
        MILL_CO_CHECK(co_await read_more());
    if (received_.find("Transfer-Encoding: chunked\r\n") < head) {
        received_.erase(0, head + 4);
        co_return std::nullopt;
    }
    wire::http::ResponseParser parser;
    for (;;) {
        MILL_CO_CHECK(parser.feed(std::exchange(received_, {})));
        if (auto response = parser.take()) co_return std::move(response);
        MILL_CO_CHECK(co_await read_more());
    }
}

// Moves the data of a chunk that is there; false if it is not, or was the last.
Result<bool> EventReader::take_chunk() {
    const std::size_t line = received_.find("\r\n");
    if (line == std::string::npos) return false;
    std::size_t size = 0;
    const char* const end = received_.data() + line;
    if (std::from_chars(received_.data(), end, size, 16).ptr != end)
        return bad_frame("a chunk has no size");
    if (received_.size() < line + 2 + size + 2) return false;
    if (received_.compare(line + 2 + size, 2, "\r\n") != 0) return bad_frame("a chunk has no end");
    frames_.append(received_, line + 2, size);
    received_.erase(0, line + 2 + size + 2);
    has_ended_ = size == 0;
    return size > 0;
}

Result<std::optional<EventMessage>> EventReader::take_frame() {
    if (frames_.size() < overhead) return std::nullopt;
    const std::size_t total = number_at(frames_, 0, 4);
    const std::size_t headers = number_at(frames_, 4, 4);
    if (number_at(frames_, 8, 4) != crc32(frames_.substr(0, 8)) || total < overhead + headers)
        return bad_frame("the prelude is broken");
    if (frames_.size() < total) return std::nullopt;
    const std::string frame = frames_.substr(0, total);
    frames_.erase(0, total);
    if (number_at(frame, total - 4, 4) != crc32(frame.substr(0, total - 4)))
        return bad_frame("the message is broken");
    MILL_TRY(const auto named, headers_of(std::string_view(frame).substr(12, headers)));
    const auto value = [&](const char* name) {
        const auto found = named.find(name);
        return found == named.end() ? std::string() : found->second;
    };
    EventMessage message;
    message.is_exception = value(":message-type") != "event";
    message.type = value(":event-type") + value(":exception-type") + value(":error-code");
    if (total > overhead + headers) {
        MILL_TRY(message.payload,
                 wire::parse_json(frame.substr(12 + headers, total - overhead - headers)));
    }
    return message;
}

Task<Result<std::optional<EventMessage>>> EventReader::next() {
    for (;;) {
        MILL_CO_TRY(auto message, take_frame());
        if (message) co_return std::move(message);
        MILL_CO_TRY(const bool has_more, take_chunk());
        if (has_more) continue;
        if (has_ended_) break;
        MILL_CO_CHECK(co_await read_more());
    }
    if (!frames_.empty()) co_return bad_frame("the stream ends within a message");
    co_return std::nullopt;
}

}  // namespace mill::sim
