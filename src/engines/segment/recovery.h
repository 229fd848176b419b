// SPDX-License-Identifier: Apache-2.0
// Recovery: reads what a store's last run left in its directory, cuts the torn tail, makes what it
// found durable. Costs a look at the heads of sealed segments' indexes and at the entries of the
// newest segment. Blocks; used once, when a store is opened.
#pragma once

#include "engines/segment/tail.h"
#include "engines/segment/writer.h"

namespace mill::segment {

struct Recovered {
    Catalogue catalogue;
    std::uint64_t next_log_id = 1;
    std::vector<std::string> free_files;  // names
};

// What a directory holds, read without changing anything.
struct Contents {
    Catalogue catalogue;
    Head head;  // of the newest segment; there is none if its number is 0
    Tail tail;  // of the newest segment
    // There is damage in the newest segment that was found. It is sealed over that, and `head` is
    // of the segment after it, which is not made yet.
    bool is_over_damage = false;
    std::vector<std::string> names;
};
Result<Contents> read_contents(machine::Files& files, const std::string& directory);

// Readies `writer` for the newest segment, unless there is none: then catalogue has no segments.
Result<Recovered> recover(machine::Files& files, const std::string& directory, Writer& writer);

}  // namespace mill::segment
