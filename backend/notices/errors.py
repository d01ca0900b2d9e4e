"""What cannot be done with a legal notice, said in a sentence."""

from backend.errors import Conflict, Invalid
from backend.i18n import N_


class LetterNotReady(Conflict):
    type = "letter-not-ready"
    message = N_("The letter could not be written yet. Try again in a moment.")


class NoteNeeded(Invalid):
    type = "note-needed"
    message = N_("Write what happened.")
