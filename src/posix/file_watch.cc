// SPDX-License-Identifier: Apache-2.0
#include "posix/file_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace mill::posix {
namespace {

constexpr std::uint32_t wanted_events =
    IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR;

Failure watch_failure(const std::string& path) {
    if (errno == ENOSPC) {
        return fail("io.no_space",
                    "no more directories can be watched; raise it: sysctl "
                    "fs.inotify.max_user_watches=524288");
    }
    return fail("io", "watching '" + path + "': " + std::strerror(errno));
}

}  // namespace

Result<std::unique_ptr<FileWatch>> FileWatch::open(Reactor& reactor,
                                                   const std::vector<std::string>& paths,
                                                   machine::Signal& changed) {
    std::unique_ptr<FileWatch> watch(new FileWatch(reactor, changed));
    watch->inotify_ = Descriptor(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (watch->inotify_.get() < 0) return watch_failure("files");
    for (std::string path : paths) {
        while (path.size() > 1 && path.ends_with('/')) path.pop_back();
        std::error_code ignored;
        if (std::filesystem::is_directory(path, ignored))
            MILL_CHECK(watch->add_directory(path, true));
        MILL_CHECK(watch->add_directory(machine::parent_directory(path), false));
        watch->named_.insert(std::move(path));
    }
    if (!reactor.watch(watch->inotify_.get(), EPOLLIN, *watch))
        return fail("io", "the system has no room for another descriptor");
    return watch;
}

FileWatch::~FileWatch() {
    if (inotify_.get() >= 0) reactor_.forget(inotify_.get(), *this);
}

Result<void> FileWatch::add_directory(const std::string& path, bool with_all_below) {
    const int place = ::inotify_add_watch(inotify_.get(), path.c_str(), wanted_events);
    if (place < 0) return errno == ENOENT ? Result<void>() : watch_failure(path);
    Place& known = places_[place];
    known.path = path;  // it may have had another name
    known.with_all_below = known.with_all_below || with_all_below;
    if (!with_all_below) return {};
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(path, ignored)) {
        if (entry.is_directory(ignored) && !entry.is_symlink(ignored))
            MILL_CHECK(add_directory(entry.path().string(), true));
    }
    return {};
}

void FileWatch::on_ready(std::uint32_t) {
    alignas(inotify_event) char buffer[16384];
    for (;;) {
        const ssize_t got = ::read(inotify_.get(), buffer, sizeof buffer);
        if (got <= 0) break;
        for (ssize_t at = 0; at < got;) {
            inotify_event event;
            std::memcpy(&event, buffer + at, sizeof event);
            const char* name = buffer + at + sizeof event;
            at += static_cast<ssize_t>(sizeof event + event.len);
            take(event, name);
        }
    }
    if (!pending_.empty()) changed_.notify_all();
}

void FileWatch::take(const inotify_event& event, const char* name) {
    if (event.mask & IN_Q_OVERFLOW) pending_.insert(named_.begin(), named_.end());
    if (event.mask & IN_IGNORED) places_.erase(event.wd);
    const auto place = places_.find(event.wd);
    if (place == places_.end() || event.len == 0) return;
    const std::string& folder = place->second.path;
    const std::string path = folder == "." ? name : folder + "/" + name;
    if (!place->second.with_all_below && !named_.contains(path)) return;
    pending_.insert(path);
    const bool is_new = event.mask & (IN_CREATE | IN_MOVED_TO);
    if (is_new && (event.mask & IN_ISDIR)) static_cast<void>(add_directory(path, true));
}

std::vector<std::string> FileWatch::take_changed() {
    std::vector<std::string> paths(pending_.begin(), pending_.end());
    pending_.clear();
    return paths;
}

}  // namespace mill::posix
