"""
The fair value of index options: Black's formula on a smile that allows no arbitrage.

Premiums are small against a few hours' interest, so nothing is discounted: call minus put is forward minus
strike, exactly.

Black, F. (1976), "The pricing of commodity contracts", Journal of Financial Economics 3. The smile is the
surface SVI of Gatheral and Jacquier (2014), "Arbitrage-free SVI volatility surfaces", Quantitative Finance
14(1), with phi = eta / sqrt(theta): free of butterfly arbitrage where eta^2 (1 + |rho|) <= 4.
"""

import numpy as np

from kasauti.simulator.market.portable_math import Floats, log_ratio, normal_cdf

#: Curvature and lean of the smile, fitted by eye to NIFTY's nearest expiry on 2026-08-17 and 2026-01-27.
ETA = 1.7
RHO = -0.1


def smile(strike: Floats, forward: Floats, variance: Floats) -> Floats:
    """Return the total variance at `strike` where it is `variance` at the money; arrays broadcast."""
    moneyness = ETA * log_ratio(strike, forward) / np.sqrt(variance)
    lifted = moneyness + RHO
    return np.asarray(0.5 * variance * (1.0 + RHO * moneyness + np.sqrt(lifted * lifted + (1.0 - RHO * RHO))))


def call_value(strike: Floats, forward: Floats, variance: Floats) -> Floats:
    """Return the undiscounted value of a call, never below forward - strike; `variance` is sigma^2 * t."""
    deviation = np.sqrt(variance)
    d1 = log_ratio(forward, strike) / deviation + 0.5 * deviation
    value = forward * normal_cdf(d1) - strike * normal_cdf(d1 - deviation)
    return np.maximum(value, np.maximum(forward - strike, 0.0))


def put_value(call: Floats, strike: Floats, forward: Floats) -> Floats:
    """Return the value of the put beside a call, by put-call parity."""
    return np.maximum(call - (forward - strike), 0.0)
