// SPDX-License-Identifier: Apache-2.0
#include "gateway/connections.h"

namespace mill::gateway {
namespace {

// A body up to here is sent with its head, in one piece.
constexpr std::size_t joined_bytes_max = 16 * 1024;
// A refused client may still be sending. Closing on unread bytes would reset the connection and
// lose the answer, so a little is read and dropped first.
constexpr int linger_reads_max = 64;
constexpr std::size_t linger_read_bytes = 64 * 1024;
constexpr Duration linger_max = std::chrono::seconds(1);
// A larger body may be worth streaming.
constexpr std::uint64_t unasked_bytes_max = 1024 * 1024;

// botocore (seen in 1.43) announces an empty body too, and a connection on which it then gets the
// final answer without the 100 before it is unusable for it from then on.
bool expects_continue_for_nothing(const wire::http::Request& request) {
    return request.body.empty() && !request.incoming && request.headers.contains("expect");
}

wire::http::Response needs_chunks() {
    wire::http::Response response{
        .status = 505, .body = "{\"message\":\"This answer is a stream: ask by HTTP/1.1.\"}"};
    response.headers.set("Content-Type", "application/json");
    return response;
}

// The answer's head, with the body if that is small; what is then still to be sent.
BytesView write_head(std::string& out, const wire::http::Response& response, bool keep_alive) {
    wire::http::serialize_head(response, keep_alive, out);
    const BytesView body = wire::http::body_to_send(response);
    if (body.size() > joined_bytes_max) return body;
    out += body;
    return {};
}

}  // namespace

// Lives in the coroutine's frame: dropping the coroutine drops the connection. It is the large body
// of its present request, if that has one.
struct Connections::Conversation final : wire::http::IncomingBody {
    Conversation(Connections& o, std::unique_ptr<machine::Connection> c)
        : owner(o), connection(std::move(c)) {
        place = owner.conversations_.insert(owner.conversations_.end(), this);
    }
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;
    ~Conversation() override {
        owner.conversations_.erase(place);
        if (owner.conversations_.empty()) owner.wake_at(Instant::max());
        owner.ended_.notify_all();
    }
    Task<Result<Piece>> next() override;
    // "net.closed" when the peer has gone or finished.
    Task<Result<void>> read_more();
    void received(std::size_t count) {
        auto taken = parser.received(count);
        if (!taken) broken = std::move(taken).error();
    }
    Connections& owner;
    std::unique_ptr<machine::Connection> connection;
    wire::http::RequestParser parser{{.unasked_bytes_max = unasked_bytes_max}};
    std::string out;  // the answer's head, and its body if that is small
    Instant deadline = Instant::max();
    bool continued = false;  // the request being read was told to go on
    bool busy = false;       // a request is being served
    Streaming* streaming = nullptr;
    std::optional<Error> broken;  // the framing: nothing after it can be read
    std::list<Conversation*>::iterator place;
};

// An answer that is a stream, on its way. Ends once, with whether the connection is still good.
struct Connections::Streaming {
    Streaming(Conversation& c, machine::Executor& executor, std::optional<std::uint64_t> length)
        : conversation(c), ended(executor), left(length) {
        conversation.streaming = this;
    }
    Streaming(const Streaming&) = delete;
    Streaming& operator=(const Streaming&) = delete;
    ~Streaming() { conversation.streaming = nullptr; }

