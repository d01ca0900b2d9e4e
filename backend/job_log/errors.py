"""What a member can be told about their job log."""

from backend.errors import Conflict, DomainError, Invalid
from backend.i18n import N_


class ChangedMeanwhile(DomainError):
    status = 412
    type = "changed-meanwhile"
    message = N_("It was changed meanwhile. Fetch it again.")


class NothingNamed(Invalid):
    type = "nothing-named"
    message = N_("Write the employer or the job.")


class NotYet(Invalid):
    type = "date-in-future"
    message = N_("The day cannot be later than today.")


class TooLate(Invalid):
    type = "date-too-far"
    message = N_("A plan can reach at most a year ahead.")


class TooOld(Invalid):
    type = "date-too-old"
    message = N_("The day is more than two years back.")


class EntryWithdrawn(Conflict):
    type = "entry-withdrawn"
    message = N_("The entry is deleted. Restore it first.")


class EntryNotWithdrawn(Conflict):
    type = "entry-not-withdrawn"
    message = N_("The entry is not deleted.")


class DocumentEmpty(Invalid):
    type = "document-empty"
    message = N_("The file is empty.")


class DocumentTooLarge(DomainError):
    status = 413
    type = "document-too-large"
    message = N_("The file is larger than {megabytes} MB.")


class DocumentKind(DomainError):
    status = 415
    type = "document-kind"
    message = N_("Only PDF, Word (docx), OpenDocument text (odt), PNG and JPEG can be uploaded.")


class TooManyDocuments(Conflict):
    type = "too-many-documents"
    message = N_("An entry has at most {most} documents.")
