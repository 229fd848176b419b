// SPDX-License-Identifier: Apache-2.0
// gzip (RFC 1952), made fast rather than small.
#pragma once

#include "base/bytes.h"

namespace mill::wire {

Bytes gzip(BytesView plain);

}  // namespace mill::wire
