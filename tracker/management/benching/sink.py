"""A mail server that takes everything and keeps nothing: `python -m tracker.management.benching.sink PORT`.

A process of its own, so that what it costs is not counted. When it is ended it prints how many messages it took, and
when the first and the last came, in seconds of the machine's monotonic clock.
"""

import asyncio
import signal
import sys
from time import monotonic

_taken: list[float] = []


async def _talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 sink\r\n")
    while line := await reader.readline():
        word = line[:4].upper()
        if word == b"DATA":
            writer.write(b"354 go on\r\n")
            await reader.readuntil(b"\r\n.\r\n")
            _taken.append(monotonic())
        writer.write(b"221 bye\r\n" if word == b"QUIT" else b"250 sink\r\n")
        if word == b"QUIT":
            break
    writer.close()


async def _serve(port: int) -> None:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    async with await asyncio.start_server(_talk, "127.0.0.1", port, limit=2**20):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await ended.wait()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
    times = _taken or [0.0]
    sys.stdout.write(f"{len(_taken)} {times[0]} {times[-1]}\n")
