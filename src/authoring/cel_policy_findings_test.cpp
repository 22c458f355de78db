#include <gtest/gtest.h>
#include "authoring/cel_policy.hpp"
