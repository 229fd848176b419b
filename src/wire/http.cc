// SPDX-License-Identifier: Apache-2.0
// The only file that knows Boost.Beast: its incremental parser hands us fields and body pieces, we
// keep our own messages.
#include "wire/http.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/status.hpp>
#include <deque>

namespace mill::wire::http {
namespace {

namespace beast = boost::beast;
using beast::http::error;
using BeastError = beast::error_code;

// An answer larger than this is not for us: the largest real one is a function's code.
constexpr std::uint64_t response_body_bytes_max = 1024ull * 1024 * 1024;
// A peer's claim about the body's length is believed up to here when memory is set aside.
constexpr std::size_t reserve_bytes_max = 1024 * 1024;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool equal_names(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string lower_case(beast::string_view text) {
    std::string out(text.data(), text.size());
    std::ranges::transform(out, out.begin(), lower);
    return out;
}

// One message being parsed. Trailers of a chunked body are dropped: they must not pass for headers.
template <bool is_request, class Message>
class Parser : public beast::http::basic_parser<is_request> {
  public:
    Parser() { this->eager(true); }
    Message message;
    bool whole = false;

  private:
    void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target,
                         int, BeastError&) override {
        if constexpr (is_request) {
            message.method.assign(method.data(), method.size());
            message.target.assign(target.data(), target.size());
        }
    }
    void on_response_impl(int status, beast::string_view, int, BeastError&) override {
        if constexpr (!is_request) message.status = status;
    }
    void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value,
                       BeastError&) override {
        if (this->is_header_done()) return;
        message.headers.items.emplace_back(lower_case(name),
                                           std::string(value.data(), value.size()));
    }
    void on_header_impl(BeastError& ec) override {
        // A transfer coding other than chunked leaves the length of a request's body open (RFC
        // 9112, 6.3).
        if (is_request && message.headers.find("transfer-encoding") && !this->chunked()) {
            ec = error::bad_transfer_encoding;
        }
    }
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, BeastError&) override {
        if (length) message.body.reserve(std::min<std::uint64_t>(*length, reserve_bytes_max));
    }
    std::size_t on_body_impl(beast::string_view piece, BeastError&) override {
        message.body.append(piece.data(), piece.size());
        return piece.size();
    }
    void on_chunk_header_impl(std::uint64_t, beast::string_view, BeastError&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view piece, BeastError&) override {
        message.body.append(piece.data(), piece.size());
        return piece.size();
    }
    void on_finish_impl(BeastError&) override { whole = true; }
};

Failure parse_failure(const BeastError& ec) {
    if (ec == error::header_limit) {
        return fail("http.headers_too_large", "The request's headers are too large.", 431);
    }
    if (ec == error::body_limit) {
        return fail("http.body_too_large", "The request's body is too large.", 413);
    }
    return fail("http.malformed", "The message is not valid HTTP/1.1: " + ec.message() + ".", 400);
}

// Hands `pending` to `parser` until the message is whole or more bytes are needed.
template <class P>
Result<void> advance(P& parser, Bytes& pending, std::size_t& used) {
    while (used < pending.size() && !parser.is_done()) {
        BeastError ec;
        used += parser.put({pending.data() + used, pending.size() - used}, ec);
        if (ec == error::need_more) break;
        if (ec) return parse_failure(ec);
    }
    return {};
}

// A value with a line break would start a header of its own.
void append_header(std::string& out, std::string_view name, std::string_view value) {
    out += name;
    out += ": ";
    for (char c : value) out += c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
    out += "\r\n";
}

}  // namespace

const std::string* Headers::find(std::string_view lower_case_name) const {
    for (const auto& [name, value] : items) {
        if (equal_names(name, lower_case_name)) return &value;
    }
    return nullptr;
}

std::string Headers::get(std::string_view lower_case_name) const {
    const std::string* value = find(lower_case_name);
    return value ? *value : std::string();
}

void Headers::set(std::string_view name, std::string value) {
    std::erase_if(items, [&](const auto& item) { return equal_names(item.first, name); });
    items.emplace_back(std::string(name), std::move(value));
}

std::string_view Request::path() const {
    const std::string_view whole = target;
    return whole.substr(0, whole.find('?'));
}

std::string_view Request::query() const {
    const std::size_t mark = target.find('?');
    return mark == std::string::npos ? std::string_view()
                                     : std::string_view(target).substr(mark + 1);
}

struct RequestParser::State {
    explicit State(Limits l) : limits(l) { restart(); }
    void restart() {
        parser.emplace();
        parser->header_limit(limits.header_bytes_max);
        parser->body_limit(limits.body_bytes_max);
        continue_asked = false;
    }
    Limits limits;
    std::optional<Parser<true, Request>> parser;
    Bytes pending;
    std::deque<Request> whole;
    bool continue_asked = false;  // of the message being parsed
    bool continue_due = false;
};

RequestParser::RequestParser(Limits limits) : state_(std::make_unique<State>(limits)) {}
RequestParser::~RequestParser() = default;

