// SPDX-License-Identifier: Apache-2.0
// The contents of a Table in memory, as engines that keep all of it there need them: ordered reads,
// preconditions, and changes that can be taken back while their commit is not durable yet.
#pragma once

#include <map>

#include "storage/stream_log.h"

namespace mill::storage {

class TableMap {
  public:
    // What a commit replaced, oldest first.
    using Undo = std::vector<std::pair<std::string, std::optional<Bytes>>>;

    std::optional<Bytes> get(std::string_view key) const;
    std::vector<Table::Entry> scan(std::string_view prefix, std::string_view after,
                                   std::size_t limit) const;
    // "storage.conflict" names the first key that is not as expected.
    Result<void> check(const std::vector<Table::Precondition>& preconditions) const;
    // Erases first, then puts.
    Undo apply(const Table::Commit& commit);
    // Takes back the newest commit that was applied and not taken back.
    void revert(Undo undo);
    // For loading.
    void insert(std::string key, Bytes value) {
        entries_.insert_or_assign(std::move(key), std::move(value));
    }

  private:
    std::map<std::string, Bytes, std::less<>> entries_;
};

}  // namespace mill::storage
