# One helper for every module: a static library with a floor, and its unit tests beside the code.
#
#   module(json FLOOR 1 DEPS base SOURCES reader.cpp writer.cpp TESTS reader_test.cpp LIBS …)
#
# A module may depend on lower floors only; a sideways or upward edge stops the configuration.
# tools/tidy.py checks the same rule on every #include.
function(module name)
  cmake_parse_arguments(M "" "FLOOR" "SOURCES;TESTS;DEPS;LIBS;TEST_DEPS;TEST_LIBS" ${ARGN})
  if(M_SOURCES)
    add_library(${name} STATIC ${M_SOURCES})
    set(visibility PUBLIC)
    target_link_libraries(${name} PRIVATE ${M_LIBS})
  else()
    add_library(${name} INTERFACE)
    set(visibility INTERFACE)
  endif()
  target_include_directories(${name} ${visibility} ${PROJECT_SOURCE_DIR}/src)
  set_property(GLOBAL PROPERTY floor_${name} ${M_FLOOR})
  foreach(dep ${M_DEPS})
    get_property(dep_floor GLOBAL PROPERTY floor_${dep})
    if("${dep_floor}" STREQUAL "")
      message(FATAL_ERROR "module ${name}: `${dep}` is not a module defined before it")
    elseif(NOT dep_floor LESS M_FLOOR)
      message(FATAL_ERROR "module ${name} (floor ${M_FLOOR}) may not use ${dep} (floor ${dep_floor})")
    endif()
    target_link_libraries(${name} ${visibility} ${dep})
  endforeach()
  if(M_TESTS AND PARMANA_TESTS)
    add_executable(${name}_test ${M_TESTS})
    target_link_libraries(${name}_test PRIVATE ${name} ${M_TEST_DEPS} ${M_TEST_LIBS} GTest::gtest_main)
    gtest_discover_tests(${name}_test TEST_PREFIX "${name}." PROPERTIES LABELS unit TIMEOUT 120
                         DISCOVERY_TIMEOUT 60)
  endif()
endfunction()
