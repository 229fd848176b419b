// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/many_streams.h"

#include "wire/http_client.h"

namespace mill::sim {
namespace {

using std::chrono::milliseconds;

constexpr const char* base_stream = "base";
constexpr std::uint64_t deeds_per_owner = 8;
constexpr std::size_t violations_max = 10;
// A request whose answer got lost is over by then.
constexpr milliseconds request_max = std::chrono::seconds(30);
constexpr int settle_looks = 600;

bool nobody_knows(const Error& error) {
    return error.code.starts_with("net") || error.code == "InternalFailure" ||
           error.code == "ServiceException" || error.code == "sim.timeout";
}

// Every function here answers "{}".
Task<machine::ExitStatus> answer_all(ScriptContext context) {
    const auto endpoint = machine::parse_endpoint(context.runtime_api);
    if (!endpoint) co_return machine::ExitStatus{.code = 2};
    wire::http::Client runtime(context.machine.network, *endpoint);
    const std::string root = "/2018-06-01/runtime/invocation/";
    for (;;) {
        const auto next = co_await runtime.send({.method = "GET", .target = root + "next"});
        if (!next || next->status != 200) co_return machine::ExitStatus{.code = 3};
        const std::string id = next->headers.get("lambda-runtime-aws-request-id");
        const auto said = co_await runtime.send(
            {.method = "POST", .target = root + id + "/response", .body = "{}"});
        if (!said) co_return machine::ExitStatus{.code = 4};
    }
}

}  // namespace

ManyStreams::ManyStreams(World& world) : world_(world) {
    world_.machine().register_script("thing-", answer_all);
}

Task<Result<void>> ManyStreams::set_up() {
    Client& client = world_.client();
    MILL_CO_CHECK(co_await client.create_stream(base_stream, 1));
    std::vector<std::unique_ptr<Thing>> things;
    things.push_back(make_stream(client, "thing-a"));
    things.push_back(make_stream(client, "thing-b"));
    things.push_back(make_function(client, "thing-c"));
    things.push_back(make_stack(client, "thing-d"));
    things.push_back(make_stack(client, "thing-e"));
    for (const char* function : {"thing-f", "thing-g"}) {
        MILL_CO_CHECK(co_await client.create_function(function, 3));
        things.push_back(make_mapping(client, function, base_stream));
    }
    for (auto& thing : things) all_.push_back(std::make_unique<Owned>(Owned{std::move(thing)}));
    co_return Result<void>{};
}

void ManyStreams::start() {
    owners_left_ = static_cast<int>(all_.size());
    for (const auto& owned : all_) scope_.spawn(own(owned.get()));
}

Task<void> ManyStreams::sleep(milliseconds time) {
    Machine& m = world_.machine().outside();
    return machine::sleep_until(m.timers, m.clock.now() + time);
}

void ManyStreams::broken(const Owned& owned, const std::string& what) {
    if (violations_.size() < violations_max)
        violations_.push_back(owned.thing->name() + ": " + what);
}

Task<void> ManyStreams::own(Owned* owned) {
    for (std::uint64_t deeds = 0; deeds < deeds_per_owner; ++deeds) {
        if (owned->belief == Belief::unknown) {
            co_await sleep(request_max);
            co_await look(owned);
        }
        if (owned->belief == Belief::absent) {
            co_await create(owned);
        } else if (owned->belief == Belief::present && random(2) == 0) {
            co_await remove(owned);
        }
        co_await sleep(milliseconds(random(600)));
        // What nobody has answered may still be under way, whatever is seen.
        if (owned->belief != Belief::unknown) co_await look(owned);
    }
    --owners_left_;
}

Task<void> ManyStreams::create(Owned* owned) {
    // What was deleted may still be on its way out.
    for (int looks = 0; looks < settle_looks; ++looks) {
        const auto state = co_await owned->thing->look();
        if (state && *state == ThingState::absent) break;
        if (state) judge(*owned, *state);
        if (owned->belief != Belief::absent) co_return;
        co_await sleep(milliseconds(100));
    }
    const auto created = co_await owned->thing->create();
    owned->belief = created ? Belief::present : Belief::unknown;
    if (created || nobody_knows(created.error())) co_return;
    broken(*owned,
           "creating was refused: " + created.error().code + ": " + created.error().message);
}

Task<void> ManyStreams::remove(Owned* owned) {
    const auto removed = co_await owned->thing->remove();
    if (removed) {
        owned->belief = Belief::absent;
        co_return;
    }
    const std::string& code = removed.error().code;
    // A mapping or a function that is still being made refuses.
    if (code == "ResourceInUseException" || code == "ResourceConflictException") co_return;
    owned->belief = Belief::unknown;
    if (nobody_knows(removed.error())) co_return;
    broken(*owned, "deleting was refused: " + code + ": " + removed.error().message);
}

Task<void> ManyStreams::look(Owned* owned) {
    const auto state = co_await owned->thing->look();
    if (state) {
        judge(*owned, *state);
        if (*state == ThingState::present) co_await owned->thing->use();
    } else if (!nobody_knows(state.error())) {
        broken(*owned, "looking at it: " + state.error().code + ": " + state.error().message);
    }
}

void ManyStreams::judge(Owned& owned, ThingState state) {
    const bool is_there = state == ThingState::making || state == ThingState::present;
    const bool is_going = state == ThingState::absent || state == ThingState::removing;
    if (state == ThingState::failed && world_.conditions().disk_faults == 0)
        broken(owned, "failed without a reason");
    if (owned.belief == Belief::present && is_going)
        broken(owned, "was created, and is " + text_of(state));
    if (owned.belief == Belief::absent && is_there)
        broken(owned, "was deleted, and is " + text_of(state));
    // Found in a state whose end is known; one that failed is there to be deleted.
    if (is_there || state == ThingState::failed) owned.belief = Belief::present;
    if (is_going) owned.belief = Belief::absent;
}

Task<Result<void>> ManyStreams::settle(Owned* owned) {
    ThingState state = ThingState::making;
    for (int looks = 0; looks < settle_looks; ++looks) {
        MILL_CO_TRY(state, co_await owned->thing->look());
        if (owned->belief != Belief::unknown || looks > 0) judge(*owned, state);
        if (state != ThingState::making && state != ThingState::removing) {
            co_return co_await owned->thing->inspect(state);
        }
        co_await sleep(milliseconds(500));
    }
    co_return fail("sim.unsettled", "it stays " + text_of(state));
}

Task<Result<void>> ManyStreams::finish() {
    co_await sleep(request_max);
    for (const auto& owned : all_) {
        const auto settled = co_await settle(owned.get());
        if (!settled)
            broken(*owned, "in the end: " + settled.error().code + ": " + settled.error().message);
    }
    co_return Result<void>{};
}

}  // namespace mill::sim
