"""The paragraph that a paper needs, with every number in it."""

from nebula.listening.analysis import Analysis, Findings
from nebula.listening.plan import Method, Plan
from nebula.listening.preference import Preference, Tally
from nebula.listening.preparation import Preparation
from nebula.listening.ratings import CHI_SQUARE_LISTENERS
from nebula.listening.resampling import Estimate, least_listeners
from nebula.listening.screening import Screening
from nebula.listening.telling import Discrimination

_METHODS = {
    Method.PREFERENCE: "chose which of two stimuli they preferred",
    Method.RATING: "rated one stimulus at a time",
    Method.MULTI_STIMULUS: "rated several stimuli side by side without a reference (ITU-R BS.2132)",
    Method.RANKING: "put several stimuli in order, from the best to the worst",
    Method.MUSHRA: "rated several stimuli, with hidden reference and anchors, against a reference (ITU-R BS.1534-3)",
    Method.ABX: "said which of two stimuli, A or B, a third one, X, is the same as",
    Method.SAME_DIFFERENT: "said whether two stimuli are the same",
    Method.BS1116: "rated two stimuli against a reference, not knowing which of them is the reference itself "
    "(ITU-R BS.1116-3)",
}


_DRAWN = {
    Method.ABX: "X was A or B by the toss of a coin in each trial.",
    Method.SAME_DIFFERENT: "Whether a trial played one stimulus twice was decided by the toss of a coin.",
}


def methods_paragraph(
    analysis: Analysis,
    loudness_lufs: float | None = None,
    commitment: str | None = None,
    planned_lufs: float | None = None,
    replaced: int | None = None,
    preparation: Preparation | None = None,
    hidden: bool = False,
) -> str:
    """Returns the methods and results of a test in sentences.

    Args:
        analysis: what it found.
        loudness_lufs: to which all stimuli were aligned, if known.
        commitment: the digest published before the test, if there is one.
        planned_lufs: the loudness that was asked for, if known.
        replaced: how many sounds were drawn and replaced before the commitment, if known.
        preparation: what else was done to the sounds, if known.
        hidden: whether nobody could see results before answers were no longer taken.
    """
    plan, everyone = analysis.plan, analysis.everyone
    sentences = [
        f"In a blinded listening test {_count(everyone.listeners, 'listener')} {_METHODS[plan.method]}"
        f"{_or_neither(plan, everyone)}: "
        f"{_count(everyone.trials, 'trial')} about {_count(everyone.items, 'item')}, comparing "
        f"{_list(everyone.systems) or 'nothing yet'}.",
        "Order and positions were drawn at random for each participant and balanced within participants.",
    ]
    if plan.method.tells_apart:
        sentences.append(_DRAWN[plan.method])
    sentences += _checked(analysis)
    if plan.practice is not None:
        practised = f"{_count(plan.practice, 'trial')} to practise came first and did not count."
        sentences.append(practised if plan.practice else "There was no practice.")
    if everyone.participants > everyone.listeners:
        sentences.append(f"{_count(everyone.participants - everyone.listeners, 'participant')} gave no answer.")
    sentences += () if preparation is None else preparation.sentences()
    if loudness_lufs is not None:
        sentences.append(
            f"All stimuli had an integrated loudness of {_minus(f'{loudness_lufs:.1f}')} LUFS (ITU-R BS.1770-4; root "
            "mean square where it gives none)."
        )
        if planned_lufs is not None and planned_lufs - loudness_lufs > 0.05:
            sentences.append(
                f"They were planned at {_minus(f'{planned_lufs:.1f}')} LUFS and all turned down by one gain, so that "
                "no peak clips."
            )
    if replaced is not None:
        was = "was" if replaced == 1 else "were"
        fault = "could not be brought to one loudness (silence, or a peak more than 28 dB above the loudness) or to one"
        if preparation is not None and preparation.lowered_db is not None:
            fault = f"{was} silent or could not be brought to one"
        sentences.append(
            f"Before the commitment {_count(replaced, 'drawn sound')} that {fault} onset "
            f"{was} replaced by the next draw, by the same rule for all systems."
        )
    if commitment is not None:
        sentences.append(f"The key map was fixed beforehand (SHA-256 of key map and salt: {commitment}).")
    if hidden:
        sentences.append(
            "Until the last answer was taken nobody could see results, so that the number of listeners did not depend "
            "on them, and no level is corrected for looks at them."
        )
    if plan.screening:
        sentences.append(_screened(analysis.screening))
    sentences += _how(plan, everyone)
    if analysis.screened is None:
        sentences += _results(everyone, plan)
    else:
        sentences += ["After screening:", *_results(analysis.screened, plan)]
        sentences += ["Without screening:", *_results(everyone, plan)]
    return " ".join(sentences)


