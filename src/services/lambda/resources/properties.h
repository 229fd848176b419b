// SPDX-License-Identifier: Apache-2.0
// The properties of templates as Lambda's resources read them.
#pragma once

#include "services/ports/properties.h"

namespace mill::lambda {

using ports::differ;
using ports::fit;
using ports::fit_tags;
using ports::needs_replacement;
using ports::set_default;
using ports::tags_in;
using ports::unsupported_property;

}  // namespace mill::lambda
