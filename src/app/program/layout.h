// SPDX-License-Identifier: Apache-2.0
// Where the files that belong to this binary lie: beside it when installed, in the source tree when
// built there.
#pragma once

#include <string>

namespace mill::app {

// Bootstraps of interpreted runtimes: $MILLRACE_RUNTIMES, <prefix>/share/millrace/runtimes,
// <source>/runtimes.
std::string runtimes_directory();
// include/ and lib/ of millrace-runtime: $MILLRACE_SDK, <prefix>/share/millrace/sdk,
// build/<preset>/sdk.
std::string sdk_directory();

}  // namespace mill::app
