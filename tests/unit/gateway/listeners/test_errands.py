"""What a process does for itself goes on when one of its errands fails."""

import asyncio
from contextlib import suppress

from gateway.listeners.errands import Errands


def test_errands_are_run_again_and_again_and_a_failing_one_stops_nobody() -> None:
    async def watch() -> list[str]:
        done: list[str] = []
        enough = asyncio.Event()
        loop = asyncio.get_running_loop()

        def fail() -> None:
            done.append("failed")
            raise OSError

        def go_on() -> None:
            done.append("went on")
            if done.count("went on") == 3:
                loop.call_soon_threadsafe(enough.set)

        task = asyncio.create_task(Errands([fail, go_on], seconds=0).run())
        await asyncio.wait_for(enough.wait(), 60)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return done

    assert asyncio.run(watch())[:6] == ["failed", "went on"] * 3
