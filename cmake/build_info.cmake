# The facts of the build, as a header that is written anew only when they change: included as
# `build_info.hpp` from BUILD_INFO_DIRECTORY, made by the target `build_info`. Run with -P it writes the header.
if(CMAKE_SCRIPT_MODE_FILE)
  set(PROJECT_SOURCE_DIR ${SOURCE_DIR})
  include(${SOURCE_DIR}/cmake/revision.cmake)
  source_revision(REVISION)
  configure_file(${SOURCE_DIR}/cmake/build_info.hpp.in ${OUTPUT} @ONLY)
  return()
endif()

set(BUILD_INFO_DIRECTORY ${PROJECT_BINARY_DIR}/build_info)
set(BUILD_COMPILER "${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}")
get_directory_property(BUILD_OPTIONS COMPILE_OPTIONS)
string(REPLACE ";" " " BUILD_FLAGS "${CMAKE_BUILD_TYPE}: ${BUILD_OPTIONS}")
# Where the checkout stands is not a fact of the build.
string(REPLACE "${PROJECT_SOURCE_DIR}" "SOURCE" BUILD_FLAGS "${BUILD_FLAGS}")
add_custom_target(build_info
  COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${PROJECT_SOURCE_DIR} -DOUTPUT=${BUILD_INFO_DIRECTORY}/build_info.hpp
          "-DVERSION=${PROJECT_VERSION}" "-DCOMPILER=${BUILD_COMPILER}" "-DFLAGS=${BUILD_FLAGS}"
          -P ${PROJECT_SOURCE_DIR}/cmake/build_info.cmake
  BYPRODUCTS ${BUILD_INFO_DIRECTORY}/build_info.hpp VERBATIM)
