// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workload.h"

#include <array>

#include "sim/world/workloads/backup_while_writing.h"
#include "sim/world/workloads/checkpoint_never_ahead.h"
#include "sim/world/workloads/fan_out.h"
#include "sim/world/workloads/many_streams.h"
#include "sim/world/workloads/no_acked_loss.h"
#include "sim/world/workloads/ordered_delivery.h"
#include "sim/world/workloads/parallel_lanes.h"
#include "sim/world/workloads/poison_record.h"
#include "sim/world/workloads/queue_consumption.h"
#include "sim/world/workloads/queue_delivery.h"
#include "sim/world/workloads/recreate_while_consuming.h"
#include "sim/world/workloads/reshard_while_consuming.h"
#include "sim/world/workloads/reshard_while_writing.h"
#include "sim/world/workloads/retention_and_cleaning.h"
#include "sim/world/workloads/rewind.h"
#include "sim/world/workloads/topic_fan_out.h"
#include "sim/world/workloads/tumbling_windows.h"

namespace mill::sim {
namespace {

template <class T>
std::unique_ptr<Workload> make(World& world) {
    return std::make_unique<T>(world);
}

constexpr std::array<WorkloadKind, 19> kinds = {{
    {"ordered_delivery", make<OrderedDelivery>},
    {"no_acked_loss", make<NoAckedLoss>},
    {"checkpoint_never_ahead", make<CheckpointNeverAhead>},
    {"many_streams", make<ManyStreams>},
    {"retention_and_cleaning", make<RetentionAndCleaning>},
    {"backup_while_writing", make<BackupWhileWriting>},
    {"reshard_while_writing", make<ReshardWhileWriting>},
    {"fan_out", make<FanOut>},
    {"reshard_while_consuming", make<ReshardWhileConsuming>},
    {"parallel_lanes", make<ParallelLanes>},
    {"poison_record", make<PoisonRecord>},
    {"tumbling_windows", make<TumblingWindows>},
    {"rewind", make<Rewind>},
    {"queue_delivery", make<QueueDelivery>},
    {"topic_fan_out", make<TopicFanOut>},
    {"replay_failed", make<ReplayFailed>},
    {"filtered_windows", make<FilteredWindows>},
    {"recreate_while_consuming", make<RecreateWhileConsuming>},
    {"queue_consumption", make<QueueConsumption>},
}};

}  // namespace

std::span<const WorkloadKind> workload_kinds() { return kinds; }

}  // namespace mill::sim
