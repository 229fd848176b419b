// SPDX-License-Identifier: Apache-2.0
// Receipt: what a receipt handle says: of which queue, which message, which time that it was
// received, and since which start of the server receipts count.
#pragma once

#include <optional>
#include <string>

#include "services/sqs/message.h"

namespace mill::sqs {

struct Receipt {
    std::string queue_id;  // 16 hexadecimal digits
    Number number = 0;
    std::uint32_t receipt = 0;
    std::uint32_t start = 0;
};

inline std::string handle_of(const Receipt& receipt) {
    Bytes raw = receipt.queue_id;
    append_le(raw, receipt.number);
    append_le(raw, receipt.receipt);
    append_le(raw, receipt.start);
    append_le(raw, crc32c(raw));
    return base64_encode(raw);
}

inline std::optional<Receipt> parse_handle(std::string_view handle) {
    constexpr std::size_t id_bytes = 16, bytes = id_bytes + 8 + 4 + 4;
    const auto raw = base64_decode(handle);
    if (!raw || raw->size() != bytes + 4) return std::nullopt;
    const BytesView signed_part = BytesView(*raw).substr(0, bytes);
    if (load_le<std::uint32_t>(raw->data() + bytes) != crc32c(signed_part)) return std::nullopt;
    return Receipt{raw->substr(0, id_bytes), load_le<std::uint64_t>(raw->data() + id_bytes),
                   load_le<std::uint32_t>(raw->data() + id_bytes + 8),
                   load_le<std::uint32_t>(raw->data() + id_bytes + 12)};
}

}  // namespace mill::sqs
