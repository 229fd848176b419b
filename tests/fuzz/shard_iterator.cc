// SPDX-License-Identifier: Apache-2.0
// Tokens of clients: no text is taken that was not sealed with the key for this purpose, and any
// sealed payload, also another version's, is read or refused.
#include "model/shard_iterator.h"
#include "fuzz.h"
#include "model/limits.h"

namespace mill::model {
namespace {

const Bytes key(32, 'k');
const WallTime now = from_epoch_ms(1'700'000'000'000);

void read(std::string_view text) {
    const auto iterator = read_shard_iterator(key, text, now);
    if (!iterator) {
        MILL_ASSERT(iterator.error().status == 400);
        return;
    }
    MILL_ASSERT(write_shard_iterator(key, *iterator) == text);
}

void write(fuzz::Input input) {
    ShardIterator iterator{.issued = now - std::chrono::milliseconds(input.below(300'000)),
                           .account = std::string(input.take(12)),
                           .region = std::string(input.take(9)),
                           .stream = std::string(input.text()),
                           .stream_tag = input.number<std::uint64_t>(),
                           .shard = input.number<std::uint32_t>(),
                           .offset = input.number<std::uint64_t>()};
    const std::string text = write_shard_iterator(key, iterator);
    const auto again = read_shard_iterator(key, text, now);
    MILL_ASSERT(again && *again == iterator);
    // One letter of it changed: the MAC says so, or it is the same token.
    std::string changed = text;
    changed[input.below(changed.size())] = input.number<char>();
    MILL_ASSERT(changed == text || !open_token(key, "shard-iterator", changed));
}

}  // namespace
}  // namespace mill::model

void mill::fuzz::run(std::string_view bytes) {
    using namespace mill::model;
    read(bytes);
    read(seal_token(key, "shard-iterator", bytes));
    MILL_ASSERT(open_token(key, "a", seal_token(key, "a", bytes)) == bytes);
    MILL_ASSERT(!open_token(key, "b", seal_token(key, "a", bytes)));
    write(bytes);
}
