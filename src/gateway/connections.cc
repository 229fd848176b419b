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

// botocore (seen in 1.43) announces an empty body too, and a connection on which it then gets the
// final answer without the 100 before it is unusable for it from then on.
bool expects_continue_for_nothing(const wire::http::Request& request) {
    return request.body.empty() && request.headers.contains("expect");
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

// Lives in the coroutine's frame: dropping the coroutine drops the connection.
struct Connections::Conversation {
    Conversation(Connections& o, std::unique_ptr<machine::Connection> c)
        : owner(o), connection(std::move(c)) {
        place = owner.conversations_.insert(owner.conversations_.end(), this);
    }
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;
    ~Conversation() {
        owner.conversations_.erase(place);
        if (owner.conversations_.empty()) owner.wake_at(Instant::max());
        owner.ended_.notify_all();
    }
    Connections& owner;
    std::unique_ptr<machine::Connection> connection;
    wire::http::RequestParser parser;
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
    Streaming(Conversation& c, machine::Executor& executor) : conversation(c), ended(executor) {
        conversation.streaming = this;
    }
    Streaming(const Streaming&) = delete;
    Streaming& operator=(const Streaming&) = delete;
    ~Streaming() { conversation.streaming = nullptr; }

    Conversation& conversation;
    machine::OneShot<bool> ended;
    bool is_writing = false;
};

Connections::Connections(Machine& machine, std::uint32_t connections_max, Duration idle_max,
                         Handler handler)
    : machine_(machine),
      connections_max_(connections_max),
      idle_max_(idle_max),
      handler_(std::move(handler)),
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
            if (conversation.broken) {  // what came before it has been answered
                co_await refuse(conversation, *std::move(conversation.broken));
                co_return;
            }
            if (conversation.parser.take_expect_continue()) {
                conversation.continued = true;
                if (!co_await send_continue(conversation)) co_return;
            }
            const std::span<char> room = conversation.parser.room();
            const auto count = co_await conversation.connection->read(room.data(), room.size());
            if (!count || *count == 0) co_return;
            auto received = conversation.parser.received(*count);
            if (!received) conversation.broken = std::move(received).error();
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
        if (response.stream && !request->takes_chunks) response = needs_chunks();
        const bool keep_alive = wants_more && !draining_;
        close_after(conversation, idle_max_);
        const BytesView rest = write_head(conversation.out, response, keep_alive);
        auto sent = co_await conversation.connection->write(conversation.out);
        if (sent && !rest.empty()) sent = co_await conversation.connection->write(rest);
        if (sent && response.stream && !co_await stream(conversation, *response.stream)) co_return;
        if (!sent || !keep_alive) co_return;
        conversation.busy = false;
        if (!rest.empty()) close_after(conversation, idle_max_);  // it may have taken a while
    }
}

Task<bool> Connections::stream(Conversation& conversation, wire::http::BodySource& source) {
    Streaming streaming(conversation, machine_.executor);
    {
        mill::Scope both;
        both.spawn(watch(streaming));
        both.spawn(pump(streaming, source));
        if (!co_await streaming.ended.take()) co_return false;
    }
    close_after(conversation, idle_max_);
    co_return (co_await conversation.connection->write(wire::http::last_chunk)).has_value();
}

Task<void> Connections::pump(Streaming& streaming, wire::http::BodySource& source) {
    Conversation& conversation = streaming.conversation;
    while (!draining_) {
        conversation.deadline = Instant::max();
        std::string out;  // a new one each time: a big piece is not kept while the next is awaited
        const std::size_t begun = wire::http::begin_chunk(out);
        const bool has_more = co_await source.next(out);
        if (streaming.ended.is_set()) co_return;
        if (!has_more) break;
        wire::http::end_chunk(out, begun);
        streaming.is_writing = true;
        close_after(conversation, idle_max_);
        const auto sent = co_await conversation.connection->write(out);
        streaming.is_writing = false;
        if (!sent) co_return streaming.ended.set(false);
    }
    streaming.ended.set(true);
}

// Until the peer goes, or sends what is to be read after the stream.
Task<void> Connections::watch(Streaming& streaming) {
    Conversation& conversation = streaming.conversation;
    const std::span<char> room = conversation.parser.room();
    const auto count = co_await conversation.connection->read(room.data(), room.size());
    if (!count || *count == 0) co_return streaming.ended.set(false);
    auto received = conversation.parser.received(*count);
    if (!received) conversation.broken = std::move(received).error();
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
        if (conversation->streaming && !conversation->streaming->is_writing)
            conversation->streaming->ended.set(true);
    }
    while (!conversations_.empty()) {
        if (!co_await ended_.wait_until(machine_.timers, deadline)) break;
    }
    scope_.clear();
}

}  // namespace mill::gateway
