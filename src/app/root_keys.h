// SPDX-License-Identifier: Apache-2.0
// The root key pair of a data directory, root-key.json (mode 0600, in a directory of mode 0700):
// {"AccessKeyId": ..., "SecretAccessKey": ...}. Made at the first start. What is asked of the
// server itself, and not of AWS, is signed with it: whoever can read the data directory may ask.
#pragma once

#include <string>

#include "machine/machine.h"
#include "wire/sigv4.h"

namespace mill::app {

// Makes it if it is missing.
Result<wire::Credentials> ensure_root_key(Machine& machine, const std::string& directory);
// "io.not_found", "io.permission", or "storage.corrupt".
Result<wire::Credentials> read_root_key(machine::Files& files, const std::string& directory);

}  // namespace mill::app
