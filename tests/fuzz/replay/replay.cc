// SPDX-License-Identifier: Apache-2.0
// Runs a fuzzer over the files of its corpus, without libFuzzer: what an input once broke stays
// mended.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "fuzz.h"

namespace {

std::string contents(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

// replay FILE|DIRECTORY...
int main(int argc, char** argv) {
    std::set<std::filesystem::path> paths;
    for (int i = 1; i < argc; ++i) {
        if (!std::filesystem::is_directory(argv[i])) {
            paths.insert(argv[i]);
            continue;
        }
        for (const auto& entry : std::filesystem::directory_iterator(argv[i]))
            paths.insert(entry.path());
    }
    mill::fuzz::run("");
    for (const auto& path : paths) {
        std::printf("%s\n", path.c_str());  // the last one printed is the one that broke
        std::fflush(stdout);
        mill::fuzz::run(contents(path));
    }
    std::printf("%zu inputs\n", paths.size());
    return paths.empty() ? 1 : 0;
}
