"""What the rating says, as English msgids: plain, short, kind, without blame. Dates and numbers are filled in later."""

from collections.abc import Mapping

from backend.i18n import N_

COLOURS: Mapping[str, tuple[str, str]] = {
    # word, shape: the colour is never told by colour alone
    "green": (N_("Green"), "smile"),
    "yellow": (N_("Yellow"), "neutral"),
    "red": (N_("Red"), "frown"),
    "paused": (N_("Paused"), "pause"),
    "none": (N_("No colour yet"), "dash"),
}

REASONS: Mapping[str, str] = {
    "meets_agreement": N_("You do what we agreed. Applications that count: {counted}. Agreed: {required}."),
    "below_agreement": N_("Applications that count: {counted}. We agreed on {required}."),
    "far_below_agreement": N_(
        "Applications that count: {counted}. We agreed on {required}, and we would like to help."
    ),
    "zero_week": N_("There is no application that counts in week {weeks}."),
    "zero_weeks": N_("There are no applications that count in weeks {weeks}."),
    "too_few_posted": N_("Applications to advertised jobs that count: {posted}. We agreed on {needed}."),
    "upload_missing": N_("Applications from {first} to {last} that are uploaded: {uploads}. We agreed on {needed}."),
    "caseworker_override": N_("An adviser has set the colour until {until}."),
    "new_member_grace": N_(
        "You are new here. The first colour comes after {needed} days of job search; so far {days}."
    ),
    "insufficient_basis": N_(
        "Days of job search in this period: {due_days}. That is too few to judge, so the colour stays."
    ),
    "via_yellow": N_("You are on the way up. From red the way to green goes by yellow."),
    "yellow_persisted": N_(
        "The colour is still yellow, {weeks} weeks or more after our call on {call}. We would like to see you."
    ),
    "fast_track": N_("We call you soon, so that you get help in time."),
    "no_worsening_between_runs": N_("Between the weekly ratings the colour can only get better, so it stays."),
    "call_protection": N_("We talked on {call}. You have {days} days from then before the colour can get worse."),
}

# The same as one says it on the phone, where the member's own words would sound like a form.
SPOKEN: Mapping[str, str] = {
    "below_agreement": N_("We agreed on {required} applications in these weeks, and I can see {counted} that count."),
    "far_below_agreement": N_(
        "We agreed on {required} applications in these weeks, and I can see {counted} that count. We want to help."
    ),
    "zero_week": N_("In week {weeks} I see nothing in the job log. Did you apply for something that is not in it yet?"),
    "zero_weeks": N_(
        "In weeks {weeks} I see nothing in the job log. Did you apply for something that is not in it yet?"
    ),
    "too_few_posted": N_(
        "We agreed on {needed} applications to advertised jobs in these weeks, and I can see {posted}."
    ),
    "upload_missing": N_(
        "We agreed that you upload {needed} of the applications from {first} to {last}, and I can see {uploads}."
    ),
    "yellow_persisted": N_("We spoke on {call}, and I ring to hear how it has gone since."),
    "fast_track": N_("I ring soon, so that you get help in time."),
}

EXEMPT: Mapping[str, str] = {
    "ferie": N_("You are on holiday, so the rating rests."),
    "sygdom": N_("You are reported sick, so the rating rests."),
    "barsel": N_("You are on parental leave, so the rating rests."),
    "mindre_intensiv_indsats": N_("You are exempt from searching for work, so the rating rests."),
    "jobrettet_uddannelse_6_uger": N_("You are on a course, so the rating rests."),
    "afmeldt": N_("You are not registered as unemployed, so the rating rests."),
    "fuldtidsarbejde": N_("You work full time, so the rating rests."),
    "arbejdsfordeling": N_("You are on work sharing, so the rating rests."),
    "joblog_fritaget": N_("You are exempt from the job log, so the rating rests."),
}

