// SPDX-License-Identifier: Apache-2.0
// Schedule: which of a queue's messages may be received next. State in memory and pure rules; no
// I/O, no clock. What is lost with it in a crash (who has received what) only makes messages come
// again.
//
// A message waits, is delayed, is in flight (received, invisible until its time is over), or is
// held (its deletion is being written). A FIFO queue gives the messages of a group in order, and
// none of it while one of them is in flight or held.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
// Adding, taking and removing cost O(log n).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "services/sqs/log_space.h"
#include "services/sqs/message.h"

namespace mill::sqs {

class Schedule {
  public:
    enum class State : std::uint8_t { waiting, delayed, in_flight, held };
    struct Group;
    struct Message {
        storage::Offset offset = 0;
        std::uint32_t bytes = 0;
        State state = State::waiting;
        std::uint32_t receives = 0;
        std::uint32_t noted = 0;    // receptions that the log tells of
        std::uint32_t receipt = 0;  // of the last time that it was received; 0: never
        WallTime sent;
        WallTime first_received;
        Instant received;
        Instant due;  // of delayed and in flight
        Group* group = nullptr;
    };
    struct New {
        Number number = 0;
        storage::Offset offset = 0;
        std::uint32_t bytes = 0;
        WallTime sent;
        Instant available;
        std::string group;
    };
    struct Counts {
        std::size_t waiting = 0, delayed = 0, in_flight = 0;  // held ones are in flight
    };

    Schedule(bool is_fifo, std::uint64_t waste_bytes_min);
    ~Schedule();

    void add(New message, Instant now);
    // As the log tells: how often a message had been received, and when first.
    void set_receives(Number number, std::uint32_t receives, WallTime first_received);
    // The log tells of all its receptions now.
    void note_receives(Number number);
    // A copy of the message lies there now.
    void move(Number number, storage::Offset to);
    void erase(Number number);
    // All up to that number.
    void purge(Number last);
    // Lets what is due become visible, and removes what was sent before `horizon`.
    void advance(Instant now, WallTime horizon);

    struct Taken {
        std::vector<Number> given;
        std::vector<Number> spent;  // received `receives_max` times already; held now
    };
    struct Take {
        std::size_t count = 1;
        std::uint32_t receives_max = 0;  // 0: no bound
        Instant now;
        Instant due;
        WallTime wall;
        WallTime horizon;
    };
    Taken take(const Take& take);
    // Of messages in flight. Due now: visible again.
    void set_due(Number number, Instant due, Instant now);
    // Visible again, as if this receipt had not been.
    void untake(Number number, Instant now);
    // Whether take() may give something.
    bool has_ready() const { return is_fifo_ ? !ready_.empty() : counts_.waiting > 0; }
    // Nobody gets it until release() or erase().
    void hold(Number number);
    void release(Number number, Instant now);

    const Message* find(Number number) const;
    const Counts& counts() const { return counts_; }
    // When something becomes visible by itself.
    std::optional<Instant> next_due();
    LogSpace& space() { return space_; }

  private:
    using Messages = std::map<Number, Message>;
    struct Due {
        Instant when;
        Number number;
        bool operator>(const Due& other) const {
            return std::tie(when, number) > std::tie(other.when, other.number);
        }
    };

    std::size_t& count_of(State state);
    void set_state(Number number, Message& message, State state);
    void make_visible(Number number, Message& message);
    void wait_until(Number number, Message& message, State state, Instant due, Instant now);
    void refresh(Group& group);
    Messages::iterator remove(Messages::iterator at);
    bool give(Number number, Message& message, const Take& take, Taken& taken);
    Taken take_standard(const Take& take);
    Taken take_fifo(const Take& take);
    void take_group(Group& group, const Take& take, Taken& taken);
    bool is_stale(const Due& due) const;

    bool is_fifo_;
    LogSpace space_;
    Messages messages_;
    Counts counts_;
    std::uint32_t last_receipt_ = 0;
    // Entries may be out of date: what they say is looked up.
    std::priority_queue<Number, std::vector<Number>, std::greater<>> visible_;  // standard
    std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
    std::map<std::string, std::unique_ptr<Group>, std::less<>> groups_;
    std::set<std::pair<Number, Group*>> ready_;  // groups that may be taken from, by first message
};

}  // namespace mill::sqs
