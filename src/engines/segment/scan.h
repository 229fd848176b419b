// SPDX-License-Identifier: Apache-2.0
// Goes through a segment's entries, over damage too: what comes after it is found by its salt.
// Blocks: used inside offload and at the start.
#pragma once

#include <functional>

#include "engines/segment/catalogue.h"
#include "engines/segment/reader.h"

namespace mill::segment {

// Everything that stands between the head and the end that the next segment's head gives.
struct ScanOf {
    machine::Files& files;
    std::string directory;
    Head::Sealed sealed;
    bool payloads = false;              // check them as well
    std::optional<std::uint32_t> salt;  // if it is known: then a damaged head costs nothing else
};

// A segment's index, made from its entries.
struct Reindexed {
    IndexHead head;
    std::shared_ptr<const Bytes> bytes;
    std::vector<Damage> damages;
};
// Fails only where reading fails: what is wrong with the segment is in `damages`.
Result<Reindexed> index_from_entries(const ScanOf& of);

Result<std::optional<EntryHeader>> entry_at(Reader& reader, std::uint64_t position,
                                            std::uint32_t salt);
// Where the next entry stands, from `position` on and before `end`; `end` if there is none.
Result<std::uint64_t> next_entry(Reader& reader, std::uint64_t position, std::uint64_t end,
                                 std::uint32_t salt);

}  // namespace mill::segment
