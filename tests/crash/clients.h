// SPDX-License-Identifier: Apache-2.0
// Clients of one cycle: writers, a reader, one who makes and deletes streams. Each is run by a
// thread of its own until the server is gone; what it noted is looked at after that.
#pragma once

#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/crash/history.h"
#include "tests/crash/journal.h"
#include "tests/crash/kinesis.h"

namespace mill::crash {

using Random = std::mt19937_64;

// Puts records of 1 B to 1 MiB, by one call or many at a time.
class Writer {
  public:
    // `name`: unlike any other's of this store. `bytes_max`: of a record.
    Writer(std::string name, std::vector<std::string> streams, std::size_t bytes_max,
           std::uint64_t seed)
        : name_(std::move(name)),
          streams_(std::move(streams)),
          bytes_max_(bytes_max),
          random_(seed) {}

    void run(std::uint16_t port, Journal& journal);
    const std::vector<Put>& puts() const { return puts_; }
    const std::vector<std::string>& refusals() const { return refusals_; }

  private:
    std::vector<Put> next_call();
    Put next_put(const std::string& stream, std::size_t most);
    std::size_t next_size(std::size_t most);
    void note(std::vector<Put>& call, const std::vector<PutAnswer>& answers, Journal& journal);

    std::string name_;
    std::vector<std::string> streams_;
    std::size_t bytes_max_;
    Random random_;
    std::vector<Put> puts_;
    std::vector<std::string> refusals_;
};

// Reads what lies behind the known end of shards: what it has seen must stay.
class Reader {
  public:
    struct Place {
        std::string stream;
        std::string shard;
        std::string after;  // number of the last known record
        Shard seen;
    };
    Reader(std::vector<Place> places, std::uint64_t seed)
        : places_(std::move(places)), random_(seed) {}
    void run(std::uint16_t port);
    const std::vector<Place>& places() const { return places_; }

  private:
    std::vector<Place> places_;
    Random random_;
};

// Makes a few streams, puts a record into each and deletes them again. Lives over all cycles of a
// store: what it knows of a stream is judged after each restart.
class StreamMaker {
  public:
    explicit StreamMaker(std::uint64_t seed) : random_(seed) {}
    void run(std::uint16_t port, Journal& journal);
    // Looks at all of them, once they have come to rest. Forgets what nobody knows.
    std::vector<std::string> judge(std::uint16_t port);
    std::size_t made() const { return made_; }
    std::size_t deleted() const { return deleted_; }

  private:
    enum class Belief { unknown, absent, present, going };
    struct Stream {
        std::string name;
        Belief belief = Belief::absent;
        int life = 0;                // of streams of this name
        std::set<std::string> puts;  // keys, of this life
        std::set<std::string> kept;  // those that were acknowledged
    };
    bool step(Connection& server, Stream& stream, Journal& journal);
    bool make(Connection& server, Stream& stream);
    bool put(Connection& server, Stream& stream, Journal& journal);
    bool remove(Connection& server, Stream& stream);
    std::string at_rest(Connection& server, const Stream& stream);
    void judge_records(Connection& server, Stream& stream, std::vector<std::string>& violations);

    Random random_;
    std::vector<Stream> streams_ = {{.name = "made-1"}, {.name = "made-2"}, {.name = "made-3"}};
    std::vector<std::string> refusals_;
    std::uint64_t number_ = 0;
    std::size_t made_ = 0;
    std::size_t deleted_ = 0;
};

}  // namespace mill::crash
