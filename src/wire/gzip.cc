// SPDX-License-Identifier: Apache-2.0
#include "wire/gzip.h"

#include <zlib.h>

#include "base/assert.h"

namespace mill::wire {

Bytes gzip(BytesView plain) {
    constexpr int with_gzip_header = 16 + MAX_WBITS;
    constexpr int memory_level = 8;
    z_stream stream{};
    MILL_ASSERT(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, with_gzip_header, memory_level,
                             Z_DEFAULT_STRATEGY) == Z_OK);
    Bytes out(deflateBound(&stream, plain.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    MILL_ASSERT(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

}  // namespace mill::wire
