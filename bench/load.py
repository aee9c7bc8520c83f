"""A light client: keep-alive connections that send one JSON request after another."""

import asyncio
import http.client
import json
import multiprocessing
import time
from collections.abc import Callable

CLIENTS = 2


def wait_for(port: int, path: str, within: float = 60) -> None:
    deadline = time.monotonic() + within
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            if connection.getresponse().status < 500:
                return
        except OSError:
            pass
        if time.monotonic() > deadline:
            raise TimeoutError(f"Nobody answers on port {port}")
        time.sleep(0.1)


def hammer(port: int, path: str, token: str, body: Callable[[int], dict], connections: int, seconds: float) -> int:
    """How many requests were answered by 200 or 201 within the time. Any other answer raises."""
    with multiprocessing.get_context("fork").Pool(CLIENTS) as pool:
        share = connections // CLIENTS
        begun = int(time.time() * 1000) * 1_000
        work = [
            (port, path, token, [body(begun + c * 500_000 + n) for n in range(4000)], share, seconds)
            for c in range(CLIENTS)
        ]
        return sum(pool.map(_client, work))


def _client(work: tuple) -> int:
    return asyncio.run(_hammer(*work))


async def _hammer(port: int, path: str, token: str, bodies: list[dict], connections: int, seconds: float) -> int:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    head += f"Authorization: Bearer {token}\r\n" if token else ""
    payloads = [json.dumps(body).encode() for body in bodies]
    waiting = iter([f"{head}Content-Length: {len(one)}\r\n\r\n".encode() + one for one in payloads] * 20)
    deadline = time.monotonic() + seconds
    done = 0

    async def one() -> None:
        nonlocal done
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.monotonic() < deadline:
            writer.write(next(waiting))
            status = await reader.readline()
            if status[9:12] not in (b"200", b"201"):
                raise RuntimeError(f"Answer: {status!r} {await reader.read(500)!r}")
            length: int | None = None
            while (line := await reader.readline()) != b"\r\n":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            while length is None:  # in chunks, the last of them empty
                chunk = int(await reader.readline(), 16)
                await reader.readexactly(chunk + 2)
                if chunk == 0:
                    break
            if length:
                await reader.readexactly(length)
            done += 1
        writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    return done
