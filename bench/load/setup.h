// SPDX-License-Identifier: Apache-2.0
// Calls that come before or after the measured ones: one at a time, waiting for each answer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench/load/requests.h"

namespace mill::bench {

class SetupClient {
  public:
    explicit SetupClient(std::uint16_t port) : port_(port), writer_(port, false) {}
    // The body of the answer; exits if it is not 200.
    std::string kinesis(std::string_view operation, std::string body) const;

    void create_stream(const std::string& stream, int shards) const;  // if missing; until ACTIVE
    std::vector<std::string> shards(const std::string& stream) const;
    std::string iterator(const std::string& stream, const std::string& shard,
                         std::string_view type) const;

  private:
    struct Reply {
        int status;
        std::string body;
    };
    Reply call(std::string_view operation, std::string body) const;

    std::uint16_t port_;
    RequestWriter writer_;
};

// A non-blocking or blocking socket connected to 127.0.0.1:`port`; exits if nothing listens.
int connect_socket(std::uint16_t port, bool blocking);

// The text that is the first member of this name, up to the next quotation mark; no data() if there
// is none.
std::string_view text_member(std::string_view json, std::string_view name);

}  // namespace mill::bench
