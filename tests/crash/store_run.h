// SPDX-License-Identifier: Apache-2.0
// StoreRun: cycles of kill -9 on one store, from an empty directory. Each cycle: clients work, the
// server is killed at a moment that the seed picks, some starts are killed too, then all that is
// new is read back and judged. Gives up (Failed) at the first broken promise and leaves the
// directory as it is.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/crash/clients.h"
#include "tests/crash/pipeline.h"
#include "tests/crash/server_process.h"

namespace mill::crash {

struct Plan {
    std::string millrace;   // the program
    std::string consumer;   // the function's program
    std::string directory;  // for this store; must not exist
    std::uint64_t seed = 1;
    int cycles = 20;
    std::string pause_file;  // no cycle begins while there is one of this name; may be empty
};

struct Figures {
    int kills = 0;            // while clients worked
    int kills_at_start = 0;   // of servers that were not ready yet
    int kills_at_end = 0;     // of servers that were asked to end
    std::size_t records = 0;  // acknowledged, and there afterwards
    std::size_t bytes = 0;
    std::size_t in_doubt = 0;       // nobody knows: the kill came before the answer
    std::size_t in_doubt_kept = 0;  // of those, there afterwards
    std::size_t delivered = 0;      // to the consumer
    std::size_t repeated = 0;
    std::size_t streams_made = 0;
    std::size_t streams_deleted = 0;
    double ready_ms_sum = 0;  // start to ready after a kill, on a store that is in use
    double ready_ms_max = 0;

    void add(const Figures& other);
};
std::string text_of(const Figures& figures);

class StoreRun {
  public:
    explicit StoreRun(Plan plan);
    Figures run();

  private:
    struct Stream {
        std::string name;
        Shards shards;
        std::size_t bytes = 0;
    };
    struct Work {
        std::vector<Writer> writers;
        std::vector<Reader> readers;  // one or none
    };
    void set_up();
    void wait_while_paused() const;
    void cycle();
    Work next_work();
    void kill(bool may_have_ended);
    void let_work(Work& work, bool ends_by_itself);
    void kill_at_start(int times);
    void restart();
    void judge(const Work& work, bool refusals_are_fine);
    void judge_stream(Connection& server, Stream& stream, const Work& work);
    void read_all_again(Stream& stream);
    void replace_oldest();
    Stream make_stream(std::string name, int shards);
    void require(const std::vector<std::string>& violations);
    void pause(double ms_max);
    std::uint64_t random(std::uint64_t below) { return random_() % below; }

    Plan plan_;
    Random random_;
    std::string data_;
    Journal journal_;
    ServerProcess server_;
    std::uint16_t port_ = 0;
    double start_ms_ = 40;  // a usual start
    int number_ = 0;        // of the cycle
    int streams_made_ = 0;
    std::vector<Stream> streams_;  // the oldest first
    Stream consumed_;
    Pipeline pipeline_;
    StreamMaker maker_;
    Figures figures_;
};

}  // namespace mill::crash
