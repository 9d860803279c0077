"""A bench of boards: found, leased, power-cycled, flashed, tested, and given back as they were.

Three things are kept apart. The *bench* (bench.toml) says which boards there are. A *lease* says whose a
board is, and until when. A *rig* is a board that has power and a port, real or emulated. A *job* is one run
of the suite on one rig; `run` does jobs side by side.
"""
