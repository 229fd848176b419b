// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 framing, bytes in, messages out; no I/O. Used by the gateway (server), by the Runtime
// API (server) and by the command line and simulated clients (client). Parsing is Boost.Beast's,
// behind this header.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace mill::wire::http {

struct Headers {
    std::vector<std::pair<std::string, std::string>>
        items;  // names in lower case, in order of arrival
    const std::string* find(std::string_view lower_case_name) const;
    std::string get(std::string_view lower_case_name) const;  // empty if absent
    void set(std::string_view name, std::string value);       // replaces
};

struct Request {
    std::string method;
    std::string target;  // raw, as received: "/2015-03-31/functions/a%3Ab?Qualifier=1"
    Headers headers;
    Bytes body;
    bool keep_alive = true;
    std::string_view path() const;   // raw, up to '?'
    std::string_view query() const;  // raw, after '?'
};

struct Response {
    int status = 200;
    Headers headers;
    Bytes body;
    // HEAD answers carry the length of a body that is not sent.
    std::optional<std::uint64_t> content_length;
};

struct Limits {
    std::uint32_t header_bytes_max = 64 * 1024;
    std::uint64_t body_bytes_max = 80ull * 1024 * 1024;
};

// Takes bytes as they come, gives whole requests. After an error the connection must be closed once
// `error_response` is sent.
class RequestParser {
  public:
    explicit RequestParser(Limits limits = {});
    ~RequestParser();
    RequestParser(const RequestParser&) = delete;
    RequestParser& operator=(const RequestParser&) = delete;
    // Codes "http.malformed" (answer 400), "http.headers_too_large" (431), "http.body_too_large"
    // (413).
    Result<void> feed(BytesView bytes);
    // The next complete request, in order of arrival; more may follow (pipelining).
    std::optional<Request> take();
    // True once after a header block with "Expect: 100-continue" whose body has not come: send
    // `continue_line`.
    bool take_expect_continue();
    static constexpr std::string_view continue_line = "HTTP/1.1 100 Continue\r\n\r\n";

  private:
    struct State;
    std::unique_ptr<State> state_;
};

class ResponseParser {
  public:
    explicit ResponseParser(bool head_request = false);
    ~ResponseParser();
    Result<void> feed(BytesView bytes);
    void finish();  // the peer closed: ends a body without length
    std::optional<Response> take();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

std::string serialize(const Request& request);  // adds Content-Length
std::string serialize(const Response& response,
                      bool keep_alive);  // adds Content-Length and Connection

std::string percent_decode(std::string_view text, bool plus_is_blank = false);
std::string percent_encode(std::string_view text,
                           bool keep_slash = false);  // RFC 3986 unreserved stay
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view raw,
                                                             bool plus_is_blank = true);

}  // namespace mill::wire::http
