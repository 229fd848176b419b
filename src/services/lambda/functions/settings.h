// SPDX-License-Identifier: Apache-2.0
// The settings of a function that Create and UpdateFunctionConfiguration share, and the rules about
// them that AWS words as InvalidParameterValueException. Pure.
#pragma once

#include "services/lambda/functions/function_shapes.h"

namespace mill::lambda {

struct Settings {
    std::optional<std::string> runtime, role, handler, description;
    std::optional<std::int64_t> timeout, memory_size;
    std::optional<EnvironmentShape> environment;
    std::optional<TracingShape> tracing_config;
    std::optional<EphemeralStorageShape> ephemeral_storage;
    std::optional<SnapStartShape> snap_start;
    std::optional<LoggingShape> logging_config;
    std::optional<DeadLetterShape> dead_letter_config;
};

// From either input: they name these members alike.
template <class Input>
Settings settings_of(const Input& in) {
    return Settings{in.runtime,           in.role,        in.handler,        in.description,
                    in.timeout,           in.memory_size, in.environment,    in.tracing_config,
                    in.ephemeral_storage, in.snap_start,  in.logging_config, in.dead_letter_config};
}

// Checks the settings and puts those that are present into the function.
Result<void> apply(const Settings& settings, Function& function);

// Refuses what would be silently without effect.
Failure not_supported(std::string_view what);

}  // namespace mill::lambda
