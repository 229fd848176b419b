// SPDX-License-Identifier: Apache-2.0
// Images, of which no repository has any. The CDK CLI and Terraform ask whether one is there before
// they push it.
#pragma once

#include "services/ecr/declarations.h"

namespace mill::ecr {

inline constexpr std::int64_t images_page_max = 1000;
inline constexpr std::string_view tag_statuses[] = {"TAGGED", "UNTAGGED", "ANY"};
inline constexpr std::string_view image_statuses[] = {"ACTIVE", "ARCHIVED", "ACTIVATING", "ANY"};

struct ImageId {
    Text digest, tag;
    static constexpr auto shape() {
        return wire::structure("ImageIdentifier", wire::member<&ImageId::digest>("imageDigest"),
                               wire::member<&ImageId::tag>("imageTag").length(1, 300));
    }
};
struct ImageFilter {
    Text tag_status, image_status;
    static constexpr auto shape() {
        using F = ImageFilter;
        return wire::structure(
            "ImageFilter", wire::member<&F::tag_status>("tagStatus").one_of(tag_statuses),
            wire::member<&F::image_status>("imageStatus").one_of(image_statuses));
    }
};

// ImageNotFoundException.
inline Failure no_image(const Repository& repository, const ImageId& id) {
    const auto text = [](const Text& part) { return part ? "'" + *part + "'" : "'null'"; };
    return fail("ImageNotFoundException",
                fmt::format("The image with imageId {{imageDigest:{}, imageTag:{}}} does not exist "
                            "within the repository with name '{}' in the registry with id '{}'",
                            text(id.digest), text(id.tag), repository.name, repository.account),
                400);
}

}  // namespace mill::ecr
