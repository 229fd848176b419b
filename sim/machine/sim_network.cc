// SPDX-License-Identifier: Apache-2.0
#include "sim/machine/sim_network.h"

#include <algorithm>
#include <utility>

namespace mill::sim {
namespace {

using machine::Connection;
using machine::Endpoint;
using machine::Listener;

constexpr std::size_t buffer_bytes_max = 256 * 1024;
constexpr std::size_t chunk_bytes_max = 16 * 1024;
constexpr Duration delay_least = std::chrono::microseconds(10);
constexpr Duration delay_most = std::chrono::milliseconds(2);

std::unexpected<Error> closed_error() {
    return fail("net.closed", "the peer has closed the connection");
}

// The oldest chunk arrives. Deliveries may run in any order: bytes keep theirs.
void deliver(Wire& wire, int to) {
    Wire::End& end = *wire.ends[to];
    if (end.in_flight.empty()) return;  // a reset overtook it
    Bytes chunk = std::move(end.in_flight.front());
    end.in_flight.pop_front();
    if (chunk.empty()) {
        end.peer_finished = true;
    } else {
        end.inbox += chunk;
    }
    end.readable.notify_all();
}

void send(const std::shared_ptr<Wire>& wire, int to, Bytes chunk) {
    const auto core = wire->core.lock();
    if (!core) return;
    Wire::End& end = *wire->ends[to];
    core->mix(chunk.size());
    end.unread += chunk.size();
    end.in_flight.push_back(std::move(chunk));
    // The outside keeps deliveries alive when the sender's software dies: bytes sent are on their
    // way.
    core->after(Side::outside, JobKind::network, core->delays.delay(delay_least, delay_most),
                [weak = std::weak_ptr(wire), to] {
                    if (auto alive = weak.lock()) deliver(*alive, to);
                });
}

void close_end(const std::shared_ptr<Wire>& wire, int self) {
    Wire::End& mine = *wire->ends[self];
    if (std::exchange(mine.closed, true)) return;
    if (!wire->core.lock()) return;
    mine.in_flight.clear();
    mine.inbox.clear();
    mine.readable.notify_all();
    mine.writable.notify_all();
    Wire::End& other = *wire->ends[1 - self];
    if (other.closed) return;
    other.writable.notify_all();
    send(wire, 1 - self, {});
}

Task<Result<std::size_t>> read_some(std::shared_ptr<Wire> wire, machine::Executor& executor,
                                    int self, char* to, std::size_t count) {
    const auto now_and_then = [&wire](std::uint64_t n) {
        const auto core = wire->core.lock();
        return core && core->delays.one_in(n);
    };
    if (now_and_then(8)) co_await machine::yield(executor);
    Wire::End& mine = *wire->ends[self];
    while (mine.inbox.empty()) {
        if (mine.closed || mine.reset) co_return closed_error();
        if (mine.peer_finished) co_return std::size_t{0};
        co_await mine.readable.wait();
    }
    if (mine.closed) co_return closed_error();
    std::size_t taken = std::min(count, mine.inbox.size());
    if (now_and_then(4)) taken = 1 + wire->core.lock()->delays.below(taken);
    mine.inbox.copy(to, taken);
    mine.inbox.erase(0, taken);
    mine.unread -= taken;
    wire->ends[1 - self]->writable.notify_all();
    co_return taken;
}

Task<Result<void>> write_all(std::shared_ptr<Wire> wire, machine::Executor& executor, int self,
                             BytesView bytes) {
    Wire::End& mine = *wire->ends[self];
    Wire::End& other = *wire->ends[1 - self];
    while (!bytes.empty()) {
        if (mine.closed || mine.reset || other.closed) co_return closed_error();
        if (other.unread >= buffer_bytes_max) {
            co_await mine.writable.wait();
            continue;
        }
        const std::size_t sent = std::min(bytes.size(), chunk_bytes_max);
        send(wire, 1 - self, Bytes(bytes.substr(0, sent)));
        bytes.remove_prefix(sent);
    }
    co_await machine::yield(executor);
    co_return Result<void>{};
}

class SimConnection final : public Connection {
  public:
    SimConnection(std::shared_ptr<Wire> wire, machine::Executor& executor, int self)
        : wire_(std::move(wire)), executor_(executor), self_(self) {}
    ~SimConnection() override { close_end(wire_, self_); }
    Task<Result<std::size_t>> read(char* to, std::size_t count) override {
        return read_some(wire_, executor_, self_, to, count);
    }
    Task<Result<void>> write(BytesView bytes) override {
        return write_all(wire_, executor_, self_, bytes);
    }
    void close() override { close_end(wire_, self_); }
    Endpoint peer() const override { return wire_->ends[self_]->peer; }

  private:
    std::shared_ptr<Wire> wire_;
    machine::Executor& executor_;
    int self_;
};

class SimListener final : public Listener {
  public:
    SimListener(std::weak_ptr<NetworkState> state, Endpoint at,
                std::shared_ptr<NetworkState::Listening> listening)
        : state_(std::move(state)), at_(std::move(at)), listening_(std::move(listening)) {}
    ~SimListener() override {
        const auto state = state_.lock();
        if (!state) return;
        const auto found = state->listeners.find({at_.host, at_.port});
        if (found != state->listeners.end() && found->second == listening_)
            state->listeners.erase(found);
    }
    Endpoint local() const override { return at_; }