def _or_neither(plan: Plan, findings: Findings) -> str:
    """Returns that nothing need have been preferred, where that could be said."""
    if plan.method is Method.ABX and plan.tie:
        return ", or that they cannot tell"
    said = any(preference.answers.tied for preference in findings.preferences)
    return ", or neither" if plan.method is Method.PREFERENCE and (plan.tie or said) else ""


def _checked(analysis: Analysis) -> list[str]:
    """Returns what attention checks were and how they went, where there were any."""
    plan, found = analysis.plan, analysis.checks
    if found is None:
        return []
    what = "plainly different stimuli" if plan.method.tells_apart else "one stimulus twice, where neither is preferred"
    hidden, wrong = ("was" if count == 1 else "were" for count in (plan.checks, found.failed))
    return [
        f"Among the trials of each participant {_count(plan.checks, 'attention check')} ({what}) {hidden} hidden, "
        f"which no figure counts: of {_count(found.answered, 'answer')} to them {found.failed:,} {wrong} wrong, by "
        f"{_count(found.participants, 'participant')}."
    ]


def _screened(screening: Screening) -> str:
    rules = "; ".join(f"{verdict.rule}: {len(verdict.dropped)} dropped" for verdict in screening.verdicts)
    total = len(screening.kept) + len(screening.dropped)
    return f"Of {_count(total, 'participant')}, {len(screening.kept)} passed the screening fixed beforehand ({rules})."


def _how(plan: Plan, findings: Findings) -> list[str]:
    resampling = plan.resampling
    least = least_listeners(resampling.level)
    over = "listeners and items" if findings.items >= least else "listeners, and hold for these items alone"
    sentences = [
        f"Intervals are {100 * resampling.level:g} % expanded percentile bootstrap intervals over {over} "
        f"({resampling.resamples:,} resamples, seed {resampling.seed}); an interval takes {least} listeners."
    ]
    if plan.method.tells_apart:
        test = {
            Method.ABX: "an exact one-sided binomial test over all answers, undecided ones left out",
            Method.SAME_DIFFERENT: "Fisher's exact one-sided test over all answers",
        }[plan.method]
        holm = ", corrected by Holm for the number of pairs" if len(findings.discriminations) > 1 else ""
        return [
            *sentences,
            f"That nobody tells the systems apart was tested by {test}{holm}, at a level of {plan.significance:g}; d' "
            "is that of listeners who compare by differences (Macmillan and Creelman, 2005).",
        ]
    asked = sum(system not in plan.controls for system in findings.systems)
    if plan.method is Method.PREFERENCE:
        test = "an exact two-sided binomial test with the listener as unit, ties left out"
    elif asked > 2:
        means = "mean places" if plan.method is Method.RANKING else "means"
        test = f"Friedman's test and two-sided Wilcoxon signed-rank tests on listeners' {means}"
    else:
        test = "a two-sided Wilcoxon signed-rank test on listeners' means"
    holm = ", corrected by Holm for the number of pairs" if len(findings.systems) > 2 else ""
    if holm and asked < len(findings.systems):
        holm += " of systems, and by themselves for that of pairs with the hidden reference or an anchor"
    return [*sentences, f"Differences were tested by {test}{holm}, at a level of {plan.significance:g}."]


