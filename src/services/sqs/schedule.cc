// SPDX-License-Identifier: Apache-2.0
#include "services/sqs/schedule.h"

#include "base/assert.h"

namespace mill::sqs {

struct Schedule::Group {
    std::string id;
    std::set<Number> messages;  // all of them, in order
    std::size_t locks = 0;      // messages in flight or held
    std::optional<Number> ready_as;
};

namespace {

bool is_locking(Schedule::State state) {
    return state == Schedule::State::in_flight || state == Schedule::State::held;
}

}  // namespace

Schedule::Schedule(bool is_fifo, std::uint64_t waste_bytes_min)
    : is_fifo_(is_fifo), space_(waste_bytes_min) {}

Schedule::~Schedule() = default;

const Schedule::Message* Schedule::find(Number number) const {
    const auto at = messages_.find(number);
    return at == messages_.end() ? nullptr : &at->second;
}

std::size_t& Schedule::count_of(State state) {
    return state == State::waiting   ? counts_.waiting
           : state == State::delayed ? counts_.delayed
                                     : counts_.in_flight;
}

void Schedule::add(New message, Instant now) {
    if (messages_.contains(message.number)) return move(message.number, message.offset);
    Message& added = messages_[message.number];
    added.offset = message.offset;
    added.bytes = message.bytes;
    added.sent = message.sent;
    space_.add_live(added.offset, added.bytes);
    ++count_of(added.state);
    if (is_fifo_) {
        std::unique_ptr<Group>& group = groups_[message.group];
        if (!group) group = std::make_unique<Group>(Group{.id = message.group});
        group->messages.insert(message.number);
        added.group = group.get();
    }
    wait_until(message.number, added, State::delayed, message.available, now);
}

void Schedule::set_receives(Number number, std::uint32_t receives, WallTime first_received) {
    const auto at = messages_.find(number);
    if (at == messages_.end()) return;
    at->second.receives = at->second.noted = receives;
    at->second.first_received = first_received;
}

void Schedule::note_receives(Number number) {
    Message& message = messages_.at(number);
    message.noted = message.receives;
}

void Schedule::move(Number number, storage::Offset to) {
    const auto at = messages_.find(number);
    if (at == messages_.end()) return;
    space_.drop_live(at->second.offset, at->second.bytes);
    at->second.offset = to;
    space_.add_live(to, at->second.bytes);
}

Schedule::Messages::iterator Schedule::remove(Messages::iterator at) {
    const auto& [number, message] = *at;
    space_.drop_live(message.offset, message.bytes);
    --count_of(message.state);
    if (Group* group = message.group) {
        group->messages.erase(number);
        if (is_locking(message.state)) --group->locks;
        refresh(*group);
        if (group->messages.empty()) groups_.erase(groups_.find(group->id));
    }
    return messages_.erase(at);
}

void Schedule::erase(Number number) {
    const auto at = messages_.find(number);
    if (at != messages_.end()) remove(at);
}

void Schedule::purge(Number last) {
    auto at = messages_.begin();
    while (at != messages_.end() && at->first <= last) at = remove(at);
    if (messages_.empty()) visible_ = {};
}

void Schedule::set_state(Number number, Message& message, State state) {
    --count_of(message.state);
    ++count_of(state);
    const bool was_locking = is_locking(std::exchange(message.state, state));
    if (Group* group = message.group) {
        group->locks += static_cast<std::size_t>(is_locking(state));
        group->locks -= static_cast<std::size_t>(was_locking);
        refresh(*group);
    } else if (state == State::waiting) {
        visible_.push(number);
    }
}

void Schedule::wait_until(Number number, Message& message, State state, Instant due, Instant now) {
    message.due = due;
    if (due <= now) return set_state(number, message, State::waiting);
    set_state(number, message, state);
    due_.push({due, number});
}

// A group is ready if nothing locks it and its first message waits.
void Schedule::refresh(Group& group) {
    std::optional<Number> ready_as;
    if (group.locks == 0 && !group.messages.empty()) {
        const Number first = *group.messages.begin();
        if (messages_.at(first).state == State::waiting) ready_as = first;
    }
    if (ready_as == group.ready_as) return;
    if (group.ready_as) ready_.erase({*group.ready_as, &group});
    if (ready_as) ready_.emplace(*ready_as, &group);
    group.ready_as = ready_as;
}

bool Schedule::is_stale(const Due& due) const {
    const Message* message = find(due.number);
    return !message || message->due != due.when ||
           (message->state != State::delayed && message->state != State::in_flight);
}

std::optional<Instant> Schedule::next_due() {
    while (!due_.empty() && is_stale(due_.top())) due_.pop();
    if (due_.empty()) return std::nullopt;
    return due_.top().when;
}

void Schedule::advance(Instant now, WallTime horizon) {
    while (const auto due = next_due()) {
        if (*due > now) break;
        const Number number = due_.top().number;
        due_.pop();
        set_state(number, messages_.at(number), State::waiting);
    }
    // Numbers follow the times of sending, but for dead letters: take() looks at those.
    auto at = messages_.begin();
    while (at != messages_.end() && at->second.sent < horizon && at->second.state != State::held)
        at = remove(at);
}

Schedule::Taken Schedule::take(const Take& take) {
    return is_fifo_ ? take_fifo(take) : take_standard(take);
}

// False if the message is spent.
bool Schedule::give(Number number, Message& message, const Take& take, Taken& taken) {
    if (take.receives_max > 0 && message.receives >= take.receives_max) {
        set_state(number, message, State::held);
        taken.spent.push_back(number);
        return false;
    }
    if (message.receives++ == 0) message.first_received = take.wall;
    message.receipt = ++last_receipt_;
    message.received = take.now;
    taken.given.push_back(number);
    wait_until(number, message, State::in_flight, take.due, take.now);
    return true;
}

Schedule::Taken Schedule::take_standard(const Take& take) {
    Taken taken;
    std::vector<Number> again;  // with a visibility timeout of 0 it would be taken twice
    while (!visible_.empty() && taken.given.size() + taken.spent.size() < take.count) {
        const Number number = visible_.top();
        visible_.pop();
        const auto at = messages_.find(number);
        if (at == messages_.end() || at->second.state != State::waiting) continue;
        if (at->second.sent < take.horizon) {
            remove(at);
            continue;
        }
        if (take.due > take.now) {
            give(number, at->second, take, taken);
            continue;
        }
        Take invisible = take;
        invisible.due = take.now + std::chrono::nanoseconds(1);
        if (give(number, at->second, invisible, taken)) again.push_back(number);
    }
    for (const Number number : again) set_due(number, take.now, take.now);
    return taken;
}

Schedule::Taken Schedule::take_fifo(const Take& take) {
    Taken taken;
    std::vector<Group*> groups;  // taking changes what is ready
    for (const auto& [first, group] : ready_) {
        if (groups.size() == take.count) break;
        groups.push_back(group);
    }
    for (Group* group : groups) {
        if (taken.given.size() + taken.spent.size() >= take.count) break;
        take_group(*group, take, taken);
    }
    return taken;
}

// From a group whose first messages are spent only those: what follows them must not come before
// they are gone.
void Schedule::take_group(Group& group, const Take& take, Taken& taken) {
    std::vector<Number> numbers;
    for (const Number number : group.messages) {
        if (taken.given.size() + taken.spent.size() + numbers.size() >= take.count) break;
        const Message& message = messages_.at(number);
        const bool is_spent = take.receives_max > 0 && message.receives >= take.receives_max;
        if (message.state != State::waiting) break;
        if (!numbers.empty()) {
            const Message& first = messages_.at(numbers.front());
            const bool first_spent = take.receives_max > 0 && first.receives >= take.receives_max;
            if (is_spent != first_spent) break;
        }
        numbers.push_back(number);
    }
    for (const Number number : numbers) give(number, messages_.at(number), take, taken);
}

void Schedule::set_due(Number number, Instant due, Instant now) {
    wait_until(number, messages_.at(number), State::in_flight, due, now);
}

void Schedule::untake(Number number, Instant now) {
    --messages_.at(number).receives;
    set_due(number, now, now);
}

void Schedule::hold(Number number) { set_state(number, messages_.at(number), State::held); }

void Schedule::release(Number number, Instant now) {
    const auto at = messages_.find(number);
    if (at == messages_.end() || at->second.state != State::held) return;
    wait_until(number, at->second, State::in_flight, at->second.due, now);
}

}  // namespace mill::sqs