Result<void> RequestParser::feed(BytesView bytes) {
    State& s = *state_;
    s.pending += bytes;
    std::size_t used = 0;
    while (used < s.pending.size()) {
        MILL_CHECK(advance(*s.parser, s.pending, used));
        if (!s.parser->whole) break;
        s.parser->message.keep_alive = s.parser->keep_alive();
        s.whole.push_back(std::move(s.parser->message));
        s.continue_due = false;
        s.restart();
    }
    s.pending.erase(0, used);
    if (s.parser->is_header_done() && !s.continue_asked) {
        s.continue_asked = true;
        s.continue_due = equal_names(s.parser->message.headers.get("expect"), "100-continue");
    }
    return {};
}

std::optional<Request> RequestParser::take() {
    if (state_->whole.empty()) return std::nullopt;
    Request request = std::move(state_->whole.front());
    state_->whole.pop_front();
    return request;
}

bool RequestParser::take_expect_continue() { return std::exchange(state_->continue_due, false); }

struct ResponseParser::State {
    explicit State(bool head) : head_request(head) { restart(); }
    void restart() {
        parser.emplace();
        parser->body_limit(response_body_bytes_max);
        parser->header_limit(Limits{}.header_bytes_max);
        if (head_request) parser->skip(true);
    }
    bool head_request;
    std::optional<Parser<false, Response>> parser;
    Bytes pending;
    std::deque<Response> whole;
};

ResponseParser::ResponseParser(bool head_request) : state_(std::make_unique<State>(head_request)) {}
ResponseParser::~ResponseParser() = default;

Result<void> ResponseParser::feed(BytesView bytes) {
    State& s = *state_;
    s.pending += bytes;
    std::size_t used = 0;
    while (used < s.pending.size()) {
        MILL_CHECK(advance(*s.parser, s.pending, used));
        if (!s.parser->whole) break;
        const bool interim = s.parser->message.status / 100 == 1;
        if (!interim) {
            const auto length = s.parser->content_length();
            if (s.head_request && length) s.parser->message.content_length = *length;
            s.whole.push_back(std::move(s.parser->message));
        }
        s.restart();
    }
    s.pending.erase(0, used);
    return {};
}

void ResponseParser::finish() {
    State& s = *state_;
    if (!s.parser->got_some()) return;
    BeastError ec;
    s.parser->put_eof(ec);
    if (ec || !s.parser->whole) return;
    s.whole.push_back(std::move(s.parser->message));
    s.restart();
}

std::optional<Response> ResponseParser::take() {
    if (state_->whole.empty()) return std::nullopt;
    Response response = std::move(state_->whole.front());
    state_->whole.pop_front();
    return response;
}

std::string serialize(const Request& request) {
    std::string out = request.method + " " + request.target + " HTTP/1.1\r\n";
    for (const auto& [name, value] : request.headers.items) {
        if (!equal_names(name, "content-length")) append_header(out, name, value);
    }
    const bool bodiless =
        request.method == "GET" || request.method == "HEAD" || request.method == "DELETE";
    if (!bodiless || !request.body.empty()) {
        append_header(out, "Content-Length", std::to_string(request.body.size()));
    }
    if (!request.keep_alive) append_header(out, "Connection", "close");
    return out + "\r\n" + request.body;
}

std::string serialize(const Response& response, bool keep_alive) {
    const auto reason = beast::http::obsolete_reason(
        beast::http::int_to_status(static_cast<unsigned>(response.status)));
    std::string out = "HTTP/1.1 " + std::to_string(response.status) + " ";
    out.append(reason.data(), reason.size());
    out += "\r\n";
    for (const auto& [name, value] : response.headers.items) {
        if (!equal_names(name, "content-length") && !equal_names(name, "connection")) {
            append_header(out, name, value);
        }
    }
    const bool bodiless =
        response.status == 204 || response.status == 304 || response.status / 100 == 1;
    if (!bodiless) {
        const std::uint64_t length = response.content_length.value_or(response.body.size());
        append_header(out, "Content-Length", std::to_string(length));
    }
    append_header(out, "Connection", keep_alive ? "keep-alive" : "close");
    out += "\r\n";
    if (!bodiless) out += response.body;
    return out;
}

namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool is_unreserved(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

}  // namespace

std::string percent_decode(std::string_view text, bool plus_is_blank) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
        const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
        if (low >= 0) {
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += plus_is_blank && text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

std::string percent_encode(std::string_view text, bool keep_slash) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (char c : text) {
        if (is_unreserved(c) || (keep_slash && c == '/')) {
            out += c;
        } else {
            out += '%';
            out += digits[static_cast<unsigned char>(c) >> 4];
            out += digits[static_cast<unsigned char>(c) & 15];
        }
    }
    return out;
}

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view raw,
                                                             bool plus_is_blank) {
    std::vector<std::pair<std::string, std::string>> out;
    while (!raw.empty()) {
        const std::size_t end = std::min(raw.find('&'), raw.size());
        const std::string_view item = raw.substr(0, end);
        raw.remove_prefix(std::min(end + 1, raw.size()));
        if (item.empty()) continue;
        const std::size_t equals = std::min(item.find('='), item.size());
        const std::string_view value = item.substr(std::min(equals + 1, item.size()));
        out.emplace_back(percent_decode(item.substr(0, equals), plus_is_blank),
                         percent_decode(value, plus_is_blank));
    }
    return out;
}

}  // namespace mill::wire::http
