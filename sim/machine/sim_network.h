// SPDX-License-Identifier: Apache-2.0
// Connections in memory. Bytes keep their order per direction, arrive after random delays and are
// read in random pieces; a full buffer holds the writer back. When the software of one side dies,
// its peers see the end or a reset.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "machine/network.h"
#include "machine/signal.h"
#include "sim/machine/core.h"

namespace mill::sim {

// What both ends of a connection share. End 0 connected, end 1 accepted.
struct Wire {
    struct End {
        End(Side where, machine::Executor& executor, machine::Endpoint other)
            : side(where), peer(std::move(other)), readable(executor), writable(executor) {}
        Side side;
        machine::Endpoint peer;
        bool closed = false;  // by its owner
        bool reset = false;   // the other end died
        bool peer_finished = false;
        std::deque<Bytes>
            in_flight;           // towards this end; an empty chunk says that the peer has finished
        Bytes inbox;             // arrived, not read
        std::size_t unread = 0;  // in_flight and inbox
        machine::Signal readable;
        machine::Signal writable;  // room in the other end's buffer
    };
    Wire(std::weak_ptr<Core> owner, std::unique_ptr<End> connected, std::unique_ptr<End> accepted)
        : core(std::move(owner)) {
        ends[0] = std::move(connected);
        ends[1] = std::move(accepted);
    }
    std::weak_ptr<Core> core;
    std::unique_ptr<End> ends[2];
};

struct NetworkState {
    struct Listening {
        Side side;
        std::shared_ptr<machine::Network::Accept> accept;
    };
    using Key = std::pair<std::string, unsigned short>;
    std::map<Key, std::shared_ptr<Listening>> listeners;
    std::vector<std::weak_ptr<Wire>> wires;
    unsigned short next_port = 30000;
    unsigned short next_client_port = 50000;

    // Everything of that side is gone.
    void kill(Side side, Core& core);
    // Resets connections between the sides, at random.
    void drop_some(Core& core);
};

class SimNetwork final : public machine::Network {
  public:
    // `executors` are those of the inside and the outside.
    SimNetwork(Core& core, Side side, std::shared_ptr<NetworkState> state,
               machine::Executor* inside, machine::Executor* outside)
        : core_(core), side_(side), state_(std::move(state)), executors_{inside, outside} {}
    Result<std::unique_ptr<machine::Listener>> listen(const machine::Endpoint& at,
                                                      Accept accept) override;
    Task<Result<std::unique_ptr<machine::Connection>>> connect(machine::Endpoint to) override;

  private:
    // Literals, and the names that somebody listens at.
    bool knows(const std::string& host) const;
    std::shared_ptr<NetworkState::Listening> find(const machine::Endpoint& to) const;
    machine::Executor& executor(Side side) { return *executors_[side == Side::outside]; }
    std::unique_ptr<machine::Connection> join(
        const machine::Endpoint& to, const std::shared_ptr<NetworkState::Listening>& listening);

    Core& core_;
    Side side_;
    std::shared_ptr<NetworkState> state_;
    machine::Executor* executors_[2];
};

}  // namespace mill::sim
