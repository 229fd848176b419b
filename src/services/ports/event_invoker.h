// SPDX-License-Identifier: Apache-2.0
// EventInvoker: invokes functions asynchronously (InvocationType Event). Lambda provides it.
#pragma once

#include "services/ports/invoker.h"

namespace mill::ports {

class EventInvoker {
  public:
    virtual ~EventInvoker() = default;
    // Durable when done: the function will be invoked, and again if it fails.
    // ResourceNotFoundException.
    virtual Task<Result<void>> accept_event(InvokeRequest request) = 0;
};

}  // namespace mill::ports
