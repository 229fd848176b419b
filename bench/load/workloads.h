// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bench/load/workload.h"

namespace mill::bench {

std::unique_ptr<Workload> make_put_record(const Options& options);
std::unique_ptr<Workload> make_put_records(const Options& options);
std::unique_ptr<Workload> make_get_records(const Options& options);
std::unique_ptr<Workload> make_stream_call(const Options& options, std::string_view operation);
std::unique_ptr<Workload> make_invoke(const Options& options);
std::unique_ptr<Workload> make_put_poll(const Options& options);
std::unique_ptr<Workload> make_put_consume(const Options& options);
std::unique_ptr<Workload> make_deliver(const Options& options);

}  // namespace mill::bench
