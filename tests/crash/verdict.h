// SPDX-License-Identifier: Apache-2.0
// How the crash test ends when something is wrong: at once, with one sentence, and with its
// directory left as it is.
#pragma once

#include <stdexcept>
#include <string>

namespace mill::crash {

// A promise was broken, or the test cannot go on.
class Failed : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

[[noreturn]] inline void give_up(const std::string& why) { throw Failed(why); }

}  // namespace mill::crash
