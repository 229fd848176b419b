// SPDX-License-Identifier: Apache-2.0
// The entries of the newest segment up to its torn end, if it has one. Blocks; used when a store is
// opened or checked.
#pragma once

#include "engines/segment/catalogue.h"
#include "engines/segment/mark.h"
#include "engines/segment/reader.h"

namespace mill::segment {

struct Tail {
    std::uint64_t end = 0;
    std::uint64_t last_commit = 0;  // where it begins; everything before had been durable
    std::uint32_t last_crc = 0;
    std::uint64_t log_id_max = 0;
    std::vector<std::uint64_t> remains;  // positions of entries after the end, never acknowledged
};

// Applies them to `catalogue`. "storage.corrupt" for what a torn commit does not explain: then
// over_damage.h goes on.
Result<Tail> read_tail(Reader& reader, const Head& head, const std::optional<Mark>& mark,
                       Catalogue& catalogue);

}  // namespace mill::segment
