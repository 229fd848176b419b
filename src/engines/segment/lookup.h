// SPDX-License-Identifier: Apache-2.0
// What a reader wants of a log, in two steps: on the executor it is written down as pieces of the
// catalogue's state, then answered where it may block. Reads the batches' own bytes, and the pages
// of indexes that say where these are.
#pragma once

#include "engines/segment/index_reader.h"

namespace mill::segment {

using storage::ReadLimits;
using storage::StoredBatch;

// A run and what is needed to find its batches.
struct Piece {
    Run run;
    IndexSource index;
    bool is_newest = false;     // then `places` tell where they are
    std::vector<Place> places;  // those asked for
    std::string loss;           // of a lost run
};

// Fails with `index_damaged` when the index of `segment` must be made again first.
struct Lookup {
    machine::Files& files;
    std::string directory;
    std::shared_ptr<IndexCache> cache;
    std::uint64_t log = 0;
    std::vector<Piece> pieces;
    std::uint64_t segment = 0;  // that was being read when it failed; 0: what is lost stays lost
};

// The batches of the pieces from the one that holds `from`, as StreamLog::read says. Damage after
// the first batch ends the answer: the next read begins with it.
Result<std::vector<StoredBatch>> read_batches(Lookup& lookup, Offset from, ReadLimits limits);
// Base of the first batch of the first piece that is at an end after `before`; that is not older
// than `time`.
Result<Offset> batch_after(Lookup& lookup, Offset before);
Result<Offset> batch_at(Lookup& lookup, std::int64_t time);

}  // namespace mill::segment
