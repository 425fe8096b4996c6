"""A simulated contact centre around the real Centre: seeded, in simulated time, with people and faults.

`run(seed, house())` plays one seed and raises Violation where a promise is broken.
"""

from telephony.simulation.consistency import Violation
from telephony.simulation.scenario import House, house, scenario_of
from telephony.simulation.world import Outcome, World, run

__all__ = ["House", "Outcome", "Violation", "World", "house", "run", "scenario_of"]
