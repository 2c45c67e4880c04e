"""Every sentence that the market's readings can say, by code; market_words fills the blanks in."""

from django.utils.translation import gettext_noop

from choreography.market_year_sentences import YEARS

CORRELATIONS = {
    "correlations_none": gettext_noop("{rows}: too few to say what goes with popularity."),
    "correlations_nothing": gettext_noop(
        "Among {rows}, nothing clearly goes with popularity: what can be seen may be chance."
    ),
    "correlations_up_down": gettext_noop(
        "Among {rows}, higher popularity goes with higher values of {up} and with lower values of {down}. "
        "The closest link is with {feature} (r = {r})."
    ),
    "correlations_up": gettext_noop(
        "Among {rows}, higher popularity goes with higher values of {up}. The closest link is with {feature} (r = {r})."
    ),
    "correlations_down": gettext_noop(
        "Among {rows}, higher popularity goes with lower values of {down}. The closest link is with {feature} (r = {r})."
    ),
    "correlations_up_down_weak": gettext_noop(
        "Among {rows}, higher popularity goes with higher values of {up} and with lower values of {down}, but only "
        "faintly: even the closest link, with {feature}, is r = {r}. With this many rows a trace is enough to be certain."
    ),
    "correlations_up_weak": gettext_noop(
        "Among {rows}, higher popularity goes with higher values of {up}, but only faintly: even the closest link, "
        "with {feature}, is r = {r}. With this many rows a trace is enough to be certain."
    ),
    "correlations_down_weak": gettext_noop(
        "Among {rows}, higher popularity goes with lower values of {down}, but only faintly: even the closest link, "
        "with {feature}, is r = {r}. With this many rows a trace is enough to be certain."
    ),
    "correlation_danceability_clear": gettext_noop(
        "Danceability and popularity, looked at by themselves: r = {r} (95% interval {r_low} to {r_high}). "
        "That is {share} of the differences in popularity."
    ),
    "correlation_danceability_small": gettext_noop(
        "Danceability and popularity, looked at by themselves: r = {r} (95% interval {r_low} to {r_high}). "
        "The link is certain, but little: it accounts for {share} of the differences in popularity."
    ),
    "correlation_danceability_hint": gettext_noop(
        "Danceability and popularity, looked at by themselves: r = {r} (95% interval {r_low} to {r_high}). "
        "That is a hint: among as many pairs as are compared here, one like it may turn up by chance."
    ),
    "correlation_danceability_open": gettext_noop(
        "Danceability and popularity, looked at by themselves: r = {r} (95% interval {r_low} to {r_high}). "
        "That may be chance ({p})."
    ),
    "correlated_alike": gettext_noop(
        "These go together closely: {alike}. What seems to belong to one of a pair may belong to the other."
    ),
    "correlated_opposed": gettext_noop(
        "In these pairs one is mostly low where the other is high: {opposed}. What seems to belong to one of a pair "
        "may belong to the other."
    ),
    "correlated_alike_opposed": gettext_noop(
        "These go together closely: {alike}. In these pairs one is mostly low where the other is high: {opposed}. What seems to "
        "belong to one of a pair may belong to the other."
    ),
    "correlation_no_effect": gettext_noop(
        "A correlation is no effect: it says what is found together, not what would follow if a song were made otherwise."
    ),
}

