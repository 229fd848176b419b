// SPDX-License-Identifier: Apache-2.0
// ObjectStore: objects by bucket and key. S3 provides it; lambda reads function code from it,
// cloudformation templates.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "machine/task.h"

namespace mill::ports {

class ObjectStore {
  public:
    virtual ~ObjectStore() = default;
    // NoSuchBucket and NoSuchKey (404) in S3's words.
    virtual Task<Result<Bytes>> get_object(std::string bucket, std::string key) = 0;
};

}  // namespace mill::ports
