// SPDX-License-Identifier: Apache-2.0
// The rows of objects and of their versions, and what a write does to them: read and decided here,
// committed by S3.
//
//     s3/object/<bucket>/<key>                     the current version, unless that is a deletion
//     s3/version/<bucket>/<key>\0<inverted order>  all others and delete markers, newest first
//     s3/part/<upload>/<number>                    the parts of an upload, and of what became of it
//
// A version's id holds its order among the versions of its key, so that it is found without a
// search; but for the one without an id, which is called "null".
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "storage/stream_log.h"
#include "wire/shape.h"

namespace mill::s3 {

using Texts = std::map<std::string, std::string>;

// What an object says it is encrypted with (object_encryption.h).
struct ObjectEncryption {
    std::string algorithm;  // "aws:kms"
    std::optional<std::string> kms_key, kms_context;
    bool bucket_key = false;
    static constexpr auto shape() {
        using E = ObjectEncryption;
        using wire::member;
        return wire::structure("ObjectEncryption", member<&E::algorithm>("Algorithm"),
                               member<&E::kms_key>("KmsKey"), member<&E::kms_context>("KmsContext"),
                               member<&E::bucket_key>("BucketKey"));
    }
};

struct Object {
    std::string blob;  // its name in the BlobStore, if it was put in one piece
    std::int64_t size = 0;
    std::string etag;  // with quotes
    WallTime last_modified;
    std::optional<std::string> content_type, content_encoding, content_disposition,
        content_language, cache_control;
    std::optional<WallTime> expires;
    Texts metadata;                            // without the prefix x-amz-meta-
    Texts checksums;                           // "crc32": base64
    std::optional<std::string> checksum_type;  // "COMPOSITE": of the parts' checksums
    Texts tags;
    std::optional<ObjectEncryption> encryption;  // absent: AES256
    std::optional<std::string> version_id;       // absent: "null"
    std::int64_t order = 0;                      // among the versions of its key
    bool is_delete_marker = false;
    std::optional<std::string> upload;  // whose parts it is made of
    std::int64_t part_count = 0;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "Object", member<&Object::blob>("Blob"), member<&Object::size>("Size"),
            member<&Object::etag>("ETag"), member<&Object::last_modified>("LastModified"),
            member<&Object::content_type>("ContentType"),
            member<&Object::content_encoding>("ContentEncoding"),
            member<&Object::content_disposition>("ContentDisposition"),
            member<&Object::content_language>("ContentLanguage"),
            member<&Object::cache_control>("CacheControl"), member<&Object::expires>("Expires"),
            member<&Object::metadata>("Metadata"), member<&Object::checksums>("Checksums"),
            member<&Object::checksum_type>("ChecksumType"), member<&Object::tags>("Tags"),
            member<&Object::encryption>("Encryption"), member<&Object::version_id>("VersionId"),
            member<&Object::order>("Order"), member<&Object::is_delete_marker>("IsDeleteMarker"),
            member<&Object::upload>("Upload"), member<&Object::part_count>("PartCount"));
    }
};

// What GetObject and others say: "null" if it has none.
std::string version_text(const Object& object);

inline constexpr std::int64_t part_number_max = 10'000;

struct Part {
    std::int64_t number = 0;
    std::string blob;
    std::int64_t size = 0;
    std::string etag;  // with quotes
    WallTime last_modified;
    Texts checksums;
    // Its place in the object, once that is made: its first byte, and its number among the parts
    // that are in it, from 1.
    std::int64_t begin = 0, index = 0;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure("Part", member<&Part::number>("Number"), member<&Part::blob>("Blob"),
                               member<&Part::size>("Size"), member<&Part::etag>("ETag"),
                               member<&Part::last_modified>("LastModified"),
                               member<&Part::checksums>("Checksums"), member<&Part::begin>("Begin"),
                               member<&Part::index>("Index"));
    }
};

enum class Versions : std::uint8_t { none, kept, suspended };

