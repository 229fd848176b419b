// SPDX-License-Identifier: Apache-2.0
#include "wire/http_client.h"

#include <limits>

namespace mill::wire::http {
namespace {

constexpr std::size_t read_bytes = 64 * 1024;
constexpr auto no_limit = std::numeric_limits<std::uint64_t>::max();  // but the parser's

struct Answer {
    Result<Response> response;
    bool peer_silent = false;  // the connection ended before a single byte came
};

Task<Answer> converse(machine::Connection& connection, Request request,
                      std::uint64_t answer_bytes_max = no_limit) {
    const std::string out = serialize(request);
    if (auto sent = co_await connection.write(out); !sent)
        co_return Answer{Failure(sent.error()), true};
    ResponseParser parser(request.method == "HEAD");
    std::string buffer(read_bytes, '\0');
    bool silent = true;
    std::uint64_t received = 0;
    while (true) {
        if (auto response = parser.take()) co_return Answer{*std::move(response)};
        auto count = co_await connection.read(buffer.data(), buffer.size());
        if (!count) co_return Answer{Failure(count.error()), silent};
        if (*count == 0) break;
        silent = false;
        received += *count;
        if (received > answer_bytes_max)
            co_return Answer{fail("http.body_too_large", "the answer is longer than is read")};
        if (auto fed = parser.feed(BytesView(buffer).substr(0, *count)); !fed) {
            co_return Answer{Failure(fed.error())};
        }
    }
    parser.finish();
    if (auto response = parser.take()) co_return Answer{*std::move(response)};
    co_return Answer{fail("net.closed", "the server closed the connection before it had answered"),
                     silent};
}

void complete(Request& request, const machine::Endpoint& to) {
    if (!request.headers.find("host")) request.headers.set("Host", to.text());
    if (request.target.empty()) request.target = "/";
}

bool says_close(const Response& response) { return response.headers.get("connection") == "close"; }

}  // namespace

Task<Result<Response>> exchange(machine::Network& network, machine::Endpoint to, Request request) {
    complete(request, to);
    MILL_CO_TRY(auto connection, co_await network.connect(to));
    co_return co_await exchange(*connection, std::move(request), no_limit);
}

Task<Result<Response>> exchange(machine::Connection& connection, Request request,
                                std::uint64_t answer_bytes_max) {
    complete(request, connection.peer());
    request.keep_alive = false;
    Answer answer = co_await converse(connection, std::move(request), answer_bytes_max);
    co_return std::move(answer.response);
}

Task<Result<Response>> Client::send(Request request) {
    complete(request, to_);
    // A kept connection may have been closed by the server meanwhile: then, and only then, once
    // more on a new one.
    const bool reused = connection_ != nullptr;
    if (!reused) {
        MILL_CO_TRY(connection_, co_await network_.connect(to_));
    }
    Answer answer = co_await converse(*connection_, request);
    if (!answer.response && answer.peer_silent && reused) {
        connection_.reset();
        MILL_CO_TRY(connection_, co_await network_.connect(to_));
        answer = co_await converse(*connection_, std::move(request));
    }
    if (!answer.response || says_close(*answer.response)) connection_.reset();
    co_return std::move(answer.response);
}

}  // namespace mill::wire::http
