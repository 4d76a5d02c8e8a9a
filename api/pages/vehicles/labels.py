"""The words for vehicles and what may become of them; see `words.vocabulary`."""

from api.pages.vehicles.views import Notice
from api.pages.words.language import mark
from api.pages.words.vocabulary import Labels, Vocabulary
from fleet.vehicle import Energy
from optimiser.depot.fate import Fate
from optimiser.depot.green import Obstacle
from register.vehicles import Ruling

LABELS: Labels = {
    Energy: {
        Energy.ELECTRIC: mark("Electric"),
        Energy.PETROL: mark("Petrol"),
        Energy.DIESEL: mark("Diesel"),
        Energy.HVO: mark("HVO"),
        Energy.BIOGAS: mark("Biogas"),
        Energy.HYDROGEN: mark("Hydrogen"),
        Energy.BICYCLE: mark("Bicycle"),
    },
    Fate: {
        Fate.CAN_GO: mark("May go or be replaced"),
        Fate.CONTRACT: mark("Fixed now: the contract runs on"),
        Fate.UNKNOWN: mark("Must stay: too little is known of its use"),
        Fate.MACHINE: mark("Left out: a machine"),
        Fate.RULED: mark("Must stay: the fleet unit says so"),
    },
    Ruling: {
        Ruling.STAY: mark("Stays"),
        Ruling.GO: mark("May go"),
        Ruling.OPEN: mark("Left to the rules"),
    },
    Obstacle: {
        Obstacle.GREEN: mark("It is green already."),
        Obstacle.MACHINE: mark("Its work is measured in engine hours, so its trips do not tell."),
        Obstacle.CONTRACT: mark("Its contract runs on; it can be replaced when that ends."),
        Obstacle.UNKNOWN: mark("Too little is known of its use, so its longest day is not known."),
        Obstacle.REJECTED: mark("It was decided that it stays."),
        Obstacle.NEED: mark("No green kind on offer can do what it does."),
        Obstacle.RANGE: mark("Its longest trip is beyond the range of every green kind on offer."),
        Obstacle.CHARGING: mark("On some day a green one would run empty, with no time to charge."),
        Obstacle.FLEET: mark(
            "With a green one in its place the fleet would leave trips without a vehicle that must"
            " have one."
        ),
        Obstacle.COST: mark("A green one would cost more than it saves:"),
        Obstacle.SMALL: mark(
            "A green one would save, but less than a proposal has to, or no more of its kind may"
            " be bought:"
        ),
    },
    Notice: {
        Notice.RULED: mark("It is saved. The next round goes by it."),
        Notice.PRIVATE_SET: mark("The vehicle's private driving is set."),
        Notice.PRIVATE_ENDED: mark("The private period has ended."),
        Notice.TRIP_CLASS_SAVED: mark("The class is saved. The trips are found again by it."),
    },
}

BADGES: Labels = {
    Fate: {
        Fate.CAN_GO: "badge-success",
        Fate.CONTRACT: "badge-neutral",
        Fate.UNKNOWN: "badge-warning",
        Fate.MACHINE: "badge-info",
        Fate.RULED: "badge-neutral",
    },
}

VOCABULARY = Vocabulary(labels=LABELS, badges=BADGES)