class Objects {
  public:
    explicit Objects(storage::Table& table) : table_(table) {}

    // A commit that carries the write out, and the blobs that nobody names after it.
    struct Change {
        storage::Table::Commit commit;
        std::vector<std::string> dropped;
        std::optional<Object> object;  // what was written or removed; absent if there was nothing
        void merge(Change other);      // both, as one
    };

    Result<std::optional<Object>> current(const std::string& bucket, const std::string& key) const;
    // NoSuchKey; NoSuchVersion; MethodNotAllowed for a delete marker that is asked for by its id.
    Result<Object> find(const std::string& bucket, const std::string& key,
                        const std::optional<std::string>& version) const;
    Result<std::vector<Part>> parts(const std::string& upload) const;  // in order
    // Of an object: those that hold the range, and the one of that index. What they cost does not
    // grow with the object.
    Result<std::vector<Part>> parts_in(const std::string& upload, std::uint64_t offset,
                                       std::uint64_t count) const;
    Result<std::optional<Part>> part_at(const std::string& upload, std::int64_t index) const;
    // Of all the parts of an object, in order: Part::begin and Part::index.
    static void place(std::vector<Part>& parts);

    // `random` becomes a part of the version's id: 16 digits.
    Result<Change> put(const std::string& bucket, const std::string& key, Object object,
                       Versions versions, const std::string& random) const;
    // Without a version: the current one, or a delete marker on top of it.
    Result<Change> erase(const std::string& bucket, const std::string& key,
                         const std::optional<std::string>& version, Versions versions,
                         const std::string& random, WallTime now) const;
    // The same version with another description: its tags.
    Result<Change> rewrite(const std::string& bucket, const std::string& key, Object object) const;

    struct Listed {
        std::string key;
        Object object;
        bool is_latest = true;
    };
    // In the order of keys, those beginning with `prefix` and greater than `after`.
    Result<std::vector<Listed>> list(const std::string& bucket, const std::string& prefix,
                                     const std::string& after, std::size_t limit) const;
    // All versions, those of a key from the newest on: those of keys greater than `after.key`, and
    // of that key those older than `after.order`.
    struct Mark {
        std::string key;
        std::int64_t order = 0;
    };
    Result<std::vector<Listed>> list_versions(const std::string& bucket, const std::string& prefix,
                                              const Mark& after, std::size_t limit) const;
    // Where a version stands. InvalidArgument if the text is no version's id.
    Result<std::int64_t> order_of(const std::string& bucket, const std::string& key,
                                  const std::string& version) const;
    // How a version that was listed stands among those of its key now: `gone` also if it is not
    // quite the same any more.
    enum class Place : std::uint8_t { gone, old, latest, only };
    Result<Place> place_of(const std::string& bucket, const std::string& key,
                           const Object& object) const;
    // Whether the bucket holds anything, even if only old versions.
    Result<bool> is_empty(const std::string& bucket) const;
    // All blobs that objects, versions and parts name.
    Result<std::vector<std::string>> used_blobs() const;

    // The rows and the blob of an object that goes.
    Result<void> drop(const Object& object, Change& change) const;
    static std::string part_rows(const std::string& upload) { return "s3/part/" + upload + "/"; }
    static std::string part_row(const std::string& upload, std::int64_t number);

  private:
    Result<std::optional<Part>> last_part(const std::string& upload, std::int64_t Part::* place,
                                          std::int64_t at_most) const;
    struct Found {
        std::string row;
        Object object;
    };
    Result<std::optional<Found>> find_old(const std::string& bucket, const std::string& key,
                                          const std::string& version) const;
    Result<std::vector<Found>> newest_old(const std::string& bucket, const std::string& key,
                                          std::size_t count) const;
    Result<void> erase_version(const std::string& bucket, const std::string& key,
                               const std::string& version, std::optional<Object> current,
                               Change& change) const;

    storage::Table& table_;
};

}  // namespace mill::s3
