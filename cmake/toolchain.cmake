# Compiler settings shared by every target.
find_program(MILL_CCACHE ccache)
if(MILL_CCACHE)
    # Paths count from the tree's root, so that another worktree or a fresh clone finds what this one has compiled.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${MILL_CCACHE})
    set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
endif()
add_compile_options(-Wall -Wextra -Werror -Wno-missing-field-initializers -Wno-missing-designated-field-initializers
                    -Wshadow -Wnon-virtual-dtor -fno-omit-frame-pointer -fcolor-diagnostics)
add_link_options(-fuse-ld=lld)
# Line tables are enough for stack traces and keep the build small.
string(REPLACE "-O3" "-O2" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")
string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -gline-tables-only")
# What runs in tests of seconds is not worth optimising: 16 s of compiling where it were 28. Tests of the store try a
# fault at every operation, which takes minutes without.
if(MILL_SANITIZE MATCHES "address" AND NOT MILL_FUZZ)
    set(CMAKE_CXX_FLAGS_DEBUG "-O0 -gline-tables-only")
    set(MILL_BUSY_ROOMS base machine model storage memory segment sqlite sim)
    set(MILL_BUSY_OPTIONS -O1)
endif()
if(MILL_SANITIZE)
    add_compile_options(-fsanitize=${MILL_SANITIZE} -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${MILL_SANITIZE})
endif()
if(MILL_FUZZ)  # libFuzzer sees which branches an input takes; its main is linked into fuzzers only (cmake/fuzzer.cmake)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
