# What decides or signs is linked statically, so that the hash of the executable covers it.
find_package(Threads REQUIRED)
find_library(SODIUM_ARCHIVE libsodium.a REQUIRED)
find_library(CRYPTO_ARCHIVE libcrypto.a REQUIRED)
find_library(RE2_ARCHIVE libre2.a REQUIRED)
find_library(YAML_ARCHIVE libyaml.a REQUIRED)
find_path(BOOST_ASIO_INCLUDE boost/asio.hpp REQUIRED)
find_path(P11_KIT_INCLUDE p11-kit/pkcs11.h PATH_SUFFIXES p11-kit-1 REQUIRED)
