"""What the export looks like: its files, their columns in order, its codes. In words: docs/import-format.md."""

BRANCHES = "afdelinger.csv"
STAFF = "medarbejdere.csv"
MEMBERS = "medlemmer.csv"
EXEMPTIONS = "fritagelser.csv"
LOG = "joblog.csv"
CARDS = "dagpengekort.csv"
MANIFEST = "manifest.json"

# In the order in which they are read: each may name what stands in an earlier one.
COLUMNS: dict[str, tuple[str, ...]] = {
    BRANCHES: ("afdeling_nr", "navn", "type", "postnr", "by", "email", "telefon"),
    STAFF: ("medarbejder_nr", "navn", "email", "rolle", "afdeling_nr"),
    MEMBERS: (
        "medlemsnr", "navn", "foedselsdato", "email", "mobil", "sprog", "afdeling_nr", "jobvejleder_nr", "ledig_fra",
        "forsikring", "risiko", "nyuddannet", "it_medlem", "krav_pr_uge", "heraf_opslaaede", "uploads_pr_maaned",
    ),
    EXEMPTIONS: ("medlemsnr", "art", "fra", "til"),
    LOG: (
        "joblog_id", "medlemsnr", "soegt_dato", "registreret", "virksomhed", "stilling", "postnr", "land", "kanal",
        "tid", "ansoegning_vedhaeftet", "status",
    ),
}  # fmt: skip

# Files that an export may leave out: what they tell is then not known.
OPTIONAL: dict[str, tuple[str, ...]] = {CARDS: ("medlemsnr", "maaned", "sendt")}

BRANCH_KINDS = {"hovedkontor": "head_office", "satellitkontor": "satellite"}
ROLES = {
    "jobvejleder": "adviser",
    "jobkonsulent": "job_consultant",
    "workshopansvarlig": "organiser",
    "koordinator": "coordinator",
    "leder": "manager",
    "kontaktcenter": "contact_centre",
}
CHANNELS = {"opslået": "posted", "uopfordret": "unsolicited", "netværk": "network", "vikarbureau": "agency"}
STATUSES = {
    "søgt": "applied",
    "samtale": "interview",
    "afslag": "rejected",
    "ansat": "hired",
    "planlagt": "planned",
}
HOURS = {"fuldtid": "full", "deltid": "part"}
RISKS = {"lav": "low", "høj": "high"}
YES_NO = {"ja": True, "nej": False}

LONGEST_ID = 40  # characters
LONGEST_TEXT = 500
