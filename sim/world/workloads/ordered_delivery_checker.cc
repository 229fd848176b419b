// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/ordered_delivery_checker.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

namespace mill::sim {
namespace {

using Moment = History::Moment;
using Id = std::pair<std::string, std::uint64_t>;  // key, number

std::string name(const Id& id) { return id.first + "/" + std::to_string(id.second); }

// Decimal numbers as text.
bool smaller(const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

// What happened to one record.
struct Fate {
    const History::Put* put = nullptr;
    std::string sequence_number;                 // as delivered, else as acknowledged
    const History::Invocation* first = nullptr;  // to which it was delivered
    std::size_t place = 0;                       // in that batch
    Moment processed = 0;                        // earliest yes of an invocation that had it
};

class Judge {
  public:
    Judge(const History& history, std::size_t most) : history_(history), most_(most) {}

    std::vector<std::string> violations() {
        for (const History::Put& put : history_.puts) {
            Fate& fate = fates_[{put.key, put.number}];
            fate.put = &put;
            fate.sequence_number = put.sequence_number;
        }
        for (const History::Invocation& invocation : history_.invocations) follow(invocation);
        for (const auto& [id, fate] : fates_) judge_record(id, fate);
        for (auto from = fates_.cbegin(); from != fates_.cend();) from = judge_key(from);
        return std::move(found_);
    }

  private:
    using Fates = std::map<Id, Fate>;

    void say(std::string text) {
        if (found_.size() < most_) found_.push_back(std::move(text));
    }

    void follow(const History::Invocation& invocation) {
        for (std::size_t place = 0; place < invocation.records.size(); ++place) {
            const History::Delivery& record = invocation.records[place];
            const Id id{record.key, record.number};
            if (record.shard_id != invocation.records.front().shard_id)
                say(name(id) + ": in a batch of another shard");
            const auto found = fates_.find(id);
            if (found == fates_.end() || found->second.put->began > invocation.began) {
                say(name(id) + ": delivered, but nobody had put it");
                continue;
            }
            follow_record(invocation, place, found->second);
        }
    }

    void follow_record(const History::Invocation& invocation, std::size_t place, Fate& fate) {
        const History::Delivery& record = invocation.records[place];
        const Id id{record.key, record.number};
        if (!fate.sequence_number.empty() && fate.sequence_number != record.sequence_number) {
            say(name(id) + ": delivered as " + record.sequence_number + ", known as " +
                fate.sequence_number);
        }
        if (fate.put->acknowledged != 0 && fate.put->shard_id != record.shard_id) {
            say(name(id) + ": delivered from " + record.shard_id + ", put into " +
                fate.put->shard_id);
        }
        fate.sequence_number = record.sequence_number;
        if (fate.first == nullptr) {
            fate.first = &invocation;
            fate.place = place;
        }
        if (invocation.answered != 0 &&
            (fate.processed == 0 || invocation.answered < fate.processed)) {
            fate.processed = invocation.answered;
        }
    }

    void judge_record(const Id& id, const Fate& fate) {
        if (fate.put->acknowledged == 0) return;
        if (fate.first == nullptr) {
            say(name(id) + ": acknowledged as " + fate.sequence_number + ", never delivered");
        } else if (fate.processed == 0) {
            say(name(id) + ": delivered, but never to an invocation that said yes");
        }
    }

    // The records of one key, beginning at `from`; returns where the next key begins.
    Fates::const_iterator judge_key(Fates::const_iterator from) {
        std::vector<std::pair<Id, const Fate*>> stored;
        auto at = from;
        for (; at != fates_.end() && at->first.first == from->first.first; ++at) {
            if (!at->second.sequence_number.empty()) stored.emplace_back(at->first, &at->second);
        }
        std::ranges::sort(stored, smaller,
                          [](const auto& entry) { return entry.second->sequence_number; });
        // From the last to the first: none may have been acknowledged before one ahead of it was
        // begun.
        Moment acknowledged_behind = std::numeric_limits<Moment>::max();
        for (std::size_t n = stored.size(); n-- > 0;) {
            const auto& [id, fate] = stored[n];
            if (acknowledged_behind < fate->put->began)
                say(name(id) + ": stored ahead of a record acknowledged before");
            if (fate->put->acknowledged != 0) {
                acknowledged_behind = std::min(acknowledged_behind, fate->put->acknowledged);
            }
            if (n > 0) judge_neighbours(stored[n - 1].first, *stored[n - 1].second, id, *fate);
        }
        return at;
    }

    // `ahead` and `behind` follow each other in the log.
    void judge_neighbours(const Id& ahead_id, const Fate& ahead, const Id& id, const Fate& behind) {
        if (ahead.sequence_number == behind.sequence_number) {
            say(name(ahead_id) + " and " + name(id) + ": have the same sequence number");
        }
        if (behind.first == nullptr) return;
        if (ahead.first == nullptr || ahead.first->began > behind.first->began) {
            say(name(id) + ": delivered before " + name(ahead_id) + ", which is ahead of it");
        } else if (ahead.first == behind.first) {
            if (ahead.place > behind.place)
                say(name(id) + ": ahead of " + name(ahead_id) + " in its batch");
        } else if ((ahead.processed == 0 || ahead.processed > behind.first->began) &&
                   !together(ahead_id, behind)) {
            say(name(id) + ": delivered before " + name(ahead_id) + " was processed");
        }
    }

    static bool together(const Id& ahead, const Fate& behind) {
        return std::ranges::any_of(behind.first->records, [&](const auto& record) {
            return Id(record.key, record.number) == ahead;
        });
    }

    const History& history_;
    std::size_t most_;
    Fates fates_;
    std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> ordered_delivery_violations(const History& history, std::size_t most) {
    return Judge(history, most).violations();
}

std::size_t unprocessed_records(const History& history) {
    std::map<Id, bool> waiting;
    for (const History::Put& put : history.puts) {
        if (put.acknowledged != 0) waiting[{put.key, put.number}] = true;
    }
    for (const History::Invocation& invocation : history.invocations) {
        if (invocation.answered == 0) continue;
        for (const History::Delivery& record : invocation.records)
            waiting.erase({record.key, record.number});
    }
    return waiting.size();
}

}  // namespace mill::sim
