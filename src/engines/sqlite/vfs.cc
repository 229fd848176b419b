// SPDX-License-Identifier: Apache-2.0
// https://www.sqlite.org/c3ref/vfs.html, https://www.sqlite.org/c3ref/io_methods.html
#include "engines/sqlite/vfs.h"

#include <fmt/format.h>

#include <new>

namespace mill::sqlite {
namespace {

constexpr int path_bytes_max = 4096;

// What SQLite hands around as sqlite3_file*.
struct OpenFile : sqlite3_file {
    Vfs* vfs = nullptr;
    std::unique_ptr<machine::File> file;
    std::string path;
    bool name_unsynced =
        false;  // made by us: its directory entry is synced with its first contents
};

OpenFile& open_file(sqlite3_file* file) { return *static_cast<OpenFile*>(file); }

}  // namespace

struct Vfs::Methods {
    static Vfs& self(sqlite3_vfs* vfs) { return *static_cast<Vfs*>(vfs->pAppData); }

    static int close(sqlite3_file* file) {
        open_file(file).~OpenFile();
        return SQLITE_OK;
    }

    static int read(sqlite3_file* file, void* to, int count, sqlite3_int64 offset) {
        OpenFile& f = open_file(file);
        const auto wanted = static_cast<std::size_t>(count);
        auto got =
            f.file->read_at(static_cast<std::uint64_t>(offset), static_cast<char*>(to), wanted);
        if (!got) return f.vfs->failed(got.error(), SQLITE_IOERR_READ);
        if (*got == wanted) return SQLITE_OK;
        std::memset(static_cast<char*>(to) + *got, 0, wanted - *got);
        return SQLITE_IOERR_SHORT_READ;
    }

    static int write(sqlite3_file* file, const void* from, int count, sqlite3_int64 offset) {
        OpenFile& f = open_file(file);
        const BytesView bytes(static_cast<const char*>(from), static_cast<std::size_t>(count));
        auto done = f.file->write_at(static_cast<std::uint64_t>(offset), bytes);
        return done ? SQLITE_OK : f.vfs->failed(done.error(), SQLITE_IOERR_WRITE);
    }

    static int truncate(sqlite3_file* file, sqlite3_int64 size) {
        OpenFile& f = open_file(file);
        auto done = f.file->truncate(static_cast<std::uint64_t>(size));
        return done ? SQLITE_OK : f.vfs->failed(done.error(), SQLITE_IOERR_TRUNCATE);
    }

    static int sync(sqlite3_file* file, int) {
        OpenFile& f = open_file(file);
        if (auto done = f.file->sync(); !done)
            return f.vfs->failed(done.error(), SQLITE_IOERR_FSYNC);
        if (!f.name_unsynced) return SQLITE_OK;
        if (auto done = f.vfs->files_.sync_directory(machine::parent_directory(f.path)); !done) {
            return f.vfs->failed(done.error(), SQLITE_IOERR_DIR_FSYNC);
        }
        f.name_unsynced = false;
        return SQLITE_OK;
    }

    static int file_size(sqlite3_file* file, sqlite3_int64* size) {
        OpenFile& f = open_file(file);
        auto got = f.file->size();
        if (!got) return f.vfs->failed(got.error(), SQLITE_IOERR_FSTAT);
        *size = static_cast<sqlite3_int64>(*got);
        return SQLITE_OK;
    }

    static int lock(sqlite3_file*, int) { return SQLITE_OK; }
    static int check_reserved_lock(sqlite3_file*, int* held) {
        *held = 0;
        return SQLITE_OK;
    }
    static int file_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
    static int sector_size(sqlite3_file*) { return 4096; }
    // A torn write leaves the bytes around it alone.
    static int device_characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

    static constexpr sqlite3_io_methods io = {.iVersion = 1,
                                              .xClose = close,
                                              .xRead = read,
                                              .xWrite = write,
                                              .xTruncate = truncate,
                                              .xSync = sync,
                                              .xFileSize = file_size,
                                              .xLock = lock,
                                              .xUnlock = lock,
                                              .xCheckReservedLock = check_reserved_lock,
                                              .xFileControl = file_control,
                                              .xSectorSize = sector_size,
                                              .xDeviceCharacteristics = device_characteristics};

