// SPDX-License-Identifier: Apache-2.0
#include "gateway/connections.h"

namespace mill::gateway {
namespace {

constexpr std::size_t read_bytes = 64 * 1024;
// A refused client may still be sending. Closing on unread bytes would reset the connection and
// lose the answer, so a little is read and dropped first.
constexpr int linger_reads_max = 64;
constexpr Duration linger_max = std::chrono::seconds(1);

// botocore (seen in 1.43) announces an empty body too, and a connection on which it then gets the
// final answer without the 100 before it is unusable for it from then on.
bool expects_continue_for_nothing(const wire::http::Request& request) {
    return request.body.empty() && request.headers.find("expect") != nullptr;
}

}  // namespace

// Lives in the coroutine's frame: dropping the coroutine drops the connection.
struct Connections::Conversation {
    Conversation(Connections& o, std::unique_ptr<machine::Connection> c)
        : owner(o), connection(std::move(c)), buffer(read_bytes, '\0') {
        place = owner.conversations_.insert(owner.conversations_.end(), this);
    }
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;
    ~Conversation() {
        owner.conversations_.erase(place);
        owner.ended_.notify_all();
    }
    Connections& owner;
    std::unique_ptr<machine::Connection> connection;
    wire::http::RequestParser parser;
    std::string buffer;
    bool continued = false;       // the request being read was told to go on
    bool busy = false;            // a request is being served
    std::optional<Error> broken;  // the framing: nothing after it can be read
    std::list<Conversation*>::iterator place;
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

Task<void> Connections::converse(std::unique_ptr<machine::Connection> connection) {
    Conversation conversation(*this, std::move(connection));
    while (true) {
        auto request = co_await next_request(conversation);
        if (!request) co_return;
        conversation.busy = true;
        const bool wants_more = request->keep_alive;
        const wire::http::Response response = co_await handler_(*std::move(request));
        const bool keep_alive = wants_more && !draining_;
        const bool sent = co_await send(conversation, wire::http::serialize(response, keep_alive));
        conversation.busy = false;
        if (!sent || !keep_alive) co_return;
    }
}

Task<std::optional<wire::http::Request>> Connections::next_request(Conversation& conversation) {
    const auto timer = close_after(conversation, idle_max_);
    while (true) {
        if (auto request = conversation.parser.take()) {
            const bool promised = std::exchange(conversation.continued, false);
            if (!promised && expects_continue_for_nothing(*request) &&
                !co_await send_continue(conversation)) {
                co_return std::nullopt;
            }
            co_return request;
        }
        if (draining_) co_return std::nullopt;
        if (conversation.broken) {  // what came before it has been answered
            co_await refuse(conversation, *std::move(conversation.broken));
            co_return std::nullopt;
        }
        if (conversation.parser.take_expect_continue()) {
            conversation.continued = true;
            if (!co_await send_continue(conversation)) co_return std::nullopt;
        }
        auto count = co_await conversation.connection->read(conversation.buffer.data(),
                                                            conversation.buffer.size());
        if (!count || *count == 0) co_return std::nullopt;
        auto fed = conversation.parser.feed(BytesView(conversation.buffer).substr(0, *count));
        if (!fed) conversation.broken = std::move(fed).error();
    }
}

Task<bool> Connections::send(Conversation& conversation, std::string bytes) {
    const auto timer = close_after(conversation, idle_max_);
    auto sent = co_await conversation.connection->write(bytes);
    co_return sent.has_value();
}

Task<bool> Connections::send_continue(Conversation& conversation) {
    return send(conversation, std::string(wire::http::RequestParser::continue_line));
}

Task<void> Connections::refuse(Conversation& conversation, Error error) {
    wire::http::Response response{.status = error.status,
                                  .body = "{\"message\":\"" + error.message + "\"}"};
    response.headers.set("Content-Type", "application/json");
    response.headers.set("Date", http_date(machine_.clock.wall()));
    if (!co_await send(conversation, wire::http::serialize(response, false))) co_return;
    const auto timer = close_after(conversation, linger_max);
    for (int i = 0; i < linger_reads_max; ++i) {
        auto count = co_await conversation.connection->read(conversation.buffer.data(),
                                                            conversation.buffer.size());
        if (!count || *count == 0) co_return;
    }
}

machine::TimerHandle Connections::close_after(Conversation& conversation, Duration wait) {
    return machine_.timers.at(
        machine_.clock.now() + wait,
        [connection = conversation.connection.get()] { connection->close(); });
}

Task<void> Connections::drain(Instant deadline) {
    draining_ = true;
    const std::vector<Conversation*> open_now(conversations_.begin(), conversations_.end());
    for (Conversation* conversation : open_now) {
        if (!conversation->busy) conversation->connection->close();
    }
    while (!conversations_.empty()) {
        if (!co_await ended_.wait_until(machine_.timers, deadline)) break;
    }
    scope_.clear();
}

}  // namespace mill::gateway
