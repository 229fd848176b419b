// SPDX-License-Identifier: Apache-2.0
// Tells of changes of files, by inotify: nobody looks again and again. For verbs that wait for an
// editor. Executor thread.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "machine/signal.h"
#include "posix/files.h"
#include "posix/reactor.h"

struct inotify_event;

namespace mill::posix {

class FileWatch final : Reactor::Watcher {
  public:
    // Directories are watched with all below them, also what is made later; each path by its name
    // too, so that editors may replace a file, and git a directory. `changed` is woken.
    static Result<std::unique_ptr<FileWatch>> open(Reactor& reactor,
                                                   const std::vector<std::string>& paths,
                                                   machine::Signal& changed);
    FileWatch(const FileWatch&) = delete;
    FileWatch& operator=(const FileWatch&) = delete;
    ~FileWatch();

    // If there were more than the system keeps: all the paths of `open`.
    std::vector<std::string> take_changed();

  private:
    FileWatch(Reactor& reactor, machine::Signal& changed) : reactor_(reactor), changed_(changed) {}
    void on_ready(std::uint32_t events) override;
    void take(const inotify_event& event, const char* name);
    Result<void> add_directory(const std::string& path, bool with_all_below);

    Reactor& reactor_;
    machine::Signal& changed_;
    Descriptor inotify_;
    struct Place {
        std::string path;
        bool with_all_below = false;
    };
    std::map<int, Place> places_;
    std::set<std::string> named_;  // that were asked for
    std::set<std::string> pending_;
};

}  // namespace mill::posix
