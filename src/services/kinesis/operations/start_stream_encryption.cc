// SPDX-License-Identifier: Apache-2.0
// StartStreamEncryption: the stream says so from then on. Records stay in clear: they never leave
// this machine, and Millrace has no keys to hide them from its owner.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_StartStreamEncryption.html
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

struct StartStreamEncryptionInput {
    std::optional<std::string> encryption_type;
    std::optional<std::string> key_id;
    std::optional<std::string> stream_name;
    std::optional<std::string> stream_arn;

    static constexpr auto shape() {
        using I = StartStreamEncryptionInput;
        return wire::structure("StartStreamEncryptionInput",
                               encryption_type_member<&I::encryption_type>(),
                               key_id_member<&I::key_id>(), stream_name_member<&I::stream_name>(),
                               stream_arn_member<&I::stream_arn>());
    }
};

Task<Result<wire::Empty>> start_stream_encryption(Kinesis& kinesis, Caller caller,
                                                  StartStreamEncryptionInput input) {
    MILL_CO_TRY(auto stream, kinesis.find_stream(caller, input.stream_name, input.stream_arn));
    if (*input.encryption_type != "KMS") {
        co_return invalid_argument("EncryptionType must be KMS to start encryption.");
    }
    MILL_CO_CHECK(
        co_await kinesis.update_encryption(std::move(stream), "KMS", std::move(input.key_id)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation start_stream_encryption_operation;
const wire::Operation start_stream_encryption_operation =
    wire::operation<&start_stream_encryption>("StartStreamEncryption");

}  // namespace mill::kinesis
