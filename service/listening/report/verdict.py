"""What a test found, in a sentence or two for those who read no further."""

from nebula.listening import Analysis, Discrimination, Findings, Method, Preference
from service.listening.spec import REFERENCE, ListeningSpec


def verdict(spec: ListeningSpec, analysis: Analysis) -> str:
    """Returns what the plan's findings come to.

    Args:
        spec: Of the test.
        analysis: What it found.
    """
    findings, significance = analysis.planned, analysis.plan.significance
    if not findings.trials:
        return "Nobody whose answers count has answered." if analysis.screened else "Nobody has answered."
    if findings.discriminations:
        return " ".join(_told_apart(each, significance) for each in findings.discriminations[:3])
    if findings.preferences:
        several = len(findings.systems) > 2
        return " ".join(_preferred(each, several, significance) for each in findings.preferences[:3])
    return _rated(spec, findings, significance)


def judged(spec: ListeningSpec, name: str) -> bool:
    """Returns whether a system is one that is judged, neither the hidden reference nor an anchor.

    Args:
        spec: Of the test.
        name: Of the system.
    """
    return not (spec.reference is not None and name == REFERENCE) and name not in spec.anchors


def _preferred(preference: Preference, several: bool, significance: float) -> str:
    sides = preference.listeners
    first, second = preference.first, preference.second
    most, least = max(sides.first, sides.second), min(sides.first, sides.second)
    tied = f", {sides.tied} neither" if sides.tied else ""
    if sides.first == sides.second:
        return f"As many listeners preferred {first} as {second}: {sides.first} each{tied}."
    winner, loser = (first, second) if sides.first > sides.second else (second, first)
    p_value = preference.p_holm if several else sides.p_value
    significant = "significant" if p_value <= significance else "not significant"
    noun = "listener" if most == 1 else "listeners"
    return f"{most} {noun} preferred {winner}, {least} {loser}{tied} ({significant}, p = {p_value:.2g})."


def _told_apart(found: Discrimination, significance: float) -> str:
    told = "tell" if found.p_holm <= significance else "were not shown to tell"
    return (
        f"Listeners {told} {found.first} and {found.second} apart: {found.right.value:.0%} of {found.trials:,} answers "
        f"were right, where chance makes half (p = {found.p_holm:.2g}); d\u2032 is {found.d_prime.value:.2f}."
    )


def _rated(spec: ListeningSpec, findings: Findings, significance: float) -> str:
    assert findings.ratings is not None
    rated = sorted(
        (each for each in findings.ratings.systems if judged(spec, each.system)), key=lambda each: -each.mean.value
    )
    if spec.method is Method.RANKING:
        said = [f"{each.system} was placed {each.mean.value:.1f} of {len(rated)} in the mean" for each in rated[::-1]]
    elif spec.method is Method.BS1116:
        said = [f"{each.system} was graded {each.mean.value:.1f} against the hidden reference" for each in rated]
        said = [words.replace("-", "\u2212") for words in said]
    else:
        said = [f"{each.system} was rated {each.mean.value:.0f} in the mean" for each in rated]
    pairs = [each for each in findings.ratings.differences if judged(spec, each.first) and judged(spec, each.second)]
    if not pairs:
        return f"{'; '.join(said)}."
    apart = [each for each in pairs if each.p_holm <= significance]
    if len(pairs) == 1:
        told = "listeners tell them apart" if apart else "that listeners tell them apart is not shown"
        return f"{'; '.join(said)}: {told} (p = {pairs[0].p_holm:.2g})."
    return f"{'; '.join(said)}. Listeners tell {len(apart)} of {len(pairs)} pairs apart."
