// SPDX-License-Identifier: Apache-2.0
// S3, as far as deploys need it: buckets and objects. Bytes lie in a BlobStore, names in the Table:
// "s3/bucket/<bucket>", "s3/setting/<bucket>/<name>" and "s3/object/<bucket>/<key>". Names of
// buckets are global, as on AWS; only the owner's account may use one.
//
// An answered write is durable: the blob is synced before the row that names it is committed, so a
// crash leaves the old object or the new one, never half of it; a blob without a row is harmless,
// and goes with the next start. Executor thread only.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>

#include "machine/machine.h"
#include "services/ports/failure_destination.h"
#include "services/ports/object_store.h"
#include "services/ports/resource_provider.h"
#include "storage/blob_store.h"
#include "storage/stream_log.h"
#include "wire/operation.h"

namespace mill::s3 {

struct Bucket {
    std::string name;
    std::string account;
    std::string region;
    WallTime created;
    static constexpr auto shape() {
        return wire::structure("Bucket", wire::member<&Bucket::name>("Name"),
                               wire::member<&Bucket::account>("Account"),
                               wire::member<&Bucket::region>("Region"),
                               wire::member<&Bucket::created>("Created"));
    }
};

struct Object {
    std::string blob;  // its name in the BlobStore
    std::int64_t size = 0;
    std::string etag;  // with quotes
    WallTime last_modified;
    std::optional<std::string> content_type, content_encoding, content_disposition,
        content_language, cache_control;
    std::optional<WallTime> expires;
    std::map<std::string, std::string> metadata;   // without the prefix x-amz-meta-
    std::map<std::string, std::string> checksums;  // "crc32": base64
    static constexpr auto shape() {
        return wire::structure(
            "Object", wire::member<&Object::blob>("Blob"), wire::member<&Object::size>("Size"),
            wire::member<&Object::etag>("ETag"),
            wire::member<&Object::last_modified>("LastModified"),
            wire::member<&Object::content_type>("ContentType"),
            wire::member<&Object::content_encoding>("ContentEncoding"),
            wire::member<&Object::content_disposition>("ContentDisposition"),
            wire::member<&Object::content_language>("ContentLanguage"),
            wire::member<&Object::cache_control>("CacheControl"),
            wire::member<&Object::expires>("Expires"), wire::member<&Object::metadata>("Metadata"),
            wire::member<&Object::checksums>("Checksums"));
    }
};

class S3 final : public ports::ObjectStore,
                 public ports::FailureDestination,
                 public ports::ResourceProvider {
  public:
    // Blobs go to `directory`.
    static Result<std::unique_ptr<S3>> open(Machine& machine, storage::Engine& engine,
                                            std::string directory);
    ~S3() override;
    wire::Service service();

    Task<Result<Bytes>> get_object(std::string bucket, std::string key) override;
    // The document becomes an object of the bucket, of type application/json.
    Task<Result<void>> deliver(ports::FailureNotice notice) override;

    std::span<const std::string_view> types() const override;
    std::span<const std::string_view> create_only(std::string_view type) const override;
    Task<Result<ports::Resource>> create(ports::ResourceRequest request) override;
    Task<Result<ports::Resource>> update(ports::ResourceRequest request, std::string physical_id,
                                         wire::Value old_properties) override;
    Task<Result<void>> remove(ports::ResourceRequest request, std::string physical_id) override;

    // For the operations. NoSuchBucket; AccessDenied when it is another account's.
    // Likewise when `expected_owner` is given and is not the owner.
    Result<Bucket> bucket(const Caller& caller, const std::string& name,
                          const std::optional<std::string>& expected_owner = std::nullopt);
    Result<std::optional<Bucket>> find_bucket(const std::string& name);
    Result<std::vector<Bucket>> buckets_of(const std::string& account);
    Task<Result<void>> create_bucket(Bucket bucket);
    // Its settings go with it. BucketNotEmpty.
    Task<Result<void>> delete_bucket(std::string name);
    // One of the bucket's documents (settings/setting.h): absent if never put, empty if deleted.
    Result<std::optional<Bytes>> setting(const std::string& bucket, std::string_view name);
    // Absent: as if it had never been put. NoSuchBucket if the bucket went meanwhile.
    Task<Result<void>> put_setting(std::string bucket, std::string name,
                                   std::optional<Bytes> document);

    Result<Object> object(const std::string& bucket, const std::string& key);  // NoSuchKey
    struct Listed {
        std::string key;
        Object object;
    };
    // In the order of keys, those beginning with `prefix` and greater than `after`.
    Result<std::vector<Listed>> list(const std::string& bucket, const std::string& prefix,
                                     const std::string& after, std::size_t limit);
    // NoSuchBucket if the bucket went meanwhile; PreconditionFailed if `only_new` and the key is
    // taken.
    Task<Result<void>> put(std::string bucket, std::string key, Object object, bool only_new);
    Task<Result<void>> erase(std::string bucket, std::string key);

    storage::BlobStore& blobs() { return blobs_; }
    WallTime now() const { return machine_.clock.wall(); }
    std::string new_id();  // random, 32 hexadecimal digits

  private:
    S3(Machine& machine, storage::Table& table, std::string directory);
    Task<Result<ports::Resource>> put_policy(ports::ResourceRequest request);

    Machine& machine_;
    storage::Table& table_;
    storage::BlobStore blobs_;
};

std::span<const wire::Operation* const> operations();

// Errors in S3's words. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
Failure no_such_bucket();
Failure no_such_key();
Failure precondition_failed();

}  // namespace mill::s3
