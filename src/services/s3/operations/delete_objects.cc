// SPDX-License-Identifier: Apache-2.0
// DeleteObjects: up to 1000, each as DeleteObject does it; what fails is listed, the rest is gone.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
#include "machine/signal.h"
#include "services/s3/object_request.h"
#include "services/s3/settings/setting.h"

namespace mill::s3 {
namespace {

constexpr std::size_t objects_max = 1000;
constexpr std::string_view condition_hint = "It is for directory buckets.";

struct Identifier {
    std::optional<std::string> key, version_id, etag;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "ObjectIdentifier",
            member<&Identifier::key>("Key").required().length(1, wire::unbounded_above),
            member<&Identifier::version_id>("VersionId"), member<&Identifier::etag>("ETag"),
            wire::refused("LastModifiedTime", condition_hint),
            wire::refused("Size", condition_hint));
    }
};

struct Delete {
    std::vector<Identifier> objects;
    std::optional<bool> quiet;
    static constexpr auto shape() {
        return wire::structure("Delete", wire::member<&Delete::objects>("Object").required(),
                               wire::member<&Delete::quiet>("Quiet"));
    }
};

struct Input {
    std::string bucket;
    std::optional<std::string> expected_owner;
    std::optional<Delete> what;
    static constexpr auto shape() {
        return wire::structure("DeleteObjectsRequest", bucket_member<&Input::bucket>(),
                               expected_owner_member<&Input::expected_owner>(),
                               wire::member<&Input::what>("Delete").required().payload(),
                               request_payer_member(),
                               refused_header("MFA", "x-amz-mfa", "No bucket asks for it."),
                               refused_header("BypassGovernanceRetention",
                                              "x-amz-bypass-governance-retention", lock_hint));
    }
};

struct Deleted {
    std::string key;
    std::optional<std::string> version_id, delete_marker_version_id;
    std::optional<bool> delete_marker;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure("Deleted", member<&Deleted::key>("Key"),
                               member<&Deleted::version_id>("VersionId"),
                               member<&Deleted::delete_marker>("DeleteMarker"),
                               member<&Deleted::delete_marker_version_id>("DeleteMarkerVersionId"));
    }
};

struct Problem {
    std::string key;
    std::optional<std::string> version_id;
    std::string code, message;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "Error", member<&Problem::key>("Key"), member<&Problem::version_id>("VersionId"),
            member<&Problem::code>("Code"), member<&Problem::message>("Message"));
    }
};

struct Output {
    std::vector<Deleted> deleted;
    std::vector<Problem> errors;
    static constexpr auto shape() {
        return wire::structure("DeleteResult", wire::member<&Output::deleted>("Deleted"),
                               wire::member<&Output::errors>("Error"));
    }
};

using Removed = Result<std::optional<Object>>;
using Done = machine::OneShot<Removed>;

Task<void> run(Task<Removed> erasing, Done done) { done.set(co_await std::move(erasing)); }

Task<Result<Output>> delete_objects(S3& s3, Caller caller, Input input) {
    MILL_CO_CHECK(s3.bucket(caller, input.bucket, input.expected_owner));
    if (input.what->objects.empty() || input.what->objects.size() > objects_max)
        co_return malformed_xml();
    // Begun one after the other, in the order of the list; committed together.
    std::vector<Done> all;
    Scope erasing;
    for (const Identifier& one : input.what->objects) {
        all.emplace_back(s3.machine().executor);
        erasing.spawn(run(s3.erase(input.bucket, *one.key, one.version_id, {.if_match = one.etag}),
                          all.back()));
    }
    Output output;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const Identifier& one = input.what->objects[i];
        auto removed = co_await all[i].take();
        if (!removed) {
            Error& error = removed.error();
            if (error.status == 0) co_return std::unexpected(std::move(error));
            output.errors.push_back({*one.key, one.version_id, error.code, error.message});
            continue;
        }
        if (input.what->quiet.value_or(false)) continue;
        Deleted deleted{.key = *one.key, .version_id = one.version_id};
        if (*removed && (*removed)->is_delete_marker) {
            deleted.delete_marker = true;
            deleted.delete_marker_version_id = version_text(**removed);
        }
        output.deleted.push_back(std::move(deleted));
    }
    co_return output;
}

}  // namespace

extern const wire::Operation delete_objects_operation;
const wire::Operation delete_objects_operation = wire::operation<&delete_objects>(
    "DeleteObjects", {.method = "POST", .path = "/{Bucket}", .required_query = "delete"});

}  // namespace mill::s3
