// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/lineage_checker.h"

#include <algorithm>
#include <map>

#include "base/bytes.h"

namespace mill::sim {
namespace {

using HashKey = LineageHistory::HashKey;
using Shard = LineageHistory::Shard;
using Listing = LineageHistory::Listing;

constexpr HashKey last_key = ~HashKey{0};

// Decimal numbers as text.
bool smaller(const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

HashKey hash_key(const std::string& partition_key) {
    HashKey key = 0;
    for (const unsigned char byte : md5(partition_key)) key = key << 8 | byte;
    return key;
}

class LineageJudge {
  public:
    LineageJudge(const LineageHistory& lineage, const History& history, std::size_t most)
        : lineage_(lineage), history_(history), most_(most) {}

    std::vector<std::string> violations() {
        for (const Listing& listing : lineage_.listings) {
            judge_cover(listing);
            judge_family(listing);
            judge_memory(listing);
        }
        for (const History::Put& put : history_.puts) {
            if (put.acknowledged != 0) judge_put(put);
        }
        for (const std::string& id : lineage_.closed) {
            const auto known = known_.find(id);
            if (known == known_.end() || known->second.shard.ending.empty())
                say(id + ": its reshard was acknowledged, and it is open still");
        }
        return std::move(found_);
    }

  private:
    struct Known {
        Shard shard;
        History::Moment seen_closed = 0;  // answered then; 0: never
    };

    void say(std::string text) {
        if (found_.size() < most_) found_.push_back(std::move(text));
    }

    void judge_cover(const Listing& listing) {
        std::vector<Shard> open;
        std::ranges::copy_if(listing.shards, std::back_inserter(open),
                             [](const Shard& shard) { return shard.ending.empty(); });
        std::ranges::sort(open, {}, &Shard::first);
        if (open.empty()) return say("a listing without an open shard");
        if (open.front().first != 0) say(open.front().id + ": keys before it are nobody's");
        for (std::size_t n = 1; n < open.size(); ++n) {
            if (open[n - 1].last == last_key || open[n - 1].last + 1 != open[n].first)
                say(open[n].id + ": a gap or an overlap between " + open[n - 1].id + " and it");
        }
        if (open.back().last != last_key) say(open.back().id + ": keys after it are nobody's");
    }

    void judge_family(const Listing& listing) {
        std::map<std::string, std::vector<const Shard*>> children;
        for (const Shard& shard : listing.shards) {
            for (const std::string& parent : shard.parents) children[parent].push_back(&shard);
        }
        for (const Shard& shard : listing.shards) {
            const auto found = children.find(shard.id);
            if (shard.ending.empty()) {
                if (found != children.end()) say(shard.id + ": has children and is open");
                continue;
            }
            if (!smaller(shard.starting, shard.ending)) say(shard.id + ": ends before it starts");
            if (found == children.end()) {
                say(shard.id + ": closed without children");
            } else {
                judge_children(listing, shard, found->second);
            }
        }
    }

    void judge_children(const Listing& listing, const Shard& parent,
                        const std::vector<const Shard*>& children) {
        for (const Shard* child : children) {
            if (!smaller(parent.ending, child->starting))
                say(child->id + ": its numbers do not begin behind those of " + parent.id);
        }
        if (children.size() == 1 && children[0]->parents.size() == 2)
            return judge_merge(listing, *children[0]);
        if (children.size() != 2 || children[0]->parents.size() != 1 ||
            children[1]->parents.size() != 1)
            return say(parent.id + ": neither split in two nor merged with another");
        const bool in_order = children[0]->first < children[1]->first;
        const Shard& low = *children[in_order ? 0 : 1];
        const Shard& high = *children[in_order ? 1 : 0];
        if (low.first != parent.first || low.last + 1 != high.first || high.last != parent.last)
            say(parent.id + ": its children do not share its keys");
    }

    void judge_merge(const Listing& listing, const Shard& child) {
        std::vector<const Shard*> parents;
        for (const Shard& shard : listing.shards) {
            if (std::ranges::count(child.parents, shard.id) > 0) parents.push_back(&shard);
        }
        if (parents.size() != 2) return say(child.id + ": a parent is not listed");
        std::ranges::sort(parents, {}, &Shard::first);
        if (child.first != parents[0]->first || parents[0]->last + 1 != parents[1]->first ||
            child.last != parents[1]->last)
            say(child.id + ": its keys are not those of its parents together");
    }

    // Against the listings before.
    void judge_memory(const Listing& listing) {
        std::map<std::string, const Shard*> listed;
        for (const Shard& shard : listing.shards) listed[shard.id] = &shard;
        for (const auto& [id, known] : known_) {
            if (!listed.contains(id)) say(id + ": was listed before and is gone");
        }
        const std::string newest = known_.empty() ? "" : known_.rbegin()->first;
        for (const Shard& shard : listing.shards) {
            const auto before = known_.find(shard.id);
            if (before == known_.end() && shard.id <= newest)
                say(shard.id + ": is new, and " + newest + " was there before");
            Known now{.shard = shard};
            if (before != known_.end()) {
                now.seen_closed = before->second.seen_closed;
                Shard expected = before->second.shard;
                if (expected.ending.empty()) expected.ending = shard.ending;
                if (expected != shard) say(shard.id + ": is not what it was before");
            }
            if (!shard.ending.empty() && now.seen_closed == 0) now.seen_closed = listing.answered;
            known_[shard.id] = std::move(now);
        }
    }

    void judge_put(const History::Put& put) {
        const std::string name = put.key + "/" + std::to_string(put.number);
        const auto found = known_.find(put.shard_id);
        if (found == known_.end()) return say(name + ": put into an unknown " + put.shard_id);
        const Shard& shard = found->second.shard;
        const HashKey key = hash_key(put.key);
        if (key < shard.first || key > shard.last)
            say(name + ": put into " + shard.id + ", which does not have its hash key");
        if (!smaller(shard.starting, put.sequence_number) ||
            (!shard.ending.empty() && !smaller(put.sequence_number, shard.ending)))
            say(name + ": its number is none of " + shard.id);
        if (found->second.seen_closed != 0 && found->second.seen_closed < put.began)
            say(name + ": put into " + shard.id + " after that was closed");
    }

    const LineageHistory& lineage_;
    const History& history_;
    std::size_t most_;
    std::map<std::string, Known> known_;
    std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> lineage_violations(const LineageHistory& lineage, const History& history,
                                            std::size_t most) {
    return LineageJudge(lineage, history, most).violations();
}

}  // namespace mill::sim
