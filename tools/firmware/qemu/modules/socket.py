"""The port has no network; the tests of what uses one put their own sockets in this module's place."""

SOCK_STREAM = 1
