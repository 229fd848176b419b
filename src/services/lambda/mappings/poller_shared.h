// SPDX-License-Identifier: Apache-2.0
// What the pollers of one stream's mapping share. Belongs to its StreamRun.
#pragma once

#include <string>

#include "services/lambda/mappings/checkpoints.h"
#include "services/lambda/mappings/discards.h"
#include "services/lambda/mappings/mapping_run.h"
#include "services/lambda/mappings/run_shared.h"

namespace mill::lambda {

struct PollerShared : RunShared {
    PollerShared(const MappingServices& services, Mapping of, std::string role,
                 MappingCounts& counted, Discards& kept)
        : RunShared(services.machine, services.invoker, counted, std::move(of)),
          source(services.source),
          destinations(services.destinations),
          checkpoints(services.table, mapping.uuid),
          discards(kept),
          stream_arn(mapping.stream_arn()),
          role_arn(std::move(role)) {}

    ports::RecordSource& source;
    const ports::FailureDestinations& destinations;
    Checkpoints checkpoints;
    Discards& discards;
    std::string stream_arn;
    std::string role_arn;

    // ResourceNotFoundException once the stream that is read is gone, also if another has its name
    // now.
    Result<void> check_stream() const {
        MILL_TRY(const std::string there, source.incarnation(stream_arn));
        if (there == checkpoints.source()) return {};
        return fail("ResourceNotFoundException",
                    "The stream " + stream_arn + " was deleted and made again.", 404);
    }
};

}  // namespace mill::lambda
