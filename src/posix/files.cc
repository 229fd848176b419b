// SPDX-License-Identifier: Apache-2.0
#include "posix/files.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "posix/begun_write.h"

namespace mill::posix {
namespace {

namespace fs = std::filesystem;
using machine::DirectoryEntry;
using machine::File;
using machine::Open;

std::string code_of(int error) {
    switch (error) {
        case ENOENT:
            return "io.not_found";
        case EEXIST:
            return "io.exists";
        case ENOSPC:
        case EDQUOT:
            return "io.no_space";
        case EACCES:
        case EPERM:
        case EROFS:
            return "io.permission";
        default:
            return "io";
    }
}

// Repeats a system call that a signal interrupted.
template <class Call>
auto uninterrupted(Call call) {
    while (true) {
        const auto result = call();
        if (result >= 0 || errno != EINTR) return result;
    }
}

class HostFile final : public File {
  public:
    // `direct`: the same file past the system's cache; none if that is not wanted or not possible.
    HostFile(Descriptor fd, std::string path, bool syncs, Descriptor direct = {})
        : fd_(std::move(fd)), direct_(std::move(direct)), path_(std::move(path)), syncs_(syncs) {}

    Result<std::size_t> read_at(std::uint64_t offset, char* to, std::size_t count) override {
        std::size_t done = 0;
        while (done < count) {
            const auto at = static_cast<off_t>(offset + done);
            const ssize_t got =
                uninterrupted([&] { return ::pread(fd_.get(), to + done, count - done, at); });
            if (got < 0) return io_failure(errno, "read", path_);
            if (got == 0) break;
            done += static_cast<std::size_t>(got);
        }
        return done;
    }

    Result<void> write_at(std::uint64_t offset, BytesView bytes) override {
        while (!bytes.empty()) {
            const bool is_direct = direct_ && is_whole_pages(offset, bytes);
            const int fd = is_direct ? direct_.get() : fd_.get();
            const ssize_t put = uninterrupted([&] {
                return ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
            });
            if (put < 0 && is_direct && errno == EINVAL) {  // pages of this disk are larger
                direct_.reset();
                continue;
            }
            if (put < 0) return io_failure(errno, "write", path_);
            offset += static_cast<std::uint64_t>(put);
            bytes.remove_prefix(static_cast<std::size_t>(put));
        }
        return {};
    }

    Result<void> begin_write_at(std::uint64_t offset, BytesView bytes) override {
        const bool is_direct = direct_ && is_whole_pages(offset, bytes);
        if (!is_direct || !begun_.begin(direct_.get(), offset, bytes))
            return write_at(offset, bytes);
        begun_at_ = offset;
        begun_bytes_ = bytes;
        return {};
    }

    Result<void> finish_write() override {
        if (!begun_.is_under_way()) return {};
        const ssize_t put = begun_.end();
        if (put == -EINVAL) {  // pages of this disk are larger
            direct_.reset();
        } else if (put < 0) {
            return io_failure(static_cast<int>(-put), "write", path_);
        }
        const auto taken = static_cast<std::size_t>(std::max<ssize_t>(put, 0));
        return write_at(begun_at_ + taken, begun_bytes_.substr(taken));
    }

    Result<void> write_at(std::uint64_t offset, std::span<const BytesView> pieces) override {
        while (!pieces.empty()) {
            const auto now = pieces.first(std::min<std::size_t>(pieces.size(), IOV_MAX));
            MILL_CHECK(write_vector(offset, now));
            for (BytesView piece : now) offset += piece.size();
            pieces = pieces.subspan(now.size());
        }
        return {};
    }

    Result<void> sync() override {
        if (syncs_ && uninterrupted([&] { return ::fdatasync(fd_.get()); }) < 0)
            return io_failure(errno, "sync", path_);
        return {};
    }

    Result<std::uint64_t> size() override {
        struct stat status;
        if (::fstat(fd_.get(), &status) < 0) return io_failure(errno, "stat", path_);
        return static_cast<std::uint64_t>(status.st_size);
    }

    Result<void> truncate(std::uint64_t size) override {
        const auto length = static_cast<off_t>(size);
        if (uninterrupted([&] { return ::ftruncate(fd_.get(), length); }) < 0) {
            return io_failure(errno, "truncate", path_);
        }
        return {};
    }

  private:
    static bool is_whole_pages(std::uint64_t offset, BytesView bytes) {
        const auto address = reinterpret_cast<std::uintptr_t>(bytes.data());
        return (offset | bytes.size() | address) % machine::page_bytes == 0;
    }

    Result<void> write_vector(std::uint64_t offset, std::span<const BytesView> pieces) {
        std::vector<iovec> vectors;
        vectors.reserve(pieces.size());
        for (BytesView piece : pieces)
            vectors.push_back({const_cast<char*>(piece.data()), piece.size()});
        const ssize_t put = uninterrupted([&] {
            return ::pwritev(fd_.get(), vectors.data(), static_cast<int>(vectors.size()),
                             static_cast<off_t>(offset));
        });
        if (put < 0) return io_failure(errno, "write", path_);
        auto skip = static_cast<std::size_t>(put);
        for (BytesView piece : pieces) {  // what one call did not take
            const std::size_t taken = std::min(skip, piece.size());
            skip -= taken;
            MILL_CHECK(write_at(offset + taken, piece.substr(taken)));
            offset += piece.size();
        }
        return {};
    }

