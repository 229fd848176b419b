// SPDX-License-Identifier: Apache-2.0
// The command line of the load generator. It drives servers on 127.0.0.1 only.
#pragma once

#include <cstdint>
#include <string>

namespace mill::bench {

struct Options {
    std::string workload;
    std::uint16_t port = 0;
    int pid = 0;  // of the server, for its CPU time and memory
    int connections = 1;
    std::size_t size = 100;      // bytes of a record
    std::size_t count = 500;     // records of a PutRecords
    std::size_t limit = 10'000;  // records of a GetRecords
    double rate = 0;             // requests a second; 0: each connection sends when it is answered
    double seconds = 2;
    double warmup_seconds = 0.5;
    std::uint64_t requests = 0;  // stop after so many answers; 0: when the time is over
    std::uint64_t records = 0;   // deliver: how many are awaited
    double poll_pause_ms = 0;    // put-poll: between two GetRecords of the reader
    std::string stream = "bench";
    std::string report_stream = "bench-reports";
    std::string function = "bench-noop";
    int create_shards = 0;  // create the stream with so many first; 0: it is there
    bool sign = false;      // sign each request, as the SDKs do
    bool fixed = false;     // the server answers everything alike (nginx, reference): no set-up
};

// Exits with a message if the words make no sense.
Options parse_options(int count, char** words);
[[noreturn]] void give_up(const std::string& why);

}  // namespace mill::bench
