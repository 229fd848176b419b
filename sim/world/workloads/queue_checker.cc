// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/queue_checker.h"

#include <algorithm>
#include <map>
#include <set>

namespace mill::sim {
namespace {

constexpr std::size_t violations_max = 10;

class Checker {
  public:
    explicit Checker(const QueueHistory& history) : history_(history) {
        for (const QueueHistory::Send& send : history.sends)
            sends_[send.queue + " " + send.body] = &send;
    }

    std::vector<std::string> violations() {
        check_receptions();
        check_sends();
        check_deletions();
        check_order();
        return std::move(violations_);
    }

  private:
    void broken(const std::string& what) {
        if (violations_.size() < violations_max) violations_.push_back(what);
    }
    static std::string short_name(const std::string& body) {
        return body.substr(0, body.find('.'));
    }

    void check_receptions() {
        for (const auto& reception : history_.receptions) {
            const auto found = sends_.find(reception.queue + " " + reception.body);
            if (found == sends_.end()) {
                broken(short_name(reception.body) + ": nobody has sent that to " + reception.queue);
                continue;
            }
            received_[found->second].insert(reception.message_id);
        }
    }

    void check_sends() {
        for (const QueueHistory::Send& send : history_.sends) {
            const auto& ids = received_[&send];
            const std::string name = short_name(send.body);
            if (send.acknowledged != 0 && ids.empty())
                broken(name + ": acknowledged, and never received");
            const bool is_known = send.acknowledged != 0 && !send.message_id.empty();
            if (is_known && !ids.empty() && !ids.contains(send.message_id))
                broken(name + ": received by another id than was acknowledged");
            if (!send.group.empty() && ids.size() > 1 && !history_.clock_was_set)
                broken(name + ": sent again, and is there twice");
        }
    }

    void check_deletions() {
        std::map<std::string, QueueHistory::Moment> deleted;
        for (const auto& deletion : history_.deletions)
            deleted.emplace(deletion.queue + " " + deletion.message_id, deletion.acknowledged);
        for (const auto& reception : history_.receptions) {
            const auto found = deleted.find(reception.queue + " " + reception.message_id);
            if (found != deleted.end() && found->second < reception.asked)
                broken(short_name(reception.body) + ": was deleted, and is received again");
        }
    }

    // What was acknowledged is received before what was sent after it, in its group.
    void check_order() {
        std::map<std::string, std::vector<const QueueHistory::Send*>> groups;
        for (const QueueHistory::Send& send : history_.sends) {
            if (!send.group.empty()) groups[send.queue + " " + send.group].push_back(&send);
        }
        std::map<const QueueHistory::Send*, std::size_t> first;
        for (std::size_t i = 0; i < history_.receptions.size(); ++i) {
            const auto& reception = history_.receptions[i];
            const auto found = sends_.find(reception.queue + " " + reception.body);
            if (found != sends_.end()) first.try_emplace(found->second, i);
        }
        for (const auto& [group, sends] : groups) {
            std::size_t last = 0;
            for (const QueueHistory::Send* send : sends) {
                const auto at = first.find(send);
                if (at == first.end()) continue;
                if (at->second < last)
                    broken(short_name(send->body) + ": received before what was sent before it");
                last = at->second;
            }
        }
    }

    const QueueHistory& history_;
    std::map<std::string, const QueueHistory::Send*> sends_;
    std::map<const QueueHistory::Send*, std::set<std::string>> received_;
    std::vector<std::string> violations_;
};

}  // namespace

std::vector<std::string> queue_violations(const QueueHistory& history) {
    return Checker(history).violations();
}

}  // namespace mill::sim