  private:
    std::weak_ptr<NetworkState> state_;
    Endpoint at_;
    std::shared_ptr<NetworkState::Listening> listening_;
};

// The process on the other side is gone: what it had sent may still arrive, or not.
void lose_peer(const std::shared_ptr<Wire>& wire, int survivor, Core& core) {
    Wire::End& end = *wire->ends[survivor];
    if (end.closed) return;
    if (core.delays.one_in(2)) {
        send(wire, survivor, {});
        end.writable.notify_all();
        return;
    }
    end.in_flight.clear();
    end.reset = true;
    end.readable.notify_all();
    end.writable.notify_all();
}

}  // namespace

void NetworkState::kill(Side side, Core& core) {
    // An Accept may own what refers back to here: destroyed when the map is in order again.
    std::vector<std::shared_ptr<Listening>> gone;
    for (auto place = listeners.begin(); place != listeners.end();) {
        if (place->second->side != side) {
            ++place;
            continue;
        }
        gone.push_back(std::move(place->second));
        place = listeners.erase(place);
    }
    for (const auto& weak : std::exchange(wires, {})) {
        const auto wire = weak.lock();
        if (!wire) continue;
        bool touched = false;
        for (int self : {0, 1}) {
            if (wire->ends[self]->side != side) continue;
            // Its owner's coroutines are not woken: they will be destroyed.
            wire->ends[self]->closed = true;
            touched = true;
        }
        for (int self : {0, 1}) {
            if (touched && wire->ends[self]->side != side) lose_peer(wire, self, core);
        }
        wires.push_back(weak);
    }
}

void NetworkState::drop_some(Core& core) {
    for (const auto& weak : wires) {
        const auto wire = weak.lock();
        if (!wire || wire->ends[0]->side == wire->ends[1]->side || core.delays.one_in(2)) continue;
        for (int self : {0, 1}) {
            Wire::End& end = *wire->ends[self];
            if (end.closed) continue;
            end.in_flight.clear();
            end.reset = true;
            end.readable.notify_all();
            end.writable.notify_all();
        }
    }
}

Result<std::unique_ptr<Listener>> SimNetwork::listen(const Endpoint& at, Accept accept) {
    Endpoint bound = at;
    if (bound.port == 0) {
        while (state_->listeners.contains({bound.host, state_->next_port})) ++state_->next_port;
        bound.port = state_->next_port++;
    }
    if (state_->listeners.contains({bound.host, bound.port})) {
        return fail("net.in_use", bound.text() + " is in use by another program");
    }
    auto listening = std::make_shared<NetworkState::Listening>(
        side_, std::make_shared<Accept>(std::move(accept)));
    state_->listeners[{bound.host, bound.port}] = listening;
    return std::make_unique<SimListener>(state_, bound, std::move(listening));
}

bool SimNetwork::knows(const std::string& host) const {
    return host.contains(':') || host.find_first_not_of("0123456789.") == std::string::npos ||
           std::ranges::any_of(state_->listeners,
                               [&](const auto& entry) { return entry.first.first == host; });
}

std::shared_ptr<NetworkState::Listening> SimNetwork::find(const Endpoint& to) const {
    for (const std::string& host : {to.host, std::string("0.0.0.0"), std::string("::")}) {
        if (auto found = state_->listeners.find({host, to.port}); found != state_->listeners.end())
            return found->second;
    }
    return nullptr;
}

std::unique_ptr<Connection> SimNetwork::join(
    const Endpoint& to, const std::shared_ptr<NetworkState::Listening>& listening) {
    if (state_->next_client_port < 50000) state_->next_client_port = 50000;
    const Endpoint from{to.host, state_->next_client_port++};
    const Side there = listening->side;
    auto wire = std::make_shared<Wire>(core_.weak_from_this(),
                                       std::make_unique<Wire::End>(side_, executor(side_), to),
                                       std::make_unique<Wire::End>(there, executor(there), from));
    std::erase_if(state_->wires, [](const auto& weak) { return weak.expired(); });
    state_->wires.push_back(wire);
    auto accepted = std::make_unique<SimConnection>(wire, executor(there), 1);
    core_.post(there, JobKind::network,
               [weak = std::weak_ptr(listening), connection = std::move(accepted)]() mutable {
                   const auto alive = weak.lock();
                   if (!alive) return;
                   const auto accept = alive->accept;  // may destroy its own listener
                   (*accept)(std::move(connection));
               });
    return std::make_unique<SimConnection>(std::move(wire), executor(side_), 0);
}

Task<Result<std::unique_ptr<Connection>>> SimNetwork::connect(Endpoint to) {
    SimTimers timers(core_, side_);
    co_await machine::sleep_until(timers,
                                  core_.now() + core_.delays.delay(delay_least, delay_most));
    if (!knows(to.host)) co_return fail("net", "cannot find the address of '" + to.host + "'");
    const auto listening = find(to);
    if (!listening) co_return fail("net.refused", "nobody listens on " + to.text());
    co_return join(to, listening);
}

}  // namespace mill::sim
