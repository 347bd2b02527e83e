"""Cases: a random valid presentation and one mutation of a named kind, from a seed."""

import random

import kinds_claims  # noqa: F401  (each module registers its kinds)
import kinds_constraints  # noqa: F401
import kinds_json  # noqa: F401
import kinds_jws  # noqa: F401
import kinds_proof  # noqa: F401
import kinds_terms  # noqa: F401
import shapes
from forge import new_forge
from kinds import KINDS, OURS, kind, schedule

LENGTHS = [1, 1, 2, 2, 2, 3, 3, 3, 4, 5, 8]


@kind(weight=4)
def untouched(forge, rng, n):
    """A valid presentation as it is."""


# What a mutation raises that another one has taken the ground from.
GROUNDLESS = (KeyError, TypeError, AttributeError, IndexError, ValueError)


def new_case(name, n, seed):
    """The n-th case of a kind: the same for the same seed, whatever other cases there are. In one
    of ten two mutations meet: the first failure in the order of section 8 is the answer."""
    if random.Random(f"{seed}/{name}/{n}/second").random() < 0.1:
        try:
            return mutated(name, n, seed, is_double=True)
        except GROUNDLESS:
            pass
    return mutated(name, n, seed, is_double=False)


def mutated(name, n, seed, is_double):
    rng = random.Random(f"{seed}/{name}/{n}")
    profile = "aat-02+writ" if rng.random() < (0.95 if name in OURS else 0.5) else "aat-02"
    maps, tool, args = shapes.maps_of_chain(rng, rng.choice(LENGTHS), profile != "aat-02")
    forge = new_forge(profile, maps, tool, args)
    KINDS[name][0](forge, rng, n)
    if is_double:
        second, _ = KINDS[rng.choice(list(KINDS))]
        second(forge, rng, rng.randrange(1000))
    return forge.seal(f"{name}/{n}")


def cases(count, seed):
    for name, n in schedule(count):
        yield name, new_case(name, n, seed)
