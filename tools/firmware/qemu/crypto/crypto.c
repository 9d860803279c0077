// One file, so that its object lands in the build folder of whoever compiles it.
#include "aes.c"
#include "constant_time.c"
#include "platform_util.c"
#include "sha256.c"