REGRESSION = {
    "regression_none": gettext_noop("{rows}: too few to weigh nine features against each other."),
    "explained": gettext_noop(
        "Taken together, the {k} features account for {r2} of the differences in popularity among {rows} "
        "({r2_adjusted} once their number is allowed for)."
    ),
    "explained_little": gettext_noop(
        "Taken together, the {k} features account for only {r2} of the differences in popularity among {rows} "
        "({r2_adjusted} once their number is allowed for). Nearly everything that makes them differ lies elsewhere."
    ),
    "explained_open": gettext_noop(
        "Taken together, what the {k} features say about the popularity of {rows} cannot be told from chance ({p}). "
        "The {r2} they seem to account for shrink to {r2_adjusted} once their number is allowed for."
    ),
    "explained_open_but_clear": gettext_noop(
        "Taken together, what the {k} features say about the popularity of {rows} cannot be told from chance ({p}): {r2} of "
        "the differences, or {r2_adjusted} once their number is allowed for. Looked at singly, clear all the same: {features}."
    ),
    "few_rows": gettext_noop(
        "{rows} for {k} features are fewer than ten each: another such selection could give quite another picture."
    ),
    "significance": gettext_noop("Unlikely to be chance, each looked at as if it were the only one: {levels}."),
    "significance_none": gettext_noop(
        "Each of the {k} features may be chance: none is significant, not even at the 10% level."
    ),
    "holm_all": gettext_noop(
        "What is significant at the 5% level stays so after correcting for {k} features being looked at together (Holm)."
    ),
    "holm_some": gettext_noop(
        "After correcting for {k} features being looked at together (Holm), still significant at the 5% level: {features}. "
        "No longer: {lost}."
    ),
    "holm_none": gettext_noop(
        "After correcting for {k} features being looked at together (Holm), none of them is significant at the 5% level."
    ),
    "danceability_clear": gettext_noop(
        "Danceability, the other features being equal: {points} points of popularity for {step} "
        "(95% interval {points_low} to {points_high}). This is clear, after correction too."
    ),
    "danceability_small": gettext_noop(
        "Danceability, the other features being equal: {points} points of popularity for {step} "
        "(95% interval {points_low} to {points_high}). This is certain, but very little."
    ),
    "danceability_hint": gettext_noop(
        "Danceability, the other features being equal: {points} points of popularity for {step} "
        "(95% interval {points_low} to {points_high}, {p}). This is a hint and no proof."
    ),
    "danceability_unchecked": gettext_noop(
        "Danceability, the other features being equal: {points} points of popularity for {step} "
        "(95% interval {points_low} to {points_high}, {p}). A single row decides this, so that it cannot be checked without "
        "assuming equal spread, and is no proof."
    ),
    "danceability_open": gettext_noop(
        "Danceability, the other features being equal: {points} points of popularity for {step}, but anything from "
        "{points_low} to {points_high} fits these data ({p}). Nothing can be said from it."
    ),
    "strongest": gettext_noop(
        "Raw coefficients cannot be ranked, for each feature has its own unit. Brought to one scale, the one that weighs "
        "most is {feature}: {points} points of popularity for {step}."
    ),
    "strongest_of_clear": gettext_noop(
        "Raw coefficients cannot be ranked, for each feature has its own unit. Brought to one scale, {feature} weighs most of "
        "what is clear: {points} points of popularity for {step}. What seems to weigh more is not clear: {heavier}."
    ),
    "strongest_danceability": gettext_noop(
        "Raw coefficients cannot be ranked, for each feature has its own unit. Brought to one scale, danceability weighs "
        "most of all."
    ),
    "small_effects_all": gettext_noop(
        "Significant does not mean large. Among {rows} even a trace is significant, and everything that is clear here "
        "moves popularity by less than a tenth of its usual spread."
    ),
    "small_effects": gettext_noop(
        "Significant does not mean large. These are certain, but move popularity by less than a tenth of its usual "
        "spread: {features}."
    ),
    "small_model_little": gettext_noop(
        "The smaller model of {features} accounts for {r2_small} of the differences, where the {k} features account for {r2}: "
        "most of that comes from the others."
    ),
    "small_model_much": gettext_noop(
        "The smaller model of {features} accounts for {r2_small} of the differences, where the {k} features account for {r2}."
    ),
    "small_model_alone": gettext_noop(
        "A smaller model of {features} accounts for {r2} of the differences in popularity among {rows}."
    ),
    "small_model_turns": gettext_noop(
        "In the smaller model danceability points the other way: {points} points for {step} "
        "(95% interval {points_low} to {points_high}). What is said of it hangs on which features stand beside it."
    ),
    "small_model_clear": gettext_noop(
        "In the smaller model danceability is clear: {points} points for {step} (95% interval {points_low} to {points_high}). "
        "What is said of it hangs on which features stand beside it."
    ),
    "small_model_hint": gettext_noop(
        "In the smaller model danceability is a hint and no more: {points} points for {step} "
        "(95% interval {points_low} to {points_high}). What is said of it hangs on which features stand beside it."
    ),
    "small_model_open": gettext_noop(
        "In the smaller model nothing can be said of danceability: {points} points for {step} "
        "(95% interval {points_low} to {points_high}). What is said of it hangs on which features stand beside it."
    ),
    "singular": gettext_noop(
        "Each of these follows from the others exactly, so how much each of them weighs is arbitrary: {features}. Read none of "
        "their coefficients by itself."
    ),
    "collinear": gettext_noop(
        "These repeat what the other features say, so that their own share is uncertain: {features} "
        "(variance inflation up to {vif})."
    ),
    "collinear_with_constant": gettext_noop(
        "The condition number is {condition}, because some features lie far from 0; none repeats the others "
        "(variance inflation at most {vif}). The coefficients of the features do not suffer from it."
    ),
    "not_collinear": gettext_noop("No feature merely repeats the others (variance inflation at most {vif})."),
    "left_out": gettext_noop("Not looked at, for it is the same in every row: {features}."),
    "regression_no_effect": gettext_noop(
        "This is no recipe: how long a group has been around, its promotion and its fans are not in the data. "
        "Nobody can read from it what a more danceable song would gain."
    ),
}

