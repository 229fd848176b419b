// SPDX-License-Identifier: Apache-2.0
// CallRates: how often AWS lets an account, or the users of one stream, call an operation in a
// second. LimitExceededException beyond that, in AWS's words. Pure: the time is given. Kept in
// memory only; what it holds is bounded by the calls of a second or so.
//
// What is counted for each shard (GetRecords, GetShardIterator) is in throttle.h.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/caller.h"
#include "model/throughput.h"
#include "wire/input.h"

namespace mill::kinesis {

class CallRates {
  public:
    // `input` is decoded here as far as it names a stream, and may be decoded again.
    Result<void> admit(std::string_view operation, const Caller& caller, wire::Input& input,
                       Instant now);

  private:
    std::map<std::string, model::CallRate, std::less<>> rates_;  // by operation and whom it is for
};

}  // namespace mill::kinesis