    static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags,
                    int* flags_out) {
        file->pMethods = nullptr;
        if (!name) return SQLITE_CANTOPEN;  // a temporary file: they are kept in memory
        Vfs& v = self(vfs);
        std::string path(name);
        const bool creates = (flags & SQLITE_OPEN_CREATE) && !v.files_.exists(path);
        const auto how = creates                         ? machine::Open::create
                         : flags & SQLITE_OPEN_READWRITE ? machine::Open::write
                                                         : machine::Open::read;
        auto opened = v.files_.open(path, how);
        if (!opened) return v.failed(opened.error(), SQLITE_CANTOPEN);
        auto* made = new (file) OpenFile;
        made->vfs = &v;
        made->file = *std::move(opened);
        made->path = std::move(path);
        made->name_unsynced = creates;
        made->pMethods = &io;
        if (flags_out) *flags_out = flags;
        return SQLITE_OK;
    }

    static int remove(sqlite3_vfs* vfs, const char* name, int sync_directory) {
        Vfs& v = self(vfs);
        if (!v.files_.exists(name)) return SQLITE_IOERR_DELETE_NOENT;
        if (auto done = v.files_.remove(name); !done)
            return v.failed(done.error(), SQLITE_IOERR_DELETE);
        if (!sync_directory) return SQLITE_OK;
        auto done = v.files_.sync_directory(machine::parent_directory(name));
        return done ? SQLITE_OK : v.failed(done.error(), SQLITE_IOERR_DIR_FSYNC);
    }

    static int access(sqlite3_vfs* vfs, const char* name, int, int* result) {
        *result = self(vfs).files_.exists(name) ? 1 : 0;
        return SQLITE_OK;
    }

    static int full_pathname(sqlite3_vfs*, const char* name, int count, char* out) {
        sqlite3_snprintf(count, out, "%s", name);
        return SQLITE_OK;
    }

    static int randomness(sqlite3_vfs* vfs, int count, char* out) {
        std::uint64_t& state = self(vfs).random_state_;
        for (int i = 0; i < count; ++i) {
            state = state * 6364136223846793005ull + 1442695040888963407ull;
            out[i] = static_cast<char>(state >> 56);
        }
        return count;
    }

    static int sleep(sqlite3_vfs*, int) { return 0; }
    // Nothing that is stored depends on SQLite's idea of the time.
    static int current_time(sqlite3_vfs*, double* julian_day) {
        *julian_day = 2440587.5;
        return SQLITE_OK;
    }
    static int last_system_error(sqlite3_vfs*, int, char*) { return 0; }
};

Vfs::Vfs(machine::Files& files, std::uint64_t random_seed)
    : files_(files), random_state_(random_seed), name_(fmt::format("mill-{}", fmt::ptr(this))) {
    vfs_.iVersion = 1;
    vfs_.szOsFile = sizeof(OpenFile);
    vfs_.mxPathname = path_bytes_max;
    vfs_.zName = name_.c_str();
    vfs_.pAppData = this;
    vfs_.xOpen = Methods::open;
    vfs_.xDelete = Methods::remove;
    vfs_.xAccess = Methods::access;
    vfs_.xFullPathname = Methods::full_pathname;
    vfs_.xRandomness = Methods::randomness;
    vfs_.xSleep = Methods::sleep;
    vfs_.xCurrentTime = Methods::current_time;
    vfs_.xGetLastError = Methods::last_system_error;
    sqlite3_vfs_register(&vfs_, 0);
}

Vfs::~Vfs() { sqlite3_vfs_unregister(&vfs_); }

int Vfs::failed(const Error& error, int code) {
    last_error_ = error;
    return error.code == "io.no_space" ? SQLITE_FULL : code;
}

}  // namespace mill::sqlite
