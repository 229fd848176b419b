// SPDX-License-Identifier: Apache-2.0
// What the two readers of JSON share. Internal to wire/: simdjson stays behind json.cc and
// json_reader.cc.
#pragma once

#include <simdjson.h>

#include "wire/value.h"

namespace mill::wire {

Value value_of(simdjson::dom::element element);

}  // namespace mill::wire
