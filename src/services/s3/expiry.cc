// SPDX-License-Identifier: Apache-2.0
#include "services/s3/expiry.h"

#include <algorithm>
#include <span>

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

bool current_is_due(const LifecycleRule& rule, const Object& object, WallTime now) {
    if (!rule.expiration) return false;
    if (rule.expiration->date) return *rule.expiration->date <= now;
    return rule.expiration->days && is_due(object.last_modified, *rule.expiration->days, now);
}

bool marker_is_due(const LifecycleRule& rule, const Object& marker, WallTime now) {
    return rule.expiration && (rule.expiration->expired_object_delete_marker.value_or(false) ||
                               current_is_due(rule, marker, now));
}

// What is to be done to a version, if it still stands where it was found.
struct Due {
    enum class Action : std::uint8_t { expire, remove_marker, remove_old };
    Action action;
    std::string key;
    Object object;
};

// Of the versions of one key, newest first.
void find_due(const LifecycleRule& rule, std::span<const Objects::Listed> versions, WallTime now,
              std::vector<Due>& due) {
    const auto& [key, latest, is_latest] = versions.front();
    if (!latest.is_delete_marker) {
        if (applies(rule, key, latest) && current_is_due(rule, latest, now))
            due.push_back({Due::Action::expire, key, latest});
    } else if (versions.size() == 1 && applies(rule, key, latest) &&
               marker_is_due(rule, latest, now)) {
        due.push_back({Due::Action::remove_marker, key, latest});
    }
    if (!rule.noncurrent_version_expiration) return;
    const NoncurrentVersionExpiration& old = *rule.noncurrent_version_expiration;
    const std::int64_t kept = std::max<std::int64_t>(0, old.newer_noncurrent_versions.value_or(0));
    for (auto i = static_cast<std::size_t>(kept) + 1; i < versions.size(); ++i) {
        const Object& object = versions[i].object;
        // It is noncurrent since the next newer one came.
        const WallTime since = versions[i - 1].object.last_modified;
        if (applies(rule, key, object) && is_due(since, old.noncurrent_days.value_or(1), now))
            due.push_back({Due::Action::remove_old, key, object});
    }
}

// Clients, and other rules, may have been there since it was found: that is looked at in the turn
// in which it goes.
Task<Result<void>> carry_out(S3& s3, std::string bucket, Due due) {
    using Place = Objects::Place;
    MILL_CO_TRY(const Place place, s3.objects().place_of(bucket, due.key, due.object));
    switch (due.action) {
        case Due::Action::expire:
            if (place != Place::latest && place != Place::only) co_return Result<void>();
            co_return co_await s3.expire_object(std::move(bucket), std::move(due.key),
                                                std::nullopt);
        case Due::Action::remove_marker:
            if (place != Place::only) co_return Result<void>();
            break;
        case Due::Action::remove_old:
            if (place != Place::old) co_return Result<void>();
            break;
    }
    co_return co_await s3.expire_object(std::move(bucket), std::move(due.key),
                                        version_text(due.object));
}

bool is_abandoned(const Upload& upload, const Lifecycle& lifecycle, WallTime now) {
    return std::ranges::any_of(lifecycle.rules, [&](const LifecycleRule& rule) {
        const auto& abort = rule.abort_incomplete_multipart_upload;
        return is_enabled(rule) && abort && applies(rule, upload.key, upload.described) &&
               is_due(upload.initiated, abort->days_after_initiation.value_or(1), now);
    });
}

Task<Result<void>> expire_uploads(S3& s3, std::string bucket, Lifecycle lifecycle) {
    std::string after;
    while (true) {
        MILL_CO_TRY(auto page, list_uploads(s3, bucket, {}, after, page_size));
        if (page.empty()) co_return Result<void>();
        after = upload_row(bucket, page.back().key, page.back().id);
        for (Upload& upload : page) {
            if (!is_abandoned(upload, lifecycle, s3.now())) continue;
            // A client may have ended it meanwhile.
            if (!find_upload(s3, bucket, upload.key, upload.id)) continue;
            MILL_CO_CHECK(co_await abort_upload(s3, bucket, std::move(upload)));
        }
        co_await machine::yield(s3.machine().executor);
    }
}

std::vector<Due> all_due(std::span<const Objects::Listed> page, const Lifecycle& lifecycle,
                         WallTime now) {
    std::vector<Due> due;
    while (!page.empty()) {
        const auto end = std::ranges::find_if(
            page, [&](const Objects::Listed& one) { return one.key != page.front().key; });
        const auto count = static_cast<std::size_t>(end - page.begin());
        for (const LifecycleRule& rule : lifecycle.rules) {
            if (is_enabled(rule)) find_due(rule, page.first(count), now, due);
        }
        page = page.subspan(count);
    }
    return due;
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
        for (Due& due : all_due(page, lifecycle, s3.now()))
            MILL_CO_CHECK(co_await carry_out(s3, bucket, std::move(due)));
        co_await machine::yield(s3.machine().executor);
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
    MILL_CO_CHECK(co_await expire_uploads(s3, bucket, lifecycle));
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
