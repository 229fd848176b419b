// SPDX-License-Identifier: Apache-2.0
// S3 as its clients see it: HTTP requests in, answers out, without the front door.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engines/memory/memory.h"
#include "services/s3/body.h"
#include "sim/machine/sim_machine.h"
#include "wire/protocol.h"

namespace mill::s3 {

class S3Test : public ::testing::Test {
  protected:
    using Request = wire::http::Request;
    using Response = wire::http::Response;
    using HeaderList = std::vector<std::pair<std::string, std::string>>;

    Response call(std::string method, std::string target, Bytes body = {},
                  const HeaderList& headers = {}) {
        Request request{.method = std::move(method),
                        .target = std::move(target),
                        .headers = {},
                        .body = std::move(body)};
        for (const auto& [name, value] : headers) request.headers.add(name, value);
        const wire::Service service = s3->service();
        auto route = wire::match_route(service, request);
        EXPECT_TRUE(route) << request.method << " " << request.target;
        if (!route) return {.status = 501};
        wire::JsonReader reader;
        auto input = wire::read_input(service, *route, request, reader);
        if (!input) return wire::write_error(service, input.error(), {"ID", request.path()});
        auto output =
            world.await(route->operation->invoke(service.instance, caller, *std::move(input)));
        if (!output) return wire::write_error(service, output.error(), {"ID", request.path()});
        Response response = wire::write_output(service, *route->operation, *output, "ID");
        while (response.stream && world.await(response.stream->next(response.body))) continue;
        response.stream.reset();  // it holds the blobs
        return response;
    }
    Result<Received> receive_whole(Bytes bytes) {
        wire::http::WholeBody body(std::move(bytes));
        return world.await(receive(*s3, body, {}));
    }
    static std::string code_of(const Response& response) {
        const std::size_t start = response.body.find("<Code>");
        if (start == std::string::npos) return "";
        return response.body.substr(start + 6, response.body.find("</Code>") - start - 6);
    }
    void bucket(const std::string& name = "deploys") {
        EXPECT_EQ(call("PUT", "/" + name).status, 200);
    }
    void put(const std::string& key, Bytes body = "x") {
        EXPECT_EQ(call("PUT", "/deploys/" + key, std::move(body)).status, 200) << key;
    }
    std::string list(const std::string& query) {
        return call("GET", "/deploys?list-type=2&" + query).body;
    }
    static std::string between(const std::string& text, const std::string& element) {
        const std::string open = "<" + element + ">";
        const std::size_t start = text.find(open);
        if (start == std::string::npos) return "";
        return text.substr(start + open.size(),
                           text.find("</" + element + ">") - start - open.size());
    }

    std::size_t blob_count() {
        world.run_for(std::chrono::seconds(1));
        return world.machine().files.list("data/s3")->size();
    }

    sim::SimMachine world{11};
    storage::Engine engine = memory::make_engine(world.machine());
    std::unique_ptr<S3> s3 = *S3::open(world.machine(), engine, "data/s3");
    Caller caller;
};

}  // namespace mill::s3