RESIDUALS = {
    "residuals_none": gettext_noop("There are too few rows to look at what the features leave unexplained."),
    "typical_miss": gettext_noop(
        "A guess at popularity from all the features still misses by {sd} points typically; a guess without them, by {sd_whole}."
    ),
    "equal_spread": gettext_noop("The misses are about equally large everywhere, as the method assumes."),
    "unequal_spread": gettext_noop(
        "The misses are larger in some places than in others ({p}). With standard errors that allow for it (HC3), the same "
        "features are significant at 5%."
    ),
    "unequal_spread_lost": gettext_noop(
        "The misses are larger in some places than in others ({p}). With standard errors that allow for it (HC3), no longer "
        "significant at 5%: {lost}."
    ),
    "unequal_spread_gained": gettext_noop(
        "The misses are larger in some places than in others ({p}). With standard errors that allow for it (HC3), newly "
        "significant at 5%: {gained}."
    ),
    "unequal_spread_lost_gained": gettext_noop(
        "The misses are larger in some places than in others ({p}). With standard errors that allow for it (HC3), no longer "
        "significant at 5%: {lost}; newly so: {gained}."
    ),
    "unequal_spread_unchecked": gettext_noop(
        "The misses are larger in some places than in others ({p}). What stays significant with standard errors that allow for "
        "it (HC3) cannot be checked, because single rows decide every coefficient."
    ),
    "robust_unchecked": gettext_noop(
        "Without assuming equal spread these cannot be checked, because a single row decides each: {features}."
    ),
    "not_normal_many": gettext_noop(
        "The misses are not normally distributed. With {rows} the intervals hold all the same."
    ),
    "not_normal_few": gettext_noop(
        "The misses are not normally distributed. With only {rows}, take the intervals as approximate."
    ),
    "farthest_above": gettext_noop("Far more popular than the features would have it: {above}."),
    "farthest_below": gettext_noop("Far less popular than the features would have it: {below}."),
    "farthest_above_below": gettext_noop(
        "Far more popular than the features would have it: {above}. Far less: {below}."
    ),
}

