// SPDX-License-Identifier: Apache-2.0
// Pages of indexes, read when they are needed. IndexCache keeps the newest used ones, a bounded
// number of them; it is shared by the threads that work for offload. IndexReader is one look-up's:
// it blocks, and is used inside offload.
#pragma once

#include <list>
#include <mutex>

#include "engines/segment/catalogue.h"
#include "machine/files.h"

namespace mill::segment {

class IndexCache {
  public:
    using Key = std::pair<std::uint64_t, std::uint64_t>;  // segment, page

    explicit IndexCache(std::size_t pages_max) : pages_max_(pages_max) {}
    std::shared_ptr<const IndexPage> find(Key key);
    void add(Key key, std::shared_ptr<const IndexPage> page);
    void forget(std::uint64_t segment);

  private:
    struct Kept {
        std::shared_ptr<const IndexPage> page;
        std::list<Key>::iterator used;
    };
    const std::size_t pages_max_;
    std::mutex mutex_;
    std::map<Key, Kept> pages_;
    std::list<Key> used_;  // the least recently used first
};

// The code of its errors about damage: the index can be made again.
inline constexpr std::string_view index_damaged = "storage.index_damaged";

class IndexReader {
  public:
    IndexReader(machine::Files& files, std::string directory, std::shared_ptr<IndexCache> cache)
        : files_(files), directory_(std::move(directory)), cache_(std::move(cache)) {}

    // The head of a sealed segment's index, if it is that segment's; else `index_damaged`.
    static Result<IndexHead> head(machine::Files& files, const std::string& path,
                                  const Head::Sealed& sealed);
    Result<Place> place(const IndexSource& index, std::uint64_t number);

    // How many of the run's batches come before the first that is not `before`.
    template <class Before>
    Result<std::uint32_t> count_before(const IndexSource& index, const Run& run, Before before) {
        std::uint32_t low = 0;
        std::uint32_t high = run.batches;
        while (low < high) {
            const std::uint32_t middle = low + (high - low) / 2;
            MILL_TRY(const Place at, place(index, run.first + middle));
            if (before(at)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

  private:
    Result<std::shared_ptr<const IndexPage>> page(const IndexSource& index, std::uint64_t number);
    Result<IndexPage> read_page(const IndexSource& index, std::uint64_t number);

    machine::Files& files_;
    const std::string directory_;
    const std::shared_ptr<IndexCache> cache_;
    std::uint64_t opened_ = 0;  // the segment whose index `file_` is
    std::unique_ptr<machine::File> file_;
    IndexCache::Key last_key_ = {};
    std::shared_ptr<const IndexPage> last_;
};

}  // namespace mill::segment
