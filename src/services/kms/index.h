// SPDX-License-Identifier: Apache-2.0
// Index: what is asked of keys beside their ids: which of them are due to go, and which aliases
// they have. Names rows of the table; in memory, made anew at each start.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"

namespace mill::kms {

class Index {
  public:
    // When the key goes; empty: it stays. What was said before, to say it again.
    std::optional<WallTime> set_deletion(const std::string& key, std::optional<WallTime> deletion) {
        std::optional<WallTime> before;
        if (const auto known = deletions_.find(key); known != deletions_.end()) {
            before = known->second;
            by_time_.erase({known->second, key});
            deletions_.erase(known);
        }
        if (deletion) {
            deletions_[key] = *deletion;
            by_time_.emplace(*deletion, key);
        }
        return before;
    }
    // The first of those whose time has come.
    std::vector<std::string> due(WallTime now, std::size_t limit) const {
        std::vector<std::string> keys;
        for (const auto& [time, key] : by_time_) {
            if (time > now || keys.size() == limit) break;
            keys.push_back(key);
        }
        return keys;
    }
    void add_alias(const std::string& key, const std::string& alias) {
        aliases_[key].insert(alias);
    }
    void drop_alias(const std::string& key, const std::string& alias) {
        const auto found = aliases_.find(key);
        if (found == aliases_.end()) return;
        found->second.erase(alias);
        if (found->second.empty()) aliases_.erase(found);
    }
    // In order, after that one; 0 is all.
    std::vector<std::string> aliases_of(const std::string& key, const std::string& after,
                                        std::size_t limit) const {
        std::vector<std::string> rows;
        const auto found = aliases_.find(key);
        if (found == aliases_.end()) return rows;
        for (auto at = found->second.upper_bound(after);
             at != found->second.end() && (limit == 0 || rows.size() < limit); ++at) {
            rows.push_back(*at);
        }
        return rows;
    }
    void forget(const std::string& key) {
        set_deletion(key, std::nullopt);
        aliases_.erase(key);
    }

  private:
    std::map<std::string, WallTime> deletions_;
    std::set<std::pair<WallTime, std::string>> by_time_;
    std::map<std::string, std::set<std::string>> aliases_;
};

}  // namespace mill::kms
