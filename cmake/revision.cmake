# The source revision, for the build facts. `unknown` without git or outside a checkout; never an error. The
# checkout may belong to another user: reading its revision is harmless, whatever git's default says.
function(source_revision variable)
  find_program(GIT_PROGRAM git)
  set(revision "")
  if(GIT_PROGRAM)
    execute_process(
      COMMAND ${GIT_PROGRAM} -c safe.directory=* rev-parse --verify HEAD
      WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
      OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
  if(NOT revision MATCHES "^[0-9a-f]+$")
    set(revision unknown)
  else()
    execute_process(
      COMMAND ${GIT_PROGRAM} -c safe.directory=* diff --quiet HEAD -- src apps cmake policies CMakeLists.txt
      WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} RESULT_VARIABLE modified ERROR_QUIET)
    if(NOT modified EQUAL 0)
      string(APPEND revision "-modified")
    endif()
  endif()
  set(${variable} ${revision} PARENT_SCOPE)
endfunction()
