// SPDX-License-Identifier: Apache-2.0
#include "machine/processes.h"

namespace mill::machine {
namespace {

const char* signal_name(int signal) {
    switch (signal) {  // Linux numbers; the names are Go's, which the Lambda service prints
        case 6:
            return "aborted";
        case 7:
            return "bus error";
        case 8:
            return "floating point exception";
        case 9:
            return "killed";
        case 11:
            return "segmentation fault";
        case 15:
            return "terminated";
        default:
            return nullptr;
    }
}

}  // namespace

std::string ExitStatus::text() const {
    if (signal == 0) return "exit status " + std::to_string(code);
    if (const char* name = signal_name(signal)) return std::string("signal: ") + name;
    return "signal: " + std::to_string(signal);
}

}  // namespace mill::machine
