// SPDX-License-Identifier: Apache-2.0
// Connections: HTTP/1.1 conversations, one coroutine each. Requests of one connection are answered
// one after the other, in order; while one is served nothing more is read, so a client that
// pipelines waits. Bounded: their number, the wait for a whole request, the wait for a peer that
// does not take its answer.
//
// A large body may be taken piece by piece by whom it is for: then nothing is read before it is
// asked for, and what is left of it when the answer is there is read and dropped, for as long as
// the peer might have been idle.
//
// An answer that is a stream is sent piece by piece, the next one asked for when the one before has
// been written; meanwhile it is watched whether the peer is still there. A drain ends those without
// a length between two pieces, with the last chunk.
#pragma once

#include <functional>
#include <list>
#include <memory>

#include "machine/machine.h"
#include "wire/http.h"

namespace mill::gateway {

class Connections {
  public:
    // The request stays until the answer is there, and is the handler's to take apart.
    using Handler =
        std::function<Task<wire::http::Response>(wire::http::Request&, const machine::Connection&)>;
    // Whether the handler takes the large body of the request, whose head this is, by
    // Request::incoming.
    using TakesStream = std::function<bool(const wire::http::Request&)>;
    Connections(Machine& machine, std::uint32_t connections_max, Duration idle_max, Handler handler,
                TakesStream takes_stream);
    Connections(const Connections&) = delete;
    Connections& operator=(const Connections&) = delete;

    // Beyond the bound the connection is closed at once.
    void accept(std::unique_ptr<machine::Connection> connection);
    std::size_t open() const { return conversations_.size(); }
    // Closes idle connections, lets requests under way finish until the deadline, then drops what
    // is left.
    Task<void> drain(Instant deadline);

  private:
    struct Conversation;
    Task<void> converse(std::unique_ptr<machine::Connection> connection);
    std::optional<wire::http::Request> begin_large(Conversation& conversation);
    Task<void> drop_rest(Conversation& conversation);
    Task<bool> send_continue(Conversation& conversation);
    Task<void> refuse(Conversation& conversation, Error error);
    struct Streaming;
    Task<bool> stream(Conversation& conversation, wire::http::BodySource& source,
                      std::optional<std::uint64_t> length);
    Task<void> pump(Streaming& streaming, wire::http::BodySource& source);
    Task<void> watch(Streaming& streaming);
    void close_after(Conversation& conversation, Duration wait);
    void close_overdue();
    void wake_at(Instant when);

    Machine& machine_;
    std::uint32_t connections_max_;
    Duration idle_max_;
    Handler handler_;
    TakesStream takes_stream_;
    std::list<Conversation*> conversations_;
    // One timer for all: at the earliest deadline, or earlier if that conversation went on.
    machine::TimerHandle timer_;
    Instant timer_at_ = Instant::max();
    bool draining_ = false;
    machine::Signal ended_;  // a conversation ended
    mill::Scope scope_;
};

}  // namespace mill::gateway
