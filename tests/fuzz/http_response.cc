// SPDX-License-Identifier: Apache-2.0
// The response parser (of the command line, and of functions' runtimes): whole or byte by byte, the
// same answers. What is wrong with an answer that is not over yet may show sooner or later.
#include <vector>

#include "fuzz.h"
#include "wire/http.h"

namespace mill::wire::http {
namespace {

struct Outcome {
    std::vector<Response> responses;
    bool is_error = false;
};

Outcome parse(BytesView bytes, std::size_t piece, bool is_head) {
    Outcome outcome;
    ResponseParser parser(is_head);
    for (std::size_t at = 0; at < bytes.size() && !outcome.is_error; at += piece)
        outcome.is_error = !parser.feed(bytes.substr(at, piece));
    if (!outcome.is_error) parser.finish();
    while (auto response = parser.take()) outcome.responses.push_back(*std::move(response));
    return outcome;
}

}  // namespace
}  // namespace mill::wire::http

void mill::fuzz::run(std::string_view bytes) {
    using namespace mill::wire::http;
    mill::fuzz::Input input(bytes);
    const bool is_head = input.flag();
    const std::string_view stream = input.rest();
    const Outcome whole = parse(stream, stream.size() + 1, is_head);
    const Outcome pieces = parse(stream, 1, is_head);
    MILL_ASSERT(whole.responses.size() == pieces.responses.size());
    for (std::size_t i = 0; i < whole.responses.size(); ++i) {
        const Response& a = whole.responses[i];
        const Response& b = pieces.responses[i];
        MILL_ASSERT(a.status == b.status && a.body == b.body);
        MILL_ASSERT(a.headers.lines() == b.headers.lines());
        MILL_ASSERT(a.content_length == b.content_length);
    }
}
