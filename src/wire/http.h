// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 framing, bytes in, messages out; no I/O. Used by the gateway (server), by the Runtime
// API (server) and by the command line and simulated clients (client).
// https://www.rfc-editor.org/rfc/rfc9112
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "machine/task.h"

namespace mill::wire::http {

// Header fields in the order of arrival, kept as one text in the form of the wire. Names compare
// without regard to case; those of received messages are in lower case. Views end with the next
// change.
class Headers {
  public:
    using Field = std::pair<std::string_view, std::string_view>;  // name, value

    Headers() = default;
    Headers(std::initializer_list<Field> fields);

    std::optional<std::string_view> find(std::string_view name) const;  // the first of that name
    bool contains(std::string_view name) const { return find(name).has_value(); }
    std::string_view view(std::string_view name) const;  // empty if absent
    std::string get(std::string_view name) const { return std::string(view(name)); }
    void set(std::string_view name, std::string_view value);  // replaces
    void add(std::string_view name, std::string_view value);
    void erase(std::string_view name);

    std::size_t size() const { return places_.size(); }
    Field operator[](std::size_t index) const;
    class Iterator {
      public:
        using difference_type = std::ptrdiff_t;
        using value_type = Field;
        Iterator() = default;
        Iterator(const Headers& headers, std::size_t index) : headers_(&headers), index_(index) {}
        Field operator*() const { return (*headers_)[index_]; }
        Iterator& operator++() {
            ++index_;
            return *this;
        }
        Iterator operator++(int) { return Iterator(*headers_, index_++); }
        bool operator==(const Iterator&) const = default;

      private:
        const Headers* headers_ = nullptr;
        std::size_t index_ = 0;
    };
    Iterator begin() const { return {*this, 0}; }
    Iterator end() const { return {*this, places_.size()}; }

    // Every field as a line, "name: value\r\n".
    std::string_view lines() const { return text_; }
    // Replaces all by the lines of a received message, without the empty one that ends them. Names
    // become lower case. Fails with what is wrong.
    Result<void> assign_lines(std::string_view lines);

  private:
    struct Place {  // in text_
        std::uint32_t name;
        std::uint32_t name_end;
        std::uint32_t value;
        std::uint32_t value_end;
    };
    std::string_view name_of(const Place& p) const {
        return std::string_view(text_).substr(p.name, p.name_end - p.name);
    }
    std::string text_;
    std::vector<Place> places_;
};

// A body too large to be held, on its way in.
class IncomingBody {
  public:
    struct Piece {
        Bytes bytes;
        bool is_last = false;
    };
    virtual ~IncomingBody() = default;
    // The next bytes, in order; not to be asked after the last. Nothing more is read before it is
    // asked, so a slow taker holds its peer back. "net.closed" if the peer went before the end, or
    // an error of RequestParser.
    virtual Task<Result<Piece>> next() = 0;
};

// One that is here already.
class WholeBody final : public IncomingBody {
  public:
    explicit WholeBody(Bytes bytes) : bytes_(std::move(bytes)) {}
    Task<Result<Piece>> next() override { co_return Piece{std::move(bytes_), true}; }

  private:
    Bytes bytes_;
};

struct Request {
    std::string method;
    std::string target;  // raw, as received: "/2015-03-31/functions/a%3Ab?Qualifier=1"
    Headers headers;
    Bytes body;
    bool keep_alive = true;
    bool takes_chunks = true;  // HTTP/1.0 does not
    // In place of `body`: RequestParser::take_streamed(). Its owner keeps it until the answer.
    IncomingBody* incoming = nullptr;
    std::string_view path() const;   // raw, up to '?'
    std::string_view query() const;  // raw, after '?'
};

// A body that goes out bit by bit.
class BodySource {
  public:
    virtual ~BodySource() = default;
    // Appends the next piece to `out`, or gives false at the end. Asked once the peer has taken the
    // piece before, so that a slow one holds one piece, not many. Waits as long as it takes;
    // dropped in the middle when the peer is gone or the server stops.
    virtual Task<bool> next(std::string& out) = 0;
};

struct Response {
    int status = 200;
    Headers headers;
    Bytes body;
    // Of a stream, or of a body that is not sent, as HEAD has it.
    std::optional<std::uint64_t> content_length;
    std::shared_ptr<BodySource> stream;  // sent in place of the body; in chunks without a length
};

struct Limits {
    std::uint32_t header_bytes_max = 64 * 1024;
    std::uint64_t body_bytes_max = 80ull * 1024 * 1024;  // but of a streamed body
    // A longer body, or a chunked one, waits for RequestParser::undecided(). Absent: none does.
    std::optional<std::uint64_t> unasked_bytes_max = {};
};

// Takes bytes as they come, gives whole requests. After an error the connection must be closed once
// the requests before it are answered. What RFC 9112 leaves to the recipient, and what would let
// two readers see two different requests, is refused: both or several lengths, unknown transfer
// codings, folded lines, a blank before the colon, a line feed alone.
class RequestParser {
  public:
    explicit RequestParser(Limits limits = {});
    ~RequestParser();
    RequestParser(const RequestParser&) = delete;
    RequestParser& operator=(const RequestParser&) = delete;
    // Where the next bytes are to be put: never empty. The rest of a body goes where it stays.
    std::span<char> room();
    // That many bytes were put there. Codes "http.malformed" (answer 400), "http.headers_too_large"
    // (431), "http.body_too_large" (413).
    Result<void> received(std::size_t count);
    // Both, for bytes that are elsewhere.
    Result<void> feed(BytesView bytes);
    // The next complete request, in order of arrival; more may follow (pipelining).
    std::optional<Request> take();
    // True once after a header block with "Expect: 100-continue" whose body has not come: send
    // `continue_line`.
    bool take_expect_continue();
    static constexpr std::string_view continue_line = "HTTP/1.1 100 Continue\r\n\r\n";

    // The head of a request whose large body is to come: nothing is read on until one of the next
    // two is called. Null if there is none.
    const Request* undecided() const;
    Result<void> take_whole();  // it will come by take(); "http.body_too_large"
    Request take_streamed();    // its body comes by take_piece()
    // When a piece is full, or the last one is there; received() before it is asked again.
    std::optional<IncomingBody::Piece> take_piece();
    // Whether there is more of such a body to read.
    bool is_streaming() const;

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
// Adds Content-Length, or Transfer-Encoding for a stream, and Connection.
std::string serialize(const Response& response, bool keep_alive);
// The same in two parts: all before the body, into a buffer that is used again, and what follows.
void serialize_head(const Response& response, bool keep_alive, std::string& out);
BytesView body_to_send(const Response& response);

// A chunk of a stream: begin_chunk(), the data put behind what `out` holds, end_chunk() with what
// the first one gave. https://www.rfc-editor.org/rfc/rfc9112#section-7.1
std::size_t begin_chunk(std::string& out);
void end_chunk(std::string& out, std::size_t begun);
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

std::string percent_decode(std::string_view text, bool plus_is_blank = false);
std::string percent_encode(std::string_view text,
                           bool keep_slash = false);  // RFC 3986 unreserved stay
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view raw,
                                                             bool plus_is_blank = true);

}  // namespace mill::wire::http
