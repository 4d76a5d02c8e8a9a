"""What follows from inputs is worked out once for equal ones, and anew for any other."""

from dataclasses import dataclass, field

from optimiser.transition.remembered import Remembered

MOST = 2


@dataclass(frozen=True)
class Inputs:
    figures: list[float]
    name: str = ""


@dataclass
class Work:
    done: list[Inputs] = field(default_factory=list[Inputs])

    def __call__(self, inputs: Inputs) -> list[float]:
        self.done.append(inputs)
        return [sum(inputs.figures)]


def test_equal_inputs_have_the_very_same_result_and_others_another_one() -> None:
    work = Work()
    remembered = Remembered(work, MOST)
    first = remembered(Inputs([1.0, 2.0]))
    assert remembered(Inputs([1.0, 2.0])) is first
    assert remembered(Inputs([1.0, 2.5])) == [3.5]
    assert remembered(Inputs([1.0, 2.0], "x")) is not first
    assert len(work.done) == 3


def test_no_more_results_are_remembered_than_asked_for() -> None:
    work = Work()
    remembered = Remembered(work, MOST)
    for value in (1.0, 2.0, 3.0, 2.0, 3.0, 1.0):
        assert remembered(Inputs([value])) == [value]
    assert [one.figures[0] for one in work.done] == [1.0, 2.0, 3.0, 1.0]
