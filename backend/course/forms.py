"""The clarification form of the CV talk: what must be asked, in the version that is used now."""

from dataclasses import asdict, dataclass

from backend.course.errors_plans import AnswerNeeded

# A form that asks otherwise is another version; each stored form says which one it is.
FORM_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What was talked about, in the adviser's words. Facts, no judgement of character: the member can read them."""

    job_goal: str
    strengths: str
    search_so_far: str
    obstacles: str
    help_wanted: str

    def as_dict(self) -> dict[str, str]:
        return {name: value.strip() for name, value in asdict(self).items()}


def check(answers: Answers) -> None:
    """Every field is mandatory; "none" is an answer. Raises AnswerNeeded with the first that is empty."""
    for name, value in answers.as_dict().items():
        if not value:
            first, *rest = name.split("_")
            raise AnswerNeeded(field=first + "".join(part.capitalize() for part in rest))