FIGURES: Mapping[str, str] = {
    "window": N_("The rating looks at {first} to {last}."),
    "after_start": N_("Only days from {first} count, because you became unemployed then."),
    "after_talk": N_("Only days after our talk on {day} count."),
    "counted": N_("Applications that count: {counted}. Agreed for {due_days} days of job search: {required}."),
    "posted": N_("To advertised jobs: {posted}. Agreed: {needed}."),
    "uploads": N_("Uploaded from {first} to {last}: {uploads}. Agreed: {needed}."),
    "week": N_("Week {week}. Applications that count: {counted}. Days of job search: {due_days}."),
    "week_not_due": N_(
        "Week {week}. Applications that count: {counted}. Days of job search: {due_days}, so nothing is expected."
    ),
    "this_week": N_("Applications this week that count: {counted}."),
    "exempt": N_("You were exempt from {first} to {last}. Nothing is expected on those days."),
    "exempt_day": N_("You were exempt on {first}. Nothing is expected on that day."),
    "holiday": N_("{day} was a public holiday. Nothing is expected on that day."),
}

SKIPPED: Mapping[str, str] = {
    "deleted": N_("The entry of {day} does not count, because it is deleted."),
    "future": N_("The entry of {day} does not count yet, because its day comes after this rating."),
    "before_start": N_("The entry of {day} does not count, because it is from before you became unemployed."),
    "status": N_("The entry of {day} does not count, because it is not marked as applied for."),
    "part_time": N_("The entry of {day} does not count, because the job is part time and you are insured full time."),
    "country": N_("The entry of {day} does not count, because the job is outside Denmark."),
    "duplicate": N_("The entry of {day} does not count, because you applied for the same job shortly before."),
}
# An entry of code "future" whose day was not: it was not in the log yet.
LOGGED_LATER = N_("The entry of {day} was logged after this rating. It is looked at in the next one.")

# What staff read in a list, by the code of the reason.
LABELS: Mapping[str, str] = {
    "meets_agreement": N_("Meets the agreement"),
    "below_agreement": N_("Below the agreement"),
    "far_below_agreement": N_("Far below the agreement"),
    "zero_week": N_("A week without applications"),
    "zero_weeks": N_("Several weeks without applications"),
    "too_few_posted": N_("Too few advertised jobs"),
    "upload_missing": N_("Applications not uploaded"),
    "caseworker_override": N_("Set by an adviser"),
    "new_member_grace": N_("New member"),
    "insufficient_basis": N_("Too few days to judge"),
    "via_yellow": N_("On the way up from red"),
    "yellow_persisted": N_("Yellow long after the call"),
    "fast_track": N_("Fell two steps at once"),
    "no_worsening_between_runs": N_("Kept until the weekly rating"),
    "call_protection": N_("Kept after a call"),
    "exempt": N_("Exempt"),
}

WAY_BACK: Mapping[str, str] = {
    "to_green": N_("This makes you green:"),
    "to_yellow": N_("This lifts you to yellow:"),
    "nothing": N_("You need to do nothing more."),
    "entry": N_("1 more application by {by}"),
    "entries": N_("{entries} more applications by {by}"),
    "document": N_("Upload 1 application that you sent from {first} to {last}, by {by}"),
    "posted": N_("Of these to advertised jobs, at least: {posted}"),
    "documents": N_("Upload {uploads} applications that you sent from {first} to {last}, by {by}"),
    "late_upload": N_("If you sent 1 more from {first} to {last}: log it and upload it by {by}"),
    "late_uploads": N_("If you sent {uploads} more from {first} to {last}: log them and upload them by {by}"),
    "next_run": N_("It takes effect in the weekly rating on {on}."),
    "already_green": N_("You are green. Just keep going."),
    "override": N_(
        "An adviser has set the colour until {until}, so what you log does not change it. Call us if it is wrong."
    ),
    "paused": N_("The rating rests, so you need to do nothing."),
    "not_rated_yet": N_("There is no colour yet, so nothing is missing."),
    "insufficient_basis": N_(
        "There are too few days of job search in this period to change the colour. It can come later."
    ),
}
