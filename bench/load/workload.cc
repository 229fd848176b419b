// SPDX-License-Identifier: Apache-2.0
#include "bench/load/workload.h"

#include "bench/load/setup.h"
#include "bench/load/workloads.h"

namespace mill::bench {

std::unique_ptr<Workload> make_workload(Options& o) {
    if (o.create_shards > 0 && !o.fixed)
        SetupClient(o.port).create_stream(o.stream, o.create_shards);
    if (o.workload == "put-record") return make_put_record(o);
    if (o.workload == "put-records") return make_put_records(o);
    if (o.workload == "describe") return make_stream_call(o, "DescribeStreamSummary");
    if (o.workload == "list-shards") return make_stream_call(o, "ListShards");
    if (o.workload == "invoke") return make_invoke(o);
    if (o.fixed) give_up(o.workload + " needs a real server");
    if (o.workload == "get-records") return make_get_records(o);
    if (o.workload == "put-poll") {
        o.connections = 2;
        return make_put_poll(o);
    }
    if (o.workload == "put-consume") {
        o.connections = 1;
        return make_put_consume(o);
    }
    if (o.workload == "deliver") return make_deliver(o);
    give_up("no workload '" + o.workload + "'; see --help");
}

}  // namespace mill::bench
