// SPDX-License-Identifier: Apache-2.0
#include "services/s3/expiry.h"

#include <algorithm>

#include "services/s3/settings/setting.h"
#include "services/s3/uploads.h"

namespace mill::s3 {
namespace {

constexpr std::size_t page_size = 200;

bool is_enabled(const LifecycleRule& rule) { return rule.status == "Enabled"; }

bool has_tags(const std::vector<Tag>& wanted, const Object& object) {
    return std::ranges::all_of(wanted, [&](const Tag& tag) {
        const auto at = object.tags.find(tag.key.value_or(""));
        return at != object.tags.end() && at->second == tag.value.value_or("");
    });
}

bool has_size(const std::optional<std::int64_t>& above, const std::optional<std::int64_t>& below,
              const Object& object) {
    return (!above || object.size > *above) && (!below || object.size < *below);
}

bool begins(const std::string& key, const std::optional<std::string>& prefix) {
    return key.starts_with(prefix.value_or(""));
}

// The versions of one key, newest first.
using KeyVersions = std::vector<Objects::Listed>;

bool current_is_due(const LifecycleRule& rule, const Object& object, WallTime now) {
    if (!rule.expiration) return false;
    if (rule.expiration->date) return *rule.expiration->date <= now;
    return rule.expiration->days && is_due(object.last_modified, *rule.expiration->days, now);
}

// What a rule does with the versions of a key.
Task<Result<void>> expire_key(S3& s3, std::string bucket, LifecycleRule rule,
                              KeyVersions versions) {
    const WallTime now = s3.now();
    const Objects::Listed& latest = versions.front();
    const std::string key = latest.key;
    if (!latest.object.is_delete_marker) {
        // Another rule, or a client, may have been there in the meantime.
        MILL_CO_TRY(const auto present, s3.objects().current(bucket, key));
        const bool is_same = present && present->order == latest.object.order &&
                             present->last_modified == latest.object.last_modified;
        if (is_same && applies(rule, key, latest.object) &&
            current_is_due(rule, latest.object, now))
            MILL_CO_CHECK(co_await s3.expire_object(bucket, key, std::nullopt));
    } else if (versions.size() == 1 && rule.expiration && begins(key, rule.prefix) &&
               applies(rule, key, latest.object) &&
               (rule.expiration->expired_object_delete_marker.value_or(false) ||
                current_is_due(rule, latest.object, now))) {
        MILL_CO_CHECK(co_await s3.expire_object(bucket, key, version_text(latest.object)));
    }
    if (!rule.noncurrent_version_expiration) co_return Result<void>();
    const NoncurrentVersionExpiration& old = *rule.noncurrent_version_expiration;
    std::int64_t kept = 0;
    for (std::size_t i = 1; i < versions.size(); ++i) {
        const Object& object = versions[i].object;
        // It is noncurrent since the next newer one came.
        const WallTime since = versions[i - 1].object.last_modified;
        if (kept < old.newer_noncurrent_versions.value_or(0)) {
            ++kept;
            continue;
        }
        if (applies(rule, key, object) && is_due(since, old.noncurrent_days.value_or(1), now))
            MILL_CO_CHECK(co_await s3.expire_object(bucket, key, version_text(object)));
    }
    co_return Result<void>();
}

Task<Result<void>> expire_uploads(S3& s3, std::string bucket, LifecycleRule rule) {
    if (!rule.abort_incomplete_multipart_upload) co_return Result<void>();
    const std::int64_t days =
        rule.abort_incomplete_multipart_upload->days_after_initiation.value_or(1);
    MILL_CO_TRY(auto uploads, list_uploads(s3, bucket, {}, {}, 0));
    for (Upload& upload : uploads) {
        if (applies(rule, upload.key, upload.described) && is_due(upload.initiated, days, s3.now()))
            MILL_CO_CHECK(co_await abort_upload(s3, bucket, std::move(upload)));
    }
    co_return Result<void>();
}

// A page at a time, cut between two keys.
Task<Result<void>> expire_objects(S3& s3, std::string bucket, Lifecycle lifecycle) {
    Objects::Mark mark;
    std::size_t limit = page_size;
    while (true) {
        MILL_CO_TRY(auto page, s3.objects().list_versions(bucket, {}, mark, limit));
        if (page.empty()) co_return Result<void>();
        if (page.size() == limit) {
            const std::string last = page.back().key;
            if (page.front().key == last) {  // one key fills it: a larger one
                limit *= 2;
                continue;
            }
            std::erase_if(page, [&](const auto& listed) { return listed.key == last; });
        }
        limit = page_size;
        mark = {page.back().key};
        for (std::size_t i = 0; i < page.size();) {
            std::size_t end = i + 1;
            while (end < page.size() && page[end].key == page[i].key) ++end;
            const KeyVersions versions(page.begin() + static_cast<std::ptrdiff_t>(i),
                                       page.begin() + static_cast<std::ptrdiff_t>(end));
            for (const LifecycleRule& rule : lifecycle.rules) {
                if (is_enabled(rule))
                    MILL_CO_CHECK(co_await expire_key(s3, bucket, rule, versions));
            }
            i = end;
        }
    }
}

}  // namespace

bool applies(const LifecycleRule& rule, const std::string& key, const Object& object) {
    if (!begins(key, rule.prefix)) return false;
    if (!rule.filter) return true;
    const LifecycleRuleFilter& filter = *rule.filter;
    if (!begins(key, filter.prefix) ||
        !has_size(filter.object_size_greater_than, filter.object_size_less_than, object) ||
        (filter.tag && !has_tags({*filter.tag}, object)))
        return false;
    if (!filter.all) return true;
    return begins(key, filter.all->prefix) && has_tags(filter.all->tags, object) &&
           has_size(filter.all->object_size_greater_than, filter.all->object_size_less_than,
                    object);
}

bool is_due(WallTime since, std::int64_t days, WallTime now) {
    const auto midnight = std::chrono::ceil<std::chrono::days>(since + std::chrono::days(days));
    return midnight <= now;
}

Task<Result<void>> expire(S3& s3, std::string bucket, Lifecycle lifecycle) {
    for (const LifecycleRule& rule : lifecycle.rules) {
        if (is_enabled(rule)) MILL_CO_CHECK(co_await expire_uploads(s3, bucket, rule));
    }
    co_return co_await expire_objects(s3, std::move(bucket), std::move(lifecycle));
}

Task<void> run_expiry(S3& s3) {
    Machine& machine = s3.machine();
    while (true) {
        const auto buckets = s3.all_buckets();
        for (const Bucket& bucket : buckets ? *buckets : std::vector<Bucket>()) {
            auto lifecycle = find_setting<Lifecycle>(s3, bucket.name);
            if (!lifecycle || !*lifecycle) continue;
            const auto done = co_await expire(s3, bucket.name, **std::move(lifecycle));
            if (!done) {
                machine.log.error("s3.expiry_failed",
                                  {{"bucket", bucket.name}, {"error", done.error().message}});
            }
        }
        const WallTime now = machine.clock.wall();
        const WallTime midnight = std::chrono::floor<std::chrono::days>(now) + std::chrono::days(1);
        co_await machine::sleep_until(
            machine.timers,
            machine.clock.now() + std::chrono::duration_cast<Duration>(midnight - now));
    }
}

}  // namespace mill::s3
