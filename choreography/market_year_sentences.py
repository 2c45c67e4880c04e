"""What the readings can say of the years, by code."""

from django.utils.translation import gettext_noop

YEARS = {
    "trend_none": gettext_noop("{years} years: too few to say where they lead."),
    "trend_span": gettext_noop("{years} years, from {first} to {last}."),
    "trend_span_of_tracks": gettext_noop("{years} years, from {first} to {last}, averaged over {tracks} tracks."),
    "trend_danceability_rises": gettext_noop(
        "In this file, danceability is higher in later years: {change} a decade on average "
        "(95% interval {change_low} to {change_high})."
    ),
    "trend_danceability_falls": gettext_noop(
        "In this file, danceability is lower in later years: {change} a decade on average "
        "(95% interval {change_low} to {change_high})."
    ),
    "trend_danceability_level": gettext_noop(
        "In this file, danceability is neither clearly higher nor clearly lower in later years: between {change_low} and "
        "{change_high} a decade ({p})."
    ),
    "trend_curved": gettext_noop(
        "A straight line misses most of it: danceability went up and down. Since {since} it is {danceability} on average, "
        "before that {danceability_rest}, which is hardly a difference."
    ),
    "trend_curved_higher": gettext_noop(
        "A straight line misses most of it: danceability went up and down. Since {since} it is {danceability} on average, "
        "before that {danceability_rest}."
    ),
    "trend_curved_lower": gettext_noop(
        "A straight line misses most of it: danceability went up and down. Since {since} it is only {danceability} on "
        "average, before that {danceability_rest}."
    ),
    "trend_popularity_rises": gettext_noop(
        "Popularity: {points} points with every decade. But it was measured when the file was made, not in its year, and "
        "newer music is played more today. The rise says little about demand back then."
    ),
    "trend_popularity_falls": gettext_noop(
        "Popularity: {points} points with every decade. It was measured when the file was made, not in its year, "
        "so this says what is played today, not what was in demand back then."
    ),
    "trend_popularity_level": gettext_noop(
        "Popularity neither clearly rises nor falls over the years. It was measured when the file was made, not in its year."
    ),
    "levels_alike": gettext_noop(
        "Over the years popularity and danceability go together (r = {r}): where one is higher, so mostly is the other. Two "
        "series that merely drift often look like that, so little follows from it."
    ),
    "levels_opposed": gettext_noop(
        "Over the years popularity and danceability run against each other (r = {r}): where one is higher, the other is mostly "
        "lower. Two series that merely drift often look like that, so little follows from it."
    ),
    "levels_loose": gettext_noop("Over the years popularity and danceability are not closely tied (r = {r})."),
    "changes_alike": gettext_noop(
        "From one year to the next popularity and danceability tend to change in the same direction (r = {r_changes}, {p}). "
        "Drifting alone does not bring that about, and yet it is no proof that one brings the other."
    ),
    "changes_opposed": gettext_noop(
        "From one year to the next popularity and danceability tend to change in opposite directions (r = {r_changes}, {p}). "
        "Drifting alone does not bring that about, and yet it is no proof that one brings the other."
    ),
    "changes_open": gettext_noop(
        "In their changes from one year to the next, no tie between popularity and danceability can be shown "
        "(r = {r_changes}, {p})."
    ),
    "trend_few_years": gettext_noop(
        "{years} years are few: values that merely drift often look like a rise or a fall then."
    ),
    "trend_repeats": gettext_noop(
        "Each year much resembles the last (Durbin and Watson {durbin_watson}; 2 would be independent). The intervals are "
        "widened for it (Newey and West) and may still be too narrow."
    ),
    "trend_thin": gettext_noop(
        "{thin} of the {years} years rest on fewer than {least} tracks each; their values jump more than the music did."
    ),
    "trend_headline_rises": gettext_noop(
        "In this file, danceability is higher in later years than in earlier ones ({first} to {last})."
    ),
    "trend_headline_falls": gettext_noop(
        "In this file, danceability is lower in later years than in earlier ones ({first} to {last})."
    ),
    "trend_headline_level": gettext_noop(
        "In this file, danceability is neither clearly higher nor clearly lower in later years ({first} to {last})."
    ),
    "trend_headline_few_years": gettext_noop(
        "{years} years are too few to say whether danceability rises or falls: so few values that merely drift often look like "
        "either."
    ),
    "trend_headline_curved": gettext_noop("It went up and down, and since {since} it is about where it was before."),
    "trend_headline_curved_higher": gettext_noop(
        "It went up and down, and since {since} it is higher than before: {danceability} on average instead of "
        "{danceability_rest}."
    ),
    "trend_headline_curved_lower": gettext_noop(
        "It went up and down, and since {since} it is lower than before: {danceability} on average instead of "
        "{danceability_rest}."
    ),
    "trend_headline_popularity": gettext_noop(
        "Newer music looks more popular here because popularity is measured by what is played today."
    ),
}
