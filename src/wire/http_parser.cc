// SPDX-License-Identifier: Apache-2.0
// Messages out of bytes. https://www.rfc-editor.org/rfc/rfc9112
#include <algorithm>
#include <charconv>
#include <cstring>

#include "wire/http.h"

namespace mill::wire::http {
namespace {

constexpr std::size_t buffer_bytes = 16 * 1024;
// A peer's claim about the body's length is believed up to here when memory is set aside.
constexpr std::size_t reserve_bytes_max = 1024 * 1024;
// Of a body that is taken piece by piece: what a hand-over to another thread is worth.
constexpr std::size_t piece_bytes = 1024 * 1024;
// Behind a body: who reads it in blocks may look beyond its end (JsonReader::spare).
constexpr std::size_t body_spare_bytes = 64;
// An answer larger than this is not for us: the largest real one is a function's code.
constexpr std::uint64_t response_body_bytes_max = 1024ull * 1024 * 1024;

bool equal_words(std::string_view a, std::string_view lower_case) {
    return std::ranges::equal(a, lower_case, [](char x, char y) {
        return (x >= 'A' && x <= 'Z' ? static_cast<char>(x + ('a' - 'A')) : x) == y;
    });
}

Failure malformed(std::string_view why) {
    return fail("http.malformed", "The message is not valid HTTP/1.1: " + std::string(why) + ".",
                400);
}

// Whether a comma-separated list has the word.
bool lists(std::string_view list, std::string_view lower_case) {
    while (!list.empty()) {
        std::string_view word = list.substr(0, list.find(','));
        list.remove_prefix(std::min(word.size() + 1, list.size()));
        while (word.starts_with(' ') || word.starts_with('\t')) word.remove_prefix(1);
        while (word.ends_with(' ') || word.ends_with('\t')) word.remove_suffix(1);
        if (equal_words(word, lower_case)) return true;
    }
    return false;
}

// What the head says of how the message goes on.
struct Framing {
    std::optional<std::uint64_t> length;
    bool chunked = false;
    bool keep_alive = true;
    bool takes_chunks = true;
    bool expects_continue = false;
    bool has_host = false;
};

Result<void> read_framing_field(Framing& framing, Headers::Field field, bool old) {
    const auto [name, value] = field;
    if (name == "content-length") {
        if (framing.length) return malformed("it has several lengths");
        std::uint64_t length = 0;
        const auto [end, error] =
            std::from_chars(value.data(), value.data() + value.size(), length);
        if (value.empty() || error != std::errc() || end != value.data() + value.size()) {
            return malformed("its Content-Length is not a number");
        }
        framing.length = length;
    } else if (name == "transfer-encoding") {
        // Any other coding leaves the length of a request's body open (RFC 9112, 6.3).
        if (old || framing.chunked || !equal_words(value, "chunked")) {
            return malformed("its transfer coding is not chunked");
        }
        framing.chunked = true;
    } else if (name == "connection") {
        if (lists(value, "close")) {
            framing.keep_alive = false;
        } else if (old && lists(value, "keep-alive")) {
            framing.keep_alive = true;
        }
    } else if (name == "host") {
        // Who reads the first and who reads the last would see two requests (RFC 9112, 3.2).
        if (std::exchange(framing.has_host, true)) return malformed("it has several hosts");
    } else if (name == "expect") {
        framing.expects_continue = equal_words(value, "100-continue");
    }
    return {};
}

Result<Framing> read_framing(const Headers& headers, int minor_version) {
    const bool old = minor_version == 0;
    Framing framing{.keep_alive = !old, .takes_chunks = !old};
    for (const auto& field : headers) MILL_CHECK(read_framing_field(framing, field, old));
    if (framing.length && framing.chunked) return malformed("it has a length and is chunked");
    return framing;
}

// "HTTP/1.1": 1. Empty for what is neither 1.0 nor 1.1.
std::optional<int> minor_version(std::string_view text) {
    if (text == "HTTP/1.1") return 1;
    if (text == "HTTP/1.0") return 0;
    return std::nullopt;
}

bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    });
}

bool has_blank_or_control(std::string_view text) {
    unsigned found = 0;
    for (char c : text) {
        const auto u = static_cast<unsigned char>(c);
        found |= static_cast<unsigned>(u <= 0x20) | (u == 0x7f);
    }
    return found != 0;
}

