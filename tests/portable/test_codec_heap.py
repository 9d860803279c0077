"""Frame operations allocate nothing: they run with MicroPython's heap locked."""

from array import array

import reference_codec
from check import number, operation, picture, signed

from inkframe import wire
from inkframe._operations import BAD, LONGEST, OK, R_USED, REGISTERS, run
from inkframe.compat import MICROPYTHON

KEEP, LITERAL, DOWN, COPY, AGAIN, REPEAT, FILL, MOVE = range(8)
STRIDE, ROWS = 8, 32
SIZE = STRIDE * ROWS
HELD = picture(5, SIZE)


def run_locked(buffer, end, held, new, registers):
    """`run` with MicroPython's heap locked, so that any allocation is an error. On CPython: just `run`."""
    if not MICROPYTHON:
        return run(buffer, 0, end, 1, held, new, registers)
    import micropython

    micropython.heap_lock()
    try:
        return run(buffer, 0, end, 1, held, new, registers)
    finally:
        micropython.heap_unlock()


def test_decoder_allocates_nothing_in_its_inner_loop():
    # On CPython this only shows that the operations run; what counts is MicroPython.
    puts = operation(LITERAL, 20, bytes(range(20))) + operation(DOWN, 9, bytes(range(9)))
    copies = operation(COPY, 40, signed(1) + signed(2)) + operation(KEEP, 3) + operation(AGAIN, 2)
    rest = operation(REPEAT, 30, signed(-2) + signed(0)) + operation(FILL, 100, b"\x55")
    block = operation(MOVE, 9, number(1) + number(3) + number(7) + signed(0) + signed(-1))
    operations = block + puts + copies + rest
    for walk, line_bytes in ((wire.ROWS, STRIDE), (wire.COLUMNS, ROWS)):
        by_rows = walk == wire.ROWS
        registers = array("i", [0] * REGISTERS)
        steps = (STRIDE, 1) if by_rows else (1, STRIDE)
        bias = 1 << 21
        lines = SIZE // line_bytes
        begun = (0, 0, 0, bias, bias, lines, line_bytes, steps[0], steps[1], STRIDE, ROWS, 0)
        for index, value in enumerate(begun):
            registers[index] = value
        buffer = bytearray(operations + bytes(LONGEST))
        held, new = bytearray(HELD), bytearray(HELD)
        end = len(operations)
        assert run_locked(buffer, end, held, new, registers) == OK
        assert registers[R_USED] == end
        assert bytes(new) == reference_codec.decode(
            operations, HELD, STRIDE, ROWS, not by_rows, False
        )
        registers[1] = lines  # the walk is at its end: the next operation is one too many
        assert run_locked(buffer, end, held, new, registers) == BAD


def test_with_the_heap_locked_an_allocation_fails():
    # What makes the test above mean something on MicroPython; CPython has no such lock.
    failed = not MICROPYTHON
    if MICROPYTHON:
        import micropython

        micropython.heap_lock()
        try:
            bytearray(1000)
        except MemoryError:
            failed = True
        finally:
            micropython.heap_unlock()
    assert failed
