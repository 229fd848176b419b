// SPDX-License-Identifier: Apache-2.0
// The request parser: however the bytes are cut into pieces, it finds the same requests and the
// same error (one that a message not over yet has may show sooner or later). What it accepted and
// writes again reads back as the same.
#include <vector>

#include "fuzz.h"
#include "wire/http.h"

namespace mill::wire::http {
namespace {

constexpr Limits limits{.header_bytes_max = 2048, .body_bytes_max = 4096};

struct Outcome {
    std::vector<Request> requests;
    std::string error;
};

Result<void> receive(RequestParser& parser, BytesView bytes) {
    while (!bytes.empty()) {
        const std::span<char> room = parser.room();
        MILL_ASSERT(!room.empty());
        const std::size_t count = std::min(room.size(), bytes.size());
        std::copy_n(bytes.data(), count, room.data());
        bytes.remove_prefix(count);
        MILL_CHECK(parser.received(count));
    }
    return {};
}

// `piece` bytes at a time, and never more than are left up to the place where `cut` divides them.
Outcome parse(BytesView bytes, std::size_t cut, std::size_t piece, bool is_received = false) {
    Outcome outcome;
    RequestParser parser(limits);
    for (std::size_t at = 0; at < bytes.size() && outcome.error.empty();) {
        const std::size_t end = std::min(at < cut ? cut : bytes.size(), at + piece);
        const BytesView part = bytes.substr(at, end - at);
        const auto fed = is_received ? receive(parser, part) : parser.feed(part);
        if (!fed) outcome.error = fed.error().code;
        while (auto request = parser.take()) outcome.requests.push_back(*std::move(request));
        parser.take_expect_continue();
        at = end;
    }
    return outcome;
}

void expect_equal(const Request& a, const Request& b) {
    MILL_ASSERT(a.method == b.method && a.target == b.target && a.body == b.body);
    MILL_ASSERT(a.headers.lines() == b.headers.lines());
}

void expect_equal(const Outcome& a, const Outcome& b) {
    MILL_ASSERT(a.error == b.error || a.error.empty() || b.error.empty());
    MILL_ASSERT(a.requests.size() == b.requests.size());
    for (std::size_t i = 0; i < a.requests.size(); ++i) {
        expect_equal(a.requests[i], b.requests[i]);
        MILL_ASSERT(a.requests[i].keep_alive == b.requests[i].keep_alive);
    }
}

// The length is the writer's to say, and how long the connection lives.
bool is_framing(std::string_view name) {
    return name == "transfer-encoding" || name == "content-length" || name == "connection" ||
           name == "expect" || name == "upgrade";
}

void expect_written_alike(const Request& request) {
    Request written{.method = request.method, .target = request.target, .body = request.body};
    for (const auto& [name, value] : request.headers) {
        if (!is_framing(name)) written.headers.set(name, value);
    }
    const Outcome again = parse(serialize(written), 0, limits.header_bytes_max * 16);
    // Its parts may have come in chunks, and a length takes room as well.
    if (again.error == "http.headers_too_large") return;
    MILL_ASSERT(again.error.empty() && again.requests.size() == 1);
    Request read{.method = again.requests[0].method,
                 .target = again.requests[0].target,
                 .body = again.requests[0].body};
    for (const auto& [name, value] : again.requests[0].headers) {
        if (!is_framing(name)) read.headers.set(name, value);
    }
    expect_equal(read, written);
}

}  // namespace
}  // namespace mill::wire::http

void mill::fuzz::run(std::string_view bytes) {
    using namespace mill::wire::http;
    mill::fuzz::Input input(bytes);
    const std::size_t cut = input.number<std::uint16_t>();
    const std::string_view stream = input.rest();
    const Outcome whole = parse(stream, 0, stream.size() + 1);
    expect_equal(whole, parse(stream, 0, 1));
    expect_equal(whole, parse(stream, 0, 7, true));
    expect_equal(whole, parse(stream, cut % (stream.size() + 1), stream.size() + 1));
    for (const Request& request : whole.requests) {
        MILL_ASSERT(request.body.size() <= limits.body_bytes_max);
        MILL_ASSERT(request.path().size() <= request.target.size());
        expect_written_alike(request);
    }
}
