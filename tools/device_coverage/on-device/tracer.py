# Runs on MicroPython: a program, and then writes down which lines it ran. Its arguments are the folder to
# write to, and the interpreter's own: [-X OPTION]… PROGRAM, -m MODULE or -c CODE.
import random
import sys
import time

seen = {}


def in_function(frame, _event, _argument):
    seen[frame.f_code.co_filename].add(frame.f_lineno)
    return in_function


def called(frame, _event, _argument):
    name = frame.f_code.co_filename
    if name not in seen:
        if "/firmware/" not in name:
            return None
        seen[name] = set()
    return in_function(frame, None, None)


def run(arguments):
    names = {"__name__": "__main__"}
    while arguments[0] == "-X":
        arguments = arguments[2:]
    if arguments[0] == "-c":
        exec(arguments[1], names)
    elif arguments[0] == "-m":
        __import__(arguments[1])
    else:
        sys.argv[:] = arguments
        folder = arguments[0].rpartition("/")[0]
        sys.path.insert(0, folder)
        with open(arguments[0]) as file:
            exec(compile(file.read(), arguments[0], "exec"), names)


def keep(folder):
    with open("%s/%d-%d" % (folder, time.time_ns(), random.getrandbits(30)), "w") as file:
        for name, lines in seen.items():
            print(name, *sorted(lines), sep="\t", file=file)


given = sys.argv[1:]
sys.settrace(called)
try:
    run(given[1:])
finally:
    sys.settrace(None)
    keep(given[0])