    Conversation& conversation;
    machine::OneShot<bool> ended;
    std::optional<std::uint64_t> left;  // of one whose length was said
    bool is_writing = false;
};

Connections::Connections(Machine& machine, std::uint32_t connections_max, Duration idle_max,
                         Handler handler, TakesStream takes_stream)
    : machine_(machine),
      connections_max_(connections_max),
      idle_max_(idle_max),
      handler_(std::move(handler)),
      takes_stream_(std::move(takes_stream)),
      ended_(machine.executor) {}

void Connections::accept(std::unique_ptr<machine::Connection> connection) {
    if (draining_) return;
    if (conversations_.size() >= connections_max_) {
        machine_.log.warning("gateway.too_many_connections",
                             {{"limit", std::to_string(connections_max_)}});
        return;
    }
    scope_.spawn(converse(std::move(connection)));
}

// Few coroutines for a request: each costs as much as parsing a header or two.
Task<void> Connections::converse(std::unique_ptr<machine::Connection> connection) {
    Conversation conversation(*this, std::move(connection));
    close_after(conversation, idle_max_);
    while (true) {
        auto request = conversation.parser.take();
        if (!request) {
            if (draining_) co_return;
            if (!conversation.broken) request = begin_large(conversation);
            if (conversation.broken && !request) {  // what came before it has been answered
                co_await refuse(conversation, *std::move(conversation.broken));
                co_return;
            }
        }
        if (!request) {
            if (conversation.parser.take_expect_continue()) {
                conversation.continued = true;
                if (!co_await send_continue(conversation)) co_return;
            }
            const std::span<char> room = conversation.parser.room();
            const auto count = co_await conversation.connection->read(room.data(), room.size());
            if (!count || *count == 0) co_return;
            conversation.received(*count);
            continue;
        }
        const bool promised = std::exchange(conversation.continued, false);
        if (!promised && expects_continue_for_nothing(*request) &&
            !co_await send_continue(conversation)) {
            co_return;
        }
        const bool wants_more = request->keep_alive;
        conversation.busy = true;
        conversation.deadline = Instant::max();
        wire::http::Response response = co_await handler_(*request, *conversation.connection);
        if (response.stream && !response.content_length && !request->takes_chunks)
            response = needs_chunks();
        const bool is_read = !request->incoming || !conversation.parser.is_streaming();
        const bool keep_alive = wants_more && !draining_ && is_read;
        close_after(conversation, idle_max_);
        const BytesView rest = write_head(conversation.out, response, keep_alive);
        auto sent = co_await conversation.connection->write(conversation.out);
        if (sent && !rest.empty()) sent = co_await conversation.connection->write(rest);
        if (sent && response.stream &&
            !co_await stream(conversation, *response.stream, response.content_length))
            co_return;
        if (sent && !is_read) co_await drop_rest(conversation);
        if (!sent || !keep_alive) co_return;
        conversation.busy = false;
        if (!rest.empty()) close_after(conversation, idle_max_);  // it may have taken a while
    }
}

// The present request, if its body is large and may be taken now; it may be taken whole by then.
std::optional<wire::http::Request> Connections::begin_large(Conversation& conversation) {
    const wire::http::Request* head = conversation.parser.undecided();
    if (!head) return std::nullopt;
    if (!takes_stream_(*head)) {
        auto taken = conversation.parser.take_whole();
        if (!taken) conversation.broken = std::move(taken).error();
        return conversation.parser.take();
    }
    wire::http::Request request = conversation.parser.take_streamed();
    request.incoming = &conversation;
    conversation.received(0);  // what of the body is here already
    return request;
}

Task<Result<wire::http::IncomingBody::Piece>> Connections::Conversation::next() {
    // A body that is here wants nothing; who does then is the request behind it.
    if (parser.is_streaming() && parser.take_expect_continue() &&
        !co_await owner.send_continue(*this))
        co_return fail("net.closed", "the connection is closed");
    while (true) {
        if (auto piece = parser.take_piece()) {
            deadline = Instant::max();
            co_return *std::move(piece);
        }
        if (broken) co_return Failure(*broken);
        owner.close_after(*this, owner.idle_max_);
        MILL_CO_CHECK(co_await read_more());
    }
}

Task<Result<void>> Connections::Conversation::read_more() {
    const std::span<char> room = parser.room();
    const auto count = co_await connection->read(room.data(), room.size());
    if (!count) co_return Failure(count.error());
    if (*count == 0) co_return fail("net.closed", "the peer has finished");
    received(*count);
    co_return Result<void>();
}

// Clients that read the answer only when they have sent all would else find the connection reset.
// Those that were not told to go on will not. One time limit for all of it: it may have no end.
Task<void> Connections::drop_rest(Conversation& conversation) {
    if (conversation.parser.take_expect_continue()) co_return;
    close_after(conversation, idle_max_);
    while (conversation.parser.is_streaming() && !conversation.broken) {
        static_cast<void>(conversation.parser.take_piece());
        if (!co_await conversation.read_more()) co_return;
    }
}

Task<bool> Connections::stream(Conversation& conversation, wire::http::BodySource& source,
                               std::optional<std::uint64_t> length) {
    Streaming streaming(conversation, machine_.executor, length);
    {
        mill::Scope both;
        both.spawn(watch(streaming));
        both.spawn(pump(streaming, source));
        if (!co_await streaming.ended.take()) co_return false;
    }
    close_after(conversation, idle_max_);
    if (length) co_return true;
    co_return (co_await conversation.connection->write(wire::http::last_chunk)).has_value();
}

Task<void> Connections::pump(Streaming& streaming, wire::http::BodySource& source) {
    Conversation& conversation = streaming.conversation;
    while (!draining_ || streaming.left) {
        conversation.deadline = Instant::max();
        std::string out;  // a new one each time: a big piece is not kept while the next is awaited
        const std::size_t begun = streaming.left ? 0 : wire::http::begin_chunk(out);
        const bool has_more = co_await source.next(out);
        if (streaming.ended.is_set()) co_return;
        if (!has_more) break;
        if (streaming.left) {
            MILL_ASSERT(out.size() <= *streaming.left);
            *streaming.left -= out.size();
        } else {
            wire::http::end_chunk(out, begun);
        }
        streaming.is_writing = true;
        close_after(conversation, idle_max_);
        const auto sent = co_await conversation.connection->write(out);
        streaming.is_writing = false;
        if (!sent) co_return streaming.ended.set(false);
    }
    streaming.ended.set(streaming.left.value_or(0) == 0);
}

// Until the peer goes, or sends what is to be read after the stream.
Task<void> Connections::watch(Streaming& streaming) {
    if (!co_await streaming.conversation.read_more()) streaming.ended.set(false);
}

Task<bool> Connections::send_continue(Conversation& conversation) {
    auto sent = co_await conversation.connection->write(wire::http::RequestParser::continue_line);
    co_return sent.has_value();
}

Task<void> Connections::refuse(Conversation& conversation, Error error) {
    wire::http::Response response{.status = error.status,
                                  .body = "{\"message\":\"" + error.message + "\"}"};
    response.headers.set("Content-Type", "application/json");
    response.headers.set("Date", http_date(machine_.clock.wall()));
    const std::string bytes = wire::http::serialize(response, false);
    close_after(conversation, idle_max_);
    if (!co_await conversation.connection->write(bytes)) co_return;
    close_after(conversation, linger_max);
    std::string dropped(linger_read_bytes, '\0');
    for (int i = 0; i < linger_reads_max; ++i) {
        auto count = co_await conversation.connection->read(dropped.data(), dropped.size());
        if (!count || *count == 0) co_return;
    }
}

void Connections::close_after(Conversation& conversation, Duration wait) {
    conversation.deadline = machine_.clock.now() + wait;
    if (conversation.deadline < timer_at_) wake_at(conversation.deadline);
}

void Connections::wake_at(Instant when) {
    timer_at_ = when;
    if (when == Instant::max()) {
        timer_.reset();
    } else {
        timer_ = machine_.timers.at(when, [this] { close_overdue(); });
    }
}

void Connections::close_overdue() {
    const Instant now = machine_.clock.now();
    std::vector<machine::Connection*> overdue;
    Instant next = Instant::max();
    for (Conversation* conversation : conversations_) {
        if (conversation->deadline <= now) {
            conversation->deadline = Instant::max();
            overdue.push_back(conversation->connection.get());
        }
        next = std::min(next, conversation->deadline);
    }
    wake_at(next);
    for (machine::Connection* connection : overdue) connection->close();
}

Task<void> Connections::drain(Instant deadline) {
    draining_ = true;
    const std::vector<Conversation*> open_now(conversations_.begin(), conversations_.end());
    for (Conversation* conversation : open_now) {
        if (!conversation->busy) conversation->connection->close();
        if (conversation->streaming && !conversation->streaming->is_writing &&
            !conversation->streaming->left)
            conversation->streaming->ended.set(true);
    }
    while (!conversations_.empty()) {
        if (!co_await ended_.wait_until(machine_.timers, deadline)) break;
    }
    scope_.clear();
}

}  // namespace mill::gateway
