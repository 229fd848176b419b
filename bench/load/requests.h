// SPDX-License-Identifier: Apache-2.0
// The requests of the load generator, as bytes for the socket.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "wire/http.h"

namespace mill::bench {

std::uint64_t now_ns();  // CLOCK_MONOTONIC

// Unsigned requests bear an Authorization header as long as a real one, so that servers read the
// same and find the service by its scope; only its signature is made up.
class RequestWriter {
  public:
    RequestWriter(std::uint16_t port, bool sign);
    wire::http::Request kinesis(std::string_view operation, std::string body) const;
    wire::http::Request invoke(std::string_view function, std::string body) const;
    // Signs, if asked for, with the time of now.
    std::string bytes(wire::http::Request& request) const;
    bool signs() const { return sign_; }

  private:
    wire::http::Request request(std::string target, std::string_view service) const;
    std::uint16_t port_;
    bool sign_;
};

// Random bytes, and keys that spread over shards; the same in every run.
class RecordSource {
  public:
    std::string data(std::size_t bytes);
    std::string key();

  private:
    std::mt19937_64 random_{4711};
};

std::string put_record_body(const std::string& stream, const std::string& key,
                            std::string_view data);
std::string put_records_body(const std::string& stream, std::size_t count, std::size_t bytes,
                             RecordSource& source);
std::string get_records_body(std::string_view iterator, std::size_t limit);

}  // namespace mill::bench
