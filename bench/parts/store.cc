// SPDX-License-Identifier: Apache-2.0
// The segment store on this machine's disk, in the working directory.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "engines/segment/segment.h"
#include "posix/posix_machine.h"
#include "storage/record_batch.h"

namespace mill {
namespace {

class DiskStore {
  public:
    explicit DiskStore(segment::Options options = {}) {
        machine::Files& files = posix_.machine().files;
        if (!files.remove_tree(directory_) || !files.make_directories(directory_)) return;
        auto opened = segment::open_store(posix_.machine(), directory_ + "/log", options);
        if (opened) store_ = *std::move(opened);
    }
    ~DiskStore() {
        store_.reset();
        // What is left is beneath the build directory.
        static_cast<void>(posix_.machine().files.remove_tree(directory_));
    }
    DiskStore(const DiskStore&) = delete;
    DiskStore& operator=(const DiskStore&) = delete;

    storage::StreamLog& log(int number) {
        return **store_->open_log("log-" + std::to_string(number));
    }
    template <class T>
    T await(Task<T> task) {
        std::optional<T> value;
        posix_.run_until_done(keep(std::move(task), value));
        return *std::move(value);
    }

  private:
    template <class T>
    static Task<void> keep(Task<T> task, std::optional<T>& value) {
        value.emplace(co_await std::move(task));
    }
    posix::PosixMachine posix_;
    std::string directory_ = "parts-store";
    std::unique_ptr<storage::LogStore> store_;
};

storage::Batch batch_of(int records, std::size_t bytes) {
    storage::BatchBuilder builder;
    for (int i = 0; i < records; ++i)
        builder.add(from_epoch_ms(1), "0123456789abcdef", Bytes(bytes, 'd'));
    return builder.take();
}

Task<bool> append_at_once(DiskStore& store, int appends, int records, std::size_t bytes) {
    std::vector<Task<Result<storage::Offset>>> under_way;
    for (int i = 0; i < appends; ++i)
        under_way.push_back(store.log(i % 4).append(batch_of(records, bytes)));
    bool good = true;
    for (auto& append : under_way) good = (co_await std::move(append)).has_value() && good;
    co_return good;
}

// appends that wait together, records of each, bytes of each record
void commit(benchmark::State& state) {
    DiskStore store;
    const auto appends = static_cast<int>(state.range(0));
    const auto records = static_cast<int>(state.range(1));
    const auto bytes = static_cast<std::size_t>(state.range(2));
    for (auto _ : state) {
        if (!store.await(append_at_once(store, appends, records, bytes))) {
            state.SkipWithError("an append failed");
            break;
        }
    }
    state.SetItemsProcessed(state.iterations() * appends * records);
}
BENCHMARK(commit)
    ->Name("commit with fdatasync: appends, records each, bytes each")
    ->Args({1, 1, 100})
    ->Args({64, 1, 100})
    ->Args({1, 500, 1024})
    ->Args({8, 500, 1024})
    ->UseRealTime();

void read(benchmark::State& state) {
    constexpr int batches = 100;
    constexpr int records = 500;
    const bool is_cached = state.range(0) != 0;
    DiskStore store({.cache_bytes = is_cached ? 64U << 20U : 0});
    for (int i = 0; i < batches; ++i) store.await(store.log(0).append(batch_of(records, 100)));
    for (auto _ : state) {
        for (storage::Offset at = 0; at < std::uint64_t{batches} * records;) {
            auto run = store.await(store.log(0).read(at, {.records = 10'000, .bytes = 10U << 20U}));
            if (!run || run->empty()) {
                state.SkipWithError("a read failed");
                return;
            }
            at = run->back().end();
            benchmark::DoNotOptimize(run);
        }
    }
    state.SetItemsProcessed(state.iterations() * batches * records);
}
BENCHMARK(read)->Name("read 50,000 records of 100 B, from the tail cache")->Arg(1)->UseRealTime();
BENCHMARK(read)->Name("read 50,000 records of 100 B, from the file")->Arg(0)->UseRealTime();

}  // namespace
}  // namespace mill

BENCHMARK_MAIN();
