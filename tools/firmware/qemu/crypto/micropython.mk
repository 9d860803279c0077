# The parts of Mbed TLS that MicroPython's cryptolib and hashlib call. The port itself links none of it.
SRC_USERMOD_LIB_C += $(USERMOD_DIR)/crypto.c
CFLAGS_USERMOD += -I$(TOP)/lib/mbedtls/include -I$(TOP)/lib/mbedtls/library -I$(USERMOD_DIR)