// "POST /path HTTP/1.1"
Result<int> read_start(std::string_view line, Request& into) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) {
        return malformed("it does not begin with a method, a target and a version");
    }
    const std::string_view method = line.substr(0, first);
    const std::string_view target = line.substr(first + 1, last - first - 1);
    if (!is_token(method)) return malformed("its method is not a token");
    if (target.empty() || has_blank_or_control(target)) return malformed("its target is not a URI");
    const auto minor = minor_version(line.substr(last + 1));
    if (!minor) return malformed("its version is neither 1.1 nor 1.0");
    into.method = method;
    into.target = target;
    return *minor;
}

// "HTTP/1.1 200 OK"; the reason may be missing.
Result<int> read_start(std::string_view line, Response& into) {
    constexpr std::size_t status_at = 9;
    constexpr std::size_t digits = 3;
    const auto minor = minor_version(line.substr(0, status_at - 1));
    if (!minor || line.size() < status_at + digits || line[status_at - 1] != ' ') {
        return malformed("it does not begin with a version and a status");
    }
    const char* status = line.data() + status_at;
    const auto [end, error] = std::from_chars(status, status + digits, into.status);
    const bool ends = line.size() == status_at + digits || line[status_at + digits] == ' ';
    if (error != std::errc() || end != status + digits || into.status < 100 || !ends) {
        return malformed("its status is not a number of three digits");
    }
    const auto is_control = [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\t';
    };
    if (std::ranges::any_of(line, is_control)) return malformed("its head has a control character");
    return *minor;
}

// One message after the other out of the bytes of a connection.
template <class Message>
class Reader {
  public:
    static constexpr bool is_request = std::is_same_v<Message, Request>;

    Reader(Limits limits, bool head_request) : limits_(limits), head_request_(head_request) {}

    std::span<char> room();
    Result<void> received(std::size_t count);
    Result<void> feed(BytesView bytes);
    void finish();
    std::optional<Message> take();
    bool take_expect_continue() { return std::exchange(continue_due_, false); }
    const Message* undecided() const { return mode_ == Mode::undecided ? &message_ : nullptr; }
    Result<void> take_whole();
    Message take_streamed();
    std::optional<IncomingBody::Piece> take_piece();
    bool is_streaming() const { return mode_ == Mode::streamed; }

  private:
    enum class Phase { head, body, chunk_size, chunk, chunk_end, trailers, until_close };
    enum class Mode { whole, undecided, streamed };  // of the present body

    std::string_view unread() const {
        return std::string_view(buffer_).substr(begin_, end_ - begin_);
    }
    // Whether the next bytes go where they stay.
    bool fills_body() const {
        return phase_ == Phase::body && mode_ != Mode::undecided && begin_ == end_;
    }
    Result<bool> advance();  // false: more bytes are needed
    Result<bool> read_head();
    Result<void> check_unfinished_head() const;
    Result<void> begin_body(const Framing& framing);
    Result<void> check_length() const;
    Result<bool> read_body();
    Result<bool> read_chunk_size();
    Result<bool> read_chunk();
    Result<bool> read_chunk_end();
    Result<bool> read_trailers();
    // The next line without its end; empty if it is not whole.
    Result<std::optional<std::string_view>> line();
    void grow_body();
    Bytes take_filled();
    void end_message();

    Limits limits_;
    bool head_request_;
    std::string buffer_;
    std::size_t begin_ = 0;  // of what is not read yet, in buffer_
    std::size_t end_ = 0;
    std::size_t searched_ = 0;  // bytes after begin_ without the end of the head
    Phase phase_ = Phase::head;
    Message message_;
    Mode mode_ = Mode::whole;
    std::optional<Bytes> last_piece_;  // of a streamed body that is over
    std::size_t body_filled_ = 0;      // bytes of message_.body that are there
    std::uint64_t left_ = 0;           // of the body, or of the chunk
    std::size_t trailer_bytes_ = 0;
    bool continue_due_ = false;
    std::optional<Error> broken_;
    std::vector<Message> whole_;
    std::size_t taken_ = 0;  // of whole_
};

