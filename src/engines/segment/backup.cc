// SPDX-License-Identifier: Apache-2.0
// Snapshots: sealed segments, and the newest up to what is durable now. Nothing of that changes any
// more; it is only held back from being removed or written over. What a crash at that moment would
// leave and what a snapshot holds are the same.
#include <algorithm>
#include <limits>

#include "engines/segment/log.h"

namespace mill::segment {
namespace {

// Synced one by one, so that commits beside it never wait for more.
constexpr std::uint64_t chunk_bytes = 4ull * 1024 * 1024;
// Beyond its entries a segment has room: without any it would count as cut off.
constexpr std::uint64_t room_bytes = 64 * 1024;
constexpr std::uint64_t whole = std::numeric_limits<std::uint64_t>::max();

struct Copy {
    std::string name;
    std::uint64_t end;       // how much of it
    std::uint64_t room = 0;  // zeros behind that
    bool may_be_missing = false;
    std::uint64_t done = 0;
    bool is_done = false;
};

Result<void> copy_chunk(machine::Files& files, const std::string& from, const std::string& to,
                        Copy& copy) {
    auto source = files.open(from + "/" + copy.name, machine::Open::read);
    if (!source && source.error().code == "io.not_found" && copy.may_be_missing) {
        copy.is_done = true;
        return {};
    }
    if (!source) return Failure(std::move(source).error());
    MILL_TRY(auto target, files.open(to + "/" + copy.name, machine::Open::create));
    Bytes bytes(std::min(chunk_bytes, copy.end - copy.done), '\0');
    MILL_TRY(const std::size_t count, (*source)->read_at(copy.done, bytes.data(), bytes.size()));
    // What was cut off stays so: a copy is not better than the store.
    copy.is_done = copy.done + count == copy.end || count < bytes.size();
    bytes.resize(count);
    MILL_CHECK(target->write_at(copy.done, bytes));
    copy.done += count;
    if (copy.is_done && copy.room > 0)
        MILL_CHECK(target->write_at(copy.done, Bytes(copy.room, '\0')));
    return target->sync();
}

struct Work {
    machine::Files& files;
    std::string from;
    std::string to;
    std::vector<Copy> copies;
    Result<void> result = {};
};

}  // namespace

class Store::HeldSnapshot final : public Snapshot {
  public:
    HeldSnapshot(Store& store, std::vector<Copy> copies)
        : store_(store), copies_(std::move(copies)) {
        ++store_.holds_;
    }
    HeldSnapshot(const HeldSnapshot&) = delete;
    HeldSnapshot& operator=(const HeldSnapshot&) = delete;
    ~HeldSnapshot() override { store_.let_go(); }

    Task<Result<void>> copy_to(std::string to) override {
        Machine& machine = store_.machine_;
        MILL_CO_CHECK(machine::make_directories_durably(machine.files, to));
        auto work = std::make_shared<Work>(machine.files, store_.directory_, to, copies_);
        for (std::size_t i = 0; i < work->copies.size();) {
            co_await machine::offload(machine.executor, [work, i] {
                work->result = copy_chunk(work->files, work->from, work->to, work->copies[i]);
            });
            MILL_CO_CHECK(work->result);
            if (work->copies[i].is_done) ++i;
        }
        co_await machine::offload(machine.executor,
                                  [work] { work->result = work->files.sync_directory(work->to); });
        co_return work->result;
    }

  private:
    Store& store_;
    const std::vector<Copy> copies_;
};

std::unique_ptr<Snapshot> Store::snapshot() {
    std::vector<Copy> copies;
    for (const Head::Sealed& sealed : catalogue_.sealed_segments()) {
        // A segment that is missing is missing in the copy; an index would be made again.
        copies.push_back(
            {.name = segment_name(sealed.number), .end = sealed.end, .may_be_missing = true});
        if (!catalogue_.index(sealed.number).bytes)
            copies.push_back(
                {.name = index_name(sealed.number), .end = whole, .may_be_missing = true});
    }
    const std::uint64_t newest = catalogue_.newest_segment();
    copies.push_back(
        {.name = segment_name(newest), .end = catalogue_.sealed(newest).end, .room = room_bytes});
    return std::make_unique<HeldSnapshot>(*this, std::move(copies));
}

void Store::let_go() {
    if (--holds_ > 0) return;
    for (const auto& [segment, recycle] : std::exchange(held_removals_, {}))
        scope_.spawn(remove_files(segment, recycle));
}

}  // namespace mill::segment