ZEROS = {
    "zeros_none": gettext_noop("No row here has popularity 0, so nothing hangs on how those are treated."),
    "zeros_some": gettext_noop(
        "{zeros} of {rows} ({share}) have popularity 0. That mostly means not played of late, or played under another "
        "entry, rather than unloved."
    ),
    "zeros_too_few_left": gettext_noop("Without them {rows} are left: too few to weigh nine features."),
    "zeros_explained": gettext_noop(
        "Without them the features account for {r2} of the differences in popularity; with them, for {r2_before}."
    ),
    "zeros_danceability_clear": gettext_noop(
        "Danceability without them: {points} points for {step} instead of {points_before}, which is clear."
    ),
    "zeros_danceability_hint": gettext_noop(
        "Danceability without them: {points} points for {step} instead of {points_before}, which is a hint and no proof."
    ),
    "zeros_danceability_open": gettext_noop(
        "Danceability without them: {points} points for {step} instead of {points_before}, which may be chance ({p})."
    ),
    "zeros_turned": gettext_noop("Without them these point the other way: {features}."),
    "zeros_lost": gettext_noop("No longer significant at 5% without them: {features}."),
    "zeros_gained": gettext_noop("Significant at 5% only without them: {features}."),
    "zeros_no_change": gettext_noop(
        "The same features are significant at the 5% level as with them, and they point the same way."
    ),
}

ROSTERS = {
    "rosters_none": gettext_noop("No label has a list of artists yet."),
    "roster_empty": gettext_noop("{label}: no artists are listed yet."),
    "roster_not_found": gettext_noop("{label}: none of the {named} artists listed is in this selection."),
    "roster_few": gettext_noop(
        "{label}: of {named} artists listed, {artists} found in this selection (danceability {danceability} on average, "
        "popularity {popularity}). That is too few to say anything about the label."
    ),
    "roster_without_others": gettext_noop(
        "{label}: {artists} artists found, but hardly anybody else is in this selection to compare them with."
    ),
    "roster_danceability_clear": gettext_noop(
        "{label}, danceability: {danceability} on average over {artists} artists, {danceability_rest} over the other "
        "{others}. The difference of {change} is clear (95% interval {change_low} to {change_high})."
    ),
    "roster_danceability_hint": gettext_noop(
        "{label}, danceability: {danceability} on average over {artists} artists, {danceability_rest} over the other "
        "{others}. The difference of {change} is a hint (95% interval {change_low} to {change_high}); with several "
        "comparisons, one like it turns up by chance."
    ),
    "roster_danceability_alike": gettext_noop(
        "{label}, danceability: {danceability} on average over {artists} artists, {danceability_rest} over the other "
        "{others}. They hardly differ (95% interval {change_low} to {change_high})."
    ),
    "roster_danceability_open": gettext_noop(
        "{label}, danceability: {danceability} on average over {artists} artists, {danceability_rest} over the other "
        "{others}. These are too few to tell a difference: anything from {change_low} to {change_high} fits."
    ),
    "roster_popularity_clear": gettext_noop(
        "{label}, popularity: {popularity} on average over {artists} artists, {popularity_rest} over the other {others}. "
        "The difference of {points} points is clear (95% interval {points_low} to {points_high})."
    ),
    "roster_popularity_hint": gettext_noop(
        "{label}, popularity: {popularity} on average over {artists} artists, {popularity_rest} over the other {others}. "
        "The difference of {points} points is a hint (95% interval {points_low} to {points_high}); with several "
        "comparisons, one like it turns up by chance."
    ),
    "roster_popularity_alike": gettext_noop(
        "{label}, popularity: {popularity} on average over {artists} artists, {popularity_rest} over the other {others}. "
        "They hardly differ (95% interval {points_low} to {points_high} points)."
    ),
    "roster_popularity_open": gettext_noop(
        "{label}, popularity: {popularity} on average over {artists} artists, {popularity_rest} over the other {others}. "
        "These are too few to tell a difference: anything from {points_low} to {points_high} points fits."
    ),
    "rosters_danceability_open": gettext_noop(
        "Danceability: {named_labels} cannot be told from the other artists. Each has too few; the picture shows how far "
        "they could differ."
    ),
    "rosters_popularity_open": gettext_noop(
        "Popularity: {named_labels} cannot be told from the other artists. Each has too few; the picture shows how far "
        "they could differ."
    ),
    "roster_spelling": gettext_noop(
        "{label}: “{name}” is not in the data, but “{like}” is. If that is who is meant, the list wants its exact name."
    ),
    "rosters_no_effect": gettext_noop(
        "The lists are kept by hand and hold a few artists each. How a label's artists differ does not say why."
    ),
}

