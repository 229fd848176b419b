// SPDX-License-Identifier: Apache-2.0
// mill_crash: kills a real server again and again and says whether it kept its promises. Exit
// status: 0 if all held, 1 if one did not, 2 for a wrong command line.
#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "tests/crash/store_run.h"

namespace {

using namespace mill::crash;

constexpr const char* usage =
    "Usage: mill_crash [--cycles N] [--seed S] [--store-cycles N] [--directory DIR]\n"
    "  --cycles N        kills while clients work (20)\n"
    "  --seed S          the first store's seed; the next ones' follow (1)\n"
    "  --store-cycles N  then the store is left and another one begun (50)\n"
    "  --directory DIR   where stores are made and, if all is well, removed (/var/tmp)\n"
    "  --pause-file FILE no cycle begins while it exists\n"
    "  --millrace FILE, --consumer FILE\n"
    "                    the programs, if they do not lie beside this one\n";

bool read(std::span<char* const> words, std::map<std::string, std::string>& options) {
    for (std::size_t at = 0; at < words.size(); at += 2) {
        const auto found = options.find(words[at]);
        if (found == options.end() || at + 1 == words.size()) return false;
        found->second = words[at + 1];
    }
    for (const char* name : {"--cycles", "--seed", "--store-cycles"}) {
        const std::string& text = options.at(name);
        if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos) return false;
    }
    return true;
}

int run(const std::map<std::string, std::string>& options) {
    const int cycles = std::stoi(options.at("--cycles"));
    const int store_cycles = std::max(1, std::stoi(options.at("--store-cycles")));
    std::uint64_t seed = std::stoull(options.at("--seed"));
    Figures all;
    for (int left = cycles; left > 0; left -= store_cycles, ++seed) {
        const auto began = std::chrono::steady_clock::now();
        Plan plan{.millrace = options.at("--millrace"),
                  .consumer = options.at("--consumer"),
                  .directory = fmt::format("{}/mill-crash-{}-{}", options.at("--directory"),
                                           ::getpid(), seed),
                  .seed = seed,
                  .cycles = std::min(left, store_cycles),
                  .pause_file = options.at("--pause-file")};
        const Figures figures = StoreRun(std::move(plan)).run();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
        fmt::print("seed {}: {}; {:.1f} s\n", seed, text_of(figures), took.count());
        std::fflush(stdout);
        all.add(figures);
    }
    fmt::print("All promises held: {}\n", text_of(all));
    return 0;
}

}  // namespace

int main(int count, char** words) {
    const auto beside = std::filesystem::path("/proc/self/exe");
    const auto directory = std::filesystem::read_symlink(beside).parent_path();
    std::map<std::string, std::string> options = {{"--cycles", "20"},
                                                  {"--seed", "1"},
                                                  {"--store-cycles", "50"},
                                                  {"--directory", "/var/tmp"},
                                                  {"--pause-file", ""},
                                                  {"--millrace", directory / "millrace"},
                                                  {"--consumer", directory / "crash-consumer"}};
    if (!read(std::span(words, static_cast<std::size_t>(count)).subspan(1), options)) {
        fmt::print(stderr, "{}", usage);
        return 2;
    }
    try {
        return run(options);
    } catch (const std::exception& failure) {
        fmt::print("BROKEN: {}\n", failure.what());
        return 1;
    }
}