template <class Message>
std::span<char> Reader<Message>::room() {
    if (fills_body()) {
        grow_body();
        return std::span(message_.body).subspan(body_filled_);
    }
    if (begin_ == end_) begin_ = end_ = 0;
    if (buffer_.empty()) buffer_.resize(buffer_bytes);
    if (end_ == buffer_.size() && begin_ > 0) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    if (end_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);  // bounded by the head's limit
    return std::span(buffer_).subspan(end_);
}

template <class Message>
Result<void> Reader<Message>::received(std::size_t count) {
    if (broken_) return Failure(*broken_);
    if (fills_body()) {
        body_filled_ += count;
        left_ -= count;
        if (left_ == 0) end_message();
        return {};
    }
    end_ += count;
    while (true) {
        auto advanced = advance();
        if (!advanced) {
            broken_ = std::move(advanced).error();
            return Failure(*broken_);
        }
        if (!*advanced) return {};
    }
}

template <class Message>
Result<void> Reader<Message>::feed(BytesView bytes) {
    while (!bytes.empty()) {
        const std::span<char> to = room();
        const std::size_t count = std::min(to.size(), bytes.size());
        std::memcpy(to.data(), bytes.data(), count);
        bytes.remove_prefix(count);
        MILL_CHECK(received(count));
    }
    return {};
}

template <class Message>
Result<bool> Reader<Message>::advance() {
    if (begin_ == end_ || mode_ == Mode::undecided) return false;
    switch (phase_) {
        case Phase::head:
            return read_head();
        case Phase::body:
        case Phase::until_close:
            return read_body();
        case Phase::chunk_size:
            return read_chunk_size();
        case Phase::chunk:
            return read_chunk();
        case Phase::chunk_end:
            return read_chunk_end();
        case Phase::trailers:
            break;
    }
    return read_trailers();
}

template <class Message>
Result<bool> Reader<Message>::read_head() {
    std::string_view text = unread();
    while (text.starts_with("\r\n")) {  // an empty line before a message is let pass
        begin_ += 2;
        text.remove_prefix(2);
    }
    std::size_t at = searched_;
    std::size_t head = 0;  // up to its last line's end
    while (head == 0) {
        at = text.find('\r', at);
        if (at == std::string_view::npos || at + 4 > text.size()) break;
        if (text.substr(at, 4) == "\r\n\r\n") head = at + 2;
        ++at;
    }
    if (std::max(head, head == 0 ? text.size() : 0) > limits_.header_bytes_max) {
        return fail("http.headers_too_large", "The request's headers are too large.", 431);
    }
    if (head == 0) {
        MILL_CHECK(check_unfinished_head());
        searched_ = at == std::string_view::npos ? text.size() : at;
        return false;
    }
    searched_ = 0;
    const std::size_t line_end = text.find("\r\n");
    MILL_TRY(const int minor, read_start(text.substr(0, line_end), message_));
    const std::string_view lines = text.substr(line_end + 2, head - line_end - 2);
    if (auto assigned = message_.headers.assign_lines(lines); !assigned) {
        return malformed(assigned.error().message);
    }
    MILL_TRY(const Framing framing, read_framing(message_.headers, minor));
    begin_ += head + 2;
    MILL_CHECK(begin_body(framing));
    return true;
}

// What can never become a head is refused at once: a peer that speaks TLS, or ends lines with LF
// alone, would wait for an answer.
template <class Message>
Result<void> Reader<Message>::check_unfinished_head() const {
    const std::string_view text = unread();
    for (std::size_t i = searched_; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 || c == '\t' || (c == '\n' && i > 0 && text[i - 1] == '\r')) continue;
        if (c == '\r' && (i + 1 == text.size() || text[i + 1] == '\n')) continue;
        return malformed("its head has a control character");
    }
    return {};
}

