// SPDX-License-Identifier: Apache-2.0
// ParameterStore: the values of parameters. SSM provides it, cloudformation reads templates'
// parameters of the type AWS::SSM::Parameter::Value and dynamic references through it.
#pragma once

#include <string>

#include "base/caller.h"
#include "base/result.h"

namespace mill::ports {

class ParameterStore {
  public:
    virtual ~ParameterStore() = default;
    // By "name" or "name:version". ParameterNotFound, ParameterVersionNotFound, and
    // UnsupportedParameterType: a SecureString.
    virtual Result<std::string> parameter_value(const Caller& caller,
                                                const std::string& name) const = 0;
};

}  // namespace mill::ports