HEADLINES = {
    "headline_nobody": gettext_noop("Nothing in the data fits this selection."),
    "headline_too_few": gettext_noop("{rows}: too few to say whether danceable music is more popular."),
    "headline_no_variation": gettext_noop(
        "All {rows} are equally danceable, so nothing can be said about danceability here."
    ),
    "headline_clear_more": gettext_noop(
        "With the other features equal, the more danceable are clearly more popular here: {points} points for {step} "
        "danceability."
    ),
    "headline_clear_less": gettext_noop(
        "With the other features equal, the more danceable are clearly less popular here: {points} points for {step} "
        "danceability."
    ),
    "headline_small_more": gettext_noop(
        "The more danceable are a trace more popular here, too little to build on: {points} points for {step} danceability."
    ),
    "headline_small_less": gettext_noop(
        "The more danceable are a trace less popular here, too little to mind: {points} points for {step} danceability."
    ),
    "headline_hint_more": gettext_noop(
        "These {rows} hint that the more danceable are more popular, but do not prove it ({p})."
    ),
    "headline_hint_less": gettext_noop(
        "These {rows} hint that the more danceable are less popular, but do not prove it ({p})."
    ),
    "headline_unchecked_more": gettext_noop(
        "In these {rows} the more danceable seem more popular, but a single row decides that, so it is no proof."
    ),
    "headline_unchecked_less": gettext_noop(
        "In these {rows} the more danceable seem less popular, but a single row decides that, so it is no proof."
    ),
    "headline_open": gettext_noop("These {rows} do not show whether danceable music is more popular ({p})."),
    "headline_explained": gettext_noop(
        "The {k} features together account for {r2_adjusted} of the differences in popularity."
    ),
    "headline_explained_and_small": gettext_noop(
        "The {k} features together account for {r2_adjusted} of the differences in popularity; a smaller model of {features}, "
        "for {r2_small}."
    ),
    "headline_explained_open": gettext_noop(
        "What the {k} features together say about popularity cannot be told from chance ({p})."
    ),
    "headline_zeros_clear": gettext_noop(
        "It matters whether rows with popularity 0 count: without them danceability is clear, at {points} points for {step} "
        "instead of {points_before}."
    ),
    "headline_zeros_hint": gettext_noop(
        "It matters whether rows with popularity 0 count: without them danceability is no more than a hint, at {points} points "
        "for {step} instead of {points_before}."
    ),
    "headline_zeros_open": gettext_noop(
        "It matters whether rows with popularity 0 count: without them nothing can be said of danceability, at {points} points "
        "for {step} instead of {points_before}."
    ),
    "headline_roster_open": gettext_noop(
        "{label} does not clearly differ from the rest, in danceability or in popularity."
    ),
    "headline_rosters_open": gettext_noop(
        "None of the {labels} labels compared clearly differs from the rest, in danceability or in popularity."
    ),
    "headline_roster_danceability": gettext_noop(
        "{label} differs most from the rest: danceability {danceability} on average, {danceability_rest} elsewhere "
        "({artists} artists)."
    ),
    "headline_roster_popularity": gettext_noop(
        "{label} differs most from the rest: popularity {popularity} on average, {popularity_rest} elsewhere "
        "({artists} artists)."
    ),
}

SENTENCES = {**CORRELATIONS, **REGRESSION, **RESIDUALS, **ZEROS, **ROSTERS, **YEARS, **HEADLINES}

LEVELS = {
    "p001": gettext_noop("{features} at the 0.1% level"),
    "p01": gettext_noop("{features} at the 1% level"),
    "p05": gettext_noop("{features} at the 5% level"),
    "p10": gettext_noop("{features} at the 10% level, which is weak"),
}