template <class Message>
Result<void> Reader<Message>::begin_body(const Framing& framing) {
    const bool is_empty_by_status = [&] {
        if constexpr (is_request) {
            message_.keep_alive = framing.keep_alive;
            message_.takes_chunks = framing.takes_chunks;
            return false;
        } else {
            if (head_request_) message_.content_length = framing.length;
            return head_request_ || message_.status / 100 == 1 || message_.status == 204 ||
                   message_.status == 304;
        }
    }();
    body_filled_ = 0;
    left_ = framing.length.value_or(0);
    if (is_empty_by_status || framing.length == 0) {
        end_message();
        return {};
    }
    if (framing.chunked) {
        phase_ = Phase::chunk_size;
        trailer_bytes_ = 0;
    } else if (framing.length) {
        phase_ = Phase::body;
    } else if (is_request) {
        end_message();
        return {};
    } else {
        phase_ = Phase::until_close;
        left_ = limits_.body_bytes_max;
    }
    if (limits_.unasked_bytes_max && (framing.chunked || left_ > *limits_.unasked_bytes_max)) {
        mode_ = Mode::undecided;
    } else {
        MILL_CHECK(check_length());
    }
    continue_due_ = framing.expects_continue;
    return {};
}

template <class Message>
Result<void> Reader<Message>::check_length() const {
    if (left_ <= limits_.body_bytes_max) return {};
    return fail("http.body_too_large", "The request's body is too large.", 413);
}

template <class Message>
Result<void> Reader<Message>::take_whole() {
    mode_ = Mode::whole;
    if (auto checked = check_length(); !checked) {
        broken_ = std::move(checked).error();
        return Failure(*broken_);
    }
    return received(0);
}

template <class Message>
Message Reader<Message>::take_streamed() {
    mode_ = Mode::streamed;
    last_piece_.reset();  // nobody has asked for the one before
    return std::exchange(message_, Message());
}

template <class Message>
std::optional<IncomingBody::Piece> Reader<Message>::take_piece() {
    if (last_piece_) return IncomingBody::Piece{*std::exchange(last_piece_, std::nullopt), true};
    if (mode_ != Mode::streamed || body_filled_ < piece_bytes) return std::nullopt;
    return IncomingBody::Piece{take_filled(), false};
}

template <class Message>
Bytes Reader<Message>::take_filled() {
    Bytes bytes = std::exchange(message_.body, Bytes());
    bytes.resize(std::exchange(body_filled_, 0));
    return bytes;
}

// Room for more of a body of known length, at once if it is not large.
template <class Message>
void Reader<Message>::grow_body() {
    if (message_.body.size() > body_filled_) return;
    const std::uint64_t step = std::max(reserve_bytes_max, body_filled_);
    const auto size = static_cast<std::size_t>(body_filled_ + std::min(left_, step));
    message_.body.reserve(size + body_spare_bytes);
    message_.body.resize_and_overwrite(size, [size](char*, std::size_t) { return size; });
}

template <class Message>
Result<bool> Reader<Message>::read_body() {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, end_ - begin_));
    if (phase_ == Phase::until_close) {
        if (end_ - begin_ > left_) {
            return fail("http.body_too_large", "The answer's body is too large.", 413);
        }
        message_.body.append(buffer_, begin_, count);
    } else {
        for (std::size_t done = 0; done < count;) {
            grow_body();
            const std::size_t piece = std::min(count - done, message_.body.size() - body_filled_);
            std::memcpy(message_.body.data() + body_filled_, buffer_.data() + begin_ + done, piece);
            done += piece;
            body_filled_ += piece;
            left_ -= piece;
        }
        begin_ += count;
        if (left_ == 0) end_message();
        return true;
    }
    body_filled_ += count;
    begin_ += count;
    left_ -= count;
    return true;
}

template <class Message>
Result<std::optional<std::string_view>> Reader<Message>::line() {
    constexpr std::size_t line_bytes_max = 4096;
    const std::string_view text = unread();
    const std::size_t end = text.find('\n');
    if (std::min(end, text.size()) > line_bytes_max) return malformed("a chunk's line is too long");
    if (end == std::string_view::npos) return std::nullopt;
    if (end == 0 || text[end - 1] != '\r')
        return malformed("a chunk's line does not end with CR LF");
    begin_ += end + 1;
    return text.substr(0, end - 1);
}

