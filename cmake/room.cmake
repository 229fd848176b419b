# mill_room(NAME PATH dir LINKS targets... TEST_LINKS targets...)
#   a static library mill_NAME of dir/**/*.cc, and a test program test_NAME of dir/**/*_test.cc, if there are any.
# mill_operations(TARGET dir namespace service)
#   writes roster.cc, which lists every dir/operations/*.cc; file put_record.cc declares `put_record_operation`.
function(mill_room name)
    cmake_parse_arguments(ROOM "" "PATH" "LINKS;EXCLUDE;TEST_LINKS" ${ARGN})
    file(GLOB_RECURSE all CONFIGURE_DEPENDS ${ROOM_PATH}/*.cc)
    foreach(pattern IN LISTS ROOM_EXCLUDE)
        list(FILTER all EXCLUDE REGEX "${pattern}")
    endforeach()
    set(tests ${all})
    list(FILTER tests INCLUDE REGEX "_test\\.cc$")
    set(sources ${all})
    list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
    if(NOT sources)  # headers only, so far
        set(sources ${CMAKE_CURRENT_BINARY_DIR}/${name}_empty.cc)
        file(CONFIGURE OUTPUT ${sources} CONTENT "" @ONLY)
    endif()
    add_library(mill_${name} STATIC ${sources})
    target_include_directories(mill_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(mill_${name} PUBLIC ${ROOM_LINKS})
    if(name IN_LIST MILL_BUSY_ROOMS)
        target_compile_options(mill_${name} PRIVATE ${MILL_BUSY_OPTIONS})
    endif()
    set_property(GLOBAL APPEND PROPERTY MILL_ROOMS ${name})
    set_property(GLOBAL PROPERTY MILL_TESTS_${name} "${tests}")
    set_property(GLOBAL PROPERTY MILL_TEST_LINKS_${name} "${ROOM_TEST_LINKS}")
endfunction()

# Test programs are made after all rooms, so that any test may use the simulated machine (sim/).
function(mill_room_tests)
    if(NOT MILL_TESTS)
        return()
    endif()
    get_property(rooms GLOBAL PROPERTY MILL_ROOMS)
    foreach(name IN LISTS rooms)
        get_property(tests GLOBAL PROPERTY MILL_TESTS_${name})
        get_property(links GLOBAL PROPERTY MILL_TEST_LINKS_${name})
        if(tests)
            # a test may use the simulated machine
            add_executable(test_${name} ${tests})
            # Optimising the tests themselves doubles the time to build them, threefold with sanitizers.
            target_compile_options(test_${name} PRIVATE -O0)
            target_link_libraries(test_${name} PRIVATE mill_${name} mill_sim ${links} GTest::gtest GTest::gmock GTest::gtest_main)
            add_test(NAME ${name} COMMAND test_${name})
            set_tests_properties(${name} PROPERTIES TIMEOUT 300)
        endif()
    endforeach()
endfunction()

function(mill_operations target dir namespace)
    file(GLOB files CONFIGURE_DEPENDS ${dir}/operations/*.cc)
    list(FILTER files EXCLUDE REGEX "_test\\.cc$")
    set(declarations "")
    set(entries "")
    foreach(file IN LISTS files)
        get_filename_component(stem ${file} NAME_WE)
        string(APPEND declarations "extern const wire::Operation ${stem}_operation;\n")
        string(APPEND entries "    &${stem}_operation,\n")
    endforeach()
    list(LENGTH files count)
    set(roster ${CMAKE_CURRENT_BINARY_DIR}/${namespace}_roster.cc)
    file(CONFIGURE OUTPUT ${roster} CONTENT
"// Written by CMake from ${namespace}/operations/*.cc.
#include <array>

#include \"services/${namespace}/${namespace}.h\"

namespace mill::${namespace} {
${declarations}
std::span<const wire::Operation* const> operations() {
    static constexpr std::array<const wire::Operation*, ${count}> roster = {
${entries}    };
    return roster;
}
}  // namespace mill::${namespace}
" @ONLY)
    target_sources(${target} PRIVATE ${roster})
endfunction()
