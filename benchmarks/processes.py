"""What a process has used, as Linux tells it in /proc (proc(5))."""

from pathlib import Path


def has_proc() -> bool:
    """Return whether this system tells."""
    return Path("/proc/self/schedstat").exists()


def processor_seconds(pid: int) -> float:
    """Return the processor time of the threads that a process has now, to the nanosecond."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def resident_megabytes(pid: int) -> float:
    """Return the resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise LookupError(f"process {pid} has no resident memory")