def _results(findings: Findings, plan: Plan) -> list[str]:
    if not findings.trials:
        return ["there were no answers."]
    several = len(findings.systems) > 2
    sentences = [_preferred(preference, several, plan.significance) for preference in findings.preferences]
    sentences += [_told_apart(each, plan.significance) for each in findings.discriminations]
    if findings.strengths:
        strengths = ", ".join(f"{each.system} {_estimate(each.log_odds)}" for each in findings.strengths)
        of = ", of the pairs that orders imply," if plan.method is Method.RANKING else ""
        sentences.append(f"Bradley-Terry strengths in log-odds{of} were {strengths}.")
    if findings.ratings is not None:
        sentences += [
            f"{each.system} was {_rated(plan)} {each.median.value:g} in the median (interquartile range "
            f"{each.lower_quartile:g} to {each.upper_quartile:g}; {each.answers:,} {_given(plan)}), "
            f"{_estimate(each.mean)} in the mean."
            for each in findings.ratings.systems
        ]
        friedman = findings.ratings.friedman
        if friedman is not None:
            sentences.append(
                f"Over {_count(friedman.listeners, 'listener')} systems "
                f"{_verdict('differed', friedman.p_value, plan.significance)} (Friedman chi-square "
                f"{friedman.statistic:.2f}, {friedman.freedom} degrees of freedom, {_p(friedman.p_value)}"
                f"{' by permutation' if friedman.listeners < CHI_SQUARE_LISTENERS else ''}; Kendall's W "
                f"{friedman.agreement:.2f})."
            )
        sentences += [
            f"{each.first} less {each.second} was {_estimate(each.mean)} "
            f"({_count(each.listeners, 'listener')}, Wilcoxon {_p(each.p_holm)})."
            for each in findings.ratings.differences
        ]
    if reasons := findings.withheld:
        sentences.append(f"Why figures have no interval: {'; '.join(reasons)}.")
    if findings.positions is not None:
        by_slot = ", ".join(f"{mean:.3g}" for mean in findings.positions.means)
        sentences.append(
            f"A bias by position was {'' if findings.positions.p_value <= plan.significance else 'not '}found "
            f"({_p(findings.positions.p_value)}; means by position {by_slot})."
        )
    return sentences


def _preferred(preference: Preference, several: bool, significance: float) -> str:
    p_value = preference.p_holm if several else preference.listeners.p_value
    first, second, tied = preference.answers.first, preference.answers.second, preference.answers.tied
    neither = f" and {tied:,} for neither" if tied else ""
    return (
        f"{_sides(preference.listeners, 'listener', preference)} "
        f"({'significant' if p_value <= significance else 'not significant'}, {_p(p_value)}); of "
        f"{first + second + tied:,} answers {first:,} were for {preference.first}{',' if tied else ' and'} "
        f"{second:,} for {preference.second}{neither}: {_estimate(preference.share)} of all for {preference.first}"
        f"{', ties as halves' if tied else ''}."
    )


def _rated(plan: Plan) -> str:
    """Returns what was done; in BS.1116 findings are differences from the hidden reference."""
    if plan.method is Method.RANKING:
        return "placed"
    return "graded, against the hidden reference," if plan.method is Method.BS1116 else "rated"


def _given(plan: Plan) -> str:
    return "places, of which 1 is the best" if plan.method is Method.RANKING else "ratings"


def _told_apart(found: Discrimination, significance: float) -> str:
    alone = sum(each.p_holm <= significance for each in found.listeners)
    shares = ""
    if found.hits is not None and found.false_alarms is not None:
        shares = (
            f", with {_estimate(found.hits)} of pairs of two stimuli and {_estimate(found.false_alarms)} of pairs of "
            "one called different"
        )
    tied = f"; {_count(found.tied, 'answer')} undecided" if found.tied else ""
    told = "were told apart" if found.p_holm <= significance else "were not shown to be told apart"
    return (
        f"{found.first} and {found.second} {told} ({_p(found.p_holm)}): {_estimate(found.right)} of "
        f"{_count(found.trials, 'answer')} were right{shares}{tied}; d' was {_estimate(found.d_prime)}. Of "
        f"{_count(len(found.listeners), 'listener')} {alone} told them apart alone, corrected by Holm for their number."
    )


def _sides(tally: Tally, noun: str, preference: Preference) -> str:
    tied = f" and {tally.tied} neither" if tally.tied else ""
    return (
        f"Of {_count(_total(tally), noun)} {tally.first} preferred {preference.first}, {tally.second} "
        f"{preference.second}{tied}"
    )


def _total(tally: Tally) -> int:
    return tally.first + tally.second + tally.tied


def _verdict(verb: str, p_value: float, significance: float) -> str:
    return verb if p_value <= significance else f"were not shown to have {verb}"


def _estimate(estimate: Estimate) -> str:
    value = _minus(f"{estimate.value:.2f}")
    if estimate.low is None or estimate.high is None:
        return f"{value} (no interval)"
    return f"{value} ({_minus(f'{estimate.low:.2f}')} to {_minus(f'{estimate.high:.2f}')})"


def _p(p_value: float) -> str:
    return "p < 0.0001" if p_value < 0.0001 else f"p = {p_value:.2g}"


def _minus(number: str) -> str:
    return number.replace("-", "−")


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _list(names: tuple[str, ...]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else list(names))
