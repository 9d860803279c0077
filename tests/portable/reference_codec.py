"""A second decoder of frame operations, written from the format's description alone, to compare with.

It is slow and plain: every place of the walk is a number from 0 on, every operation one branch.
"""

WHITE = 255


class MalformedError(Exception):
    """The operations are not well formed, or reach outside the frame."""


class _Reader:
    def __init__(self, data):
        self._data = data
        self._at = 0

    @property
    def left(self):
        return len(self._data) - self._at

    def take(self, length):
        if length > self.left:
            raise MalformedError
        self._at += length
        return self._data[self._at - length : self._at]

    def byte(self):
        return self.take(1)[0]

    def number(self):
        value = 0
        for place in range(3):
            byte = self.byte()
            value |= (byte & 127) << 7 * place
            if byte < 128:
                return value
        raise MalformedError

    def signed(self):
        value = self.number()
        return -(value // 2) - 1 if value % 2 else value // 2


def decode(data, held, stride, rows, by_columns, is_key, white=WHITE):
    """The frame that the operations in `data` make. MalformedError when they are not right."""
    return decode_band(data, held, stride, 0, rows, by_columns, is_key, white)


def decode_band(data, held, stride, first, rows, by_columns, is_key, white=WHITE):
    """The band of `rows` rows from row `first` on; `held` is the whole held frame."""
    here = held[first * stride : (first + rows) * stride]
    prediction = bytes([white]) * len(here) if is_key else here
    band = _Frame(here, prediction, stride, rows, by_columns, is_key)
    band.whole, band.first = held, first
    return band.apply(_Reader(data))


class _Frame:
    def __init__(self, held, prediction, stride, rows, by_columns, is_key):
        self._held = self.whole = held
        self.first = 0
        self._new = bytearray(prediction)
        self._stride, self._rows = stride, rows
        self._line_bytes = rows if by_columns else stride
        self._by_columns = by_columns
        self._is_key = is_key
        self._place = 0
        self._vector = 0, 0

    def apply(self, reader):
        while reader.left:
            first = reader.byte()
            length = first & 31 or reader.number() + 32
            code = first >> 5
            if code == 7:
                self._move(reader, length)
                continue
            if self._place + length > len(self._new):
                raise MalformedError
            (self._keep, self._put, self._put, self._copy, self._copy, self._copy, self._fill)[
                code
            ](reader, length, code)
            self._place += length
        return bytes(self._new)

    def _at(self, place):
        """Where a place of the walk lies in the frame's bytes."""
        if not self._by_columns:
            return place
        return place % self._rows * self._stride + place // self._rows

    def _keep(self, reader, length, code):
        pass

    def _put(self, reader, length, code):
        if length > 64:
            raise MalformedError
        data = reader.take(length)
        for place, value in enumerate(data, self._place):
            before = WHITE if place % self._line_bytes == 0 else self._new[self._at(place - 1)]
            self._new[self._at(place)] = value ^ before if code == 2 else value

    def _fill(self, reader, length, code):
        value = reader.byte()
        for place in range(self._place, self._place + length):
            self._new[self._at(place)] = value

    def _copy(self, reader, length, code):
        vector = self._vector
        if code != 4:
            vector = reader.signed(), reader.signed()
        if code == 3:
            self._vector = vector
        line = self._place // self._line_bytes + vector[0]
        there = self._place % self._line_bytes + vector[1]
        begin = line * self._line_bytes + there
        if line < 0 or not 0 <= there < self._line_bytes or begin + length > len(self._new):
            raise MalformedError
        if (code != 5 and self._is_key) or (code == 5 and begin >= self._place):
            raise MalformedError
        source = self._new if code == 5 else self._held
        for offset in range(length):
            self._new[self._at(self._place + offset)] = source[self._at(begin + offset)]

    def _move(self, reader, height):
        x, y, twice = reader.number(), reader.number(), reader.number()
        dx, dy = reader.signed(), reader.signed()
        width, inverted = twice >> 1, WHITE * (twice & 1)
        inside = x + width <= self._stride and y + height <= self._rows
        inside = inside and 0 <= x + dx <= self._stride - width
        top = self.first + y + dy
        if self._is_key or not inside or not 0 <= top <= len(self.whole) // self._stride - height:
            raise MalformedError
        for row in range(height):
            for column in range(width):
                value = self.whole[(top + row) * self._stride + x + dx + column]
                self._new[(y + row) * self._stride + x + column] = value ^ inverted
