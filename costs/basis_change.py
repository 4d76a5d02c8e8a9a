"""Compares the bases of two rounds: the figures, kinds and rules that differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from costs.assumptions import FigureKey, YearFigures
from costs.catalogue import CatalogueKind
from costs.kind_figures import KindFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureChange:
    """An assumption with another value."""

    key: FigureKey
    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class KindChange:
    """A kind whose entry in the catalogue changed; None before it was added, or after its removal.

    Both figures are the model's, each under the assumptions of its own round. A range that trips
    told, and not the catalogue, is `measured`.
    """

    name: str
    before: KindFigures | None
    after: KindFigures | None
    measured_before: bool = False
    measured_after: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """A rule whose value changed, by its name in the file of rules."""

    rule: str
    before: object
    after: object


def figure_changes(before: YearFigures, after: YearFigures) -> list[FigureChange]:
    """The assumptions whose values differ, in the order in which keys are shown."""
    return [
        FigureChange(key=key, before=before[key], after=after[key])
        for key in FigureKey
        if before[key] != after[key]
    ]


def kind_changes(
    before: tuple[Sequence[CatalogueKind], Mapping[str, KindFigures]],
    after: tuple[Sequence[CatalogueKind], Mapping[str, KindFigures]],
) -> list[KindChange]:
    """The kinds that were added, removed or changed, by name. A range that was measured again and
    is the same is no change.

    Args:
        before, after: the catalogue of a round, and the figures of its kinds by id.
    """
    (old, old_figures), (new, new_figures) = before, after
    was, is_now = {kind.kind: kind for kind in old}, {kind.kind: kind for kind in new}
    changed = (
        kind
        for kind in was.keys() | is_now.keys()
        if _compared(was, old_figures, kind) != _compared(is_now, new_figures, kind)
    )
    return sorted(
        (
            KindChange(
                name=(is_now.get(kind) or was[kind]).name,
                before=old_figures.get(kind),
                after=new_figures.get(kind),
                measured_before=_is_measured(was.get(kind), old_figures),
                measured_after=_is_measured(is_now.get(kind), new_figures),
            )
            for kind in changed
        ),
        key=lambda change: change.name,
    )


def _is_measured(kind: CatalogueKind | None, figures: Mapping[str, KindFigures]) -> bool:
    """Whether the range that was planned with is one that was measured."""
    if kind is None or kind.measured is None:
        return False
    seasons = (kind.measured.winter, kind.measured.otherwise)
    return figures[kind.kind].range_km in [one.range_km for one in seasons if one]


def _compared(
    kinds: Mapping[str, CatalogueKind], figures: Mapping[str, KindFigures], kind: str
) -> tuple[CatalogueKind, float | None] | None:
    """The entry of a kind, and the range that was planned with where it is a measured one."""
    if kind not in kinds:
        return None
    one = kinds[kind]
    return replace(one, measured=None), figures[kind].range_km if one.measured else None


def rule_changes(before: Mapping[str, object], after: Mapping[str, object]) -> list[RuleChange]:
    """The rules that differ, except the length of the period, which the page shows as dates. What a
    round of earlier software did not keep is no change."""
    shown = [name for name in after if name != "period_days" and name in before]
    return [
        RuleChange(rule=name, before=before[name], after=after[name])
        for name in shown
        if before[name] != after[name]
    ]
