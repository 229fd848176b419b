// SPDX-License-Identifier: Apache-2.0
#include "storage/stream_log.h"

namespace mill::storage {
namespace {

Task<Result<Offset>> outcome(Result<Appending> begun) {
    if (!begun) co_return Failure(std::move(begun).error());
    co_return co_await begun->durable();
}

}  // namespace

Task<Result<Offset>> StreamLog::append(Batch batch) {
    return outcome(begin_append(std::move(batch)));
}

}  // namespace mill::storage
