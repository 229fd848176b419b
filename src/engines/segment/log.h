// SPDX-License-Identifier: Apache-2.0
// One log of a Store: a name for its id. Its state is in the Store's Catalogue.
#pragma once

#include "engines/segment/store.h"

namespace mill::segment {

class Store::Log final : public storage::StreamLog {
  public:
    Log(Store& store, std::uint64_t id) : store_(store), id_(id) {}

    Result<storage::Appending> begin_append(Batch batch) override;
    Task<Result<std::vector<StoredBatch>>> read(Offset from, ReadLimits limits) override;
    Task<Result<Offset>> offset_at(WallTime time) override;
    Task<Result<void>> trim(Offset before) override;
    storage::Bounds bounds() const override;
    WallTime last_arrival() const override;

    std::uint64_t id() const { return id_; }

  private:
    const LogState* state() const { return store_.catalogue_.find(id_); }

    Store& store_;
    const std::uint64_t id_;
};

}  // namespace mill::segment