// "1a;name=value": the extensions are let pass.
template <class Message>
Result<bool> Reader<Message>::read_chunk_size() {
    MILL_TRY(const auto text, line());
    if (!text) return false;
    const char* const last = text->data() + text->size();
    const auto [end, error] = std::from_chars(text->data(), last, left_, 16);
    if (error == std::errc::result_out_of_range) {
        return fail("http.body_too_large", "The request's body is too large.", 413);
    }
    const bool is_number = error != std::errc::invalid_argument;
    if (!is_number || (end != last && *end != ';' && *end != ' ' && *end != '\t')) {
        return malformed("a chunk's size is not a number");
    }
    if (text->find_first_of(std::string_view("\r\0", 2)) != std::string_view::npos) {
        return malformed("a chunk's line has a control character");
    }
    if (mode_ == Mode::whole && left_ > limits_.body_bytes_max - body_filled_) {
        return fail("http.body_too_large", "The request's body is too large.", 413);
    }
    phase_ = left_ == 0 ? Phase::trailers : Phase::chunk;
    return true;
}

template <class Message>
Result<bool> Reader<Message>::read_chunk() {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, end_ - begin_));
    message_.body.append(buffer_, begin_, count);
    body_filled_ += count;
    begin_ += count;
    left_ -= count;
    if (left_ == 0) phase_ = Phase::chunk_end;
    return true;
}

template <class Message>
Result<bool> Reader<Message>::read_chunk_end() {
    const std::string_view text = unread();
    if (!std::string_view("\r\n").starts_with(text.substr(0, 2))) {
        return malformed("a chunk is longer than its size");
    }
    if (text.size() < 2) return false;
    begin_ += 2;
    phase_ = Phase::chunk_size;
    return true;
}

// Dropped: they must not pass for headers.
template <class Message>
Result<bool> Reader<Message>::read_trailers() {
    MILL_TRY(const auto text, line());
    if (!text) return false;
    trailer_bytes_ += text->size() + 2;
    if (trailer_bytes_ > limits_.header_bytes_max) {
        return fail("http.headers_too_large", "The request's trailers are too large.", 431);
    }
    if (text->empty()) end_message();
    return true;
}

template <class Message>
void Reader<Message>::end_message() {
    if constexpr (!is_request) {
        if (message_.status / 100 == 1) {  // interim: the answer follows
            message_ = Message();
            phase_ = Phase::head;
            return;
        }
    }
    if (std::exchange(mode_, Mode::whole) == Mode::streamed) {
        last_piece_ = take_filled();
    } else {
        whole_.push_back(std::exchange(message_, Message()));
    }
    phase_ = Phase::head;
    continue_due_ = false;
}

template <class Message>
void Reader<Message>::finish() {
    if (phase_ == Phase::until_close && !broken_) end_message();
}

template <class Message>
std::optional<Message> Reader<Message>::take() {
    if (taken_ == whole_.size()) return std::nullopt;
    std::optional<Message> message(std::move(whole_[taken_++]));
    if (taken_ == whole_.size()) {
        whole_.clear();
        taken_ = 0;
    }
    return message;
}

}  // namespace

struct RequestParser::State : Reader<Request> {
    using Reader::Reader;
};

RequestParser::RequestParser(Limits limits) : state_(std::make_unique<State>(limits, false)) {}
RequestParser::~RequestParser() = default;
std::span<char> RequestParser::room() { return state_->room(); }
Result<void> RequestParser::received(std::size_t count) { return state_->received(count); }
Result<void> RequestParser::feed(BytesView bytes) { return state_->feed(bytes); }
std::optional<Request> RequestParser::take() { return state_->take(); }
bool RequestParser::take_expect_continue() { return state_->take_expect_continue(); }
const Request* RequestParser::undecided() const { return state_->undecided(); }
Result<void> RequestParser::take_whole() { return state_->take_whole(); }
Request RequestParser::take_streamed() { return state_->take_streamed(); }
std::optional<IncomingBody::Piece> RequestParser::take_piece() { return state_->take_piece(); }
bool RequestParser::is_streaming() const { return state_->is_streaming(); }

struct ResponseParser::State : Reader<Response> {
    using Reader::Reader;
};

ResponseParser::ResponseParser(bool head_request)
    : state_(std::make_unique<State>(Limits{.body_bytes_max = response_body_bytes_max},
                                     head_request)) {}
ResponseParser::~ResponseParser() = default;
Result<void> ResponseParser::feed(BytesView bytes) { return state_->feed(bytes); }
void ResponseParser::finish() { state_->finish(); }
std::optional<Response> ResponseParser::take() { return state_->take(); }

}  // namespace mill::wire::http