    Descriptor fd_;
    Descriptor direct_;
    std::string path_;
    bool syncs_;
    std::uint64_t begun_at_ = 0;
    BytesView begun_bytes_;
    BegunWrite begun_;  // ends before the descriptors are closed
};

class HostFiles final : public machine::Files {
  public:
    explicit HostFiles(bool syncs) : syncs_(syncs) {}

    Result<std::unique_ptr<File>> open(const std::string& path, Open how) override {
        int flags = O_CLOEXEC;
        switch (how) {
            case Open::read:
                flags |= O_RDONLY;
                break;
            case Open::write:
            case Open::write_direct:
                flags |= O_RDWR;
                break;
            case Open::create:
                flags |= O_RDWR | O_CREAT;
                break;
            case Open::create_new:
                flags |= O_RDWR | O_CREAT | O_EXCL;
                break;
        }
        MILL_TRY(Descriptor fd, open_descriptor(path, flags, "open"));
        Descriptor direct;
        if (how == Open::write_direct) direct = Descriptor(::open(path.c_str(), flags | O_DIRECT));
        return std::make_unique<HostFile>(std::move(fd), path, syncs_, std::move(direct));
    }

    Result<void> remove(const std::string& path) override {
        if (::unlink(path.c_str()) < 0) return io_failure(errno, "remove", path);
        return {};
    }

    Result<void> remove_tree(const std::string& path) override {
        std::error_code error;
        fs::remove_all(path, error);
        if (error) return io_failure(error.value(), "remove", path);
        return {};
    }

    Result<void> rename(const std::string& from, const std::string& to) override {
        if (::rename(from.c_str(), to.c_str()) < 0) return io_failure(errno, "rename", from);
        return {};
    }

    Result<void> make_directories(const std::string& path) override {
        std::error_code error;
        fs::create_directories(path, error);
        if (error) return io_failure(error.value(), "make directory", path);
        return {};
    }

    Result<void> sync_directory(const std::string& path) override {
        MILL_TRY(const Descriptor fd,
                 open_descriptor(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, "open"));
        if (syncs_ && uninterrupted([&] { return ::fsync(fd.get()); }) < 0)
            return io_failure(errno, "sync", path);
        return {};
    }

    Result<std::vector<DirectoryEntry>> list(const std::string& path) override {
        std::error_code error;
        std::vector<DirectoryEntry> entries;
        for (fs::directory_iterator at(path, error), end; !error && at != end;
             at.increment(error)) {
            std::error_code ignored;  // it vanished meanwhile: not a directory
            entries.push_back({at->path().filename().string(), at->is_directory(ignored)});
        }
        if (error) return io_failure(error.value(), "list", path);
        std::ranges::sort(entries, {}, &DirectoryEntry::name);
        return entries;
    }

    bool exists(const std::string& path) override { return ::access(path.c_str(), F_OK) == 0; }

    Result<void> set_mode(const std::string& path, unsigned mode) override {
        if (::chmod(path.c_str(), mode) < 0) return io_failure(errno, "set the mode of", path);
        return {};
    }

    Result<std::unique_ptr<File>> lock(const std::string& path) override {
        MILL_TRY(Descriptor fd, open_descriptor(path, O_RDWR | O_CREAT | O_CLOEXEC, "open"));
        const int locked = uninterrupted([&] { return ::flock(fd.get(), LOCK_EX | LOCK_NB); });
        const int error = errno;
        auto file = std::make_unique<HostFile>(std::move(fd), path, syncs_);
        if (locked < 0 && error != EWOULDBLOCK) return io_failure(error, "lock", path);
        if (locked < 0) return held_by_another(*file, path);
        const std::string pid = std::to_string(::getpid()) + "\n";
        MILL_CHECK(file->truncate(0));
        MILL_CHECK(file->write_at(0, pid));
        return file;
    }

  private:
    static Result<Descriptor> open_descriptor(const std::string& path, int flags,
                                              const std::string& verb) {
        Descriptor fd(uninterrupted([&] { return ::open(path.c_str(), flags, 0666); }));
        if (!fd) return io_failure(errno, verb, path);
        return fd;
    }

    static Failure held_by_another(HostFile& file, const std::string& path) {
        char text[32];
        const auto got = file.read_at(0, text, sizeof text);
        std::string pid(text, got.value_or(0));
        while (!pid.empty() && (pid.back() < '0' || pid.back() > '9')) pid.pop_back();
        return fail("io.locked", "'" + path + "' is locked by " +
                                     (pid.empty() ? "another process" : "process " + pid));
    }

    bool syncs_;
};

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    if (this != &other) {
        reset();
        fd_ = other.release();
    }
    return *this;
}

int Descriptor::release() { return std::exchange(fd_, -1); }

void Descriptor::reset() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Failure io_failure(int error, const std::string& verb, const std::string& path) {
    return fail(code_of(error),
                "cannot " + verb + " '" + path + "': " + std::generic_category().message(error));
}

std::unique_ptr<machine::Files> make_files(bool syncs) {
    return std::make_unique<HostFiles>(syncs);
}

}  // namespace mill::posix
