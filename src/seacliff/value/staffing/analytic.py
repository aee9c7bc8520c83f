"""Formulas of queues that the simulation is held against. Rates are per unit of time; `load` is arrivals x mean service.

Sources: Erlang (1917); Garnett, Mandelbaum and Reiman (2002) for abandonment (M/M/n+M); Cobham (1954) for priorities.
Where a formula's assumptions fail (bursts, shifts, lognormal handle times, skills) so does the formula: the simulation is
there for that.
"""

from collections.abc import Sequence
from dataclasses import dataclass


def erlang_b(servers: int, load: float) -> float:
    """Share of arrivals refused when nobody may wait."""
    blocked = 1.0
    for server in range(1, servers + 1):
        blocked = load * blocked / (server + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """Share of arrivals that wait when everybody does until served; 1 where the load is more than the servers can do."""
    if load >= servers:
        return 1.0
    blocked = erlang_b(servers, load)
    return servers * blocked / (servers - load * (1 - blocked))


def mean_wait(servers: int, arrivals: float, service: float) -> float:
    """Mean wait of all arrivals in M/M/n, in the unit of `service`."""
    load = arrivals * service
    return float("inf") if load >= servers else erlang_c(servers, load) * service / (servers - load)


@dataclass(frozen=True)
class ErlangA:
    """M/M/n with exponential patience, in steady state."""

    abandons: float
    waits: float
    mean_wait: float  # of all arrivals, whether served or gone
    utilisation: float


def erlang_a(servers: int, arrivals: float, service: float, patience: float) -> ErlangA:
    """Arrivals per unit of time, mean service and mean patience in that unit, from the birth and death chain."""
    weight, total, full, queue, at = 1.0, 1.0, 0.0, 0.0, 0
    busy = 0.0
    while at < servers or weight > 1e-17 * total:
        at += 1
        gone = min(at, servers) / service + max(at - servers, 0) / patience
        weight *= arrivals / gone
        total += weight
        busy += weight * min(at, servers)
        if at >= servers:
            full += weight
            queue += weight * (at - servers)
        if weight > 1e200:
            weight, total, full, queue, busy = (each / 1e200 for each in (weight, total, full, queue, busy))
    length = queue / total
    return ErlangA(length / patience / arrivals, full / total, length / arrivals, busy / total / servers)


def cobham(servers: int, arrivals: Sequence[float], service: float) -> list[float]:
    """Mean waits by class, the most urgent first: M/M/n, one mean service time, nobody interrupted."""
    load = sum(arrivals) * service
    common = erlang_c(servers, load) * service / servers
    waits, before = [], 0.0
    for rate in arrivals:
        upto = before + rate * service / servers
        waits.append(common / ((1 - before) * (1 - upto)) if upto < 1 else float("inf"))
        before = upto
    return waits
