// QEMU's port with what a device of ours has besides: cryptolib, and SHA-256 by the same library.
#include <mpconfigport.h>

#define MICROPY_PY_CRYPTOLIB (1)
#define MICROPY_SSL_MBEDTLS (1)
